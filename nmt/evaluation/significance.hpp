// How far the score of a test set may be chance: intervals by the bootstrap and paired tests of two systems, over the
// sentence statistics of any metric. What is computed equals sacreBLEU 2 (Post 2018), but for the random numbers.
#pragma once

#include "nmt/evaluation/metric.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace nmt {

// The statistics of each sentence of one system's output: corpus_statistics().
using SystemStatistics = std::vector<Statistics>;

struct ResamplingOptions {
    int samples = 1000; // resampled test sets, or trials
    std::uint64_t seed = 12345;
    int threads = 1; // 0: all cores; the result does not depend on it
};

// A difference whose p-value is below this is called significant.
inline constexpr double kSignificanceLevel = 0.05;

// The number of trials that sacreBLEU takes for approximate randomization.
inline constexpr int kRandomizationTrials = 10000;

// An estimate and half of its 95 % interval: mean ± half_width.
struct Interval {
    double mean = 0, half_width = 0;
};

// The score of each resampled test set under the bootstrap (Efron 1979; Koehn 2004, "Statistical Significance Tests for Machine
// Translation Evaluation"): as many sentences as there are, drawn with replacement. result[s][k] is system s on test
// set k, and all systems see the same sentences. Throws Error if there are no systems, no sentences or no samples, or if the
// systems have unequal numbers of sentences.
std::vector<std::vector<double>> bootstrap_scores(const Metric& metric, std::span<const SystemStatistics> systems,
                                                  const ResamplingOptions& options);

// The mean, and half the distance between the scores that leave a fortieth of all below and above them. `scores` is not empty.
Interval interval_of(std::vector<double> scores);

// The lowest and the highest of the scores when a fortieth of all is left out below and above them: the percentile interval
// (Efron 1979). `scores` is not empty.
struct Bounds {
    double low = 0, high = 0;
};
Bounds bounds_of(std::vector<double> scores);

// For each system after the first, the baseline, the probability under chance of a difference as large as the one found.
// Two-sided; a system whose output is the baseline's has 1 / (samples + 1), because no difference is left to chance.

// Paired bootstrap resampling (Koehn 2004) of `scores` from bootstrap_scores(): how often the absolute difference on
// a resampled test set exceeds its mean by more than the difference found on the test set itself.
std::vector<double> paired_bootstrap(const Metric& metric, std::span<const SystemStatistics> systems,
                                     const std::vector<std::vector<double>>& scores);

// Paired approximate randomization (Riezler and Maxwell 2005, "On Some Pitfalls in Automatic Evaluation and Significance Testing
// for MT"): how often the absolute difference exceeds the one found when the outputs for each sentence change sides or
// not by the toss of a coin. Throws as bootstrap_scores() does.
std::vector<double> paired_randomization(const Metric& metric, std::span<const SystemStatistics> systems, const ResamplingOptions& options);

// Systems that were trained several times with different seeds: the statistics of each seed's output. The score of such a system is
// the mean over its seeds, so that what is tested are the systems and not one pair of their trainings.
using SeededStatistics = std::vector<SystemStatistics>;

// The mean over the seeds of each resampled test set's scores; result[s][k] is system s on test set k, and all seeds of all
// systems see the same sentences. Throws as bootstrap_scores() does, and for a system without a seed.
std::vector<std::vector<double>> bootstrap_mean_scores(const Metric& metric, std::span<const SeededStatistics> systems,
                                                       const ResamplingOptions& options);

// paired_randomization() for the difference of mean scores: for each sentence the outputs of all seeds change sides together, because
// which system made them is what is in question. Two-sided; how often the absolute difference is at least the one found,
// so that 1 is the p-value of systems with one output. Throws as bootstrap_scores() does, and for unequal numbers of seeds.
double paired_randomization_over_seeds(const Metric& metric, const SeededStatistics& first, const SeededStatistics& second,
                                       const ResamplingOptions& options);

} // namespace nmt
