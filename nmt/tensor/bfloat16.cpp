#include "nmt/tensor/bfloat16.hpp"

#include "nmt/tensor/parallel.hpp"
#include "nmt/tensor/row_kernels.hpp"
#include "nmt/tensor/vector_math.hpp"

#include <algorithm>
#include <cstdint>

namespace nmt {
namespace {

NMT_MULTIVERSION void round_and_sum_kernel(const float* a, std::uint16_t* c, float* sums, std::int64_t n) {
#pragma omp simd
    for (std::int64_t i = 0; i < n; ++i) {
        sums[i] += a[i];
        c[i] = to_bf16_bits(a[i]);
    }
}

NMT_MULTIVERSION void relu_backward_and_sum_kernel(const std::uint16_t* c, const std::uint16_t* d_c, std::uint16_t* d_a, float* sums,
                                                   std::int64_t n) {
#pragma omp simd
    for (std::int64_t i = 0; i < n; ++i) {
        const std::uint16_t passed = static_cast<std::int16_t>(c[i]) > 0 ? d_c[i] : std::uint16_t{0}; // the sign of a float is an integer's
        sums[i] += from_bf16_bits(passed);
        d_a[i] = passed;
    }
}

// A block of c from `rows` rows of `columns` columns of a, in pairs of 16 bits (little-endian). What is missing is zeros.
NMT_MULTIVERSION void block_kernel(const std::uint16_t* a, std::int64_t stride, std::int64_t rows, std::int64_t columns, std::uint32_t* c) {
    if (rows == kBf16BlockRows && columns == kBf16BlockColumns) {
        for (std::int64_t i = 0; i < kBf16BlockRows; i += 2, a += 2 * stride, c += kBf16BlockColumns)
#pragma omp simd
            for (std::int64_t j = 0; j < kBf16BlockColumns; ++j) c[j] = a[j] | static_cast<std::uint32_t>(a[stride + j]) << 16;
        return;
    }
    for (std::int64_t i = 0; i < kBf16BlockRows; i += 2, c += kBf16BlockColumns)
        for (std::int64_t j = 0; j < kBf16BlockColumns; ++j) {
            const std::uint32_t low = i < rows && j < columns ? a[i * stride + j] : 0U;
            const std::uint32_t high = i + 1 < rows && j < columns ? a[(i + 1) * stride + j] : 0U;
            c[j] = low | high << 16;
        }
}

// Blocks of some rows of all block columns: those of one block column are `column_stride` values from those of the one before.
void block_rows(const Tensor& a, Range rows, Range columns, std::uint16_t* c, std::int64_t column_stride) {
    for (std::int64_t j = columns.begin; j < columns.end; j += kBf16BlockColumns, c += column_stride) {
        std::uint16_t* to = c;
        for (std::int64_t i = rows.begin; i < rows.end; i += kBf16BlockRows, to += kBf16BlockRows * kBf16BlockColumns)
            block_kernel(a.as<std::uint16_t>() + i * a.columns() + j, a.columns(), std::min(kBf16BlockRows, rows.end - i),
                         std::min(kBf16BlockColumns, columns.end - j), reinterpret_cast<std::uint32_t*>(to));
    }
}

} // namespace

Tensor to_bf16(const Tensor& a) {
    Tensor c(a.context(), a.shape(), DataType::bf16);
    parallel_for(a.context(), a.size(), kGrain,
                 [&](std::int64_t begin, std::int64_t end) { round_row(a.data() + begin, c.as<std::uint16_t>() + begin, end - begin); });
    return c;
}

Tensor to_bf16(const Tensor& a, Tensor& sums) {
    check(a.columns() == sums.size(), "column sums of {} into {}", a.shape().to_string(), sums.shape().to_string());
    Tensor c(a.context(), a.shape(), DataType::bf16);
    // Each thread has columns of its own, so the order of summation is that of the rows.
    parallel_for(a.context(), a.columns(), kBf16BlockColumns, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = 0; i < a.rows(); ++i)
            round_and_sum_kernel(a.row(i) + begin, c.as<std::uint16_t>() + i * c.columns() + begin, sums.data() + begin, end - begin);
    });
    return c;
}

Tensor relu_backward_bf16(const Tensor& c, const Tensor& d_c, Tensor& sums) {
    check(c.shape() == d_c.shape() && c.columns() == sums.size(), "the gradient {} of a relu {}, with column sums {}",
          d_c.shape().to_string(), c.shape().to_string(), sums.shape().to_string());
    Tensor d_a(c.context(), c.shape(), DataType::bf16);
    parallel_for(c.context(), c.columns(), kBf16BlockColumns, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = 0; i < c.rows(); ++i) {
            const std::int64_t at = i * c.columns() + begin;
            relu_backward_and_sum_kernel(c.as<std::uint16_t>() + at, d_c.as<std::uint16_t>() + at, d_a.as<std::uint16_t>() + at,
                                         sums.data() + begin, end - begin);
        }
    });
    return d_a;
}

Tensor to_f32(const Tensor& a) {
    Tensor c(a.context(), a.shape());
    parallel_for(a.context(), a.size(), kGrain,
                 [&](std::int64_t begin, std::int64_t end) { widen_row(a.as<std::uint16_t>() + begin, c.data() + begin, end - begin); });
    return c;
}

void block_bf16(const Tensor& a, Range rows, Range columns, std::uint16_t* c) {
    block_rows(a, rows, columns, c, padded_block_rows(rows.end - rows.begin) * kBf16BlockColumns);
}

void block_bf16(const Tensor& a, std::uint16_t* c) {
    const std::int64_t padded_rows = padded_block_rows(a.rows());
    parallel_for(a.context(), padded_rows / kBf16BlockRows, row_grain(kBf16BlockRows * a.columns()),
                 [&](std::int64_t begin, std::int64_t end) {
                     block_rows(a, {begin * kBf16BlockRows, std::min(end * kBf16BlockRows, a.rows())}, {0, a.columns()},
                                c + begin * kBf16BlockRows * kBf16BlockColumns, padded_rows * kBf16BlockColumns);
                 });
}

} // namespace nmt
