// Where a training stands, besides the weights and the optimizer. What checkpoints keep of it, the trainer and model selection change it.
#pragma once

#include "nmt/data/batcher.hpp"
#include "nmt/training/snapshot.hpp"

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace nmt {

struct Progression {
    std::int64_t updates = 0;
    int epoch = 1;                     // the one under way, from 1
    std::int64_t next_batch = 0;       // of this epoch, or of what was left of it when batch-tokens last changed
    int batch_tokens = 0;              // of these batches; 0 in checkpoints of older versions: as config.ini says
    std::vector<EpochPart> read_parts; // of this epoch, before batch-tokens changed within it
    std::int64_t target_tokens = 0;
    double update_seconds = 0; // of updates alone
    double total_seconds = 0;  // with validation and checkpoints
    int validations = 0;
    std::int64_t last_validation = -1; // updates then; without a validation set: when the weights were last saved as the best; -1: never
    int without_improvement = 0;       // validations since the best one
    double best = 0, best_loss = 0;    // the best validation's score, and its loss; count once there was one
    std::int64_t best_update = 0;
    int hopeless_updates = 0;                 // in a row until now, after the warm-up: the loss was far above that of a blind guess
    bool finished = false;                    // it ended by itself, not by a signal
    std::vector<Snapshot> snapshots;          // those that stay, in the order of updates
    std::int64_t average_update = -1;         // updates when their mean became the model; -1: never
    double average_score = 0;                 // the mean's score, where there is a validation set
    std::int64_t parameters = 0;              // of the model, trainable
    double peak_memory_mib = 0;               // of all processes that have worked on it, at their checkpoints
    std::array<std::string, 2> training_text; // SHA-256 of source and target; empty in checkpoints of older versions
    std::vector<std::string> tokenizers;      // SHA-256 of both sides'; empty in checkpoints of older versions
    std::string validated_by;                 // text and options that scores depend on; empty without validation, or of an older version

    // The epoch that the last update belonged to.
    int last_epoch() const { return next_batch == 0 && read_parts.empty() && updates > 0 ? epoch - 1 : epoch; }

    // The validation's score of the model that the training has written: the mean of the snapshots, or the best weights.
    double model_score() const { return average_update >= 0 && average_update == updates ? average_score : best; }

    bool operator==(const Progression&) const = default;
};

// As one JSON object, and back. Throws Error, naming the file that the text is from, for one that lacks a field, or has one of another type
// or out of its range.
std::string to_json(const Progression& progression);
Progression progression_from_json(const std::string& text, const std::filesystem::path& path);

} // namespace nmt
