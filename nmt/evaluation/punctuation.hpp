// The steps by which the tokenizers of BLEU and TER set punctuation apart: those of NIST's mteval-v13a.pl, as sacreBLEU
// (Post 2018) defines them. Their order is part of a tokenizer's definition.
#pragma once

#include <string>
#include <string_view>

namespace nmt {

// Entities of SGML become what they stand for: &quot; &amp; &lt; &gt;, in this order, so that "&amp;lt;" becomes "<", but
// "&amp;quot;" becomes "&quot;".
void replace_entities(std::string& text);

// Blanks around ASCII punctuation but the apostrophe, the hyphen, the period and the comma.
std::string separate_punctuation(std::string_view text);

// Sets apart periods and commas that follow no digit, then those that precede none, then hyphens that follow a digit.
// A period or comma at the very start or end of the text has no neighbour there: callers put blanks around the line first.
std::string separate_stops_and_hyphens(std::string_view text);

// Rewrites each pair of neighbouring characters that `matches`, from left to right; a pair starts after the end of the one
// before. write(result, first, second) appends what replaces the pair.
template <typename Text, typename Matches, typename Write>
Text rewrite_pairs(const Text& text, Matches matches, Write write) {
    Text result;
    result.reserve(text.size() * 2);
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (i + 1 < text.size() && matches(text[i], text[i + 1])) {
            write(result, text[i], text[i + 1]);
            ++i;
        } else result += text[i];
    }
    return result;
}

// What replaces a pair: the second or the first character stands apart.
template <typename Text, typename Character>
void write_second_apart(Text& result, Character first, Character second) {
    result += first;
    result += ' ';
    result += second;
    result += ' ';
}

template <typename Text, typename Character>
void write_first_apart(Text& result, Character first, Character second) {
    result += ' ';
    result += first;
    result += ' ';
    result += second;
}

} // namespace nmt
