// Some columns of a matrix: where several projections are made as one product, those of one of them.
#pragma once

#include "nmt/tensor/tensor.hpp"

#include <cstdint>
#include <utility>

namespace nmt {

// `width` columns of a tensor [N,C], from `first` on. Shares the tensor's storage; default-constructed: none.
struct Columns {
    Columns() = default;
    Columns(Tensor whole) : tensor(std::move(whole)), width(tensor.columns()) {} // all of them
    Columns(Tensor whole, std::int64_t from, std::int64_t count) : tensor(std::move(whole)), first(from), width(count) {
        check(from >= 0 && count > 0 && from + count <= tensor.columns(), "columns {} to {} of {}", from, from + count,
              tensor.shape().to_string());
    }

    bool empty() const { return tensor.empty(); }
    std::int64_t rows() const { return tensor.rows(); }
    float* row(std::int64_t i) { return tensor.row(i) + first; } // of an f32 tensor
    const float* row(std::int64_t i) const { return tensor.row(i) + first; }

    Tensor tensor;
    std::int64_t first = 0, width = 0;
};

} // namespace nmt
