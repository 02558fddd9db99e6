// Several models that translate as one: next-token probabilities are averaged. One model is an ensemble of itself.
// Used by search, which knows nothing of how many models there are.
#pragma once

#include "nmt/decoding/distribution.hpp"
#include "nmt/models/model.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace nmt {

// Models of any architectures that read the same source and write the same target tokens. They must outlive the ensemble.
class Ensemble {
  public:
    Ensemble(Model& model) : models_{&model}, weights_{1.0} {} // not explicit: where an ensemble is wanted, a model will do
    // weights: one a model, above 0, in any scale; none: all alike. Throws Error for vocabularies of different sizes.
    explicit Ensemble(std::vector<Model*> models, std::vector<double> weights = {});

    std::size_t size() const { return models_.size(); }
    Model& model(std::size_t i) const { return *models_[i]; }
    double weight(std::size_t i) const { return weights_[i]; } // they add up to 1
    const Vocabulary& vocabulary() const { return models_.front()->vocabulary(); }

    // Whether one of the models has attention weights over the source. Runs a step of each to see.
    bool has_attention() const;

  private:
    std::vector<Model*> models_;
    std::vector<double> weights_;
};

// The distributions after some hypotheses, and what they look into.
class Distributions {
  public:
    Distributions(Tensor logits, Tensor log_normalizers, Tensor maxima)
        : logits_(std::move(logits)), log_normalizers_(std::move(log_normalizers)), maxima_(std::move(maxima)) {}

    Distribution operator[](std::int64_t row) const {
        if (log_normalizers_.empty()) return {values(logits_, row)};
        return {values(logits_, row), log_normalizers_.data()[row], values(maxima_, row)};
    }

  private:
    static std::span<const float> values(const Tensor& a, std::int64_t row) { return {a.row(row), static_cast<std::size_t>(a.columns())}; }

    Tensor logits_;                   // [R,V]
    Tensor log_normalizers_, maxima_; // [R], [R,ceil(V/64)]; empty for log-probabilities
};

// The models in the middle of translating a batch: each with its own memory and state, advanced together.
class EnsembleState {
  public:
    // Encodes the source; one row a sentence. Both must outlive the state.
    // with_attention: attention() is wanted.
    EnsembleState(const Ensemble& ensemble, const Sequences& source, bool with_attention = true);
    ~EnsembleState();

    // Advances each row r by tokens[r]: kBeginOfSentence at first, then what was chosen.
    void step(const std::vector<std::int32_t>& tokens);
    // What may follow `count` rows from `first` on: log(sum over models of weight * probability).
    Distributions next_tokens(std::int64_t first, std::int64_t count) const;
    // The weights over the source with which the last step was computed, [R,S]: the weighted mean over the models that have attention;
    // empty where none has.
    Tensor attention() const;
    // As State::reorder, for all models.
    void reorder(std::span<const std::int32_t> rows);

  private:
    struct Member;
    std::vector<std::unique_ptr<Member>> members_;
    std::int64_t rows_ = 0; // R of the last step
};

} // namespace nmt
