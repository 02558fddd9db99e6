#include "nmt/models/quantize.hpp"

#include <algorithm>

namespace nmt {

void quantize_weights(Model& model) {
    check(!is_quantized(model), "the model is quantized already");
    bool found = false;
    for (Parameter& parameter : model.parameters().all()) {
        if (!can_be_quantized(parameter)) continue;
        parameter.set_quantized(quantize_rows(parameter.value()));
        found = true;
    }
    check(found, "a model of architecture '{}' has no weights to quantize", model.architecture());
}

bool can_be_quantized(const Parameter& parameter) { return parameter.value().shape().rank() == 2 && parameter.name().ends_with(".weight"); }

bool is_quantized(const Model& model) {
    const auto& parameters = model.parameters().all();
    return std::any_of(parameters.begin(), parameters.end(), [](const Parameter& parameter) { return parameter.is_quantized(); });
}

} // namespace nmt
