// Training from a configuration into a model folder: reads the data, updates, validates, keeps checkpoints and the best model.
#pragma once

#include "nmt/base/progress.hpp"
#include "nmt/training/checkpoint.hpp"
#include "nmt/training/setup.hpp"

#include <filesystem>

namespace nmt {

// Trains into `folder`. With `resume` it goes on from the folder's latest checkpoint and ends, for stops counted in updates or epochs, with
// the very weights of a training that was never stopped, where the setup is the folder's own. Where it is not, it goes on with what has
// changed (check_changes in setup.hpp refuses what cannot), says so and logs it as the event "changed":
//   - other batch-tokens: the pairs that the epoch under way has not read are cut into batches anew;
//   - another validation text, or options of its scores: the model is judged by them before anything is compared with it;
//   - with the schedules linear and cosine another end: the rate falls towards that from here on.
// Files may have moved: the training text must be the same, by its checksum, as must the tokenizers in the folder.
// A training that ended by itself and is resumed with higher limits goes on from there: the validation at its end, and with
// average-checkpoints the weights kept then, count among the others. Until it ends, its model is the mean from the end before or the best
// weights since.
// `progress`: how it shows where it stands, in updates of those until the end, where the end can be foreseen. A plain line, if there are
// such, follows each validation.
// Throws Error if the folder holds a training and `resume` is false, for bad data, and when the training diverges: the last good
// checkpoint then stands. Throws Interrupted when a signal asked to stop, after saving a checkpoint.
Progression train(const TrainingSetup& setup, const std::filesystem::path& folder, bool resume, int threads,
                  const ProgressStyle& progress = {"training"});

} // namespace nmt
