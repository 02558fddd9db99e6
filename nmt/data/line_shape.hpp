// The words of a line of text, how long it is, and what in it is invalid or odd Unicode. Used by the audit of parallel text and by
// the alignment of translations.
#pragma once

#include "nmt/base/strings.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace nmt {

// What a line of clean text does not hold.
enum class Oddity {
    invalid_utf8,
    nul,                   // U+0000
    carriage_return,       // U+000D, which ends the lines of files from Windows
    control_character,     // U+0001 to U+001F but for TAB and U+000D, U+007F to U+009F, and the separators U+2028 and U+2029
    replacement_character, // U+FFFD: some program has lost a character here
    byte_order_mark,       // U+FEFF, wherever it stands
    private_use,           // characters of private use and noncharacters: no two programs agree on what they are
    not_nfc,               // valid text that is not in normalization form C: the same word may stand elsewhere in other code points
};
inline constexpr std::size_t kOddities = 8;

struct LineShape {
    std::size_t words = 0;      // as words_of finds them
    std::size_t characters = 0; // code points of `text`; a byte that is not valid UTF-8 is one
    std::string_view text;      // the line without white space at its ends
    // Of each oddity the first code point that shows it, of invalid_utf8 the byte, of not_nfc nothing of use; none: the line has none.
    std::array<std::optional<std::uint32_t>, kOddities> odd;
};

LineShape shape_of(std::string_view line);

// The words of a line: what stands between white space, which is characters of Unicode's property White_Space, and U+001C to U+001F.
std::vector<TextSpan> words_of(std::string_view line);

} // namespace nmt
