// 16 floats as a value; the compiler maps it to the registers of the instruction set at hand. For use inside kernels only.
#pragma once

#include "nmt/tensor/parallel.hpp"
#include "nmt/tensor/vector_math.hpp"

#include <cstdint>

namespace nmt {

using Lanes = float __attribute__((vector_size(64), aligned(4), may_alias));
constexpr std::int64_t kLanes = 16;

NMT_INLINE const Lanes& lanes_at(const float* a) { return *reinterpret_cast<const Lanes*>(a); }
NMT_INLINE Lanes& lanes_at(float* a) { return *reinterpret_cast<Lanes*>(a); }

// 16 elements of what is stored as floats or as bf16.
NMT_INLINE void load_lanes(const float* a, Lanes& c) { c = lanes_at(a); }
NMT_INLINE void load_lanes(const std::uint16_t* a, Lanes& c) {
    using Halves = std::uint16_t __attribute__((vector_size(32), aligned(2), may_alias));
    using Words = std::uint32_t __attribute__((vector_size(64), aligned(4), may_alias));
    reinterpret_cast<Words&>(c) = __builtin_convertvector(*reinterpret_cast<const Halves*>(a), Words) << 16; // the upper half of a float
}
NMT_INLINE void store_lanes(float* c, const Lanes& a) { lanes_at(c) = a; }
NMT_INLINE void store_lanes(std::uint16_t* c, const Lanes& a) {
#pragma omp simd
    for (std::int64_t i = 0; i < kLanes; ++i) c[i] = to_bf16_bits(a[i]);
}

// A half and a quarter of them.
using HalfLanes = float __attribute__((vector_size(32), aligned(4), may_alias));
using QuarterLanes = float __attribute__((vector_size(16), aligned(4), may_alias));

// The sums of the lanes whose numbers are equal modulo 4, by halves.
NMT_INLINE QuarterLanes quarter_sums(const Lanes& lanes) {
    const HalfLanes eight =
        __builtin_shufflevector(lanes, lanes, 0, 1, 2, 3, 4, 5, 6, 7) + __builtin_shufflevector(lanes, lanes, 8, 9, 10, 11, 12, 13, 14, 15);
    return __builtin_shufflevector(eight, eight, 0, 1, 2, 3) + __builtin_shufflevector(eight, eight, 4, 5, 6, 7);
}

// The sum of the lanes, by halves.
NMT_INLINE float sum_of_lanes(const Lanes& lanes) {
    const QuarterLanes four = quarter_sums(lanes);
    const QuarterLanes two = four + __builtin_shufflevector(four, four, 2, 3, 2, 3);
    return two[0] + two[1];
}

// sums [4]: those of four, each as sum_of_lanes() has it, in fewer steps.
NMT_INLINE QuarterLanes sums_of_lanes(const Lanes (&lanes)[4]) {
    const QuarterLanes a = quarter_sums(lanes[0]), b = quarter_sums(lanes[1]), c = quarter_sums(lanes[2]), d = quarter_sums(lanes[3]);
    const QuarterLanes ab = __builtin_shufflevector(a, b, 0, 1, 4, 5) + __builtin_shufflevector(a, b, 2, 3, 6, 7);
    const QuarterLanes cd = __builtin_shufflevector(c, d, 0, 1, 4, 5) + __builtin_shufflevector(c, d, 2, 3, 6, 7);
    return __builtin_shufflevector(ab, cd, 0, 2, 4, 6) + __builtin_shufflevector(ab, cd, 1, 3, 5, 7);
}

} // namespace nmt
