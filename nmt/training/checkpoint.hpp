// Checkpoints of a training: everything that it takes to go on as if it had never stopped.
//   training/step-N/state.safetensors   weights, moments and running averages after N updates; the progression then, in its metadata
//   training/step-N/progression.json    the progression since these weights were validated, which changes nothing else
//   training/snapshot-N.safetensors     weights to be averaged at the end (snapshot.hpp)
//   training/latest                     the name of the newest folder, replaced only when that is complete and on disk
#pragma once

#include "nmt/models/model.hpp"
#include "nmt/training/optimizer.hpp"
#include "nmt/training/progression.hpp"

#include <filesystem>

namespace nmt {

bool has_checkpoint(const std::filesystem::path& model_folder);

// Writes a checkpoint, names it the latest, and removes all but the last `keep`, and the snapshots that it does not name. Throws Error; the
// one before then stays.
void save_checkpoint(const std::filesystem::path& model_folder, Model& model, const Optimizer& optimizer, const Progression& progression,
                     int keep);

// Brings the latest checkpoint up to date, whose updates the progression must have, and removes the snapshots that it no longer names.
void save_progression(const std::filesystem::path& model_folder, const Progression& progression);

// Reads the latest checkpoint into a model and an optimizer of the same shape. Throws Error if there is none or it is broken.
Progression load_checkpoint(const std::filesystem::path& model_folder, Model& model, Optimizer& optimizer);

// The progression of the latest checkpoint alone.
Progression read_progression(const std::filesystem::path& model_folder);

} // namespace nmt
