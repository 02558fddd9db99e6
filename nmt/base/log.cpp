#include "nmt/base/log.hpp"

#include <atomic>
#include <cstdio>
#include <mutex>

namespace nmt {
namespace {

std::atomic<bool> quiet{false};
std::mutex stderr_mutex;
bool status_shown = false; // guarded by stderr_mutex

// Leaves the cursor at the start of a line: behind it `text`, at once.
void write_over_status(std::string_view text) {
    if (status_shown) std::fputs("\r\033[K", stderr);
    std::fwrite(text.data(), 1, text.size(), stderr);
    std::fflush(stderr);
}

} // namespace

void set_quiet(bool value) { quiet = value; }
bool is_quiet() { return quiet; }

void log_line(std::string_view line) {
    const std::lock_guard lock(stderr_mutex);
    write_over_status(std::string(line) + "\n");
    status_shown = false;
}

void show_status_line(std::string_view text) {
    const std::lock_guard lock(stderr_mutex);
    write_over_status(text);
    status_shown = true;
}

void clear_status_line() {
    const std::lock_guard lock(stderr_mutex);
    write_over_status("");
    status_shown = false;
}

} // namespace nmt
