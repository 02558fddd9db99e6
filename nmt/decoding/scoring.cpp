#include "nmt/decoding/scoring.hpp"

#include "nmt/base/error.hpp"

#include <algorithm>
#include <cmath>

namespace nmt {

LengthNormalization length_normalization_from_name(const std::string& name) {
    if (name == "average") return LengthNormalization::average;
    check(name == "wu", "length-normalization = '{}': expected average or wu", name);
    return LengthNormalization::wu;
}

double normalized_score(double log_probability, std::size_t length, const Scoring& scoring) {
    const auto tokens = static_cast<double>(length);
    const double base = scoring.normalization == LengthNormalization::wu ? (5 + tokens) / 6 : tokens;
    return log_probability / std::pow(base, scoring.length_penalty);
}

double coverage_score(std::span<const double> coverage, const Scoring& scoring) {
    if (scoring.coverage_penalty == 0) return 0;
    double sum = 0;
    for (const double covered : coverage) sum += std::log(std::clamp(covered, kLeastCoverage, 1.0));
    return scoring.coverage_penalty * sum;
}

} // namespace nmt
