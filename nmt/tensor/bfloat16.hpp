// Conversion to bfloat16, the upper half of a float: its range, with 8 bits of precision. Used by products of mixed precision.
#pragma once

#include "nmt/tensor/tensor.hpp"

namespace nmt {

// Rounded to nearest, ties to even; a NaN stays one.
Tensor to_bf16(const Tensor& a);
// The same, and the column sums of a [N,D] are added to sums [D], in the order of the rows.
Tensor to_bf16(const Tensor& a, Tensor& sums);
// d_c where c > 0, else 0, all [N,D] in bf16; its column sums are added to sums [D].
Tensor relu_backward_bf16(const Tensor& c, const Tensor& d_c, Tensor& sums);
Tensor to_f32(const Tensor& a); // exactly

constexpr std::int64_t kBf16BlockRows = 32, kBf16BlockColumns = 64;

// Rows of a column of blocks that holds so many.
constexpr std::int64_t padded_block_rows(std::int64_t rows) { return (rows + kBf16BlockRows - 1) / kBf16BlockRows * kBf16BlockRows; }

struct Range {
    std::int64_t begin, end;
};

// Some rows and columns of a (bf16) [K,N] as oneDNN's products read their second matrix (BA16a64b2a): blocks of 32 rows and 64 columns,
// those of the first 64 columns first; in a block the rows in pairs, and of a pair the values of one column side by side. Zeros fill up
// the last blocks. c holds them all: the number of rows rounded up to 32 times that of columns rounded up to 64.
void block_bf16(const Tensor& a, Range rows, Range columns, std::uint16_t* c);
// The whole matrix, with the threads of its context.
void block_bf16(const Tensor& a, std::uint16_t* c);

} // namespace nmt
