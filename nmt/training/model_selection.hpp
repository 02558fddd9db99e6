// Decides which weights of a training become its model: validates them, writes the best, keeps snapshots and writes their mean.
#pragma once

#include "nmt/models/model_folder.hpp"
#include "nmt/training/checkpoint.hpp"
#include "nmt/training/event_log.hpp"
#include "nmt/training/setup.hpp"
#include "nmt/training/validation.hpp"

#include <filesystem>
#include <optional>

namespace nmt {

class ModelSelection {
  public:
    // Reads the validation sets, if there are any; the first one decides. All that is given must outlive it.
    ModelSelection(const TrainingSetup& setup, const std::filesystem::path& folder, const TokenizerPair& tokenizers, Model& model,
                   EventLog& events);

    // What the weights' metadata say besides, from now on.
    void tell_usual_sentences(int sentences) { set_usual_sentences(of_training_, sentences); }

    // What scores depend on: the validation text, that of the first set, by its checksum, and the options of its scores; empty without a
    // validation set.
    const std::string& measure() const { return measure_; }

    // Scores by another measure than those so far are not comparable: validates the weights that are the model, and the snapshots where the
    // best are kept, again. The weights in memory stay. Throws Interrupted as consider() does.
    void judge_again(Progression& progression);

    // Finds out whether the model's weights are the best so far, and writes them then; without validation the last ones count as the
    // best. With `snapshots` they are kept for the mean, where they are among those that stay: a checkpoint that names them must follow.
    // Throws Interrupted when a signal asks to stop; the progression is then as it was.
    void consider(Progression& progression, bool snapshots);

    // Makes the mean of the snapshots the model, validated once more. The weights in memory are then as they were.
    // Throws Interrupted as consider() does.
    void write_average(Progression& progression);

  private:
    struct NamedSet {
        std::string name; // of its source file
        ParallelCorpus corpus;
    };
    using Results = std::vector<ValidationResult>; // one a set

    Results validate_model();
    std::string describe(const Results& results) const;
    void add_to(EventLog::Json& event, const Results& results) const;
    // Calls `body` while the weights in memory are the mean of those of some files.
    template <typename Body>
    void with_mean_of(const std::vector<std::filesystem::path>& files, const Body& body);
    double score_of(const ValidationResult& result) const;
    double validate_now(Progression& progression);
    void keep_snapshot(Progression& progression, double score);
    void write_best(Progression& progression);
    void write_model(const std::filesystem::path& file, const Progression& progression, const std::string& mean_of = {});

    const TrainingOptions& options_;
    std::filesystem::path folder_;
    const TokenizerPair& tokenizers_;
    Model& model_;
    EventLog& events_;
    std::vector<NamedSet> sets_;
    Metadata of_training_;
    std::string measure_;
};

} // namespace nmt
