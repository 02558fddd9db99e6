#include "nmt/base/log.hpp"

#include "nmt/base/descriptor.hpp"
#include "nmt/base/terminal.hpp"
#include "nmt/base/utf8.hpp"

#include <unistd.h>

#include <atomic>
#include <mutex>
#include <set>

namespace nmt {
namespace {

std::atomic<bool> quiet{false};
std::mutex stderr_mutex;
bool status_shown = false; // guarded by stderr_mutex

// Writes `text` where the status line stands, at once. Nobody can be told if that fails.
void write_over_status(const std::string& text) { write_all(STDERR_FILENO, (status_shown ? "\r\033[K" : "") + text); }

} // namespace

void set_quiet(bool value) { quiet = value; }
bool is_quiet() { return quiet; }

void log_line(std::string_view line) {
    const std::size_t columns = terminal_columns(STDERR_FILENO);
    const std::string text = printable(line);
    const std::lock_guard lock(stderr_mutex);
    write_over_status((columns > 0 ? fit_text(text, columns) : text) + "\n");
    status_shown = false;
}

void log_warning_once(const std::string& text) {
    static std::set<std::string> given; // guarded by stderr_mutex
    const bool is_new = [&] {
        const std::lock_guard lock(stderr_mutex);
        return given.insert(text).second;
    }();
    if (is_new) log_warning("{}", text);
}

void show_status_line(std::string_view text) {
    const std::lock_guard lock(stderr_mutex);
    write_over_status(printable(text));
    status_shown = true;
}

void clear_status_line() {
    const std::lock_guard lock(stderr_mutex);
    write_over_status("");
    status_shown = false;
}

} // namespace nmt
