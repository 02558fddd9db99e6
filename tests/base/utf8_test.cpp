#include "nmt/base/utf8.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace nmt {
namespace {

std::u32string characters_of(std::string_view text) {
    std::u32string characters;
    for (std::size_t next = 0; next < text.size();) characters += next_character(text, next);
    return characters;
}

const std::vector<std::string> kBroken{
    "\x80",
    "\xc0\xaf",
    "\xe0\x80\xaf",
    "\xed\xa0\x80", // alone, overlong, overlong, surrogate
    "\xf4\x90\x80\x80",
    "\xf5\x80\x80\x80",
    "\xc3",
    "\xe2\x82", // above U+10FFFF, unfinished
    "\xf0\x9f\x98",
    "\xff",
};

TEST(Utf8, CharactersOfEveryLength) {
    EXPECT_EQ(characters_of("aé€😀"), U"aé€😀");
    EXPECT_EQ(characters_of(std::string_view("\0x", 2)), std::u32string_view(U"\0x", 2));
}

TEST(Utf8, ByteAfterByteWhereItIsNone) {
    for (const std::string& bytes : kBroken) {
        EXPECT_EQ(characters_of(bytes + "é"), std::u32string(bytes.size(), kNoCharacter) + U"é") << testing::PrintToString(bytes);
        EXPECT_EQ(valid_utf8_size("é" + bytes), 2u) << testing::PrintToString(bytes);
        EXPECT_FALSE(is_utf8("é" + bytes)) << testing::PrintToString(bytes);
    }
    EXPECT_TRUE(is_utf8(""));
    EXPECT_TRUE(is_utf8("aé€😀\xf4\x8f\xbf\xbf"));
}

TEST(Utf8, CharactersAreWrittenAsTheyAreRead) {
    for (const char32_t character : {U'a', U'é', U'€', U'😀', char32_t{0x10FFFF}}) {
        std::string text;
        append_utf8(text, character);
        EXPECT_EQ(characters_of(text), std::u32string(1, character));
    }
}

TEST(Utf8, CutsBetweenCharacters) {
    const std::string text = "aé€😀"; // 1 + 2 + 3 + 4 bytes
    const std::vector<std::size_t> places{0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 10};
    for (std::size_t limit = 0; limit < places.size(); ++limit) EXPECT_EQ(character_boundary(text, limit), places[limit]) << limit;
    EXPECT_EQ(character_boundary(std::string(20, '\x80'), 10), 10u);
    EXPECT_EQ(character_boundary("\x80\x80\x80", 1), 1u);
}

TEST(Utf8, WhiteSpaceIsThatOfPython) {
    std::u32string found;
    for (char32_t c = 0; c < 0x11000; ++c)
        if (is_white_space(c)) found += c;
    EXPECT_EQ(found, U"\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
                     U"\u2028\u2029\u202f\u205f\u3000");
    EXPECT_FALSE(is_white_space(kNoCharacter));
}

TEST(Utf8, Capitals) {
    EXPECT_EQ(uppercase(U'a'), U'A');
    EXPECT_EQ(uppercase(U'œ'), U'Œ');
    EXPECT_EQ(uppercase(U'1'), U'1');
    EXPECT_EQ(uppercase(kNoCharacter), kNoCharacter);
}

TEST(Utf8, WidthIsThatOfATerminal) {
    EXPECT_EQ(display_width("größer ±"), 8u);
    EXPECT_EQ(display_width("日本語"), 6u);
    EXPECT_EQ(display_width("ｆｕ"), 4u);
    EXPECT_EQ(display_width("한국"), 4u);
    EXPECT_EQ(display_width("e\u0301"), 1u);
    EXPECT_EQ(display_width("a\u200bb\u00ad"), 3u);
    EXPECT_EQ(display_width("😀"), 2u);
    EXPECT_EQ(display_width("\xff\xfe"), 2u);
    EXPECT_EQ(display_width(""), 0u);
}

TEST(Utf8, FitsIntoColumns) {
    EXPECT_EQ(fit_columns("日本語", 5), "日本");
    EXPECT_EQ(fit_columns("e\u0301a", 1), "e\u0301"); // the mark stays with its letter
    EXPECT_EQ(fit_columns("abc", 3), "abc");
    EXPECT_EQ(fit_columns("abc", 0), "");
}

TEST(Utf8, NothingPrintableSteersATerminal) {
    EXPECT_EQ(printable("größer\t日本\n😀 e\u0301"), "größer\t日本\n😀 e\u0301");
    EXPECT_EQ(printable("\x1b[2J\r\a\x7f"), "?[2J???");
    EXPECT_EQ(printable("\u009b31m \u0085"), "?31m ?"); // C1: U+009B is ESC [ in one
    EXPECT_EQ(printable("\u202eabc\u2028"), "?abc?");   // from right to left; a line's end
    EXPECT_EQ(printable("caf\xe9 \x9b"), "caf? ?");     // no UTF-8
    EXPECT_EQ(printable(std::string_view("a\0b", 3)), "a?b");
}

} // namespace
} // namespace nmt
