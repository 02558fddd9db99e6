#include "nmt/layers/transformer.hpp"

#include <algorithm>
#include <cmath>

namespace nmt {

MultiHeadAttention::MultiHeadAttention(ParameterStore& parameters, const std::string& name, std::int64_t width, int heads,
                                       std::int64_t memory_width)
    : heads_(heads), query_(parameters, name + ".query", width, width), key_(parameters, name + ".key", memory_width, width, false),
      value_(parameters, name + ".value", memory_width, width), output_(parameters, name + ".output", width, width) {
    check(width % heads == 0, "a width of {} cannot be shared by {} heads; choose a multiple", width, heads);
}

FeedForward::FeedForward(ParameterStore& parameters, const std::string& name, std::int64_t width, std::int64_t inner, bool gelu)
    : in_(parameters, name + ".in", width, inner), out_(parameters, name + ".out", inner, width), gelu_(gelu) {}

Variable FeedForward::operator()(const Variable& x, float dropout_p) {
    const Variable inner = in_(x);
    return out_(dropout(gelu_ ? gelu(inner) : relu(inner), dropout_p));
}

Tensor sinusoidal_positions(Context& context, const RowIndex& positions, std::int64_t width) {
    Tensor encoded = Tensor::zeros(context, {static_cast<std::int64_t>(positions.size()), width});
    const std::int64_t half = width / 2;
    for (std::size_t i = 0; i < positions.size(); ++i) {
        if (positions[i] < 0) continue;
        float* const row = encoded.row(static_cast<std::int64_t>(i));
        for (std::int64_t j = 0; j < half; ++j) {
            const double angle = positions[i] * std::exp(-std::log(10000.0) * 2.0 * static_cast<double>(j) / static_cast<double>(width));
            row[j] = static_cast<float>(std::sin(angle));
            row[half + j] = static_cast<float>(std::cos(angle));
        }
    }
    return encoded;
}

} // namespace nmt
