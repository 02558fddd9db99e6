#include "nmt/evaluation/bleu_tokenizer.hpp"

#include "nmt/base/error.hpp"

#include <unicode/bytestream.h>
#include <unicode/casemap.h>
#include <unicode/utf8.h>
#include <unicode/utypes.h>

#include <cstddef>
#include <cstdint>
#include <utility>

#include <fmt/format.h>

namespace nmt {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_stop(char c) { return c == '.' || c == ','; }

// ASCII punctuation that is a token wherever it stands: all but the apostrophe, hyphen, period and comma.
bool is_separate(char c) {
    return (c >= '!' && c <= '&') || (c >= '(' && c <= '+') || c == '/' || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') ||
           (c >= '{' && c <= '~');
}

// The bytes of the white space character at `at`, or 0. A lead byte of UTF-8 always starts a character, so that looking at
// bytes finds white space among invalid ones too.
std::size_t white_space_at(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) { return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0u; };
    const unsigned first = byte(0);
    if (first < 0x80) return at < text.size() && (first == ' ' || (first >= 0x09 && first <= 0x0D) || (first >= 0x1C && first <= 0x1F));
    const unsigned second = byte(1), third = byte(2);
    if (first == 0xC2) return second == 0x85 || second == 0xA0 ? 2 : 0; // U+0085, U+00A0
    bool found = false;
    if (first == 0xE1) found = second == 0x9A && third == 0x80; // U+1680
    if (first == 0xE2 && second == 0x80)                        // U+2000 to U+200A, U+2028, U+2029, U+202F
        found = (third >= 0x80 && third <= 0x8A) || third == 0xA8 || third == 0xA9 || third == 0xAF;
    if (first == 0xE2 && second == 0x81) found = third == 0x9F; // U+205F
    if (first == 0xE3) found = second == 0x80 && third == 0x80; // U+3000
    return found ? 3 : 0;
}

// Replaces each `from`, found from left to right, once.
void replace_all(std::string& text, std::string_view from, std::string_view to) {
    std::size_t found = text.find(from);
    if (found == std::string::npos) return;
    std::string result;
    std::size_t done = 0;
    for (; found != std::string::npos; found = text.find(from, done)) {
        result.append(text, done, found - done).append(to);
        done = found + from.size();
    }
    text = std::move(result.append(text, done));
}

std::string separate_punctuation(std::string_view text) {
    std::string result;
    result.reserve(text.size() * 2);
    for (const char c : text) {
        if (is_separate(c)) result.append({' ', c, ' '});
        else result += c;
    }
    return result;
}

// Rewrites each pair of neighbours that `matches`, from left to right; a pair starts after the end of the one before. Bytes
// serve for characters here: a pair has an ASCII character on one side, and the other bytes of a longer character than the
// one on its other side neither start nor end a pair.
template <typename Matches, typename Write>
std::string rewrite_pairs(std::string_view text, Matches matches, Write write) {
    std::string result;
    result.reserve(text.size() * 2);
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (i + 1 < text.size() && matches(text[i], text[i + 1])) {
            write(result, text[i], text[i + 1]);
            ++i;
        } else result += text[i];
    }
    return result;
}

void write_second_apart(std::string& result, char first, char second) { result.append({first, ' ', second, ' '}); }

void write_first_apart(std::string& result, char first, char second) { result.append({' ', first, ' ', second}); }

// The bytes at the start of `text` that are valid UTF-8.
std::size_t valid_prefix(std::string_view text) {
    const auto length = static_cast<std::int32_t>(text.size());
    std::int32_t next = 0;
    while (next < length) {
        const std::int32_t start = next;
        UChar32 character;
        U8_NEXT(text.data(), next, length, character);
        if (character < 0) return static_cast<std::size_t>(start);
    }
    return text.size();
}

} // namespace

std::string lowercase(std::string_view text) {
    std::string result;
    icu::StringByteSink<std::string> sink(&result, static_cast<std::int32_t>(text.size()));
    while (!text.empty()) {
        // ICU would replace invalid bytes, and so make different ones equal: they go around it.
        const std::size_t valid = valid_prefix(text);
        UErrorCode status = U_ZERO_ERROR;
        icu::CaseMap::utf8ToLower("", 0, icu::StringPiece(text.data(), static_cast<std::int32_t>(valid)), sink, nullptr, status);
        check(U_SUCCESS(status), "ICU cannot lower-case a text of {} bytes: {}", valid, u_errorName(status));
        text.remove_prefix(valid);
        if (text.empty()) break;
        result += text.front();
        text.remove_prefix(1);
    }
    return result;
}

std::string_view strip_right(std::string_view text) {
    for (std::size_t size = 1; size <= 3 && size <= text.size(); ++size) {
        if (white_space_at(text, text.size() - size) != size) continue;
        text.remove_suffix(size);
        size = 0;
    }
    return text;
}

std::vector<std::string_view> split_words(std::string_view text) {
    std::vector<std::string_view> words;
    std::size_t start = 0;
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t space = white_space_at(text, i);
        if (space > 0 && i > start) words.push_back(text.substr(start, i - start));
        i += space > 0 ? space : 1;
        if (space > 0) start = i;
    }
    if (start < text.size()) words.push_back(text.substr(start));
    return words;
}

std::string tokenize_13a(std::string_view segment) {
    std::string text(segment);
    replace_all(text, "<skipped>", "");
    replace_all(text, "-\n", ""); // a word hyphenated at the end of a line
    replace_all(text, "\n", " ");
    replace_all(text, "&quot;", "\"");
    replace_all(text, "&amp;", "&"); // in this order: "&amp;lt;" becomes "<", but "&amp;quot;" becomes "&quot;"
    replace_all(text, "&lt;", "<");
    replace_all(text, "&gt;", ">");

    // The order of the passes is part of the definition, and so is the blank on either side of the line.
    text = separate_punctuation(" " + text + " ");
    text = rewrite_pairs(
        text, [](char a, char b) { return !is_digit(a) && is_stop(b); }, write_second_apart);
    text = rewrite_pairs(
        text, [](char a, char b) { return is_stop(a) && !is_digit(b); }, write_first_apart);
    text = rewrite_pairs(
        text, [](char a, char b) { return is_digit(a) && b == '-'; }, write_second_apart);
    return fmt::format("{}", fmt::join(split_words(text), " "));
}

} // namespace nmt
