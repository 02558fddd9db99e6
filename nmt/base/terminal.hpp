// Text for people on a terminal: how many columns there are, and lines and tables that are broken to fit them. Used by help, reports and
// progress; what goes into files stays whole.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace nmt {

// The columns of the terminal behind a descriptor; 0 where it is none, or does not tell.
std::size_t terminal_columns(int descriptor);

// The columns that text for people on stdout may take: $COLUMNS, or those of the terminal; 80 where neither tells.
std::size_t text_columns();

// With fewer columns than this only the essence is shown.
constexpr std::size_t kFewColumns = 60;

// One line broken at its blanks, and in long words behind '|'; the lines that follow the first begin with `hang` blanks. What stands in
// quotes, such as a command, stays whole, as does a word that is too long.
std::string wrap_words(std::string_view line, std::size_t columns, std::size_t hang);

// Lines broken so that what follows stands below where the line's text began: behind its indentation, a "# ", or two blanks or more, as in
// lists of names and meanings. Tables (table.hpp) are broken into several, one below the other. Lines that fit stay as they are.
std::string fit_text(std::string_view text, std::size_t columns);

} // namespace nmt
