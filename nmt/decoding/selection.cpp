#include "nmt/decoding/selection.hpp"

#include "nmt/base/error.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace nmt {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// The first index from `begin` on whose value is above the threshold or NaN; n if there is none. Whole blocks are compared without
// a branch, which the compiler turns into vector code: most of a row is passed over in this way.
std::int64_t find_above(const float* values, std::int64_t begin, std::int64_t n, float threshold) {
    constexpr std::int64_t kBlock = 64;
    for (; begin + kBlock <= n; begin += kBlock) {
        int above = 0;
        for (std::int64_t i = 0; i < kBlock; ++i) above |= static_cast<int>(!(values[begin + i] <= threshold));
        if (above != 0) break;
    }
    while (begin < n && values[begin] <= threshold) ++begin;
    return begin;
}

// A float at or below `value`, so that nothing is passed over that might be above.
float round_down(double value) { return std::nextafter(static_cast<float>(value), -std::numeric_limits<float>::infinity()); }

} // namespace

void BestContinuations::add_row(int origin, double sum, std::span<const float> row, const NextTokens& next) {
    const auto end = static_cast<std::int64_t>(next.forced < 0 ? row.size() : static_cast<std::size_t>(next.forced) + 1);
    for (std::int64_t i = next.forced < 0 ? 0 : next.forced;; ++i) {
        i = find_above(row.data(), i, end, round_down(worst() - sum));
        if (i >= end) return;
        const float value = row[static_cast<std::size_t>(i)];
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
