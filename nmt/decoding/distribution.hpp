// What a model says of the next token. Used by the beam, which chooses from it, and by sampling.
#pragma once

#include <cstddef>
#include <span>

namespace nmt {

// The log-probabilities of all V tokens after a hypothesis, which are worked out where they are read: a search reads few of them.
struct Distribution {
    std::span<const float> logits;      // [V]; -inf: impossible
    float log_normalizer = 0;           // log of the sum of e^logit; 0 for log-probabilities
    std::span<const float> maxima = {}; // the largest logit of every kMaximaBlock tokens (normalize.hpp), or nothing

    float operator[](std::size_t token) const { return logits[token] - log_normalizer; }
    std::size_t size() const { return logits.size(); }
};

} // namespace nmt
