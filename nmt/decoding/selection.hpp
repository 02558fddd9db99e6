// Choosing the best continuations of some hypotheses, in one pass over their distributions. Used by the beam.
#pragma once

#include "nmt/decoding/distribution.hpp"
#include "nmt/decoding/rules.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace nmt {

struct Continuation {
    int origin; // the hypothesis that it continues
    std::int32_t token;
    float log_prob; // of the token
    double sum;     // of all tokens
};

// The best continuations, at most `limit`, best first. Rows and tokens come in ascending order and only what is strictly better
// overtakes, which decides ties. With a limit of 1 this is a running argmax.
class BestContinuations {
  public:
    explicit BestContinuations(int limit) : limit_(static_cast<std::size_t>(limit)) {}

    // distribution: what follows hypothesis `origin`, whose own log-probability is `sum`.
    // Throws Error for a NaN or +inf (in what is looked at: where a token is forced, that token alone).
    void add_row(int origin, double sum, const Distribution& distribution, const NextTokens& next);

    const std::vector<Continuation>& chosen() const { return chosen_; }

  private:
    double worst() const;
    void add(const Continuation& continuation);

    std::size_t limit_;
    std::vector<Continuation> chosen_;
};

} // namespace nmt
