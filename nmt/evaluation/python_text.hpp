// Text as the reference implementations of the metrics, written in Python, see it: lower case, white space, characters.
// Text is UTF-8; a byte that is not part of valid UTF-8 is kept, and counts as a character that is neither letter nor mark.
// Every metric and tokenizer of this folder uses it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nmt {

// Lower case by the full mappings of Unicode, in no language in particular (so "I" becomes "i" and a final sigma is final).
std::string lowercase(std::string_view text);

// `text` without the white space at its end. White space is, here and below, what Python's str.split() takes for it:
// blank, tab, LF, VT, FF, CR, U+001C to U+001F, U+0085 and Unicode's separators, the no-break spaces among them.
std::string_view strip_right(std::string_view text);
// Without that at its start either.
std::string_view strip(std::string_view text);

// The words between white space; they point into `text`.
std::vector<std::string_view> split_words(std::string_view text);
std::vector<std::vector<std::string_view>> split_words(std::span<const std::string> texts);

// The words joined by single blanks.
std::string join_words(const std::vector<std::string_view>& words);

// The code points of `text`. A byte that is not valid UTF-8 becomes a surrogate, U+DC00 plus the byte, as Python's
// "surrogateescape" has it: no valid text holds one.
std::u32string code_points(std::string_view text);

// The bytes of which code_points() made a character.
void append_code_point(std::string& text, char32_t character);

} // namespace nmt
