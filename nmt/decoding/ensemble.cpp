#include "nmt/decoding/ensemble.hpp"

#include "nmt/tensor/layout.hpp"
#include "nmt/tensor/mixture.hpp"
#include "nmt/tensor/normalize.hpp"
#include "tokenizer/tokenizer.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace nmt {

Ensemble::Ensemble(std::vector<Model*> models, std::vector<double> weights) : models_(std::move(models)), weights_(std::move(weights)) {
    check(!models_.empty(), "an ensemble of no models");
    if (weights_.empty()) weights_.assign(models_.size(), 1.0);
    check(weights_.size() == models_.size(), "{} weights for an ensemble of {} models: expected one each", weights_.size(), models_.size());
    for (const double weight : weights_)
        check(weight > 0 && std::isfinite(weight), "a weight of {} in an ensemble: expected above 0", weight);
    const double total = std::accumulate(weights_.begin(), weights_.end(), 0.0);
    for (double& weight : weights_) weight /= total;
    for (const Model* model : models_) {
        const Vocabulary &first = vocabulary(), &other = model->vocabulary();
        check(other.source == first.source && other.target == first.target,
              "models of an ensemble have vocabularies of {} and {}, and of {} and {} tokens: expected the same tokenizers", first.source,
              first.target, other.source, other.target);
    }
}

bool Ensemble::has_attention() const {
    Sequences source;
    source.add(std::vector<std::int32_t>{Tokenizer::kEndOfSentence});
    EnsembleState state(*this, source);
    state.step({kBeginOfSentence});
    return !state.attention().empty();
}

struct EnsembleState::Member {
    Member(Model& of, double with, const Sequences& source)
        : model(of), weight(with), memory(model.encoder().encode(source)), state(model.decoder().start(memory)) {}

    Tensor logits(std::int64_t first, std::int64_t count) const {
        // Some rows behind them are computed too, so that shapes repeat and the product finds its primitive again.
        const std::int64_t padded = std::min(padded_rows(count), output.hidden.rows() - first);
        return model.decoder().logits(Variable(output.hidden.value().slice_rows(first, first + padded))).value().slice_rows(0, count);
    }

    Model& model;
    double weight;
    Memory memory;
    std::unique_ptr<State> state;
    StepOutput output; // of the last step
};

EnsembleState::EnsembleState(const Ensemble& ensemble, const Sequences& source, bool with_attention) {
    for (std::size_t i = 0; i < ensemble.size(); ++i) {
        members_.push_back(std::make_unique<Member>(ensemble.model(i), ensemble.weight(i), source));
        members_.back()->state->wants_attention = with_attention;
    }
}

EnsembleState::~EnsembleState() = default;

namespace {

// mean = (1 - share) * mean + share * other; where the two are equal, nothing changes.
void mix(Tensor& mean, const Tensor& other, float share) {
    check(mean.shape() == other.shape(), "attention {} and {} in one ensemble", mean.shape().to_string(), other.shape().to_string());
    for (std::int64_t i = 0; i < mean.size(); ++i) mean.data()[i] += share * (other.data()[i] - mean.data()[i]);
}

} // namespace

void EnsembleState::step(const std::vector<std::int32_t>& tokens) {
    Sequences steps;
    for (const std::int32_t& token : tokens) steps.add(std::span(&token, 1));
    rows_ = std::ssize(tokens);
    for (const std::unique_ptr<Member>& member : members_) {
        member->output = member->model.decoder().step(*member->state, steps);
        check(member->output.hidden.rows() >= rows_, "the decoder gave {} rows for {} tokens", member->output.hidden.rows(), rows_);
    }
}

Distributions EnsembleState::next_tokens(std::int64_t first, std::int64_t count) const {
    if (members_.size() == 1) {
        Tensor logits = members_.front()->logits(first, count);
        Tensor normalizers(logits.context(), {count});
        Tensor maxima(logits.context(), {count, (logits.columns() + kMaximaBlock - 1) / kMaximaBlock});
        log_normalizers(logits, normalizers, maxima);
        return {std::move(logits), std::move(normalizers), std::move(maxima)};
    }
    Tensor mean;
    double weight = 0; // of what has been added up
    for (const std::unique_ptr<Member>& member : members_) {
        Tensor of_member = member->logits(first, count);
        log_softmax_in_place(of_member);
        weight += member->weight;
        if (mean.empty()) mean = of_member;
        else mix_log_probabilities(mean, of_member, static_cast<float>(member->weight / weight));
    }
    return {std::move(mean), {}, {}};
}

Tensor EnsembleState::attention() const {
    Tensor mean;
    double weight = 0;
    for (const std::unique_ptr<Member>& member : members_) {
        if (member->output.attention.empty()) continue;
        const Tensor of_member = member->output.attention.slice_rows(0, rows_);
        weight += member->weight;
        if (mean.empty()) mean = members_.size() > 1 ? of_member.clone() : of_member;
        else mix(mean, of_member, static_cast<float>(member->weight / weight));
    }
    return mean;
}

void EnsembleState::reorder(std::span<const std::int32_t> rows) {
    for (const std::unique_ptr<Member>& member : members_) member->state->reorder(rows);
}

} // namespace nmt
