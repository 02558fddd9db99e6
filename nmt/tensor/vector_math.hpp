// Exponential function, sigmoid and hyperbolic tangent in plain arithmetic, so that the compiler turns loops over them into
// vector code. Relative error below 5e-7 over the whole range. For use inside kernels only.
#pragma once

#include "nmt/tensor/parallel.hpp"

#include <bit>
#include <cstdint>

namespace nmt {

// e^x for x in [-87, 88]; beyond, the value at the end of the range.
NMT_INLINE float fast_exp(float x) {
    x = x < -87.0F ? -87.0F : x;
    x = x > 88.0F ? 88.0F : x;
    // x = n ln 2 + r with |r| <= ln(2) / 2; adding and taking away 1.5 * 2^23 rounds to the nearest whole number.
    const float shifted = x * 1.44269504088896341F + 12582912.0F;
    const float n = shifted - 12582912.0F;
    const float r = (x - n * 0.693359375F) + n * 2.12194440e-4F;
    float p = 1.0F / 5040;
    p = p * r + 1.0F / 720;
    p = p * r + 1.0F / 120;
    p = p * r + 1.0F / 24;
    p = p * r + 1.0F / 6;
    p = p * r + 0.5F;
    p = p * r + 1.0F;
    p = p * r + 1.0F;
    const std::int32_t exponent = static_cast<std::int32_t>(n) + 127;
    return p * std::bit_cast<float>(exponent << 23);
}

NMT_INLINE float fast_sigmoid(float x) { return 1.0F / (1.0F + fast_exp(-x)); }

NMT_INLINE float fast_tanh(float x) {
    // Near 0 the formula below loses digits, and the Taylor series takes over.
    const float s = x * x;
    const float series = x * (1.0F + s * (-1.0F / 3 + s * (2.0F / 15 + s * (-17.0F / 315 + s * (62.0F / 2835)))));
    const float other = 1.0F - 2.0F / (fast_exp(2.0F * x) + 1.0F);
    return s < 0.09F ? series : other;
}

// The upper half of a float, rounded to nearest, ties to even; a NaN stays one.
NMT_INLINE std::uint16_t to_bf16_bits(float a) {
    const auto bits = std::bit_cast<std::uint32_t>(a);
    const std::uint32_t rounded = bits + 0x7fffU + ((bits >> 16) & 1U);
    const bool is_nan = (bits & 0x7fffffffU) > 0x7f800000U;
    return static_cast<std::uint16_t>((is_nan ? bits | 0x400000U : rounded) >> 16);
}

NMT_INLINE float from_bf16_bits(std::uint16_t a) { return std::bit_cast<float>(static_cast<std::uint32_t>(a) << 16); }

// An element of what is stored as floats or as bf16.
NMT_INLINE float load_float(const float* a) { return *a; }
NMT_INLINE float load_float(const std::uint16_t* a) { return from_bf16_bits(*a); }
NMT_INLINE void store_float(float* c, float a) { *c = a; }
NMT_INLINE void store_float(std::uint16_t* c, float a) { *c = to_bf16_bits(a); }

} // namespace nmt
