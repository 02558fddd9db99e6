// How far the scores of a recipe's models may be chance, as the report page shows it: over the sentences of a test set, and over the
// seeds of the trainings. Used by the analysis of a recipe.
#pragma once

#include <nlohmann/json.hpp>

#include <string>

namespace nmt {

// Of one test set in results.json:
// {"method": how p_sentences came about, "samples": resampled test sets,
//  "intervals": [{"low", "high"}] one a model: 95 % of resampled test sets (bootstrap) give the model's mean over seeds a score between the
//  two; "pairs": one for each two models, {"first", "second": their numbers, "difference": second - first of the means over seeds,
//   "p_sentences", "p_seeds", "smallest_p_seeds": no p_seeds of so many seeds is smaller; null where there is one seed, or too many for the
//   test}}.
// Throws nlohmann::json::exception where the results lack statistics or comparisons.
nlohmann::ordered_json significance_in(const nlohmann::ordered_json& results, const std::string& test);

} // namespace nmt
