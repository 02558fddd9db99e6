// Which of several models differ on a test set, and how sure that is: over its sentences, and over the seeds. Used by the report of a
// recipe.
#pragma once

#include "nmt/evaluation/significance.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace nmt {

// A model on a test set: for each seed its BLEU, and what BLEU and chrF count in each sentence.
struct ModelOutputs {
    std::vector<double> bleu;
    SeededStatistics bleu_statistics, chrf_statistics;
};

struct PairComparison {
    std::size_t first = 0, second = 0;     // models
    double difference = 0;                 // of the mean BLEU: second - first
    double p_by_sentences = 1;             // paired_randomization_over_seeds, kRandomizationTrials
    std::optional<double> p_by_seeds = {}; // compare_seeds; nothing for one seed, and for more than it takes
    double smallest_p_by_seeds = 1;        // that so many seeds could have
};

struct TestComparison {
    std::string test;
    std::vector<Bounds> bleu, chrf;    // of each model: 95 % intervals of the mean over the seeds
    std::vector<PairComparison> pairs; // each two models once
    std::size_t best = 0;              // the model with the highest mean BLEU
    std::vector<bool> like_best;       // other models whose difference from it is not significant
};

inline constexpr int kBootstrapSamples = 1000;

// threads: 0 means all cores; the result does not depend on it. Throws Error unless all models have outputs of the same sentences with
// equally many seeds.
TestComparison compare_models(const std::string& test, const std::vector<ModelOutputs>& models, int threads);

} // namespace nmt
