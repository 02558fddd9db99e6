// How far the scores of a recipe's models may be chance: over the sentences of the test set, and over the seeds of the trainings.
// Used by the analysis of a test set.
#pragma once

#include "nmt/evaluation/significance.hpp"

#include <nlohmann/json.hpp>

#include <vector>

namespace nmt {

// models[m][k]: the statistics of model m, trained with the k-th seed. Every model has a seed at least, all the same sentences.
// {"samples", "intervals": [{"low", "high"}] one a model: 95 % of resampled test sets (bootstrap) give the model's mean over seeds a score
//   between the two;
//  "pairs": one for each two models, {"first", "second": their numbers, "difference": second - first of the means over seeds,
//   "p_sentences": paired bootstrap with the first seed of both (1 where they score alike on every resampled set), "p_seeds": exact
//   permutation test of the seeds' scores, "smallest_p_seeds": no p_seeds of so many seeds is smaller}; the last two are null where there
//   is one seed, or too many for the test.
// Throws Error as bootstrap_scores() does.
nlohmann::ordered_json score_significance(const Metric& metric, const std::vector<std::vector<SystemStatistics>>& models);

} // namespace nmt
