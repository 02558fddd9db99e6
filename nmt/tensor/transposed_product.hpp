// The product that the gradient of a weight is, in bf16, for processors that multiply bf16 in their vector units (AVX512_BF16):
// oneDNN transposes the first matrix for it, which costs a tenth to a third of its time. Elsewhere matmul() leaves it to oneDNN.
#pragma once

#include "nmt/tensor/tensor.hpp"

#include <cstdint>

namespace nmt {

// Whether this program was built for a processor with such units. Whether it runs on one, the caller asks.
extern const bool kHasTransposedProduct;

// c [M,N] = a^T b, or c += with `accumulate`, for a [K,M] (bf16) and b [K,N] as block_bf16() writes it; c is f32. An element is the sum
// of partial sums over 256 rows each, whatever M, N and the number of threads.
void transposed_product(const Tensor& a, const std::uint16_t* b, Tensor& c, bool accumulate);

} // namespace nmt
