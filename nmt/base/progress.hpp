// Where a job stands, on stderr.
#pragma once

#include "nmt/base/resources.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace nmt {

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

} // namespace nmt
