#include "nmt/base/log.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <string>

namespace nmt {
namespace {

std::atomic<bool> quiet{false};
std::mutex stderr_mutex;
bool progress_shown = false; // guarded by stderr_mutex

bool stderr_is_terminal() {
    static const bool terminal = isatty(STDERR_FILENO) == 1;
    return terminal;
}

// Cut to one row: of a line that breaks, only the last row could be cleared again.
std::string fit_terminal(std::string line) {
    winsize size{};
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return line;
    std::size_t end = 0;
    for (int columns = 1; end < line.size(); ++end) {
        const bool begins_character = (static_cast<unsigned char>(line[end]) & 0xc0) != 0x80;
        if (begins_character && columns++ == size.ws_col) break;
    }
    line.resize(end);
    return line;
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

Progress::Progress(ProgressStyle style) : style_(std::move(style)) {}

Progress::~Progress() {
    const std::lock_guard lock(stderr_mutex);
    clear_progress();
    std::fflush(stderr);
}

void Progress::start(std::uint64_t done) {
    done_at_start_ = done;
    since_start_.reset();
    last_drawn_ = -1;
    last_plain_ = 0;
}

std::string Progress::line(double now, std::uint64_t done, std::uint64_t total, std::string_view detail) const {
    const std::string unit = style_.unit.empty() ? "" : " " + style_.unit;
    if (total == 0) return fmt::format("{}: {}{}{}{}", style_.what, done, unit, detail.empty() ? "" : ", ", detail);
    std::string text = fmt::format("{}: {} of {}{} ({:.0f} %)", style_.what, done, total, unit,
                                   100.0 * static_cast<double>(done) / static_cast<double>(total));
    const bool measured = done > done_at_start_ && done <= total;
    const double left = measured ? now * static_cast<double>(total - done) / static_cast<double>(done - done_at_start_) : 0;
    if (measured && done < total) text += fmt::format(", {} left", format_duration(left));
    if (measured && style_.outlook) text += fmt::format(", {}", style_.outlook(left));
    if (!detail.empty()) text += fmt::format(", {}", detail);
    return text;
}

void Progress::update(std::uint64_t done, std::uint64_t total, std::string_view detail) {
    if (quiet) return;
    const double now = since_start_.seconds();
    if (!stderr_is_terminal()) {
        if (style_.plain_every < 0) return;
        pending_ = line(now, done, total, detail);
        if (now - last_plain_ >= style_.plain_every) write_plain_line();
        return;
    }
    if (last_drawn_ >= 0 && now - last_drawn_ < 0.1) return;
    last_drawn_ = now;
    const std::string text = fit_terminal(line(now, done, total, detail));
    const std::lock_guard lock(stderr_mutex);
    clear_progress();
    std::fwrite(text.data(), 1, text.size(), stderr);
    std::fflush(stderr);
    progress_shown = true;
}

void Progress::write_plain_line() {
    if (pending_.empty()) return;
    log_info("{}", pending_);
    pending_.clear();
    last_plain_ = since_start_.seconds();
}

std::string format_duration(double seconds) {
    if (seconds < 9.95) return fmt::format("{:.1f} s", seconds);
    if (seconds < 59.5) return fmt::format("{:.0f} s", seconds);
    const long whole = static_cast<long>(seconds + 0.5);
    if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
    return fmt::format("{} h {:02} min", whole / 3600, whole % 3600 / 60);
}

double peak_memory_mib() {
    // Not getrusage(): what it tells of a process begins with the peak of the program that started it.
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("VmHWM:")) return std::strtod(line.c_str() + 6, nullptr) / 1024;
    return 0; // no /proc here
}

} // namespace nmt
