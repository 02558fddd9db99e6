#include "nmt/layers/single_head_attention.hpp"

#include <cmath>

namespace nmt {

AttentionScore attention_score_from_name(const std::string& name) {
    if (name == "dot") return AttentionScore::dot;
    check(name == "additive", "unknown attention '{}'; expected dot or additive", name);
    return AttentionScore::additive;
}

SingleHeadAttention::SingleHeadAttention(ParameterStore& parameters, const std::string& name, AttentionScore score, Widths widths)
    : score_(score), query_(parameters, name + ".query", widths.query, widths.attention, false),
      key_(parameters, name + ".key", widths.memory, widths.attention, score == AttentionScore::additive),
      v_(score == AttentionScore::dot
             ? nullptr
             : &parameters.add_uniform(name + ".v", {widths.attention}, std::sqrt(3.0 / static_cast<double>(widths.attention)))) {}

} // namespace nmt
