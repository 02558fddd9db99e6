#include "nmt/decoding/selection.hpp"

#include "nmt/base/error.hpp"
#include "nmt/tensor/normalize.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace nmt {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Whether no logit of a whole block, from `begin` on, is above the threshold; a NaN on either side is. Maxima do not show a NaN, but then
// the normalizer is one, and with it the threshold. Without maxima the block is compared without a branch, which the compiler turns
// into vector code.
bool is_below(const Distribution& distribution, std::int64_t begin, float threshold) {
    if (!distribution.maxima.empty()) return distribution.maxima[static_cast<std::size_t>(begin / kMaximaBlock)] <= threshold;
    const float* const values = distribution.logits.data() + begin;
    int above = 0;
    for (std::int64_t i = 0; i < kMaximaBlock; ++i) above |= static_cast<int>(!(values[i] <= threshold));
    return above == 0;
}

// The first token of [begin, end) whose logit is above the threshold or NaN; end if there is none. Most blocks are passed over whole.
std::int64_t find_above(const Distribution& distribution, std::int64_t begin, std::int64_t end, float threshold) {
    while (begin < end) {
        if (begin % kMaximaBlock == 0 && begin + kMaximaBlock <= end && is_below(distribution, begin, threshold)) {
            begin += kMaximaBlock;
        } else {
            if (!(distribution.logits[static_cast<std::size_t>(begin)] <= threshold)) break;
            ++begin;
        }
    }
    return begin;
}

// A logit below those of all tokens whose log-probability, as it is rounded, is above `log_probability`. NaN where the normalizer is.
float logit_below(double log_probability, float log_normalizer) {
    if (std::isnan(log_normalizer)) return log_normalizer;
    if (log_probability == -kInfinity) return -std::numeric_limits<float>::infinity();
    const auto normalizer = static_cast<double>(log_normalizer);
    const double rounding = 1e-6 * (std::abs(log_probability) + std::abs(normalizer));
    return std::nextafter(static_cast<float>(normalizer + log_probability - rounding), -std::numeric_limits<float>::infinity());
}

} // namespace

void BestContinuations::add_row(int origin, double sum, const Distribution& distribution, const NextTokens& next) {
    const auto end = static_cast<std::int64_t>(next.forced < 0 ? distribution.size() : static_cast<std::size_t>(next.forced) + 1);
    for (std::int64_t i = next.forced < 0 ? 0 : next.forced;; ++i) {
        i = find_above(distribution, i, end, logit_below(worst() - sum, distribution.log_normalizer));
        if (i >= end) return;
        const float value = distribution[static_cast<std::size_t>(i)];
        check(value < kInfinity, "the model gave token {} a log-probability of {}; its weights or its arithmetic are broken", i, value);
        const auto token = static_cast<std::int32_t>(i);
        if (next.permits(token)) add({origin, token, value, sum + static_cast<double>(value)});
    }
}

double BestContinuations::worst() const { return chosen_.size() < limit_ ? -kInfinity : chosen_.back().sum; }

void BestContinuations::add(const Continuation& continuation) {
    if (!(continuation.sum > worst())) return;
    if (chosen_.size() == limit_) chosen_.pop_back();
    const auto better = [](const Continuation& a, const Continuation& b) { return a.sum > b.sum; };
    chosen_.insert(std::upper_bound(chosen_.begin(), chosen_.end(), continuation, better), continuation);
}

} // namespace nmt
