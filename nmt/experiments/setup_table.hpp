// The full set-up of a comparison: every option of every model, versions, checksums, and how to do it again.
// Used by the analysis of a recipe.
#pragma once

#include "nmt/experiments/recipe_data.hpp"

#include <nlohmann/json.hpp>

namespace nmt {

// {"recipe": the recipe's text, "file": a name for it, "checksums_file": what it calls its file of checksums, empty for none,
//  "commands": [[what it does, command]], the first of which runs the recipe again,
//  "versions": [[name, value]], "checksums": [[file's name, SHA-256]] of all text that was read,
//  "models": names, "options": [{"section", "rows": [{"key", "help", "values": one for all models, or one a model; null where
//   its architecture knows no such option}]}]}.
// Throws Error for a text that cannot be read.
nlohmann::ordered_json setup_table(const Recipe& recipe, const PreparedData& data);

} // namespace nmt
