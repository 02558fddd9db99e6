// What a training is asked to do, and whether it can be done. Used by the trainer, the command line and recipes.
#pragma once

#include "nmt/base/known_keys.hpp"
#include "nmt/base/option_changes.hpp"
#include "nmt/models/model.hpp"
#include "nmt/models/model_options.hpp"
#include "nmt/training/training_options.hpp"
#include "tokenizer/tokenizer.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace nmt {

// All that decides a training: sections [model], [tokenizer], [training] and [data].
struct TrainingSetup {
    ModelOptions model;
    TokenizerOptions tokenizer;
    TrainingOptions training;
    DataOptions data;

    // Throws Error for an unknown key or section, or a bad value.
    static TrainingSetup read(Configuration& configuration);
    std::string format() const; // as read() reads it, every option in full
};

// Throws Error for a setup that contradicts itself, that lacks data, or whose training would never end.
void check_setup(const TrainingSetup& setup);

// Freezes what training.freeze names; nothing in a model that is estimated. Throws Error as ParameterStore::freeze does.
void freeze_parts(Model& model, const TrainingSetup& setup);

// How one setup differs from another, each key in full ("training.learning-rate"), in the order of the sections.
std::vector<OptionChange> setup_changes(const TrainingSetup& before, const TrainingSetup& after);

// Throws Error, naming the key, both values and why, for a change that a training cannot take while it is under way: of what its weights,
// its optimizer's state or its place in the training text depend on. Text may move (data.*): whether it is the same, its checksum tells.
void check_changes(const std::vector<OptionChange>& changes, const std::filesystem::path& folder);

// Throws Error, naming what was meant, for sections and keys of a configuration that TrainingSetup::read does not know. Which of the keys
// of [model] its architecture knows, is not asked.
void check_setup_keys(const Configuration& configuration);

// The section of a model, with the keys of all architectures.
KnownSection known_model_section(const std::string& section);

} // namespace nmt
