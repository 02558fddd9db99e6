#include "nmt/data/line_shape.hpp"

#include "nmt/base/error.hpp"
#include "nmt/base/utf8.hpp"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/utf.h>

#include <utility>

namespace nmt {
namespace {

std::optional<Oddity> oddity_of(UChar32 c) {
    if (c == 0) return Oddity::nul;
    if (c == '\r') return Oddity::carriage_return;
    if (c == 0xFFFD) return Oddity::replacement_character;
    if (c == 0xFEFF) return Oddity::byte_order_mark;
    if (c == 0x2028 || c == 0x2029 || (c != '\t' && u_charType(c) == U_CONTROL_CHAR)) return Oddity::control_character;
    if (u_charType(c) == U_PRIVATE_USE_CHAR || U_IS_UNICODE_NONCHAR(c)) return Oddity::private_use;
    return std::nullopt;
}

bool is_nfc(std::string_view text) {
    UErrorCode status = U_ZERO_ERROR;
    const icu::Normalizer2* const nfc = icu::Normalizer2::getNFCInstance(status);
    const UBool normalized =
        U_SUCCESS(status) ? nfc->isNormalizedUTF8(icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())), status) : 0;
    check(U_SUCCESS(status), "ICU cannot tell the normalization of a text of {} bytes: {}", text.size(), u_errorName(status));
    return normalized != 0;
}

} // namespace

LineShape shape_of(std::string_view line) {
    LineShape shape;
    const auto note = [&](Oddity oddity, std::uint32_t what) {
        std::optional<std::uint32_t>& first = shape.odd[static_cast<std::size_t>(oddity)];
        if (!first) first = what;
    };
    std::size_t begin = line.size(), end = 0, spaces = 0; // of the text; white space since its last character
    bool in_word = false, ascii = true;
    for (std::size_t i = 0; i < line.size();) {
        const std::size_t start = i;
        const char32_t c = next_character(line, i);
        ascii = ascii && c < 0x80;
        if (c == kNoCharacter) {
            note(Oddity::invalid_utf8, static_cast<unsigned char>(line[start]));
        } else if (c < 0x20 || c >= 0x7F) {
            if (const std::optional<Oddity> oddity = oddity_of(static_cast<UChar32>(c))) note(*oddity, c);
        }
        if (is_white_space(c)) {
            ++spaces;
            in_word = false;
            continue;
        }
        if (begin == line.size()) begin = start;
        else shape.characters += spaces;
        spaces = 0;
        ++shape.characters;
        end = i;
        if (!in_word) ++shape.words;
        in_word = true;
    }
    if (end > begin) shape.text = line.substr(begin, end - begin);
    const bool valid = !shape.odd[static_cast<std::size_t>(Oddity::invalid_utf8)];
    if (valid && !ascii && !is_nfc(line)) note(Oddity::not_nfc, 0);
    return shape;
}

std::vector<TextSpan> words_of(std::string_view line) {
    std::vector<TextSpan> words;
    bool in_word = false;
    for (std::size_t i = 0; i < line.size();) {
        const std::size_t start = i;
        const bool was_in_word = std::exchange(in_word, !is_white_space(next_character(line, i)));
        if (in_word && !was_in_word) words.push_back({start, i});
        else if (in_word) words.back().end = i;
    }
    return words;
}

} // namespace nmt
