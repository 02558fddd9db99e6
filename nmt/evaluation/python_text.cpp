#include "nmt/evaluation/python_text.hpp"

#include "nmt/base/error.hpp"
#include "nmt/base/utf8.hpp"

#include <unicode/bytestream.h>
#include <unicode/casemap.h>
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
        const std::size_t valid = valid_utf8_size(text);
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
    for (std::size_t size = 1; size <= 3 && size <= text.size(); ++size) { // in bytes: no white space has more
        std::size_t next = text.size() - size;
        if (!is_white_space(next_character(text, next)) || next < text.size()) continue;
        text.remove_suffix(size);
        size = 0;
    }
    return text;
}

std::string_view strip(std::string_view text) {
    text = strip_right(text);
    std::size_t begin = 0;
    for (std::size_t next = 0; next < text.size() && is_white_space(next_character(text, next));) begin = next;
    return text.substr(begin);
}

std::vector<std::string_view> split_words(std::string_view text) {
    std::vector<std::string_view> words;
    std::size_t start = 0;
    for (std::size_t next = 0; next < text.size();) {
        const std::size_t end = next;
        if (!is_white_space(next_character(text, next))) continue;
        if (end > start) words.push_back(text.substr(start, end - start));
        start = next;
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
        const char32_t character = next_character(text, next);
        result += character == kNoCharacter ? kInvalidByte + static_cast<unsigned char>(text[start]) : character;
    }
    return result;
}

void append_code_point(std::string& text, char32_t character) {
    if (character >= kInvalidByte && character < kInvalidByte + 0x100) text += static_cast<char>(character - kInvalidByte);
    else append_utf8(text, character);
}

} // namespace nmt
