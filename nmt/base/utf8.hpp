// UTF-8, and bytes that ought to be: characters, validity, places to cut, width on a terminal. Nothing else in the toolkit looks at such
// bytes; what is known of characters comes from ICU.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace nmt {

// What stands for a byte that belongs to no character: no character at all, and larger than each.
constexpr char32_t kNoCharacter = 0xFFFFFFFF;

char32_t next_beyond_ascii(std::string_view text, std::size_t& position);

// The character at `position` < text.size(), which moves behind it. Where the bytes are not well-formed (overlong forms and surrogates are
// not, either): kNoCharacter, and `position` moves by one byte.
inline char32_t next_character(std::string_view text, std::size_t& position) {
    const auto byte = static_cast<unsigned char>(text[position]);
    return byte < 0x80 ? (++position, byte) : next_beyond_ascii(text, position);
}

void append_utf8(std::string& text, char32_t character);

// How many bytes at the start of `text` are well-formed UTF-8; whether all are.
std::size_t valid_utf8_size(std::string_view text);
bool is_utf8(std::string_view text);

// The last place up to `limit` at which `text` can be cut without parting the bytes of a character; its end, where that is not behind it.
std::size_t character_boundary(std::string_view text, std::size_t limit);

bool is_white_space_beyond_ascii(char32_t character);

// As Python's str.isspace(): Unicode's White_Space and U+001C to U+001F.
inline bool is_white_space(char32_t c) {
    return c < 0x80 ? c == ' ' || (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x1F) : is_white_space_beyond_ascii(c);
}

// The same character as a capital, where there is one.
char32_t uppercase(char32_t character);

// `text` fit for a terminal, whatever it quotes: control characters (escape sequences begin with one) but LF and tab, marks that change the
// direction of writing, and bytes that are no UTF-8 become '?'.
std::string printable(std::string_view text);

// How many columns a terminal takes to show `text`: two for the wide characters of East Asia, none for combining marks and controls.
std::size_t display_width(std::string_view text);

// The longest beginning of `text` that fits into so many columns.
std::string_view fit_columns(std::string_view text, std::size_t columns);

} // namespace nmt
