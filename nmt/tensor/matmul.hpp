// Matrix products, through oneDNN. Weights are packed once into the layout that the product wants.
#pragma once

#include "nmt/tensor/tensor.hpp"

#include <memory>

namespace nmt {

struct MatmulOptions {
    bool transpose_a = false; // use a^T: a is stored [K,M]
    bool transpose_b = false; // use b^T: b is stored [N,K]
    bool accumulate = false;  // c += instead of c =
};

// c [M,N] = a [M,K] b [K,N]. Throws Error if the shapes do not agree.
void matmul(const Tensor& a, const Tensor& b, Tensor& c, MatmulOptions options = {});

// A matrix b [K,N] in the blocked layout that oneDNN's product reads fastest, one layout for every number of rows of a.
class PackedMatrix {
  public:
    PackedMatrix() = default;
    // b is stored [K,N], or [N,K] with `transposed`.
    PackedMatrix(const Tensor& b, bool transposed);

    bool empty() const { return storage_ == nullptr; }
    std::int64_t inner() const { return inner_; } // K
    std::int64_t outer() const { return outer_; } // N
    bool blocked() const { return blocked_; }
    const std::byte* data() const { return storage_.get(); }

  private:
    std::shared_ptr<std::byte> storage_;
    std::int64_t inner_ = 0, outer_ = 0;
    bool blocked_ = false; // false: plain [K,N], where the instruction set has no blocked product
};

// c [M,N] = a [M,K] b [K,N] + bias [N] (null: none); with `accumulate`, c += (then without bias).
// A row of c depends on its row of a alone, to the last bit, whatever M.
void matmul(const Tensor& a, const PackedMatrix& b, const Tensor* bias, Tensor& c, bool accumulate = false);

} // namespace nmt
