// Log lines and progress, always on stderr; stdout belongs to text alone.
#pragma once

#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

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

// How a job shows where it stands.
struct ProgressStyle {
    std::string what;        // what is done: "training"
    std::string unit = {};   // of what is counted: "updates"
    double plain_every = -1; // seconds between plain lines where stderr is no terminal; 0: each update, negative: none
    // What is said after the seconds that the job still takes, given them; none: nothing.
    std::function<std::string(double)> outlook = {};
};

// Where a job stands: on a terminal a line that is rewritten in place (cut to its width), elsewhere a plain line now and then, if the style
// asks for it. Shows nothing while logging is quiet.
class Progress {
  public:
    explicit Progress(std::string what) : Progress(ProgressStyle{std::move(what)}) {}
    explicit Progress(ProgressStyle style);
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    // The time that is left is reckoned from here on: what was done before took another process's time.
    void start(std::uint64_t done);

    // done and total in the same unit; total 0 means unknown. `detail` is free text, such as a rate.
    // Redraws at most ten times a second.
    void update(std::uint64_t done, std::uint64_t total, std::string_view detail = {});

    // Where plain lines are written: writes that of the last update at once, unless it stands there.
    void write_plain_line();

  private:
    std::string line(double now, std::uint64_t done, std::uint64_t total, std::string_view detail) const;

    ProgressStyle style_;
    Stopwatch since_start_;
    std::uint64_t done_at_start_ = 0;
    double last_drawn_ = -1, last_plain_ = 0;
    std::string pending_; // the last update's plain line, if it is not written
};

// "1 h 02 min", "3 min 20 s", "4.1 s".
std::string format_duration(double seconds);

// Largest resident memory of this process so far, in MiB.
double peak_memory_mib();

} // namespace nmt
