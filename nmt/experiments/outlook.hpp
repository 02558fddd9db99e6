// How long the rest of a run may take, judged by how long its steps took so far. Used by `nmt run` for its progress.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace nmt {

// Two for each training: the training itself, and the translation of the test sets.
struct RunStep {
    std::string model;
    bool translation = false;
    bool network = true;           // models without one are done in no time, and tell nothing of the others
    std::optional<double> seconds; // that it took, once it is done
};

// An estimate of the seconds until all steps are done. steps[current] has run for `elapsed` seconds and takes `left` more. A step after it
// is taken to last as long as those of its kind, training or translation, that are known: the mean over its own model's or, if that has
// none, over the other networks'. Where none is known at all it counts as nothing.
double estimate_seconds_left(const std::vector<RunStep>& steps, std::size_t current, double elapsed, double left);

} // namespace nmt
