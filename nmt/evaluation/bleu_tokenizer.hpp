// The tokenizers of BLEU, as defined by sacreBLEU (Post 2018, "A Call for Clarity in Reporting BLEU Scores"). Text is UTF-8;
// bytes that are not valid UTF-8 are kept and count as letters.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace nmt {

enum class BleuTokenizer {
    k13a,  // mteval-v13a, sacreBLEU's default: for text as people write it, in Western languages
    kIntl, // mteval-v14 with its international option: punctuation and symbols of all scripts
    kChar, // characters: for text without blanks between words
    kNone  // white space only: for text that is tokenized already
};

std::vector<std::string> bleu_tokenizer_names(); // "13a", "intl", "char", "none"
std::string name_of(BleuTokenizer tokenizer);
// Throws Error for another name.
BleuTokenizer bleu_tokenizer_from_name(const std::string& name);

// The tokens of a segment, parted by white space.
std::string tokenize(BleuTokenizer tokenizer, std::string_view segment);

// NIST's mteval-v13a.pl: entities of SGML are replaced, and ASCII punctuation is set apart, but for apostrophes, for hyphens
// that follow no digit and for periods and commas between digits.
std::string tokenize_13a(std::string_view segment);

// NIST's mteval-v14.pl --international-tokenization: symbols are set apart, and punctuation is unless it stands between
// numbers (category N of Unicode) or between a number and the start or end of the segment.
std::string tokenize_intl(std::string_view segment);

// Each character but white space.
std::string tokenize_char(std::string_view segment);

} // namespace nmt
