// Tables for people: Markdown that reads well as plain text. Used by reports and by commands that compare.
#pragma once

#include <string>
#include <vector>

namespace nmt {

// A Markdown table with aligned columns, the first row its heads; the first column is text, the others are figures. Every row
// has as many cells as the first, and there is a row at least.
std::string format_table(const std::vector<std::vector<std::string>>& rows);

} // namespace nmt
