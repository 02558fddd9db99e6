#include "nmt/decoding/token_sampling.hpp"

#include "nmt/base/error.hpp"
#include "nmt/base/random.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace nmt {
namespace {

struct Candidate {
    std::int32_t token;
    double weight; // in proportion to its probability
};

// The possible tokens, in the order of their ids, weighted by p^(1 / temperature).
std::vector<Candidate> candidates(const Distribution& distribution, const NextTokens& next, double temperature) {
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    std::vector<Candidate> result;
    float highest = -kInfinity;
    for (std::size_t i = 0; i < distribution.size(); ++i) {
        const auto token = static_cast<std::int32_t>(i);
        const float value = distribution[i];
        check(value < kInfinity, "the model gave token {} a log-probability of {}; its weights or its arithmetic are broken", token, value);
        if (value == -kInfinity || !next.permits(token)) continue;
        highest = std::max(highest, value);
        result.push_back({token, static_cast<double>(value)});
    }
    check(!result.empty(), "the model gave every continuation a probability of zero");
    for (Candidate& candidate : result) candidate.weight = std::exp((candidate.weight - static_cast<double>(highest)) / temperature);
    return result;
}

double total_weight(const std::vector<Candidate>& candidates) {
    double total = 0;
    for (const Candidate& candidate : candidates) total += candidate.weight;
    return total;
}

bool more_probable(const Candidate& a, const Candidate& b) { return a.weight != b.weight ? a.weight > b.weight : a.token < b.token; }

void keep_top_k(std::vector<Candidate>& candidates, std::size_t k) {
    if (candidates.size() <= k) return;
    std::nth_element(candidates.begin(), candidates.begin() + static_cast<std::ptrdiff_t>(k), candidates.end(), more_probable);
    candidates.resize(k);
}

void keep_top_p(std::vector<Candidate>& candidates, double p) {
    std::sort(candidates.begin(), candidates.end(), more_probable);
    const double wanted = p * total_weight(candidates);
    double sum = 0;
    std::size_t kept = 0;
    while (kept < candidates.size() && (kept == 0 || sum < wanted)) sum += candidates[kept++].weight;
    candidates.resize(kept);
}

} // namespace

std::int32_t sample_token(const Distribution& distribution, const NextTokens& next, const SamplingOptions& options, double uniform) {
    std::vector<Candidate> drawn_from = candidates(distribution, next, options.temperature);
    if (options.top_k > 0) keep_top_k(drawn_from, static_cast<std::size_t>(options.top_k));
    if (options.top_p < 1) keep_top_p(drawn_from, options.top_p);
    // A fixed order, since that of the selections above is the library's own.
    else if (options.top_k > 0) std::sort(drawn_from.begin(), drawn_from.end(), more_probable);
    const double wanted = uniform * total_weight(drawn_from);
    double sum = 0;
    for (const Candidate& candidate : drawn_from) {
        sum += candidate.weight;
        if (sum > wanted) return candidate.token;
    }
    return drawn_from.back().token; // rounding
}

double sampling_uniform(std::uint64_t seed, std::uint64_t stream, int sample, int step) {
    const std::uint64_t of_sentence = Random(seed, stream).next();
    const std::uint64_t of_sample = Random(of_sentence, static_cast<std::uint64_t>(sample)).next();
    return Random(of_sample, static_cast<std::uint64_t>(step)).uniform();
}

} // namespace nmt
