#include "nmt/tensor/small_product.hpp"

#include "nmt/base/error.hpp"
#include "nmt/tensor/lanes.hpp"

#include <algorithm>

namespace nmt {
namespace {

struct Left {
    const float* data;
    std::int64_t row_stride, column_stride;
};

// R rows of c, W times 16 columns wide: the sums stay in registers.
template <int R, int W>
NMT_INLINE void block(Left a, const float* b, std::int64_t b_stride, float* c, std::int64_t c_stride, std::int64_t k) {
    Lanes sums[R][W] = {};
    for (std::int64_t p = 0; p < k; ++p) {
        const float* const b_row = b + p * b_stride;
        for (int r = 0; r < R; ++r) {
            const float factor = a.data[r * a.row_stride + p * a.column_stride];
            for (int w = 0; w < W; ++w) sums[r][w] += factor * lanes_at(b_row + w * kLanes);
        }
    }
    for (int r = 0; r < R; ++r)
        for (int w = 0; w < W; ++w) lanes_at(c + r * c_stride + w * kLanes) = sums[r][w];
}

template <int W>
NMT_INLINE void panel(Left a, std::int64_t m, const float* b, std::int64_t b_stride, float* c, std::int64_t c_stride, std::int64_t k) {
    std::int64_t i = 0;
    for (; i + 4 <= m; i += 4)
        block<4, W>({a.data + i * a.row_stride, a.row_stride, a.column_stride}, b, b_stride, c + i * c_stride, c_stride, k);
    for (; i < m; ++i) block<1, W>({a.data + i * a.row_stride, a.row_stride, a.column_stride}, b, b_stride, c + i * c_stride, c_stride, k);
}

NMT_MULTIVERSION void product_kernel(Left a, std::int64_t m, const float* b, std::int64_t n, float* c, std::int64_t k) {
    std::int64_t j = 0; // n is the stride of b and c
    for (; j + 2 * kLanes <= n; j += 2 * kLanes) panel<2>(a, m, b + j, n, c + j, n, k);
    if (j < n) panel<1>(a, m, b + j, n, c + j, n, k);
}

} // namespace

void SmallMatrix::resize(std::int64_t rows, std::int64_t columns) {
    rows_ = rows;
    columns_ = columns;
    stride_ = (columns + kLanes - 1) / kLanes * kLanes;
    storage_.resize(std::max(storage_.size(), static_cast<std::size_t>(rows * stride_)));
    if (stride_ != columns)
        for (std::int64_t i = 0; i < rows; ++i) std::fill(row(i) + columns, row(i) + stride_, 0.0F);
}

void SmallMatrix::set_row(std::int64_t i, const float* from) { std::copy_n(from, columns_, row(i)); }

void SmallMatrix::set_column(std::int64_t j, const float* from) {
    float* to = row(0) + j;
    for (std::int64_t i = 0; i < rows_; ++i, to += stride_) *to = from[i];
}

void small_product(const SmallMatrix& a, const SmallMatrix& b, SmallMatrix& c) {
    check(a.columns() == b.rows(), "a product of [{},{}] and [{},{}]", a.rows(), a.columns(), b.rows(), b.columns());
    c.resize(a.rows(), b.columns());
    product_kernel({a.row(0), a.stride(), 1}, a.rows(), b.row(0), b.stride(), c.row(0), b.rows());
}

void small_product_transposed(const SmallMatrix& a, const SmallMatrix& b, SmallMatrix& c) {
    check(a.rows() == b.rows(), "a product of [{},{}] transposed and [{},{}]", a.rows(), a.columns(), b.rows(), b.columns());
    c.resize(a.columns(), b.columns());
    product_kernel({a.row(0), 1, a.stride()}, a.columns(), b.row(0), b.stride(), c.row(0), b.rows());
}

} // namespace nmt
