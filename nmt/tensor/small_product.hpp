// Products of small matrices, such as attention makes for each sentence and head: too small for a primitive each. For use inside
// kernels only; single-threaded.
#pragma once

#include "nmt/tensor/lanes.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace nmt {

// Some rows of a larger matrix, from one of its columns on: row i starts at first + index[i] * stride. Elements are floats, or bf16 in
// std::uint16_t.
template <typename Element>
struct RowsOf {
    Element* first;
    std::int64_t stride;
    std::span<const std::int32_t> index;

    Element* row(std::int64_t i) const { return first + index[static_cast<std::size_t>(i)] * stride; }
};

// A matrix whose rows start at multiples of kLanes floats; what lies beyond its columns is zero.
class SmallMatrix {
  public:
    // Takes its size; what it held is lost. The storage is kept for the next size.
    void resize(std::int64_t rows, std::int64_t columns);
    std::int64_t rows() const { return rows_; }
    std::int64_t columns() const { return columns_; }
    std::int64_t stride() const { return stride_; } // floats from row to row
    float* row(std::int64_t i) { return storage_.data() + i * stride_; }
    const float* row(std::int64_t i) const { return storage_.data() + i * stride_; }

    // Takes the size and the values of `columns` columns of some rows, or of their transpose.
    template <typename Element>
    void load(const RowsOf<const Element>& from, std::int64_t columns);
    template <typename Element>
    void load_transposed(const RowsOf<const Element>& from, std::int64_t columns);
    // Writes its rows, or adds them, to some of as many columns.
    template <typename Element>
    void store(const RowsOf<Element>& to) const;
    template <typename Element>
    void add_to(const RowsOf<Element>& to) const;

  private:
    std::int64_t rows_ = 0, columns_ = 0, stride_ = 0;
    std::vector<float> storage_;
};

// c = a b, for a [m,k], b [k,n]; c takes the size [m,n]. An element is the sum over k in ascending order, wherever it stands.
void small_product(const SmallMatrix& a, const SmallMatrix& b, SmallMatrix& c);
// c = a^T b, for a [k,m], b [k,n].
void small_product_transposed(const SmallMatrix& a, const SmallMatrix& b, SmallMatrix& c);
// The same with n columns of some rows as b, read where they are; n is a multiple of kLanes.
template <typename Element>
void small_product(const SmallMatrix& a, const RowsOf<const Element>& b, std::int64_t n, SmallMatrix& c);
template <typename Element>
void small_product_transposed(const SmallMatrix& a, const RowsOf<const Element>& b, std::int64_t n, SmallMatrix& c);

} // namespace nmt
