// Kernels on single rows that several files share. For use inside kernels only.
#pragma once

#include <cstdint>

namespace nmt {

float dot_row(const float* a, const float* b, std::int64_t n);              // sum of a b
void add_scaled_row(const float* a, float scale, float* c, std::int64_t n); // c += scale a
void softmax_row(float* a, std::int64_t n);                                 // in place
void round_row(const float* a, std::uint16_t* c, std::int64_t n);           // to bf16
void widen_row(const std::uint16_t* a, float* c, std::int64_t n);           // from bf16

} // namespace nmt
