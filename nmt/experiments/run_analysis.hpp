// All that the report of a recipe shows, as one document. Used by report.html; what is looked at model by model stays in the work folder.
#pragma once

#include "nmt/experiments/recipe_data.hpp"

#include <nlohmann/json.hpp>

#include <filesystem>

namespace nmt {

// A finished run of a recipe.
struct FinishedRun {
    const Recipe& recipe;
    const PreparedData& data;
    nlohmann::ordered_json results; // as results.json has them
    std::filesystem::path work;
    int threads = 0; // 0: all cores
};

// What `results` holds, and
//  "title", "source", "target": languages, empty where the recipe does not say, "seeds", "processor": of this machine, "day": of the last
//  training; both empty where they are not known,
//  of each model: "architecture", "learning": {"seed", and learning_curve.hpp} one a seed, "gradient_flow" (model_analysis.hpp, first
//  seed); "tests": one a test set (test_set_analysis.hpp), with "significance" (score_significance.hpp), "attention": {"sentences",
//  "models":
//  [{"model": its number, "sentences": one a sentence}]} (model_analysis.hpp, first seed), "setup" (setup_table.hpp).
// Gradients and attention are computed in a process of their own and kept in the model folder's analysis.json, for the next time.
// Throws Error for what cannot be read; Interrupted when a signal asks to stop.
nlohmann::ordered_json analyse_run(const FinishedRun& run);

} // namespace nmt
