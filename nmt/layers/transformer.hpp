// The blocks of the transformer (Vaswani et al., 2017): multi-head attention, feed-forward, residual connections around them,
// positions.
#pragma once

#include "nmt/layers/dense.hpp"

#include <memory>
#include <string>
#include <vector>

namespace nmt {

// Projections around attention with several heads. Parameters NAME.{query,output}.weight [D,D], NAME.{key,value}.weight [D,E] for a
// memory of width E, and .bias [D] but for the keys, whose bias would add the same to all scores of a query.
class MultiHeadAttention {
  public:
    MultiHeadAttention(ParameterStore& parameters, const std::string& name, std::int64_t width, int heads, std::int64_t memory_width);

    Variable queries(const Variable& x) { return query_(x); }      // [N,D]
    Variable keys(const Variable& memory) { return key_(memory); } // [M,E] to [M,D]
    Variable values(const Variable& memory) { return value_(memory); }
    Variable output(const Variable& context) { return output_(context); }

  private:
    Linear query_, key_, value_, output_;
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

    Variable input(const Variable& x) { return pre_norm_ ? norm_(x, Readers::products) : x; } // what the block within reads
    Variable output(const Variable& x, const Variable& y) {                                   // x, and what the block has made of it
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
