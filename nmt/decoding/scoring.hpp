// What a finished hypothesis is worth: its log-probability, normalized by length, less a penalty for source tokens that it left out.
// Used by the beam, and by the translator where it joins the segments of a line.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace nmt {

enum class LengthNormalization {
    average, // log-probability / length^penalty; 1: the average of a token (Murray and Chiang, 2018), 0: the plain sum
    wu       // log-probability / ((5 + length) / 6)^penalty (Wu et al., 2016, equation 14); they use 0.2 to 1
};

// "average" or "wu". Throws Error for another name.
LengthNormalization length_normalization_from_name(const std::string& name);

struct Scoring {
    LengthNormalization normalization = LengthNormalization::average;
    double length_penalty = 1.0;   // at least 0
    double coverage_penalty = 0.0; // beta, at least 0; 0: no coverage is asked for

    bool operator==(const Scoring&) const = default;
};

// length > 0, </s> counted. For a log-probability of at most 0 it only rises with the length, so that a hypothesis that is still
// growing cannot come to more than its present log-probability normalized by the greatest length: early stopping rests on this.
double normalized_score(double log_probability, std::size_t length, const Scoring& scoring);

// What is added to the score (Wu et al., 2016, equation 14): beta * the sum over source tokens, </s> counted, of
// log(min(coverage, 1)), where coverage is the attention that the token got over all target steps. Never above 0.
// A coverage below kLeastCoverage counts as that much: log 0 would make every hypothesis equally bad.
double coverage_score(std::span<const double> coverage, const Scoring& scoring);
inline constexpr double kLeastCoverage = 1e-6;

} // namespace nmt
