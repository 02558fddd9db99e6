#include "nmt/layers/transformer_blocks.hpp"

#include <algorithm>
#include <cmath>

namespace nmt {
namespace {

void check_heads(std::int64_t width, int heads) {
    check(width % heads == 0, "a width of {} cannot be shared by {} heads; choose a multiple", width, heads);
}

} // namespace

SelfAttention::SelfAttention(ParameterStore& parameters, const std::string& name, std::int64_t width, int heads)
    : width_(width), query_key_value_(Linear::joint(parameters, name + ".query_key_value", width, width, 3)),
      output_(parameters, name + ".output", width, width) {
    check_heads(width, heads);
}

MultiHeadProjections SelfAttention::project(const Variable& x) {
    const Variable all = query_key_value_(x, Activation::none, Readers::one);
    return {{all, 0, width_}, {all, width_, width_}, {all, 2 * width_, width_}};
}

CrossAttention::CrossAttention(ParameterStore& parameters, const std::string& name, std::int64_t width, int heads,
                               std::int64_t memory_width)
    : width_(width), query_(parameters, name + ".query", width, width),
      key_value_(Linear::joint(parameters, name + ".key_value", memory_width, width, 2)),
      output_(parameters, name + ".output", width, width) {
    check_heads(width, heads);
}

CrossAttention::Memory CrossAttention::project(const Variable& memory) {
    const Variable both = key_value_(memory, Activation::none, Readers::one);
    return {{both, 0, width_}, {both, width_, width_}};
}

FeedForward::FeedForward(ParameterStore& parameters, const std::string& name, std::int64_t width, std::int64_t inner, bool gelu)
    : in_(parameters, name + ".in", width, inner), out_(parameters, name + ".out", inner, width), gelu_(gelu) {}

Variable FeedForward::operator()(const Variable& x, float dropout_p) {
    const bool drops = dropout_p > 0 && Tape::drops();
    const Variable inner = gelu_ ? gelu(in_(x)) : in_(x, Activation::relu, drops ? Readers::any : Readers::one);
    return out_(dropout(inner, dropout_p), Activation::none, Readers::one);
}

Tensor SinusoidalPositions::operator()(Context& context, const RowIndex& positions) {
    const std::int64_t half = width_ / 2;
    const std::int64_t wanted = positions.empty() ? 0 : *std::max_element(positions.begin(), positions.end()) + 1;
    for (auto position = std::ssize(table_) / width_; position < wanted; ++position) {
        table_.resize(static_cast<std::size_t>((position + 1) * width_));
        float* const row = table_.data() + position * width_;
        for (std::int64_t j = 0; j < half; ++j) {
            const double wavelength = std::pow(10000.0, 2.0 * static_cast<double>(j) / static_cast<double>(width_));
            row[j] = static_cast<float>(std::sin(static_cast<double>(position) / wavelength));
            row[half + j] = static_cast<float>(std::cos(static_cast<double>(position) / wavelength));
        }
    }
    Tensor encoded = Tensor::zeros(context, {std::ssize(positions), width_});
    for (std::int64_t i = 0; i < std::ssize(positions); ++i)
        if (const std::int32_t position = positions[static_cast<std::size_t>(i)]; position >= 0)
            std::copy_n(table_.data() + position * width_, width_, encoded.row(i));
    return encoded;
}

} // namespace nmt
