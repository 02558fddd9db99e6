#include "nmt/layers/dense.hpp"

#include <cmath>

namespace nmt {

Linear::Linear(ParameterStore& parameters, const std::string& name, std::int64_t in, std::int64_t out, bool bias)
    : weight_(parameters.add_xavier(name + ".weight", {out, in})),
      bias_(bias ? &parameters.add_constant(name + ".bias", {out}, 0) : nullptr) {}

Linear Linear::joint(ParameterStore& parameters, const std::string& name, std::int64_t in, std::int64_t out, int layers) {
    return {parameters.add_xavier(name + ".weight", {layers * out, in}, layers),
            &parameters.add_constant(name + ".bias", {layers * out}, 0)};
}

LayerNorm::LayerNorm(ParameterStore& parameters, const std::string& name, std::int64_t width)
    : gain_(parameters.add_constant(name + ".weight", {width}, 1)), bias_(parameters.add_constant(name + ".bias", {width}, 0)) {}

Embedding::Embedding(ParameterStore& parameters, const std::string& name, int vocabulary, std::int64_t width)
    : table_(parameters.add_normal(name + ".weight", {vocabulary, width}, 1 / std::sqrt(static_cast<double>(width)))) {}

OutputLayer::OutputLayer(ParameterStore& parameters, const std::string& name, Parameter& weight)
    : weight_(weight), bias_(parameters.add_constant(name + ".bias", {weight.value().rows()}, 0)) {}

OutputLayer::OutputLayer(ParameterStore& parameters, const std::string& name, int vocabulary, std::int64_t width)
    : OutputLayer(parameters, name,
                  parameters.add_normal(name + ".weight", {vocabulary, width}, 1 / std::sqrt(static_cast<double>(width)))) {}

} // namespace nmt
