// Matrix products, through oneDNN. Weights are packed once into the layout that the product wants, in the data type that it is to
// be computed in; results are f32, or where bf16 is asked for rounded to it.
#pragma once

#include "nmt/tensor/quantized_matrix.hpp"
#include "nmt/tensor/tensor.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace nmt {

struct MatmulOptions {
    bool transpose_a = false; // use a^T: a is stored [K,M]
    bool accumulate = false;  // c += instead of c =
};

// c [M,N] = a [M,K] b [K,N], both f32 or both bf16; c is f32. Throws Error if the shapes or types do not agree.
void matmul(const Tensor& a, const Tensor& b, Tensor& c, MatmulOptions options = {});

// A matrix b [K,N] in the blocked layout that oneDNN's product reads fastest, one layout for every number of rows of a.
class PackedMatrix {
  public:
    PackedMatrix() = default;
    // b (f32) is stored [K,N], or [N,K] with `transposed`. type: f32 or bf16, what products with it are computed in.
    PackedMatrix(const Tensor& b, bool transposed, DataType type = DataType::f32);
    // b (bf16) is stored [K,N]: for a matrix that is used once, as those of a backward pass are.
    explicit PackedMatrix(const Tensor& b);
    // b^T is given quantized, [N,K]. Products are of integers where the processor has instructions for that, else of floats.
    explicit PackedMatrix(const QuantizedMatrix& b);

    bool empty() const { return storage_ == nullptr; }
    std::int64_t inner() const { return inner_; } // K
    std::int64_t outer() const { return outer_; } // N
    DataType type() const { return type_; }
    bool blocked() const { return blocked_; }
    const std::byte* data() const { return storage_.get(); }
    const float* scales() const { return scales_.data(); }          // [N], of s8 alone
    const std::int32_t* offsets() const { return offsets_.data(); } // [N], of s8 alone: what kActivationZero adds

  private:
    void pack(const Tensor& values, bool transposed);

    std::shared_ptr<std::byte> storage_;
    std::int64_t inner_ = 0, outer_ = 0;
    DataType type_ = DataType::f32;
    std::vector<float> scales_;
    std::vector<std::int32_t> offsets_;
    bool blocked_ = false; // false: plain [K,N], where the instruction set has no blocked product
};

struct PackedMatmulOptions {
    const Tensor* bias = nullptr; // [N]; null: none
    bool relu = false;            // negative results become 0
    bool accumulate = false;      // c += instead of c =; without bias and relu, and not for s8
    bool transpose_a = false;     // use a^T: a is stored [K,M]; in bf16 alone
};

// c [M,N] = relu(a [M,K] b [K,N] + bias). a is f32, or bf16 where b is; so is c.
// In f32 and s8 a row of c depends on its row of a alone, to the last bit, whatever M.
void matmul(const Tensor& a, const PackedMatrix& b, Tensor& c, PackedMatmulOptions options = {});

} // namespace nmt
