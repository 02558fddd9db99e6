// Runs a recipe from data to report. What is done is not done again, so it can be interrupted anywhere and called again.
//   work/data/            generated or downloaded text
//   work/tokenizer/       the tokenizers that all models share
//   work/lock             held while it runs: two runs in one folder would spoil each other's work
//   work/MODEL/           a model folder (with several seeds: work/MODEL/seed-K/), its translations, steps.json
//                         (which also keeps with which weights a model began that is another's continuation)
//   work/results.md       the table for people; work/results.json the same for programs; work/report.html a page to look at
#pragma once

#include "nmt/experiments/recipe.hpp"

#include <filesystem>
#include <string>

namespace nmt {

struct RunOptions {
    std::filesystem::path data; // folder of the text; empty: as the recipe says
    std::filesystem::path work;
    int threads = 0; // 0: all cores
};

struct RecipeResults {
    std::string text;                 // what work/results.md holds
    std::filesystem::path best_model; // folder of the model with the highest BLEU on the first test set; its first seed
};

// Says first what an audit of the data finds, and then where it stands.
// Throws Error, before it touches anything, if another process runs in the work folder; if a finished model there was trained with other
// options than the recipe now says; for a record of its steps that is broken; and for data sets whose files have unequal numbers of lines.
RecipeResults run_recipe(const Recipe& recipe, const RunOptions& options);

} // namespace nmt
