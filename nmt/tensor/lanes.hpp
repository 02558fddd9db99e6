// 16 floats as a value; the compiler maps it to the registers of the instruction set at hand. For use inside kernels only.
#pragma once

#include "nmt/tensor/parallel.hpp"

#include <cstdint>

namespace nmt {

using Lanes = float __attribute__((vector_size(64), aligned(4), may_alias));
constexpr std::int64_t kLanes = 16;

NMT_INLINE const Lanes& lanes_at(const float* a) { return *reinterpret_cast<const Lanes*>(a); }
NMT_INLINE Lanes& lanes_at(float* a) { return *reinterpret_cast<Lanes*>(a); }

// The sum of the lanes, by halves.
NMT_INLINE float sum_of_lanes(const Lanes& lanes) {
    float parts[kLanes];
    for (std::int64_t j = 0; j < kLanes; ++j) parts[j] = lanes[j];
    for (std::int64_t half = kLanes / 2; half > 0; half /= 2)
        for (std::int64_t j = 0; j < half; ++j) parts[j] += parts[j + half];
    return parts[0];
}

} // namespace nmt
