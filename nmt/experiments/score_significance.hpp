// How far the scores of a recipe's models may be chance: over the sentences of the test set, and over the seeds of the trainings.
// Used by the analysis of a recipe.
#pragma once

#include "nmt/experiments/test_analysis.hpp"

#include <nlohmann/json.hpp>

#include <string>

namespace nmt {

// Of BLEU, over words as `tokenize` makes them (bleu_tokenizer_from_name):
// {"method": how p_sentences came about, "samples": resampled test sets,
//  "intervals": [{"low", "high"}] one a model: 95 % of resampled test sets (bootstrap) give the model's mean over seeds a score between the
//  two; "pairs": one for each two models, {"first", "second": their numbers, "difference": second - first of the means over seeds,
//   "p_sentences": paired bootstrap with the first seed of both (1 where they score alike on every resampled set),
//   "p_seeds": exact permutation test of the seeds' scores, "smallest_p_seeds": no p_seeds of so many seeds is smaller; null where there is
//   one seed, or too many for the test}}.
// Throws Error as bootstrap_scores() does.
nlohmann::ordered_json score_significance(const TestOutputs& test, const std::string& tokenize);

// The same from results.json, where it has the comparisons of the models:
// "statistics": {"bootstrap_samples"}, "comparisons": [{"test", "first", "second": names, "difference", "p_by_sentences", "p_by_seeds",
// "smallest_p_by_seeds"}], and of each model "tests": {NAME: {"bleu_interval": [low, high]}}.
nlohmann::ordered_json significance_in(const nlohmann::ordered_json& results, const std::string& test);

} // namespace nmt
