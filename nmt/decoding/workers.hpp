// Models loaded for translating by several workers: each has a context of one thread, and all share one copy of the weights.
// Used by the commands and recipes that translate files.
#pragma once

#include "nmt/decoding/ensemble.hpp"
#include "nmt/models/model_folder.hpp"
#include "nmt/tensor/context.hpp"

#include <deque>
#include <memory>
#include <string>
#include <vector>

namespace nmt {

class TranslationWorkers {
  public:
    // An ensemble of the models of some folders for each of `count` workers; 0 means all cores that the process may use.
    // weights: as Ensemble takes them. products: what products of floats are computed in. Throws Error as load_model, Ensemble and
    // Context do, unless all models have the same tokenizers, byte for byte.
    TranslationWorkers(const std::vector<std::string>& folders, int count, const std::vector<double>& weights = {},
                       DataType products = DataType::f32);

    const std::vector<Ensemble>& ensembles() const { return ensembles_; } // one a worker
    const TokenizerPair& tokenizers() const { return *loaded_.front().tokenizers; }
    // The most sentences that 99 % of the source lines hold that a model was trained on: the largest number of any of the models; 0 if one
    // does not tell.
    int usual_sentences() const;

  private:
    std::deque<Context> contexts_;
    std::vector<LoadedModel> loaded_; // the first worker's
    std::vector<std::unique_ptr<Model>> of_the_others_;
    std::vector<Ensemble> ensembles_;
};

} // namespace nmt
