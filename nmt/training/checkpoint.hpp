// Checkpoints of a training: everything that it takes to go on as if it had never stopped.
//   training/step-N/state.safetensors   weights, moments, running averages; counters in its metadata
//   training/snapshot-N.safetensors     weights to be averaged at the end (snapshot.hpp)
//   training/latest                     the name of the newest folder, replaced only when that is complete and on disk
#pragma once

#include "nmt/models/model.hpp"
#include "nmt/training/optimizer.hpp"
#include "nmt/training/snapshot.hpp"

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace nmt {

// Where a training stands, besides the weights and the optimizer.
struct Progression {
    std::int64_t updates = 0;
    int epoch = 1;               // the one under way, from 1
    std::int64_t next_batch = 0; // of this epoch
    std::int64_t target_tokens = 0;
    double update_seconds = 0; // of updates alone
    double total_seconds = 0;  // with validation and checkpoints
    int validations = 0;
    std::int64_t last_validation = 0; // updates then; without a validation set: when the weights were last saved as the best
    int without_improvement = 0;      // validations since the best one
    double best = 0, best_loss = 0;   // the best validation's score, and its loss; count once there was one
    std::int64_t best_update = 0;
    bool finished = false;                    // it ended by itself, not by a signal
    std::vector<Snapshot> snapshots;          // those that stay, in the order of updates
    std::int64_t average_update = -1;         // updates when their mean became the model; -1: never
    double average_score = 0;                 // the mean's score, where there is a validation set
    std::int64_t parameters = 0;              // of the model, trainable
    double peak_memory_mib = 0;               // of all processes that have worked on it, at their checkpoints
    std::array<std::string, 2> training_text; // SHA-256 of its files, source and target; empty in checkpoints of older versions

    // The epoch that the last update belonged to.
    int last_epoch() const { return next_batch == 0 && updates > 0 ? epoch - 1 : epoch; }

    // The validation's score of the model that the training has written: the mean of the snapshots, or the best weights.
    double model_score() const { return average_update >= 0 && average_update == updates ? average_score : best; }

    bool operator==(const Progression&) const = default;
};

bool has_checkpoint(const std::filesystem::path& model_folder);

// Writes a checkpoint, names it the latest, and removes all but the last `keep` and the snapshots that it does
// not name. Throws Error; the one before then stays.
void save_checkpoint(const std::filesystem::path& model_folder, Model& model, const Optimizer& optimizer, const Progression& progression,
                     int keep);

// Reads the latest checkpoint into a model and an optimizer of the same shape. Throws Error if there is none or it is broken.
Progression load_checkpoint(const std::filesystem::path& model_folder, Model& model, Optimizer& optimizer);

// The counters of the latest checkpoint alone.
Progression read_progression(const std::filesystem::path& model_folder);

} // namespace nmt
