// The sentences on which systems differ most: the ones worth reading. Used by reports that compare models.
#pragma once

#include "nmt/evaluation/metric.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace nmt {

struct Disagreement {
    std::size_t sentence = 0;   // its index
    std::vector<double> scores; // of each system on this sentence alone, in percent
    double spread = 0;          // the highest score less the lowest
};

// The `count` sentences with the largest spread, largest first, equals in their order; those on which all systems score alike are left
// out. `systems` holds the statistics of each system's sentences (corpus_statistics). A sentence's score is metric.score() of its own
// statistics: take a metric that means something on one sentence, such as chrF; BLEU is 0 for a hypothesis of fewer words than its
// longest n-gram has. Throws Error for fewer than two systems, and for systems of unequal numbers of sentences.
std::vector<Disagreement> largest_disagreements(const Metric& metric, std::span<const std::vector<Statistics>> systems, std::size_t count);

} // namespace nmt
