#include "nmt/data/normalization.hpp"

#include "nmt/base/utf8.hpp"

#include <fmt/format.h>
#include <unicode/uchar.h>

#include <algorithm>

namespace nmt {
namespace {

constexpr char32_t kSpaceMark = 0x2581; // SentencePiece reads it as a space, whatever the normalization

// Without white space and bytes that are no characters.
std::u32string visible_characters(std::string_view text) {
    std::u32string characters;
    for (std::size_t i = 0; i < text.size();) {
        const char32_t c = next_character(text, i);
        if (c != kNoCharacter && !is_white_space(c) && c != kSpaceMark) characters.push_back(c);
    }
    return characters;
}

std::string utf8_of(std::u32string_view characters) {
    std::string text;
    for (const char32_t c : characters) append_utf8(text, c);
    return text;
}

// Walks over a text and what it became, side by side. What a stretch of some characters becomes by itself tells where both agree again.
class Comparison {
  public:
    Comparison(const Tokenizer& tokenizer, std::u32string_view from, std::u32string_view to)
        : tokenizer_(tokenizer), from_(from), to_(to) {}

    std::vector<TextChange> changes() {
        std::vector<TextChange> changes;
        while (i_ < from_.size() || j_ < to_.size()) {
            if (i_ < from_.size() && j_ < to_.size() && from_[i_] == to_[j_]) {
                ++i_;
                ++j_;
                continue;
            }
            const auto [a, b] = length_of_change();
            changes.push_back({utf8_of(from_.substr(i_, a)), utf8_of(to_.substr(j_, b))});
            i_ += a;
            j_ += b;
        }
        return changes;
    }

  private:
    // All the rest where no stretch tells.
    std::pair<std::size_t, std::size_t> length_of_change() const {
        constexpr std::size_t kLongest = 4; // characters that are composed to one
        for (std::size_t a = 1; a <= std::min(kLongest, from_.size() - i_); ++a) {
            const std::u32string became = visible_characters(tokenizer_.normalized(utf8_of(from_.substr(i_, a))));
            if (to_.substr(j_).starts_with(became)) return {a, became.size()};
        }
        return {from_.size() - i_, to_.size() - j_};
    }

    const Tokenizer& tokenizer_;
    std::u32string_view from_, to_;
    std::size_t i_ = 0, j_ = 0;
};

// Printable ASCII stays as it is in all of SentencePiece's own normalizations but those that lower-case.
bool stays_as_it_is(const std::string& normalization, std::string_view line) {
    if (normalization == "identity") return true;
    return (normalization == "nmt_nfkc" || normalization == "nfkc") &&
           std::all_of(line.begin(), line.end(), [](char c) { return (c >= ' ' && c <= '~') || c == '\t' || c == '\r'; });
}

// Whether people see a character, and see it apart from its neighbours.
bool shows_itself(char32_t character) {
    const auto c = static_cast<UChar32>(character);
    return u_isgraph(c) != 0 && u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) == 0 && (U_GET_GC_MASK(c) & U_GC_M_MASK) == 0;
}

} // namespace

std::vector<TextChange> normalization_changes(const Tokenizer& tokenizer, std::string_view line) {
    if (stays_as_it_is(tokenizer.normalization(), line) || !is_utf8(line)) return {};
    const std::u32string from = visible_characters(line), to = visible_characters(tokenizer.normalized(line));
    return Comparison(tokenizer, from, to).changes();
}

std::string show(const TextChange& change) {
    constexpr std::size_t kShown = 20; // characters
    const std::u32string from = visible_characters(change.from);
    const bool as_it_is = !from.empty() && std::all_of(from.begin(), from.end(), shows_itself);
    const auto text_of = [&](const std::string& text) -> std::string {
        std::u32string characters = visible_characters(text);
        if (characters.empty()) return "nothing";
        const bool cut = characters.size() > kShown;
        characters.resize(std::min(characters.size(), kShown));
        std::vector<std::string> parts;
        if (as_it_is) parts.push_back(utf8_of(characters));
        else
            for (const char32_t c : characters) parts.push_back(fmt::format("U+{:04X}", static_cast<std::uint32_t>(c)));
        return fmt::format("{}{}", fmt::join(parts, " "), cut ? "..." : "");
    };
    return fmt::format("{} to {}", text_of(change.from), text_of(change.to));
}

} // namespace nmt
