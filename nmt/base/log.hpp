// Log lines, always on stderr; stdout belongs to text alone.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>

namespace nmt {

// Writes one line to stderr, made printable (utf8.hpp), after clearing a status line that may stand there. A terminal shows it broken to its
// width (terminal.hpp).
void log_line(std::string_view line);

// A warning that is written once however often it is given: of what several readers find in the same file.
void log_warning_once(const std::string& text);

// Shows a line without an end, in place of the one that may stand there: for terminals. It goes when another line is written.
void show_status_line(std::string_view text);
void clear_status_line();

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

} // namespace nmt
