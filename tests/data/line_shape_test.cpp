// Lengths of lines, and what is odd in them.
#include "nmt/data/line_shape.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace nmt {
namespace {

using namespace std::string_literals;

// The oddities of a line and what shows them.
std::vector<std::pair<Oddity, std::uint32_t>> oddities(const std::string& line) {
    const LineShape shape = shape_of(line);
    std::vector<std::pair<Oddity, std::uint32_t>> found;
    for (std::size_t i = 0; i < kOddities; ++i)
        if (shape.odd[i]) found.emplace_back(static_cast<Oddity>(i), *shape.odd[i]);
    return found;
}

using Found = std::vector<std::pair<Oddity, std::uint32_t>>;

TEST(LineShape, CountsWordsAndCharacters) {
    const auto lengths = [](const std::string& line) { return std::pair(shape_of(line).words, shape_of(line).characters); };
    EXPECT_EQ(lengths(""), std::pair(std::size_t{0}, std::size_t{0}));
    EXPECT_EQ(lengths(" \t\u00a0\u3000"), std::pair(std::size_t{0}, std::size_t{0}));
    EXPECT_EQ(lengths("two  words"), std::pair(std::size_t{2}, std::size_t{10}));
    EXPECT_EQ(lengths(" déjà\u2009vu\r"),
              std::pair(std::size_t{2}, std::size_t{7})); // a thin space; white space at the ends does not count
    EXPECT_EQ(lengths("\xff\xfe x"), std::pair(std::size_t{2}, std::size_t{4}));
    EXPECT_EQ(lengths("\xe2\x82"), std::pair(std::size_t{1}, std::size_t{2})); // a character cut short: two bytes
    EXPECT_EQ(lengths("\U0001f600"), std::pair(std::size_t{1}, std::size_t{1}));
}

TEST(LineShape, WordsStandBetweenWhiteSpace) {
    const auto words = [](const std::string& line) {
        std::vector<std::string> found;
        for (const TextSpan& word : words_of(line)) found.push_back(line.substr(word.begin, word.end - word.begin));
        EXPECT_EQ(found.size(), shape_of(line).words) << line;
        return found;
    };
    using Words = std::vector<std::string>;
    EXPECT_EQ(words(""), Words{});
    EXPECT_EQ(words(" \u2003\x1c\u0085 "), Words{});
    EXPECT_EQ(words("two\u3000 words"), (Words{"two", "words"}));
    EXPECT_EQ(words(" d\u00e9j\u00e0\u2028vu\x1fx "), (Words{"d\u00e9j\u00e0", "vu", "x"}));
    EXPECT_EQ(words("a\u200bb L\u00b4h \u2060"), (Words{"a\u200bb", "L\u00b4h", "\u2060"})); // of no width, but no white space
    EXPECT_EQ(words("\xff \xe2\x80"), (Words{"\xff", "\xe2\x80"}));
    EXPECT_EQ(words("\0 a"s), (Words{"\0"s, "a"}));
}

TEST(LineShape, CutsWhiteSpaceAtTheEnds) {
    EXPECT_EQ(shape_of("  a b \u00a0\r").text, "a b");
    EXPECT_EQ(shape_of("a").text, "a");
    EXPECT_EQ(shape_of(" \u2028 ").text, "");
    EXPECT_EQ(shape_of("\xff ").text, "\xff");
}

TEST(LineShape, FindsNothingOddInOrdinaryText) {
    for (const char* line :
         {"", "Plain, text; with 3 marks!", "tab\there", "Je vous en prie, déjà-vu …", "«Привет» 你好 مرحبا", "\U0001f600", "a\u00a0b"})
        EXPECT_EQ(oddities(line), Found()) << line;
}

TEST(LineShape, FindsEachOddity) {
    EXPECT_EQ(oddities("caf\xe9 noir"), (Found{{Oddity::invalid_utf8, 0xE9}}));
    EXPECT_EQ(oddities("\xc0\xaf"), (Found{{Oddity::invalid_utf8, 0xC0}}));         // overlong
    EXPECT_EQ(oddities("\xed\xa0\x80"), (Found{{Oddity::invalid_utf8, 0xED}}));     // a surrogate
    EXPECT_EQ(oddities("\xf4\x90\x80\x80"), (Found{{Oddity::invalid_utf8, 0xF4}})); // beyond U+10FFFF
    EXPECT_EQ(oddities("a\0b"s), (Found{{Oddity::nul, 0}}));
    EXPECT_EQ(oddities("line\r"), (Found{{Oddity::carriage_return, '\r'}}));
    for (const auto& [text, code] : {std::pair("a\x01", 0x01), std::pair("\x1f", 0x1F), std::pair("\x7f", 0x7F), std::pair("\u0085", 0x85),
                                     std::pair("a\u2028b", 0x2028), std::pair("\u2029", 0x2029)})
        EXPECT_EQ(oddities(text), (Found{{Oddity::control_character, static_cast<std::uint32_t>(code)}})) << code;
    EXPECT_EQ(oddities("a\ufffd"), (Found{{Oddity::replacement_character, 0xFFFD}}));
    EXPECT_EQ(oddities("\ufeffFirst"), (Found{{Oddity::byte_order_mark, 0xFEFF}}));
    EXPECT_EQ(oddities("\ue000"), (Found{{Oddity::private_use, 0xE000}}));
    EXPECT_EQ(oddities("\U0010fffd"), (Found{{Oddity::private_use, 0x10FFFD}}));
    EXPECT_EQ(oddities("\uffff"), (Found{{Oddity::private_use, 0xFFFF}}));
    EXPECT_EQ(oddities("cafe\u0301"), (Found{{Oddity::not_nfc, 0}})); // e and a combining accent
}

TEST(LineShape, NamesTheFirstOfEachAndAllThatThereAre) {
    EXPECT_EQ(oddities("\x02\x01\ue001\ue000\0"s),
              (Found{{Oddity::nul, 0}, {Oddity::control_character, 2}, {Oddity::private_use, 0xE001}}));
    // Of a line that is not valid, nobody can tell the normalization.
    EXPECT_EQ(oddities("cafe\u0301\xff"), (Found{{Oddity::invalid_utf8, 0xFF}}));
}

} // namespace
} // namespace nmt
