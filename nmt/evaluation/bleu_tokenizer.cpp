#include "nmt/evaluation/bleu_tokenizer.hpp"

#include "nmt/base/strings.hpp"
#include "nmt/evaluation/named_choice.hpp"
#include "nmt/evaluation/punctuation.hpp"
#include "nmt/evaluation/text.hpp"

#include <unicode/uchar.h>

#include <cstdint>

namespace nmt {

namespace {

// A new tokenizer is one line here.
struct NamedTokenizer {
    BleuTokenizer value;
    std::string_view name;
    std::string (*apply)(std::string_view segment);
};

constexpr NamedTokenizer kTable[] = {
    {BleuTokenizer::k13a, "13a", tokenize_13a},
    {BleuTokenizer::kIntl, "intl", tokenize_intl},
    {BleuTokenizer::kChar, "char", tokenize_char},
    {BleuTokenizer::kNone, "none", [](std::string_view segment) { return std::string(segment); }},
};

constexpr std::span<const NamedTokenizer> kTokenizers(kTable);

bool is_in(char32_t character, std::uint32_t categories) { return (U_GET_GC_MASK(static_cast<UChar32>(character)) & categories) != 0; }
bool is_number(char32_t character) { return is_in(character, U_GC_N_MASK); }
bool is_punctuation(char32_t character) { return is_in(character, U_GC_P_MASK); }

} // namespace

std::vector<std::string> bleu_tokenizer_names() { return names_of(kTokenizers); }

std::string name_of(BleuTokenizer tokenizer) { return std::string(entry_of(kTokenizers, tokenizer).name); }

BleuTokenizer bleu_tokenizer_from_name(const std::string& name) { return entry_named(kTokenizers, "tokenizer of BLEU", name).value; }

std::string tokenize(BleuTokenizer tokenizer, std::string_view segment) { return entry_of(kTokenizers, tokenizer).apply(segment); }

std::string tokenize_13a(std::string_view segment) {
    std::string text(segment);
    replace_all(text, "<skipped>", "");
    replace_all(text, "-\n", ""); // a word hyphenated at the end of a line
    replace_all(text, "\n", " ");
    replace_entities(text);
    // The blank on either side of the line gives every mark two neighbours.
    return join_words(split_words(separate_stops_and_hyphens(separate_punctuation(" " + text + " "))));
}

std::string tokenize_intl(std::string_view segment) {
    std::u32string text = rewrite_pairs(
        code_points(segment), [](char32_t a, char32_t b) { return is_punctuation(b) && !is_number(a); },
        write_second_apart<std::u32string, char32_t>);
    text = rewrite_pairs(
        text, [](char32_t a, char32_t b) { return is_punctuation(a) && !is_number(b); }, write_first_apart<std::u32string, char32_t>);
    std::string result;
    for (const char32_t character : text) {
        const bool symbol = is_in(character, U_GC_S_MASK);
        if (symbol) result += ' ';
        append_code_point(result, character);
        if (symbol) result += ' ';
    }
    return join_words(split_words(result));
}

std::string tokenize_char(std::string_view segment) {
    std::string result;
    for (const std::string_view word : split_words(segment))
        for (const char32_t character : code_points(word)) {
            if (!result.empty()) result += ' ';
            append_code_point(result, character);
        }
    return result;
}

} // namespace nmt
