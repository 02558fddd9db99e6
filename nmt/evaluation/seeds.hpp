// Scores of systems that were trained several times with different seeds: how they spread, and whether two systems differ.
// Used by the report of a recipe.
#pragma once

#include <cstddef>
#include <vector>

namespace nmt {

// Mean, and standard deviation of the sample (0 for one value).
struct MeanAndDeviation {
    double mean = 0, deviation = 0;
};
MeanAndDeviation mean_and_deviation(const std::vector<double>& values);

inline constexpr std::size_t kMostSeeds = 24; // of two systems together: 2.7 million ways to deal them out

struct SeedComparison {
    MeanAndDeviation first, second;
    double difference = 0; // of the means: second - first
    double p_value = 1;    // two-sided
    // No p-value of so many seeds can be smaller: 0.1 for three of each system, 0.008 for five.
    double smallest_p_value = 1;
};

// The exact permutation test of the difference of means (Fisher 1935; Pitman 1937): the scores of all seeds are dealt out anew in
// every way, and the p-value is the share of ways whose difference is at least as large as the one found. A seed is what is
// dealt out and not a sentence, because seeds are what another training would draw again; and with so few of them nothing need
// be assumed of their distribution, as Welch's t-test would. Throws Error if a system has no score, or both together more than kMostSeeds.
SeedComparison compare_seeds(const std::vector<double>& first, const std::vector<double>& second);

} // namespace nmt
