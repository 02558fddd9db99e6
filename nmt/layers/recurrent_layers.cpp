#include "nmt/layers/recurrent_layers.hpp"

#include <algorithm>
#include <cmath>

namespace nmt {

RecurrentLayer::RecurrentLayer(ParameterStore& parameters, const std::string& name, Cell cell, std::int64_t in, std::int64_t hidden)
    : cell_(cell), input_(parameters, name + ".input", in, gates_of(cell) * hidden),
      hidden_weight_(
          parameters.add_uniform(name + ".hidden.weight", {gates_of(cell) * hidden, hidden}, 1 / std::sqrt(static_cast<double>(hidden)))),
      hidden_bias_(cell == Cell::gru ? &parameters.add_constant(name + ".hidden.bias", {hidden}, 0) : nullptr) {
    if (cell != Cell::lstm) return;
    float* const bias = parameters.find(name + ".input.bias")->value().data();
    std::fill(bias + hidden, bias + 2 * hidden, 1.0F);
}

RecurrentState RecurrentLayer::operator()(const Variable& x, const std::shared_ptr<const TimeMajorLayout>& layout,
                                          const RecurrentState& initial) {
    return recurrence({cell_, hidden_weight_, hidden_bias_}, layout, input_(x, Activation::none, Readers::one), initial);
}

RecurrentStack::RecurrentStack(ParameterStore& parameters, const std::string& name, const RecurrentStackOptions& options)
    : options_(options) {
    for (int i = 0; i < options.layers; ++i) {
        const std::int64_t in = (i == 0 ? options.in : options.hidden) + options.extra;
        layers_.emplace_back(parameters, fmt::format("{}.{}", name, i), options.cell, in, options.hidden);
    }
}

RecurrentStack::Result RecurrentStack::operator()(const Variable& x, const Variable& extra,
                                                  const std::shared_ptr<const TimeMajorLayout>& layout,
                                                  const std::vector<RecurrentState>& initial) {
    Result result{x, {}};
    for (std::size_t i = 0; i < layers_.size(); ++i) {
        const Variable below = i == 0 ? x : dropout(result.output, options_.dropout);
        const Variable input = extra.defined() ? concatenate_columns({below, extra}) : below;
        result.states.push_back(layers_[i](input, layout, initial.empty() ? RecurrentState() : initial[i]));
        result.output = result.states.back().hidden;
        if (options_.residual && below.columns() == options_.hidden) result.output = add(result.output, below);
    }
    return result;
}

RecurrentEncoder::RecurrentEncoder(ParameterStore& parameters, const std::string& name, const RecurrentEncoderOptions& options)
    : options_(options) {
    check(!(options.bidirectional && options.reversed), "an encoder that reads in both directions has no use for a reversed source; "
                                                        "set bidirectional = false or reversed = false");
    for (int i = 0; i < options.layers; ++i) {
        const std::int64_t in = i == 0 ? options.in : width();
        forward_.emplace_back(parameters, fmt::format("{}.{}.forward", name, i), options.cell, in, options.hidden);
        if (options.bidirectional)
            backward_.emplace_back(parameters, fmt::format("{}.{}.backward", name, i), options.cell, in, options.hidden);
    }
}

RecurrentEncoder::Result RecurrentEncoder::operator()(const Variable& x, const SequenceLayout& sequences) {
    const auto layout = std::make_shared<const TimeMajorLayout>(sequences);
    // Reading backwards is reading the mirror image of each sentence within its own length.
    const auto read = [&](RecurrentLayer& layer, const Variable& input, bool mirrored) {
        return layer(gather_rows(input, layout->from_sequence_major(mirrored)), layout).hidden;
    };
    Variable states = x, forward, backward;
    for (std::size_t i = 0; i < forward_.size(); ++i) {
        const Variable input = i == 0 ? x : dropout(states, options_.dropout);
        forward = read(forward_[i], input, options_.reversed);
        states = gather_rows(forward, layout->to_sequence_major(options_.reversed));
        if (options_.bidirectional) {
            backward = read(backward_[i], input, true);
            states = concatenate_columns({states, gather_rows(backward, layout->to_sequence_major(true))});
        }
        if (options_.residual && i > 0) states = add(states, input);
    }
    const auto end_of = [&](const Variable& direction) { return gather_rows(direction, layout->last_rows()); };
    return {states, options_.bidirectional ? concatenate_columns({end_of(forward), end_of(backward)}) : end_of(forward)};
}

} // namespace nmt
