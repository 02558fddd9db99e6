// Options of a training: section [training] of a configuration, and the files it reads, section [data].
#pragma once

#include "nmt/data/parallel_text.hpp"
#include "nmt/training/optimizer.hpp"

#include <string>
#include <utility>
#include <vector>

namespace nmt {

struct DataOptions {
    // Each a file, or several as file_list() takes them. Files of a source and a target have equal line counts, pair by pair; those of a
    // TSV stand in place of both.
    std::string train_source, train_target, train_tsv;
    std::string valid_source, valid_target, valid_tsv; // empty: no validation
    std::string source_tokenizer, target_tokenizer;    // trained SentencePiece models; empty: trained from the training text
    bool checked = false; // no key: check_training_text() was called for several trainings at once

    // The text of the keys. Throws Error for unequal numbers of files.
    ParallelText training_text() const;
    std::vector<ParallelText> validation_texts() const; // one a file: sets of their own

    // The keys that name text, and their values.
    std::vector<std::pair<std::string, std::string*>> text_keys();
    std::vector<std::string> text_files() const;

    void describe(OptionTable& table);
};

struct TrainingOptions {
    std::string from;                // folder of a model to begin with (start.hpp); empty: weights are drawn
    bool new_tokenizer = false;      // with `from`: learned from the training text, instead of those of that model
    std::vector<std::string> freeze; // names as ParameterStore::freeze takes them
    OptimizerOptions optimizer;
    int batch_tokens = 4096; // target tokens
    int accumulate = 1;
    int max_length = 100; // tokens a side
    double label_smoothing = 0.1;
    int max_epochs = 0, max_updates = 0; // 0: no limit
    double max_minutes = 0;
    int validate_every = 0; // updates; 0: after each epoch
    int patience = 5;       // validations
    std::string best_by = "bleu";
    int valid_beam = 1;
    std::string valid_tokenize = "13a"; // of BLEU
    int keep_checkpoints = 2;
    double subword_sampling = 0; // Tokenizer::sample's alpha; 0: none
    std::string subword_sampling_sides = "both";
    int average_checkpoints = 0; // 0: the best weights are the model
    std::string average_of = "last";
    std::string precision = "auto"; // of products, as products_from_name takes it
    int log_every = 50;
    std::uint64_t seed = 1;

    bool samples_source() const { return subword_sampling > 0 && subword_sampling_sides != "target"; }
    bool samples_target() const { return subword_sampling > 0 && subword_sampling_sides != "source"; }

    void describe(OptionTable& table);
};

// Whether the training ends after a known number of updates or epochs. Schedules that fall towards the end go by these alone where they
// are set, so that they do not depend on how fast the machine is.
inline bool ends_by_counts(const TrainingOptions& options) { return options.max_updates > 0 || options.max_epochs > 0; }

} // namespace nmt
