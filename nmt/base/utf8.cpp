#include "nmt/base/utf8.hpp"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <cstdint>

namespace nmt {
namespace {

bool is_continuation(char byte) { return U8_IS_TRAIL(static_cast<std::uint8_t>(byte)); }

bool steers_a_terminal(char32_t c) {
    const bool control = c < 0x20 ? c != '\n' && c != '\t' : c >= 0x7F && c < 0xA0;
    return control || (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == kNoCharacter;
}

std::size_t columns_of(char32_t character) {
    if (character < 0x7f) return character < ' ' ? 0 : 1;
    if (character == kNoCharacter) return 1;
    const auto c = static_cast<UChar32>(character);
    constexpr UChar32 kSoftHyphen = 0xAD, kFirstInnerJamo = 0x1160, kLastInnerJamo = 0x11FF; // these are drawn into the syllable before
    if (c == kSoftHyphen) return 1;
    const bool joins = (U_MASK(u_charType(c)) & (U_GC_MN_MASK | U_GC_ME_MASK | U_GC_CF_MASK | U_GC_CC_MASK)) != 0;
    if (joins || (c >= kFirstInnerJamo && c <= kLastInnerJamo)) return 0;
    const int width = u_getIntPropertyValue(c, UCHAR_EAST_ASIAN_WIDTH);
    return width == U_EA_WIDE || width == U_EA_FULLWIDTH ? 2 : 1;
}

} // namespace

char32_t next_beyond_ascii(std::string_view text, std::size_t& position) {
    auto next = static_cast<std::int64_t>(position);
    const auto size = static_cast<std::int64_t>(text.size());
    UChar32 character;
    U8_NEXT(text.data(), next, size, character);
    position = character < 0 ? position + 1 : static_cast<std::size_t>(next);
    return character < 0 ? kNoCharacter : static_cast<char32_t>(character);
}

void append_utf8(std::string& text, char32_t character) {
    char bytes[U8_MAX_LENGTH];
    std::size_t size = 0;
    U8_APPEND_UNSAFE(bytes, size, character);
    text.append(bytes, size);
}

std::size_t valid_utf8_size(std::string_view text) {
    for (std::size_t next = 0; next < text.size();) {
        const std::size_t start = next;
        if (next_character(text, next) == kNoCharacter) return start;
    }
    return text.size();
}

bool is_utf8(std::string_view text) { return valid_utf8_size(text) == text.size(); }

std::size_t character_boundary(std::string_view text, std::size_t limit) {
    if (limit >= text.size()) return text.size();
    for (std::size_t place = limit; limit - place < U8_MAX_LENGTH; --place)
        if (!is_continuation(text[place])) return place;
        else if (place == 0) break;
    return limit; // no UTF-8: one place is as good as another
}

bool is_white_space_beyond_ascii(char32_t character) {
    return character != kNoCharacter && u_isUWhiteSpace(static_cast<UChar32>(character)) != 0;
}

char32_t uppercase(char32_t character) {
    return character == kNoCharacter ? character : static_cast<char32_t>(u_toupper(static_cast<UChar32>(character)));
}

std::string printable(std::string_view text) {
    std::string result;
    for (std::size_t next = 0; next < text.size();) {
        const std::size_t start = next;
        if (steers_a_terminal(next_character(text, next))) result += '?';
        else result.append(text, start, next - start);
    }
    return result;
}

std::size_t display_width(std::string_view text) {
    std::size_t width = 0;
    for (std::size_t next = 0; next < text.size();) width += columns_of(next_character(text, next));
    return width;
}

std::string_view fit_columns(std::string_view text, std::size_t columns) {
    std::size_t width = 0, end = 0;
    for (std::size_t next = 0; next < text.size(); end = next) {
        width += columns_of(next_character(text, next));
        if (width > columns) break;
    }
    return text.substr(0, end);
}

} // namespace nmt
