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

// An estimate of the seconds until all steps are done, where steps[current] has run for `elapsed` seconds and takes `left` more: others
// take as long as the mean of their model's, or else of the other networks', steps of their kind; such as nothing is known of count
// nothing.
double estimate_seconds_left(const std::vector<RunStep>& steps, std::size_t current, double elapsed, double left);

} // namespace nmt
