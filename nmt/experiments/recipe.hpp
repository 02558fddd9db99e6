// A recipe: which data, tokenizer and models to compare, and on which tests. An INI file under recipes/.
#pragma once

#include "nmt/decoding/translator_options.hpp"
#include "nmt/experiments/budget.hpp"
#include "nmt/training/trainer.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace nmt {

// Where the text comes from: section [data].
struct RecipeData {
    std::string generator;          // "phrasebook": the quickstart's own text; empty: files
    std::string source, target;     // languages, which end the names of files: train.en
    std::string train, valid;       // names of files, without the language
    std::vector<std::string> tests; // names of test sets, without the language
    std::string suffix;             // what follows the language: ".gz" or nothing
    std::string url;                // folder (https) to download from where no --data is given; empty: --data is needed
    std::string checksums;          // file of SHA-256 sums beside the recipe, as sha256sum writes it; needed for downloads
    int lines = 0;                  // generator: training pairs; 0: its default

    void describe(OptionTable& table);
    std::string file_name(const std::string& set, const std::string& language) const { return set + "." + language + suffix; }
};

// One line of the comparison: section [model.NAME], and [training.NAME] over [training]. training.from names another model of the recipe
// that stands before it, and the training of each seed begins with that one's weights of the same seed; or it is a folder of a model,
// relative to the recipe's file. [model.NAME] then says only what differs.
struct RecipeModel {
    std::string name;
    ModelOptions model;
    TrainingOptions training;
};

struct Recipe {
    std::string name, title;
    std::vector<std::uint64_t> seeds; // each model is trained once with each
    RecipeData data;
    TokenizerOptions tokenizer;
    TranslatorOptions translation;
    std::string tokenize = "13a"; // words of BLEU: section [evaluation]
    Budget budget;                // its minutes are in the models' training already; widths are scaled when the vocabularies are there
    std::vector<RecipeModel> models;
    std::vector<std::string> examples; // source sentences that the report shows with each model's translation
    std::filesystem::path folder;      // of the recipe's file, for what lies beside it
    std::string text;                  // the recipe as it was written

    const RecipeModel* find_model(const std::string& name_of_model) const; // null if there is none

    // Throws Error naming the file for an unknown key or section, or what is missing.
    static Recipe load(const std::filesystem::path& file);
    static Recipe parse(const std::string& text, const std::string& name, const std::filesystem::path& folder);

    // The recipe that is built into the program.
    static Recipe quickstart();
};

// Every key of a recipe with its default and meaning; of [model.NAME] those of the default architecture.
std::string explain_recipe_keys();

} // namespace nmt
