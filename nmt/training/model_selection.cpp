#include "nmt/training/model_selection.hpp"

#include "nmt/base/checksum.hpp"
#include "nmt/base/line_reader.hpp"
#include "nmt/base/log.hpp"
#include "nmt/base/paths.hpp"
#include "nmt/base/resources.hpp"
#include "nmt/training/average.hpp"

#include <algorithm>
#include <cmath>
#include <set>

namespace nmt {
namespace fs = std::filesystem;
namespace {

std::string format_result(const ValidationResult& result) {
    return fmt::format("loss {:.3f}, perplexity {:.2f}, BLEU {:.2f}", result.loss, std::exp(result.loss), result.bleu);
}

// The sets are called by their source files' names, without the folders where they differ so.
std::vector<std::string> names_of(const std::vector<ParallelText>& sets) {
    std::vector<std::string> files, names;
    for (const ParallelText& set : sets) {
        files.push_back(set.parts.front().source);
        names.push_back(fs::path(files.back()).filename().string());
    }
    return std::set<std::string>(names.begin(), names.end()).size() == names.size() ? names : files;
}

} // namespace

ModelSelection::ModelSelection(const TrainingSetup& setup, const fs::path& folder, const TokenizerPair& tokenizers, Model& model,
                               EventLog& events)
    : options_(setup.training), folder_(folder), tokenizers_(tokenizers), model_(model), events_(events) {
    const std::vector<ParallelText> texts = setup.data.validation_texts();
    if (texts.empty()) return;
    const std::vector<std::string> names = names_of(texts);
    for (std::size_t i = 0; i < texts.size(); ++i) {
        sets_.push_back({names[i], load_validation_set(texts[i], tokenizers.source(), tokenizers.target(), model, options_.max_length)});
        log_info("validation data: {} pairs{}", sets_.back().corpus.size(),
                 names.size() == 1 ? "" : fmt::format(" of {}{}", names[i], i == 0 ? ", which decides which weights are the best" : ""));
    }
    const ParallelText& deciding = texts.front();
    measure_ = fmt::format("{} of a beam of {}, {} words, on {} {}", options_.best_by, options_.valid_beam, options_.valid_tokenize,
                           sha256_of_text(deciding.files(Side::source)), sha256_of_text(deciding.files(Side::target)));
}

void ModelSelection::consider(Progression& progression, bool snapshots) {
    double score = 0;
    if (!sets_.empty()) score = validate_now(progression);
    else write_best(progression);
    if (snapshots) keep_snapshot(progression, score);
}

void ModelSelection::judge_again(Progression& progression) {
    std::vector<Snapshot> snapshots = progression.snapshots;
    Results best;
    with_mean_of({folder_ / "model.safetensors"}, [&] { best = validate_model(); });
    if (options_.average_of == "best")
        for (Snapshot& snapshot : snapshots)
            with_mean_of({snapshot_file(folder_, snapshot.updates)}, [&] { snapshot.score = score_of(validate_model().front()); });
    progression.snapshots = snapshots;
    progression.best = progression.average_score = score_of(best.front());
    progression.best_loss = best.front().loss;
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
    Results results;
    const std::string mean_of = describe_snapshots(progression.snapshots);
    with_mean_of(snapshot_files(folder_, progression.snapshots), [&] {
        results = validate_model();
        write_model(folder_ / "model.safetensors", progression, mean_of);
    });
    progression.average_update = progression.updates;
    progression.average_score = results.empty() ? 0 : score_of(results.front());
    EventLog::Json event = {{"event", "average"}, {"updates", progression.updates}, {"of", EventLog::Json::array()}};
    for (const Snapshot& snapshot : progression.snapshots) event["of"].push_back(snapshot.updates);
    add_to(event, results);
    log_info("the model is the mean of {}{}", mean_of, results.empty() ? "" : ": " + describe(results));
    events_.write(event);
}

ModelSelection::Results ModelSelection::validate_model() {
    Results results;
    for (const NamedSet& set : sets_)
        results.push_back(
            validate(model_, tokenizers_, set.corpus, {.beam = options_.valid_beam, .bleu = {.tokenizer = options_.valid_tokenize}}));
    return results;
}

std::string ModelSelection::describe(const Results& results) const {
    if (results.size() == 1) return format_result(results.front());
    std::vector<std::string> all;
    for (std::size_t i = 0; i < results.size(); ++i) all.push_back(fmt::format("{}: {}", sets_[i].name, format_result(results[i])));
    return fmt::format("{}", fmt::join(all, "; "));
}

void ModelSelection::add_to(EventLog::Json& event, const Results& results) const {
    if (results.empty()) return;
    event["loss"] = results.front().loss;
    event["bleu"] = results.front().bleu;
    if (results.size() == 1) return;
    for (std::size_t i = 0; i < results.size(); ++i)
        event["sets"].push_back({{"name", sets_[i].name}, {"loss", results[i].loss}, {"bleu", results[i].bleu}});
}

// What says which validation is the best: the higher the better.
double ModelSelection::score_of(const ValidationResult& result) const { return options_.best_by == "bleu" ? result.bleu : -result.loss; }

// Returns the score.
double ModelSelection::validate_now(Progression& progression) {
    const Results results = validate_model();
    const ValidationResult& result = results.front();
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
             describe(results), better ? ", the best so far" : "");
    EventLog::Json event = {{"event", "validation"},
                            {"epoch", progression.last_epoch()},
                            {"updates", progression.updates},
                            {"update_seconds", progression.update_seconds},
                            {"best", better}};
    add_to(event, results);
    events_.write(event);
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
