// Log lines and progress, always on stderr; stdout belongs to text alone.
#pragma once

#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace nmt {

// Writes one line to stderr, after clearing a progress line that may stand there.
void log_line(std::string_view line);

// Turns the lines of log_info off (errors and warnings stay).
void set_quiet(bool quiet);
bool is_quiet();

template <typename... Args>
void log_info(fmt::format_string<Args...> message, Args&&... args) {
    if (!is_quiet()) log_line(fmt::format(message, std::forward<Args>(args)...));
}

template <typename... Args>
void log_warning(fmt::format_string<Args...> message, Args&&... args) {
    log_line("nmt: warning: " + fmt::format(message, std::forward<Args>(args)...));
}

// Seconds since construction or the last reset.
class Stopwatch {
  public:
    Stopwatch() { reset(); }
    void reset() { start_ = std::chrono::steady_clock::now(); }
    double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }

  private:
    std::chrono::steady_clock::time_point start_;
};

// A status line that is rewritten in place. It shows only where stderr is a terminal and logging is not quiet.
class Progress {
  public:
    explicit Progress(std::string what);
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    // done and total in the same unit; total 0 means unknown. `detail` is free text, such as a rate.
    // Redraws at most ten times a second.
    void update(std::uint64_t done, std::uint64_t total, std::string_view detail = {});

  private:
    std::string what_;
    Stopwatch since_start_;
    double last_drawn_ = -1;
};

// "1 h 02 min", "3 min 20 s", "4.1 s".
std::string format_duration(double seconds);

// Largest resident memory of this process so far, in MiB.
double peak_memory_mib();

} // namespace nmt
