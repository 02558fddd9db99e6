// Text as the metrics see it, against what Python 3.11 makes of the same text.
#include "nmt/evaluation/python_text.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace nmt {
namespace {

using namespace std::string_view_literals;

struct Example {
    std::string_view text, expected;
};

// What Python's str.lower() returns, invalid bytes read with surrogateescape.
constexpr Example kLowered[] = {
    {"ABC xyz 123", "abc xyz 123"},
    {"ÄÖÜẞß", "äöüßß"},
    {"КОШКА", "кошка"},
    {"ΟΔΟΣ", "οδος"},
    {"ΟΔΟΣ ΣΑΣ.", "οδος σας."},
    {"Σ", "σ"},
    {"ΑΣ\u0301Α", "ασ\u0301α"},
    {"A\377Σ", "a\377σ"},
    {"aΣ\377a", "aς\377a"},
    {"İI", "i\u0307i"},
    {"ǅǄ", "ǆǆ"},
    {"ÉÈ E\u0301", "éè e\u0301"},
    {"𐐀", "𐐨"},
    {"Ⅷ Ⓐ", "ⅷ ⓐ"},
    {"\377\200ÄB\342", "\377\200äb\342"},
    {"ＡＢ", "ａｂ"},
    {"日本", "日本"},
    {"A\000Σ"sv, "a\000σ"sv},
    {"Ａ.Σ", "ａ.ς"},
};

TEST(Lowercase, EqualsPython) {
    for (const Example& example : kLowered) EXPECT_EQ(lowercase(example.text), example.expected) << "text: " << example.text;
}

// Python's white space, and characters that look like it or lie beside it.
const std::vector<std::string> kWhiteSpace = {"\t",     "\n",     "\v",       "\f",     "\r",     "\034",   "\035",   "\036",
                                              "\037",   " ",      "\302\205", "\u00a0", "\u1680", "\u2000", "\u2001", "\u2002",
                                              "\u2003", "\u2004", "\u2005",   "\u2006", "\u2007", "\u2008", "\u2009", "\u200a",
                                              "\u2028", "\u2029", "\u202f",   "\u205f", "\u3000"};
const std::vector<std::string> kNoWhiteSpace = {"\001",   "\010",   "\016",   "\033",   "\177",     "\302\200", "\302\204", "\302\206",
                                                "\u00a1", "\u180e", "\u200b", "\u200d", "\u2027",   "\u202a",   "\u2060",   "\u3001",
                                                "\ufeff", "\200",   "\240",   "\302",   "\342\200", "\343\200", "\342",     "\377"};

TEST(WhiteSpace, PartsWordsAsInPython) {
    for (const std::string& space : kWhiteSpace) {
        EXPECT_EQ(split_words(space + "a" + space + space + "b" + space), (std::vector<std::string_view>{"a", "b"}))
            << testing::PrintToString(space);
        EXPECT_EQ(strip_right("a" + space + "b" + space + " " + space), "a" + space + "b") << testing::PrintToString(space);
    }
    for (const std::string& other : kNoWhiteSpace) {
        const std::string text = "a" + other + "b" + other;
        EXPECT_EQ(split_words(text), std::vector<std::string_view>{text}) << testing::PrintToString(other);
        EXPECT_EQ(strip_right(text), text) << testing::PrintToString(other);
    }
}

TEST(WhiteSpace, MayBeAllOrNothing) {
    EXPECT_TRUE(split_words("").empty());
    EXPECT_TRUE(split_words(" \u3000\t").empty());
    EXPECT_EQ(strip_right(" \u3000\t"), "");
    EXPECT_EQ(strip_right(""), "");
}

TEST(CodePoints, AreThoseOfTheText) {
    EXPECT_EQ(code_points("a\u00e9\u732b\U0001F600"), U"a\u00e9\u732b\U0001F600");
    EXPECT_EQ(code_points(""), U"");
    EXPECT_EQ(code_points("a\0b"sv), std::u32string({'a', 0, 'b'}));
}

// As Python's decoder does with errors="surrogateescape".
TEST(CodePoints, KeepInvalidBytes) {
    EXPECT_EQ(code_points("\377"), std::u32string(1, 0xDCFF));
    EXPECT_EQ(code_points("\342\200a"), (std::u32string{0xDCE2, 0xDC80, 'a'}));
    EXPECT_EQ(code_points("\355\240\200"), (std::u32string{0xDCED, 0xDCA0, 0xDC80})); // an encoded surrogate
    EXPECT_EQ(code_points("\300\200"), (std::u32string{0xDCC0, 0xDC80}));             // an overlong NUL
}

TEST(CodePoints, GiveTheirBytesBack) {
    for (int first = 0; first < 256; ++first)
        for (int second = 0; second < 256; ++second) {
            const std::string text{static_cast<char>(first), static_cast<char>(second), '\200'};
            std::string back;
            for (const char32_t character : code_points(text)) append_code_point(back, character);
            EXPECT_EQ(back, text);
            EXPECT_EQ(lowercase(lowercase(text)), lowercase(text));
        }
}

} // namespace
} // namespace nmt
