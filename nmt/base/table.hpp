// Tables for people: Markdown that reads well as plain text. Used by reports and by commands that compare.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace nmt {

// A Markdown table with aligned columns, the first row its heads; the first column is text, the others are figures. Every row
// has as many cells as the first, and there is a row at least.
std::string format_table(const std::vector<std::vector<std::string>>& rows);

// A table of format_table(), as it is where it fits into so many columns of a terminal; else as several, one below the other, each with
// the first column and as many of the others as there is room for; where there is none for a second, as a list.
std::string fit_table(std::string_view table, std::size_t columns);

} // namespace nmt
