// The mean of the weights of several models of one kind: of a training's snapshots at its end, and what 'nmt average' makes.
#pragma once

#include "nmt/models/model.hpp"
#include "nmt/training/snapshot.hpp"

#include <filesystem>
#include <vector>

namespace nmt {

// Sets each parameter to the mean of its values in some files of weights, at least one: summed in double precision in the order of the
// files, rounded once. Throws Error, naming the file, unless each holds every parameter in its shape and nothing else; the model then
// stays as it was or has some parameters averaged already.
void average_weights(Model& model, const std::vector<std::filesystem::path>& files);

// Writes a model folder with the mean of the weights of some models. They must agree in their options (but dropout, which is of
// training alone), the shapes of their parameters and their tokenizers; config.ini and tokenizers are those of the first, the usual
// number of sentences is the largest. Throws Error
// naming the first difference, for models that are estimated and not trained by gradient, and if `output` holds (part of) a model.
void average_models(const std::vector<std::filesystem::path>& folders, const std::filesystem::path& output);

// The same of a training's `count` last or best snapshots. Throws Error if it kept fewer.
void average_snapshots(const std::filesystem::path& folder, int count, bool best, const std::filesystem::path& output);

// The files of some snapshots of a model folder. Throws Error naming one that is missing.
std::vector<std::filesystem::path> snapshot_files(const std::filesystem::path& folder, const std::vector<Snapshot>& snapshots);

} // namespace nmt
