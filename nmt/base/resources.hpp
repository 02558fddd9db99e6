// What work takes of the machine: time and memory.
#pragma once

#include <chrono>
#include <string>

namespace nmt {

// Seconds since construction or the last reset.
class Stopwatch {
  public:
    Stopwatch() { reset(); }
    void reset() { start_ = std::chrono::steady_clock::now(); }
    double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }

  private:
    std::chrono::steady_clock::time_point start_;
};

// "1 h 02 min", "3 min 20 s", "4.1 s".
std::string format_duration(double seconds);

// Largest resident memory of this process so far, in MiB.
double peak_memory_mib();

} // namespace nmt
