#include "nmt/training/model_selection.hpp"

#include "nmt/base/checksum.hpp"
#include "nmt/base/line_reader.hpp"
#include "nmt/base/log.hpp"
#include "nmt/base/paths.hpp"
#include "nmt/base/resources.hpp"
#include "nmt/training/average.hpp"

#include <algorithm>
#include <cmath>

namespace nmt {
namespace fs = std::filesystem;
namespace {

std::string describe(const ValidationResult& result) {
    return fmt::format("loss {:.3f}, perplexity {:.2f}, BLEU {:.2f}", result.loss, std::exp(result.loss), result.bleu);
}

} // namespace

ModelSelection::ModelSelection(const TrainingSetup& setup, const fs::path& folder, const TokenizerPair& tokenizers, Model& model,
                               EventLog& events)
    : options_(setup.training), folder_(folder), tokenizers_(tokenizers), model_(model), events_(events) {
    ParallelText text;
    for (const ParallelText& one : setup.data.validation_texts()) text.parts.insert(text.parts.end(), one.parts.begin(), one.parts.end());
    if (text.empty()) return;
    validation_ = load_validation_set(text, tokenizers.source(), tokenizers.target(), model, options_.max_length);
    log_info("validation data: {} pairs", validation_->size());
    measure_ = fmt::format("{} of a beam of {}, {} words, on {} {}", options_.best_by, options_.valid_beam, options_.valid_tokenize,
                           sha256_of_text(text.files(Side::source)), sha256_of_text(text.files(Side::target)));
}

void ModelSelection::consider(Progression& progression, bool snapshots) {
    double score = 0;
    if (validation_) score = validate_now(progression);
    else write_best(progression);
    if (snapshots) keep_snapshot(progression, score);
}

void ModelSelection::judge_again(Progression& progression) {
    std::vector<Snapshot> snapshots = progression.snapshots;
    ValidationResult best;
    with_mean_of({folder_ / "model.safetensors"}, [&] { best = validate_model(); });
    if (options_.average_of == "best")
        for (Snapshot& snapshot : snapshots)
            with_mean_of({snapshot_file(folder_, snapshot.updates)}, [&] { snapshot.score = score_of(validate_model()); });
    progression.snapshots = snapshots;
    progression.best = progression.average_score = score_of(best);
    progression.best_loss = best.loss;
    progression.without_improvement = 0;
    log_info("what validations measure has changed: by it the model so far has {}", describe(best));
}

template <typename Body>
void ModelSelection::with_mean_of(const std::vector<fs::path>& files, const Body& body) {
    std::vector<Tensor> own;
    for (const Parameter& parameter : model_.parameters().all()) own.push_back(parameter.value().clone());
    const auto restore = [&] {
        std::size_t i = 0;
        for (Parameter& parameter : model_.parameters().all()) {
            parameter.value().copy_from(own[i++]);
            parameter.changed();
        }
    };
    try {
        average_weights(model_, files);
        body();
    } catch (...) {
        restore();
        throw;
    }
    restore();
}

void ModelSelection::write_average(Progression& progression) {
    std::optional<ValidationResult> result;
    const std::string mean_of = describe_snapshots(progression.snapshots);
    with_mean_of(snapshot_files(folder_, progression.snapshots), [&] {
        if (validation_) result = validate_model();
        write_model(folder_ / "model.safetensors", progression, mean_of);
    });
    progression.average_update = progression.updates;
    progression.average_score = result ? score_of(*result) : 0;
    EventLog::Json event = {{"event", "average"}, {"updates", progression.updates}, {"of", EventLog::Json::array()}};
    for (const Snapshot& snapshot : progression.snapshots) event["of"].push_back(snapshot.updates);
    if (result) {
        event["loss"] = result->loss;
        event["bleu"] = result->bleu;
    }
    log_info("the model is the mean of {}{}", mean_of, result ? ": " + describe(*result) : "");
    events_.write(event);
}

ValidationResult ModelSelection::validate_model() {
    return validate(model_, tokenizers_, *validation_,
                    {.beam = options_.valid_beam, .bleu = {.tokenizer = options_.valid_tokenize}});
}

// What says which validation is the best: the higher the better.
double ModelSelection::score_of(const ValidationResult& result) const { return options_.best_by == "bleu" ? result.bleu : -result.loss; }

// Returns the score.
double ModelSelection::validate_now(Progression& progression) {
    const ValidationResult result = validate_model();
    const double score = score_of(result);
    // BLEU of an early model, or of a small set, often stays as it was: then the loss decides.
    const bool better =
        progression.validations == 0 || score > progression.best || (score == progression.best && result.loss < progression.best_loss);
    ++progression.validations;
    progression.without_improvement = better ? 0 : progression.without_improvement + 1;
    if (better) {
        progression.best = score;
        progression.best_loss = result.loss;
        write_best(progression);
    }
    log_info("validation after {} updates ({} of training): {}{}", progression.updates, format_duration(progression.update_seconds),
             describe(result), better ? ", the best so far" : "");
    events_.write({{"event", "validation"},
                   {"epoch", progression.last_epoch()},
                   {"updates", progression.updates},
                   {"update_seconds", progression.update_seconds},
                   {"loss", result.loss},
                   {"bleu", result.bleu},
                   {"best", better}});
    return score;
}

void ModelSelection::keep_snapshot(Progression& progression, double score) {
    std::vector<Snapshot> all = progression.snapshots;
    all.push_back({progression.updates, score});
    progression.snapshots = select_snapshots(all, options_.average_checkpoints, options_.average_of == "best");
    const auto is_new = [&](const Snapshot& snapshot) { return snapshot.updates == progression.updates; };
    if (std::none_of(progression.snapshots.begin(), progression.snapshots.end(), is_new)) return;
    make_folder(folder_ / "training");
    write_model(snapshot_file(folder_, progression.updates), progression);
}

void ModelSelection::write_best(Progression& progression) {
    progression.best_update = progression.updates;
    write_model(folder_ / "model.safetensors", progression);
}

void ModelSelection::write_model(const fs::path& file, const Progression& progression, const std::string& mean_of) {
    Metadata metadata = of_training_;
    metadata.insert(tokenizers_.record().begin(), tokenizers_.record().end());
    metadata["architecture"] = model_.architecture();
    metadata["updates"] = std::to_string(progression.updates);
    if (!mean_of.empty()) metadata["mean_of"] = mean_of;
    save_weights(model_, file, metadata);
}

} // namespace nmt
