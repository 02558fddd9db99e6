#include "nmt/base/table.hpp"

#include "nmt/base/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

namespace nmt {

std::string format_table(const std::vector<std::vector<std::string>>& rows) {
    std::vector<std::size_t> widths(rows.front().size(), 3);
    for (const auto& row : rows)
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], display_width(row[i]));
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

} // namespace nmt
