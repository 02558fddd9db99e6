// What a training begins with where training.from names a folder: the weights of the model there, and its tokenizers or others. Moments,
// schedule and text are the training's own. Used by the trainer and the command line.
#pragma once

#include "nmt/models/model_folder.hpp"
#include "nmt/training/setup.hpp"

#include <filesystem>
#include <string>

namespace nmt {

// Completes a configuration that has training.from: what [model] does not say is as in that model, [tokenizer] says how its tokenizers were
// learned, or, where new ones are, how these are to be. Says what of [tokenizer] has no effect. Nothing where training.from is not set.
// Throws Error, naming both values, for options that its weights do not fit, and as check_start does.
void adopt_start(Configuration& configuration);

// The same for a training that goes on in `folder`: as it began there, with training.from or without, wherever that model is by now.
// Throws Error if the configuration names another start.
void adopt_start_of(const std::filesystem::path& folder, Configuration& configuration);

// Throws Error unless training.from holds a whole model of the setup's options (dropout may differ) that is neither quantized nor
// estimated, with such tokenizers as the setup says where they are kept.
void check_start(const TrainingSetup& setup);

// Whether tokenizers are learned from the training text: none are given, and those of training.from are not kept.
bool learns_tokenizers(const TrainingSetup& setup);

// The pieces of a model's vocabulary that another one has, too.
struct CarriedPieces {
    int carried = 0, all = 0;
};

struct CarriedWeights {
    std::string updates;          // of the start, if it says so
    bool same_pieces = true;      // both vocabularies: every parameter is carried over whole
    CarriedPieces source, target; // the same where the model has one vocabulary
};

// Gives a model the weights of another one, of the same options. Rows of embeddings and of the output layer, which belong to a piece,
// go to the row of the equal piece; those of pieces that the other has not stay as they are. Throws Error as check_start does.
CarriedWeights carry_weights(Model& model, const TokenizerPair& tokenizers, const ModelOptions& options, const std::filesystem::path& from);

// "812 of 830 source and 640 of 655 target pieces", or "812 of 830 pieces" of one vocabulary.
std::string describe(const CarriedWeights& carried, bool shared);

} // namespace nmt
