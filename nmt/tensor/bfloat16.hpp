// Conversion to bfloat16, the upper half of a float: its range, with 8 bits of precision. Used by products of mixed precision.
#pragma once

#include "nmt/tensor/tensor.hpp"

namespace nmt {

// Rounded to nearest, ties to even; a NaN stays one.
Tensor to_bf16(const Tensor& a);
Tensor to_f32(const Tensor& a); // exactly

} // namespace nmt
