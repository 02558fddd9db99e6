#include "nmt/base/progress.hpp"

#include "nmt/base/log.hpp"
#include "nmt/base/terminal.hpp"
#include "nmt/base/utf8.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <string>

namespace nmt {
namespace {

bool stderr_is_terminal() {
    static const bool terminal = isatty(STDERR_FILENO) == 1;
    return terminal;
}

// Cut to one row: of a line that breaks, only the last row could be cleared again.
std::string fit_terminal(std::string line) {
    const std::size_t columns = terminal_columns(STDERR_FILENO);
    return columns == 0 ? line : std::string(fit_columns(line, columns - 1));
}

} // namespace

Progress::Progress(ProgressStyle style) : style_(std::move(style)) {}

Progress::~Progress() { clear_status_line(); }

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
    if (is_quiet()) return;
    const double now = since_start_.seconds();
    if (!stderr_is_terminal()) {
        if (style_.plain_every < 0) return;
        pending_ = line(now, done, total, detail);
        if (now - last_plain_ >= style_.plain_every) write_plain_line();
        return;
    }
    if (last_drawn_ >= 0 && now - last_drawn_ < 0.1) return;
    last_drawn_ = now;
    show_status_line(fit_terminal(line(now, done, total, detail)));
}

void Progress::write_plain_line() {
    if (pending_.empty()) return;
    log_info("{}", pending_);
    pending_.clear();
    last_plain_ = since_start_.seconds();
}

} // namespace nmt
