// Loops over rows, cut among the threads of a context, and the attribute that compiles a loop for several instruction sets.
#pragma once

#include "nmt/base/parallel_failure.hpp"
#include "nmt/tensor/context.hpp"

#include <algorithm>
#include <cstdint>

// A function with this attribute is compiled for several instruction sets; the processor's best one is chosen when the
// program starts. It must be a plain function without OpenMP in it: parallel_for goes outside.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(NMT_SANITIZE)
#define NMT_MULTIVERSION __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define NMT_MULTIVERSION
#endif
#define NMT_INLINE inline __attribute__((always_inline))

namespace nmt {

// Calls body(begin, end) for parts that cover [0, n), in parallel. A part has at least `grain` items, and where the cuts fall
// must not matter to the result. An exception of a call passes through, after the others are done.
template <typename Body>
void parallel_for(const Context& context, std::int64_t n, std::int64_t grain, const Body& body) {
    const std::int64_t parts = std::min<std::int64_t>(context.threads(), n / std::max<std::int64_t>(grain, 1));
    if (parts <= 1) {
        if (n > 0) body(std::int64_t{0}, n);
        return;
    }
    ParallelFailure failure;
#pragma omp parallel for schedule(static) num_threads(static_cast <int>(parts))
    for (std::int64_t part = 0; part < parts; ++part) failure.guard([&] { body(n * part / parts, n * (part + 1) / parts); });
    failure.rethrow();
}

// Elements, and rows of `columns` elements, that are worth a thread of their own.
inline constexpr std::int64_t kGrain = 16384;
inline std::int64_t row_grain(std::int64_t columns) { return std::max<std::int64_t>(1, kGrain / std::max<std::int64_t>(columns, 1)); }

} // namespace nmt
