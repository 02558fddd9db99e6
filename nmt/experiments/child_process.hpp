// A step of an experiment in a process of its own, so that its memory is its own and its end is not ours.
#pragma once

#include <functional>

namespace nmt {

// Runs `work` in a forked process and waits for it. What it throws is thrown here again: Error, or Interrupted where a signal
// asked to stop; a signal that comes to this process is passed on. This process must not have computed with threads before.
// Returns the peak memory of the step's process, in MiB.
double run_in_child(const std::function<void()>& work);

} // namespace nmt
