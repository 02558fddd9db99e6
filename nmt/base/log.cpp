#include "nmt/base/log.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <mutex>

namespace nmt {
namespace {

std::atomic<bool> quiet{false};
std::mutex stderr_mutex;
bool progress_shown = false; // guarded by stderr_mutex

bool stderr_is_terminal() {
    static const bool terminal = isatty(STDERR_FILENO) == 1;
    return terminal;
}

void clear_progress() {
    if (progress_shown) std::fputs("\r\033[K", stderr);
    progress_shown = false;
}

} // namespace

void set_quiet(bool value) { quiet = value; }
bool is_quiet() { return quiet; }

void log_line(std::string_view line) {
    const std::lock_guard lock(stderr_mutex);
    clear_progress();
    const std::string text = std::string(line) + "\n";
    std::fwrite(text.data(), 1, text.size(), stderr);
    std::fflush(stderr);
}

Progress::Progress(std::string what) : what_(std::move(what)) {}

Progress::~Progress() {
    const std::lock_guard lock(stderr_mutex);
    clear_progress();
    std::fflush(stderr);
}

void Progress::update(std::uint64_t done, std::uint64_t total, std::string_view detail) {
    if (!stderr_is_terminal() || quiet) return;
    const double now = since_start_.seconds();
    if (last_drawn_ >= 0 && now - last_drawn_ < 0.1) return;
    last_drawn_ = now;
    std::string line = fmt::format("{}: {}", what_, done);
    if (total > 0) {
        line += fmt::format(" of {} ({:.0f} %)", total, 100.0 * static_cast<double>(done) / static_cast<double>(total));
        if (done > 0 && done < total)
            line += fmt::format(", {} left", format_duration(now * static_cast<double>(total - done) / static_cast<double>(done)));
    }
    if (!detail.empty()) line += fmt::format(", {}", detail);
    const std::lock_guard lock(stderr_mutex);
    clear_progress();
    std::fwrite(line.data(), 1, line.size(), stderr);
    std::fflush(stderr);
    progress_shown = true;
}

std::string format_duration(double seconds) {
    if (seconds < 9.95) return fmt::format("{:.1f} s", seconds);
    if (seconds < 59.5) return fmt::format("{:.0f} s", seconds);
    const long whole = static_cast<long>(seconds + 0.5);
    if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
    return fmt::format("{} h {:02} min", whole / 3600, whole % 3600 / 60);
}

double peak_memory_mib() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_maxrss) / 1024.0;
}

} // namespace nmt
