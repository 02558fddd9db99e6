// A loop over sentences or samples, cut among threads.
#pragma once

#include "nmt/base/parallel_failure.hpp"

#include <omp.h>

#include <cstddef>
#include <cstdint>

namespace nmt {

// Calls body(i) for each i in [0, n), in any order, on `threads` threads (0: all cores); what a call does must not depend on
// the others. An exception of a call passes through, after the others are done.
template <typename Body>
void parallel_for_each(std::size_t n, int threads, const Body& body) {
    ParallelFailure failure;
    const int team = threads > 0 ? threads : omp_get_max_threads();
#pragma omp parallel for schedule(dynamic, 16) num_threads(team) if (team > 1)
    for (std::int64_t i = 0; i < static_cast<std::int64_t>(n); ++i) failure.guard([&] { body(static_cast<std::size_t>(i)); });
    failure.rethrow();
}

} // namespace nmt
