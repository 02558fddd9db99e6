#include "nmt/evaluation/ter_tokenizer.hpp"

#include "nmt/base/strings.hpp"
#include "nmt/evaluation/punctuation.hpp"
#include "nmt/evaluation/python_text.hpp"

#include <algorithm>
#include <iterator>

namespace nmt {

namespace {

struct Range {
    char32_t first, last;
    bool holds(char32_t character) const { return character >= first && character <= last; }
};

// Characters that are words of their own. Kana are not: the reference implementation means to part them where they meet other
// writing, but its pattern never matches.
constexpr Range kIdeographs[] = {
    {0x2E80, 0x2EFF}, // radicals
    {0x31C0, 0x31EF}, // strokes
    {0x3200, 0x4DBF}, // enclosed letters and months, compatibility, ideographs of extension A
    {0x4E00, 0x9FFF}, // unified ideographs
    {0xF900, 0xFAFF}, // compatibility ideographs
    {0xFE30, 0xFE4F}, // compatibility forms
};

constexpr Range kAsianPunctuation[] = {
    {0x3001, 0x3002}, {0x3008, 0x3011}, {0x3014, 0x301F}, {0x30FB, 0x30FB}, {0xFF61, 0xFF65},                   // of their own
    {0xFF01, 0xFF02}, {0xFF08, 0xFF09}, {0xFF0C, 0xFF0C}, {0xFF0E, 0xFF0E}, {0xFF1A, 0xFF1B}, {0xFF1F, 0xFF1F}, // full-width
};

template <std::size_t N>
bool is_in(const Range (&ranges)[N], char32_t character) {
    return std::any_of(std::begin(ranges), std::end(ranges), [&](const Range& range) { return range.holds(character); });
}

std::string normalize(std::string text) {
    replace_all(text, "\n-", "");
    replace_all(text, "\n", " ");
    replace_entities(text);
    text = separate_punctuation(" " + text + " ");
    replace_all(text, "'s ", " 's "); // possessives
    return separate_stops_and_hyphens(text);
}

std::string separate_asian(std::string_view text) {
    std::string result;
    for (const char32_t character : code_points(text)) {
        const bool apart = is_in(kIdeographs, character) || is_in(kAsianPunctuation, character);
        if (apart) result += ' ';
        append_code_point(result, character);
        if (apart) result += ' ';
    }
    return result;
}

std::string without_asian_punctuation(std::string_view text) {
    std::string result;
    for (const char32_t character : code_points(text))
        if (!is_in(kAsianPunctuation, character)) append_code_point(result, character);
    return result;
}

} // namespace

std::string tokenize_ter(std::string_view segment, const TerOptions& options) {
    const std::string_view stripped = strip_right(segment);
    std::string text = options.case_sensitive ? std::string(stripped) : lowercase(stripped);
    if (options.normalized) {
        text = normalize(std::move(text));
        if (options.asian_support) text = separate_asian(text);
    }
    if (options.no_punctuation) {
        std::erase_if(text, [](char c) { return std::string_view(".,?:;!\"()").find(c) != std::string_view::npos; });
        if (options.asian_support) text = without_asian_punctuation(text);
    }
    return join_words(split_words(text));
}

} // namespace nmt
