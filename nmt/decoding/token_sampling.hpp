// Drawing the next token at random from what the model finds probable. Used by the beam where samples are asked for.
#pragma once

#include "nmt/decoding/distribution.hpp"
#include "nmt/decoding/rules.hpp"

#include <cstdint>

namespace nmt {

// What tokens are drawn from: the model's distribution sharpened or flattened by the temperature, then cut to the top_k most probable
// tokens (Fan et al., 2018), then to the smallest set of the most probable ones that together reach top_p of what is left (Holtzman
// et al., 2020), then renormalized. Of equally probable tokens the lower ids come first.
struct SamplingOptions {
    int top_k = 0;            // 0: all
    double top_p = 1.0;       // above 0, at most 1; 1: all
    double temperature = 1.0; // above 0; probabilities become p^(1 / temperature)
    std::uint64_t seed = 0;
};

// A token of the distribution: the one where its cumulative probability passes `uniform`, of [0, 1).
// What the rules do not permit has no part in the distribution.
// Throws Error for a NaN or +inf, and where nothing is possible.
std::int32_t sample_token(const Distribution& distribution, const NextTokens& next, const SamplingOptions& options, double uniform);

// The random number of a step of a sample: uniform in [0, 1), a function of its arguments alone. `stream` tells sentences apart.
double sampling_uniform(std::uint64_t seed, std::uint64_t stream, int sample, int step);

} // namespace nmt
