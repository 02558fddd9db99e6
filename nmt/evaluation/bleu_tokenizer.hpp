// Words as the reference implementations of the metrics see them: lower-casing, white space and the 13a tokenizer.
// BLEU uses all of it. Text is UTF-8; bytes that are not valid UTF-8 are kept and count as letters.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace nmt {

// Lower case by the full mappings of Unicode, in no language in particular (so "I" becomes "i" and a final sigma is final).
std::string lowercase(std::string_view text);

// `text` without the white space at its end. White space is, here and below, what Python's str.split() takes for it:
// blank, tab, LF, VT, FF, CR, U+001C to U+001F, U+0085 and Unicode's separators, the no-break spaces among them.
std::string_view strip_right(std::string_view text);

// The words between white space; they point into `text`.
std::vector<std::string_view> split_words(std::string_view text);

// The tokens that NIST's mteval-v13a.pl makes of a segment, parted by single blanks, as defined by sacreBLEU (Post 2018):
// entities of SGML are replaced, and ASCII punctuation is set apart, but for apostrophes, for hyphens that follow no digit and
// for periods and commas between digits.
std::string tokenize_13a(std::string_view segment);

} // namespace nmt
