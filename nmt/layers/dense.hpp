// Linear layers, layer normalization, and the output layer over the vocabulary.
#pragma once

#include "nmt/autograd/operations.hpp"
#include "nmt/layers/parameters.hpp"

#include <string>

namespace nmt {

// y = x W^T + b. Parameters NAME.weight [out,in] and, with `bias`, NAME.bias [out].
class Linear {
  public:
    Linear(ParameterStore& parameters, const std::string& name, std::int64_t in, std::int64_t out, bool bias = true);
    // So many layers of the same input as one product, their outputs, of `out` columns each, side by side.
    static Linear joint(ParameterStore& parameters, const std::string& name, std::int64_t in, std::int64_t out, int layers);
    // [N,in] to [N,out].
    Variable operator()(const Variable& x, Activation activation = Activation::none, Readers readers = Readers::any) {
        return affine(x, weight_, bias_, activation, readers);
    }

  private:
    Linear(Parameter& weight, Parameter* bias) : weight_(weight), bias_(bias) {}

    Parameter& weight_;
    Parameter* bias_;
};

// Layer normalization. Parameters NAME.weight and NAME.bias [D].
class LayerNorm {
  public:
    LayerNorm(ParameterStore& parameters, const std::string& name, std::int64_t width);
    Variable operator()(const Variable& x, Readers readers = Readers::any) { return layer_norm(x, gain_, bias_, readers); }

  private:
    Parameter& gain_;
    Parameter& bias_;
};

// Token embeddings. Parameter NAME.weight [V,D].
class Embedding {
  public:
    Embedding(ParameterStore& parameters, const std::string& name, int vocabulary, std::int64_t width);
    // Shares the table of another one.
    explicit Embedding(Parameter& table) : table_(table) {}
    Variable operator()(RowIndex ids) { return embedding(table_, std::move(ids)); } // negative ids: zeros
    Parameter& table() { return table_; }
    std::int64_t width() const { return table_.value().columns(); }

  private:
    Parameter& table_;
};

// Logits over the vocabulary. The weight [V,D] may be an embedding's table (Press and Wolf, 2017). Parameter NAME.bias [V].
class OutputLayer {
  public:
    OutputLayer(ParameterStore& parameters, const std::string& name, Parameter& weight);
    OutputLayer(ParameterStore& parameters, const std::string& name, int vocabulary, std::int64_t width);
    Variable logits(const Variable& x) { return affine(x, weight_, &bias_); }
    CrossEntropy loss(const Variable& x, const RowIndex& targets, LossOptions options) {
        return output_loss(x, weight_, bias_, targets, options);
    }

  private:
    Parameter& weight_;
    Parameter& bias_;
};

} // namespace nmt
