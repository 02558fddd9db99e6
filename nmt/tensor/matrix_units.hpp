// Products of bf16 in the processor's matrix units (Intel AMX), which multiply tiles of 16 rows. They outrun the memory: most of what is
// here asks for the lines of the next tiles in time. oneDNN, which does not, is up to seven times as slow where a matrix is wider or
// deeper than the second-level cache, as logits are; matmul() decides.
#pragma once

#include "nmt/tensor/matmul.hpp"
#include "nmt/tensor/tensor.hpp"

namespace nmt {

// Whether a product is of a kind that is computed here, on a processor that has the units: a is bf16, its columns are a multiple of 32
// or it is transposed, b is blocked, and c is f32 where it is added to or a is transposed.
bool suits_matrix_units(const Tensor& a, const PackedMatrix& b, const Tensor& c, const PackedMatmulOptions& options);

// As matmul(): c [M,N] = relu(a b + bias), or c += a b. The caller knows that the processor has the units and that the system lets this
// process use them (oneDNN asks for that). An element's sum does not depend on M, N or the number of threads.
void multiply_in_matrix_units(const Tensor& a, const PackedMatrix& b, Tensor& c, const PackedMatmulOptions& options);

} // namespace nmt
