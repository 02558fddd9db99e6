#include "nmt/decoding/ensemble.hpp"

#include "nmt/base/files.hpp"
#include "nmt/tensor/layout.hpp"
#include "nmt/tensor/mixture.hpp"
#include "nmt/tensor/normalize.hpp"

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
    return !EnsembleState(*this, source).step({kBeginOfSentence}, true).attention.empty();
}

struct EnsembleState::Member {
    Member(Model& of, double with, const Sequences& source)
        : model(of), weight(with), memory(model.encoder().encode(source)), state(model.decoder().start(memory)) {}

    // Keeps `attention` alone of the decoder's output; returns the log-probabilities.
    Tensor step(const Sequences& tokens) {
        const StepOutput output = model.decoder().step(*state, tokens);
        const std::int64_t rows = tokens.count();
        check(output.hidden.rows() >= rows, "the decoder gave {} rows for {} tokens", output.hidden.rows(), rows);
        attention = output.attention;
        // Some rows of padding are kept, so that shapes repeat and the product finds its primitive again.
        const std::int64_t padded = std::min(padded_rows(rows), output.hidden.rows());
        const Variable logits = model.decoder().logits(Variable(output.hidden.value().slice_rows(0, padded)));
        Tensor log_probabilities = logits.value().slice_rows(0, rows);
        log_softmax_in_place(log_probabilities);
        return log_probabilities;
    }

    Model& model;
    double weight;
    Memory memory;
    std::unique_ptr<State> state;
    Tensor attention; // [N,S] of the last step
};

EnsembleState::EnsembleState(const Ensemble& ensemble, const Sequences& source) {
    for (std::size_t i = 0; i < ensemble.size(); ++i)
        members_.push_back(std::make_unique<Member>(ensemble.model(i), ensemble.weight(i), source));
}

EnsembleState::~EnsembleState() = default;

namespace {

// mean = (1 - share) * mean + share * other; where the two are equal, nothing changes.
void mix(Tensor& mean, const Tensor& other, float share) {
    check(mean.shape() == other.shape(), "attention {} and {} in one ensemble", mean.shape().to_string(), other.shape().to_string());
    for (std::int64_t i = 0; i < mean.size(); ++i) mean.data()[i] += share * (other.data()[i] - mean.data()[i]);
}

} // namespace

EnsembleState::Output EnsembleState::step(const std::vector<std::int32_t>& tokens, bool attention) {
    Sequences steps;
    for (const std::int32_t& token : tokens) steps.add(std::span(&token, 1));
    Output output;
    double weight = 0, attention_weight = 0; // of what has been added up
    for (const std::unique_ptr<Member>& member : members_) {
        const Tensor log_probabilities = member->step(steps);
        weight += member->weight;
        if (output.log_probabilities.empty()) output.log_probabilities = log_probabilities;
        else mix_log_probabilities(output.log_probabilities, log_probabilities, static_cast<float>(member->weight / weight));
        const Tensor of_member = std::move(member->attention);
        if (!attention || of_member.empty()) continue;
        attention_weight += member->weight;
        const Tensor weights = of_member.slice_rows(0, static_cast<std::int64_t>(tokens.size()));
        if (output.attention.empty()) output.attention = members_.size() > 1 ? weights.clone() : weights;
        else mix(output.attention, weights, static_cast<float>(member->weight / attention_weight));
    }
    return output;
}

void EnsembleState::reorder(std::span<const std::int32_t> rows) {
    for (const std::unique_ptr<Member>& member : members_) member->state->reorder(rows);
}

std::vector<LoadedModel> load_models(Context& context, const std::vector<std::string>& folders) {
    std::vector<LoadedModel> models;
    for (const std::string& folder : folders) models.push_back(load_model(context, folder));
    const auto file_of = [](const std::filesystem::path& folder, bool source) {
        const std::vector<std::filesystem::path> files = TokenizerPair::files(folder);
        return source ? files.front() : files.back();
    };
    for (const bool source : {true, false}) {
        for (std::size_t i = 1; i < folders.size(); ++i) {
            const auto first = file_of(folders.front(), source), other = file_of(folders[i], source);
            check(read_file(first) == read_file(other),
                  "'{}' and '{}' are different {} tokenizers; models of an ensemble need the same ones, as 'nmt run' or the keys "
                  "data.source-tokenizer and data.target-tokenizer give them",
                  first.string(), other.string(), source ? "source" : "target");
        }
    }
    return models;
}

} // namespace nmt
