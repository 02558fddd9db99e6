// The blocks of the transformer (Vaswani et al., 2017): multi-head attention, feed-forward, residual connections around them,
// positions.
#pragma once

#include "nmt/layers/dense.hpp"

#include <memory>
#include <string>
#include <vector>

namespace nmt {

// Queries, keys and values of the same tokens, from one product. Parameters NAME.query_key_value.weight [3D,D] and .bias [3D],
// NAME.output.weight [D,D] and .bias [D].
class SelfAttention {
  public:
    SelfAttention(ParameterStore& parameters, const std::string& name, std::int64_t width, int heads);

    MultiHeadProjections project(const Variable& x);                                                      // [N,D]
    Variable output(const Variable& context) { return output_(context, Activation::none, Readers::one); } // for a residual connection

  private:
    std::int64_t width_;
    Linear query_key_value_, output_;
};

// Queries of the tokens, and keys and values of a memory of width E from one product. Parameters NAME.query.weight [D,D],
// NAME.key_value.weight [2D,E], NAME.output.weight [D,D], and a .bias of each.
class CrossAttention {
  public:
    CrossAttention(ParameterStore& parameters, const std::string& name, std::int64_t width, int heads, std::int64_t memory_width);

    struct Memory {
        VariableColumns keys, values; // [M,D]
    };
    Variable queries(const Variable& x) { return query_(x, Activation::none, Readers::one); }             // [N,D]
    Memory project(const Variable& memory);                                                               // [M,E]
    Variable output(const Variable& context) { return output_(context, Activation::none, Readers::one); } // for a residual connection

  private:
    std::int64_t width_;
    Linear query_, key_value_, output_;
};

// y = W2 f(W1 x + b1) + b2, with dropout inside. Parameters NAME.{in,out}.{weight,bias}.
class FeedForward {
  public:
    FeedForward(ParameterStore& parameters, const std::string& name, std::int64_t width, std::int64_t inner, bool gelu);
    Variable operator()(const Variable& x, float dropout_p);

  private:
    Linear in_, out_;
    bool gelu_;
};

// A residual connection with dropout and layer normalization, after it (Vaswani et al., 2017) or on the way in (Wang et al.,
// 2019, "Learning Deep Transformer Models"). Parameters NAME.{weight,bias}.
class Residual {
  public:
    Residual(ParameterStore& parameters, const std::string& name, std::int64_t width, bool pre_norm, float dropout_p)
        : norm_(parameters, name, width), pre_norm_(pre_norm), dropout_(dropout_p) {}

    Variable input(const Variable& x) { return pre_norm_ ? norm_(x, Readers::one) : x; } // what the block within reads
    Variable output(const Variable& x, const Variable& y) {                              // x, and what the block has made of it
        const Variable sum = add_dropped(x, y, dropout_);
        return pre_norm_ ? sum : norm_(sum);
    }

  private:
    LayerNorm norm_;
    bool pre_norm_;
    float dropout_;
};

// The sinusoidal position encoding: sin and cos halves side by side.
class SinusoidalPositions {
  public:
    explicit SinusoidalPositions(std::int64_t width) : width_(width) {}
    // [N,D]: a row for each position, zeros for negative ones.
    Tensor operator()(Context& context, const RowIndex& positions);

  private:
    std::int64_t width_;
    std::vector<float> table_; // of the positions from 0 on that were asked for so far
};

} // namespace nmt
