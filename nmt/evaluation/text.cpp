#include "nmt/evaluation/text.hpp"

#include "nmt/base/error.hpp"

#include <unicode/bytestream.h>
#include <unicode/casemap.h>
#include <unicode/utf8.h>
#include <unicode/utypes.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace nmt {

namespace {

constexpr char32_t kInvalidByte = 0xDC00;

bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
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

// The first character of `text` from `next` on, negative if it is not valid; `next` moves behind what was read.
UChar32 decode(std::string_view text, std::size_t& next) {
    auto index = static_cast<std::int64_t>(next);
    const auto length = static_cast<std::int64_t>(text.size());
    UChar32 character;
    U8_NEXT(text.data(), index, length, character);
    next = static_cast<std::size_t>(index);
    return character;
}

// The bytes at the start of `text` that are valid UTF-8.
std::size_t valid_prefix(std::string_view text) {
    for (std::size_t next = 0; next < text.size();) {
        const std::size_t start = next;
        if (decode(text, next) < 0) return start;
    }
    return text.size();
}

} // namespace

std::string lowercase(std::string_view text) {
    std::string result;
    if (is_ascii(text)) {
        for (const char c : text) result += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        return result;
    }
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

std::vector<std::vector<std::string_view>> split_words(std::span<const std::string> texts) {
    std::vector<std::vector<std::string_view>> result;
    for (const std::string& text : texts) result.push_back(split_words(text));
    return result;
}

std::string join_words(const std::vector<std::string_view>& words) {
    std::string text;
    for (const std::string_view word : words) text.append(text.empty() ? "" : " ").append(word);
    return text;
}

std::u32string code_points(std::string_view text) {
    std::u32string result;
    result.reserve(text.size());
    for (std::size_t next = 0; next < text.size();) {
        const std::size_t start = next;
        const UChar32 character = decode(text, next);
        if (character >= 0) {
            result += static_cast<char32_t>(character);
            continue;
        }
        result += kInvalidByte + static_cast<unsigned char>(text[start]);
        next = start + 1; // the bytes after it are tried on their own
    }
    return result;
}

void append_utf8(std::string& text, char32_t character) {
    if (character < 0x80) {
        text += static_cast<char>(character);
        return;
    }
    if (character >= kInvalidByte && character < kInvalidByte + 0x100) {
        text += static_cast<char>(character - kInvalidByte);
        return;
    }
    char bytes[U8_MAX_LENGTH];
    std::size_t size = 0;
    U8_APPEND_UNSAFE(bytes, size, character);
    text.append(bytes, size);
}

} // namespace nmt
