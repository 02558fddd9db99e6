#include "nmt/tensor/small_product.hpp"

#include "nmt/base/error.hpp"
#include "nmt/tensor/lanes.hpp"

#include <algorithm>
#include <utility>

namespace nmt {
namespace {

// The first matrix of a product, read an element at a time, and the second, read along its rows: this or RowsOf.
struct Left {
    const float* data;
    std::int64_t row_stride, column_stride;
};
struct Right {
    const float* data;
    std::int64_t stride;
    const float* row(std::int64_t i) const { return data + i * stride; }
};

// R rows of c, W times 16 columns wide, from column j on: the sums stay in registers.
template <int R, int W, typename Rows>
NMT_INLINE void block(const Left& a, const Rows& b, std::int64_t j, float* c, std::int64_t c_stride, std::int64_t k) {
    Lanes sums[R][W] = {};
    for (std::int64_t p = 0; p < k; ++p) {
        const auto* const b_row = b.row(p) + j;
        Lanes factors[W];
        for (int w = 0; w < W; ++w) load_lanes(b_row + w * kLanes, factors[w]);
        for (int r = 0; r < R; ++r) {
            const float factor = a.data[r * a.row_stride + p * a.column_stride];
            for (int w = 0; w < W; ++w) sums[r][w] += factor * factors[w];
        }
    }
    for (int r = 0; r < R; ++r)
        for (int w = 0; w < W; ++w) lanes_at(c + r * c_stride + j + w * kLanes) = sums[r][w];
}

// Rows from i on, as long as there are R more; returns the first that is left.
template <int R, int W, typename Rows>
NMT_INLINE std::int64_t blocks(std::int64_t i, const Left& a, std::int64_t m, const Rows& b, std::int64_t j, float* c,
                               std::int64_t c_stride, std::int64_t k) {
    for (; i + R <= m; i += R) block<R, W>({a.data + i * a.row_stride, a.row_stride, a.column_stride}, b, j, c + i * c_stride, c_stride, k);
    return i;
}

// As many rows at a time as keep the units busy.
template <int W, typename Rows>
NMT_INLINE void panel(const Left& a, std::int64_t m, const Rows& b, std::int64_t j, float* c, std::int64_t c_stride, std::int64_t k) {
    std::int64_t i = blocks<8 / W, W>(0, a, m, b, j, c, c_stride, k);
    if constexpr (W == 1) i = blocks<4, W>(i, a, m, b, j, c, c_stride, k);
    i = blocks<2, W>(i, a, m, b, j, c, c_stride, k);
    blocks<1, W>(i, a, m, b, j, c, c_stride, k);
}

// n: the stride of c, and what is read of a row of b.
template <typename Rows>
NMT_INLINE void product(const Left& a, std::int64_t m, const Rows& b, std::int64_t n, float* c, std::int64_t k) {
    std::int64_t j = 0;
    for (; j + 2 * kLanes <= n; j += 2 * kLanes) panel<2>(a, m, b, j, c, n, k);
    if (j < n) panel<1>(a, m, b, j, c, n, k);
}

NMT_MULTIVERSION void product_kernel(Left a, std::int64_t m, Right b, std::int64_t n, float* c, std::int64_t k) {
    product(a, m, b, n, c, k);
}

NMT_MULTIVERSION void product_kernel(Left a, std::int64_t m, RowsOf<const float> b, std::int64_t n, float* c, std::int64_t k) {
    product(a, m, b, n, c, k);
}

NMT_MULTIVERSION void product_kernel(Left a, std::int64_t m, RowsOf<const std::uint16_t> b, std::int64_t n, float* c, std::int64_t k) {
    product(a, m, b, n, c, k);
}

template <typename Element>
NMT_INLINE void load_rows(const RowsOf<const Element>& from, std::int64_t columns, float* c, std::int64_t c_stride) {
    for (std::size_t i = 0; i < from.index.size(); ++i, c += c_stride) {
        const Element* const row = from.row(static_cast<std::int64_t>(i));
        std::int64_t j = 0;
        for (; j + kLanes <= columns; j += kLanes) load_lanes(row + j, lanes_at(c + j));
        for (; j < columns; ++j) c[j] = load_float(row + j);
    }
}

NMT_MULTIVERSION void load_kernel(RowsOf<const float> from, std::int64_t columns, float* c, std::int64_t c_stride) {
    load_rows(from, columns, c, c_stride);
}

NMT_MULTIVERSION void load_kernel(RowsOf<const std::uint16_t> from, std::int64_t columns, float* c, std::int64_t c_stride) {
    load_rows(from, columns, c, c_stride);
}

// Writes rows to others, or adds them.
template <typename Element>
NMT_INLINE void store_rows(const float* a, std::int64_t a_stride, std::int64_t columns, const RowsOf<Element>& to, bool add) {
    for (std::size_t i = 0; i < to.index.size(); ++i, a += a_stride) {
        Element* const row = to.row(static_cast<std::int64_t>(i));
        std::int64_t j = 0;
        for (; j + kLanes <= columns; j += kLanes) {
            Lanes there{};
            if (add) load_lanes(row + j, there);
            store_lanes(row + j, there + lanes_at(a + j));
        }
        for (; j < columns; ++j) store_float(row + j, add ? load_float(row + j) + a[j] : a[j]);
    }
}

NMT_MULTIVERSION void store_kernel(const float* a, std::int64_t a_stride, std::int64_t columns, RowsOf<float> to, bool add) {
    store_rows(a, a_stride, columns, to, add);
}

NMT_MULTIVERSION void store_kernel(const float* a, std::int64_t a_stride, std::int64_t columns, RowsOf<std::uint16_t> to, bool add) {
    store_rows(a, a_stride, columns, to, add);
}

// Exchanges the off-diagonal quarters of each square of 2 S by 2 S: after S = 8, 4, 2, 1 sixteen rows are their transpose.
template <int S, int... L>
NMT_INLINE void exchange(Lanes (&rows)[kLanes], std::integer_sequence<int, L...>) {
    for (int i = 0; i < kLanes; ++i) {
        if ((i & S) != 0) continue;
        const Lanes a = rows[i], b = rows[i + S];
        rows[i] = __builtin_shufflevector(a, b, ((L & S) == 0 ? L : kLanes + L - S)...);
        rows[i + S] = __builtin_shufflevector(a, b, ((L & S) == 0 ? L + S : kLanes + L)...);
    }
}

// Up to 16 rows in each round; rows that are not there become columns of zeros.
template <typename Element>
NMT_INLINE void transpose_rows(const RowsOf<const Element>& from, std::int64_t columns, float* c, std::int64_t c_stride) {
    constexpr auto kEach = std::make_integer_sequence<int, kLanes>();
    const auto count = static_cast<std::int64_t>(from.index.size());
    for (std::int64_t i = 0; i < count; i += kLanes) {
        const std::int64_t there = count - i < kLanes ? count - i : kLanes;
        const Element* starts[kLanes];
        for (std::int64_t r = 0; r < there; ++r) starts[r] = from.row(i + r);
        std::int64_t j = 0;
        for (; j + kLanes <= columns; j += kLanes) {
            Lanes rows[kLanes];
            for (std::int64_t r = 0; r < kLanes; ++r)
                if (r < there) load_lanes(starts[r] + j, rows[r]);
                else rows[r] = Lanes{};
            exchange<8>(rows, kEach);
            exchange<4>(rows, kEach);
            exchange<2>(rows, kEach);
            exchange<1>(rows, kEach);
            for (std::int64_t r = 0; r < kLanes; ++r) lanes_at(c + (j + r) * c_stride + i) = rows[r];
        }
        for (; j < columns; ++j)
            for (std::int64_t r = 0; r < there; ++r) c[j * c_stride + i + r] = load_float(starts[r] + j);
    }
}

NMT_MULTIVERSION void transpose_kernel(RowsOf<const float> from, std::int64_t columns, float* c, std::int64_t c_stride) {
    transpose_rows(from, columns, c, c_stride);
}

NMT_MULTIVERSION void transpose_kernel(RowsOf<const std::uint16_t> from, std::int64_t columns, float* c, std::int64_t c_stride) {
    transpose_rows(from, columns, c, c_stride);
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

template <typename Element>
void SmallMatrix::load(const RowsOf<const Element>& from, std::int64_t columns) {
    resize(std::ssize(from.index), columns);
    load_kernel(from, columns, row(0), stride_);
}

template <typename Element>
void SmallMatrix::load_transposed(const RowsOf<const Element>& from, std::int64_t columns) {
    resize(columns, std::ssize(from.index));
    transpose_kernel(from, columns, row(0), stride_);
}

template <typename Element>
void SmallMatrix::store(const RowsOf<Element>& to) const {
    check(std::ssize(to.index) == rows_, "storing {} rows in {}", rows_, to.index.size());
    store_kernel(row(0), stride_, columns_, to, false);
}

template <typename Element>
void SmallMatrix::add_to(const RowsOf<Element>& to) const {
    check(std::ssize(to.index) == rows_, "adding {} rows to {}", rows_, to.index.size());
    store_kernel(row(0), stride_, columns_, to, true);
}

template void SmallMatrix::load(const RowsOf<const float>&, std::int64_t);
template void SmallMatrix::load(const RowsOf<const std::uint16_t>&, std::int64_t);
template void SmallMatrix::load_transposed(const RowsOf<const float>&, std::int64_t);
template void SmallMatrix::load_transposed(const RowsOf<const std::uint16_t>&, std::int64_t);
template void SmallMatrix::store(const RowsOf<float>&) const;
template void SmallMatrix::store(const RowsOf<std::uint16_t>&) const;
template void SmallMatrix::add_to(const RowsOf<float>&) const;
template void SmallMatrix::add_to(const RowsOf<std::uint16_t>&) const;

void small_product(const SmallMatrix& a, const SmallMatrix& b, SmallMatrix& c) {
    check(a.columns() == b.rows(), "a product of [{},{}] and [{},{}]", a.rows(), a.columns(), b.rows(), b.columns());
    c.resize(a.rows(), b.columns());
    product_kernel({a.row(0), a.stride(), 1}, a.rows(), Right{b.row(0), b.stride()}, c.stride(), c.row(0), b.rows());
}

void small_product_transposed(const SmallMatrix& a, const SmallMatrix& b, SmallMatrix& c) {
    check(a.rows() == b.rows(), "a product of [{},{}] transposed and [{},{}]", a.rows(), a.columns(), b.rows(), b.columns());
    c.resize(a.columns(), b.columns());
    product_kernel({a.row(0), 1, a.stride()}, a.columns(), Right{b.row(0), b.stride()}, c.stride(), c.row(0), b.rows());
}

template <typename Element>
void small_product(const SmallMatrix& a, const RowsOf<const Element>& b, std::int64_t n, SmallMatrix& c) {
    check(a.columns() == std::ssize(b.index) && n % kLanes == 0, "a product of [{},{}] and {} columns of {} rows", a.rows(), a.columns(), n,
          b.index.size());
    c.resize(a.rows(), n);
    product_kernel({a.row(0), a.stride(), 1}, a.rows(), b, n, c.row(0), a.columns());
}

template <typename Element>
void small_product_transposed(const SmallMatrix& a, const RowsOf<const Element>& b, std::int64_t n, SmallMatrix& c) {
    check(a.rows() == std::ssize(b.index) && n % kLanes == 0, "a product of [{},{}] transposed and {} columns of {} rows", a.rows(),
          a.columns(), n, b.index.size());
    c.resize(a.columns(), n);
    product_kernel({a.row(0), 1, a.stride()}, a.columns(), b, n, c.row(0), a.rows());
}

template void small_product(const SmallMatrix&, const RowsOf<const float>&, std::int64_t, SmallMatrix&);
template void small_product(const SmallMatrix&, const RowsOf<const std::uint16_t>&, std::int64_t, SmallMatrix&);
template void small_product_transposed(const SmallMatrix&, const RowsOf<const float>&, std::int64_t, SmallMatrix&);
template void small_product_transposed(const SmallMatrix&, const RowsOf<const std::uint16_t>&, std::int64_t, SmallMatrix&);

} // namespace nmt
