// The text that a training reads, before anything is learned from it: read once for what would stop the training later or make it
// worthless, and copied where it can be read only once. Used by the trainer.
#pragma once

#include "nmt/models/model_folder.hpp"
#include "nmt/training/training_options.hpp"

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace nmt {

// Some pairs of a text, drawn by chance: source[i] and target[i] belong together.
struct TextSample {
    std::size_t pairs = 0; // of the whole text
    std::vector<std::string> source, target;
};

// Reads all text of `data` once and returns a sample of the training text.
// Throws Error for text that cannot be read, unequal files and text without a pair that has two sides. Warns of a target that is the
// source, of validation pairs that are trained on, and of validation text whose sides read like the training's other sides.
TextSample check_training_text(const DataOptions& data);

// Logs how many lines of the sample the tokenizers' normalization changes beyond white space, what most often became what, and which key
// prevents it; nothing where it changes none.
void log_normalization(const TextSample& sample, const TokenizerPair& tokenizers);

// Whether some text of `data` can be read only once: a pipe, standard input, a process substitution.
bool reads_once(const DataOptions& data);

// `data` with such text replaced by copies in the model's folder, which are made here, each whole or not at all. Throws Error for what
// cannot be read, and if standard input is to be two texts; Interrupted when a signal asks to stop.
DataOptions keep_text(const DataOptions& data, const std::filesystem::path& folder);
// Where a model's folder has moved with its copies, `data` names them where they are now.
void find_kept_text(DataOptions& data, const std::filesystem::path& folder);
// Removes those copies.
void remove_kept_text(const std::filesystem::path& folder);

} // namespace nmt
