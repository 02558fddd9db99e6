#include "nmt/base/table.hpp"

#include "nmt/base/strings.hpp"
#include "nmt/base/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace nmt {
namespace {

using Rows = std::vector<std::vector<std::string>>;

std::vector<std::size_t> column_widths(const Rows& rows) {
    std::vector<std::size_t> widths(rows.front().size(), 3);
    for (const auto& row : rows)
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], display_width(row[i]));
    return widths;
}

// Of cells that are escaped already.
std::string format_cells(const Rows& rows) {
    const std::vector<std::size_t> widths = column_widths(rows);
    std::string text;
    for (std::size_t r = 0; r < rows.size(); ++r) {
        text += "|";
        for (std::size_t i = 0; i < widths.size(); ++i) {
            const std::string padding(widths[i] - display_width(rows[r][i]), ' ');
            text += i == 0 ? fmt::format(" {}{} |", rows[r][i], padding) : fmt::format(" {}{} |", padding, rows[r][i]);
        }
        text += "\n";
        if (r > 0) continue;
        text += "|";
        for (std::size_t i = 0; i < widths.size(); ++i)
            text += i == 0 ? std::string(widths[i] + 2, '-') + "|" : std::string(widths[i] + 1, '-') + ":|";
        text += "\n";
    }
    return text;
}

std::string_view without_blanks(std::string_view cell) { return cell.substr(0, cell.find_last_not_of(' ') + 1); }

// What format_cells() was given, but for the padding. A blank behind a figure is its own.
Rows cells_of(std::string_view table) {
    Rows rows;
    for (std::size_t begin = 0, line = 0; begin < table.size(); ++line) {
        const std::size_t end = table.find('\n', begin);
        if (line != 1) rows.emplace_back(); // the second one is a rule
        for (std::size_t cell = begin + 1, at = cell; line != 1 && at < end; ++at) {
            if (table[at] != '|' || table[at - 1] == '\\') continue;
            std::string_view text = table.substr(cell, at - cell - (at > cell ? 1 : 0));
            text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
            if (rows.back().empty()) text = without_blanks(text);
            rows.back().emplace_back(text);
            cell = at + 1;
        }
        begin = end + 1;
    }
    return rows;
}

// For a terminal that has no room for two columns.
std::string format_list(const Rows& rows) {
    std::string text = rows.front().front() + "\n";
    for (std::size_t r = 1; r < rows.size(); ++r) {
        text += fmt::format("  {}\n", rows[r].front());
        for (std::size_t i = 1; i < rows[r].size(); ++i)
            text += fmt::format("    {}: {}\n", without_blanks(rows.front()[i]), without_blanks(rows[r][i]));
    }
    return text;
}

} // namespace

std::string format_table(const Rows& rows) {
    Rows escaped = rows;
    for (auto& row : escaped)
        for (std::string& cell : row) replace_all(cell, "|", "\\|");
    return format_cells(escaped);
}

std::string fit_table(std::string_view table, std::size_t columns) {
    if (display_width(table.substr(0, table.find('\n'))) <= columns) return std::string(table);
    const Rows rows = cells_of(table);
    const auto is_whole = [&](const auto& row) { return row.size() == rows.front().size(); };
    if (rows.front().empty() || !std::all_of(rows.begin(), rows.end(), is_whole))
        return std::string(table); // lines that only look like one
    const std::vector<std::size_t> widths = column_widths(rows);
    const auto room_of = [&](std::size_t i) { return widths[i] + 3; }; // with its blanks and a line
    const std::size_t first = 1 + room_of(0);
    for (std::size_t i = 1; i < widths.size(); ++i)
        if (first + room_of(i) > columns) return format_list(rows);
    std::string text;
    for (std::size_t begin = 1; begin < widths.size();) {
        std::size_t end = begin, used = first;
        while (end < widths.size() && used + room_of(end) <= columns) used += room_of(end++);
        Rows part;
        for (const auto& row : rows) {
            part.push_back({row.front()});
            part.back().insert(part.back().end(), row.begin() + static_cast<std::ptrdiff_t>(begin),
                               row.begin() + static_cast<std::ptrdiff_t>(end));
        }
        text += (begin > 1 ? "\n" : "") + format_cells(part);
        begin = end;
    }
    return text;
}

} // namespace nmt
