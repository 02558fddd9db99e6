// The words that the metrics see, against what sacreBLEU 2.6 and Python 3.11 make of the same text.
#include "nmt/evaluation/bleu_tokenizer.hpp"

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

// What sacreBLEU's Tokenizer13a returns.
constexpr Example kTokenized[] = {
    {"", ""},
    {"   ", ""},
    {"Hello, world!", "Hello , world !"},
    {"1,000.50", "1,000.50"},
    {"3.14.", "3.14 ."},
    {".5", ". 5"},
    {"5.", "5 ."},
    {"a.b", "a . b"},
    {"1.a", "1 . a"},
    {"a.1", "a . 1"},
    {"1,a", "1 , a"},
    {"a,1", "a , 1"},
    {"...", ". . ."},
    {"....", ". . . ."},
    {".,.,", ". , . ,"},
    {"a...b", "a . . . b"},
    {"1..2", "1 . . 2"},
    {"1.,2", "1 . , 2"},
    {",,,1", ", , , 1"},
    {"well-known", "well-known"},
    {"-5", "-5"},
    {"3-4", "3 - 4"},
    {"3--4", "3 - -4"},
    {"1-2-3", "1 - 2 - 3"},
    {"a-1-b", "a-1 - b"},
    {"5-", "5 -"},
    {"--", "--"},
    {"don't l'homme 'quoted'", "don't l'homme 'quoted'"},
    {"(a)[b]{c}<d>", "( a ) [ b ] { c } < d >"},
    {"!\"#$%&()*+/:;<=>?@[\\]^_`{|}~", "! \" # $ % & ( ) * + / : ; < = > ? @ [ \\ ] ^ _ ` { | } ~"},
    {"'-.,", "'- . ,"},
    {"&quot;a&quot;", "\" a \""},
    {"&amp;quot;", "& quot ;"},
    {"&amp;lt;b&amp;gt;", "< b >"},
    {"&amp;amp;amp;", "& amp ; amp ;"},
    {"&quot", "& quot"},
    {"&apos;", "& apos ;"},
    {"&QUOT;", "& QUOT ;"},
    {"<skipped>", ""},
    {"a<skipped>b", "ab"},
    {"<skip<skipped>ped>", "< skipped >"},
    {"&lt;skipped&gt;", "< skipped >"},
    {"<SKIPPED>", "< SKIPPED >"},
    {"hyphen-\nated", "hyphenated"},
    {"a -\n-\nb", "a b"},
    {"line\nbreak", "line break"},
    {"-", "-"},
    {"a-", "a-"},
    {"x -", "x -"},
    {"été.Übung,ß", "été . Übung , ß"},
    {"日本。語、テ.ス,ト", "日本。語、テ . ス , ト"},
    {"1٣.٤", "1٣ . ٤"},
    {"٣.1", "٣ . 1"},
    {"１．２,３", "１．２ , ３"},
    {"a\u00a0b\u00a0.", "a b ."},
    {"a\u2028b\u2029c", "a b c"},
    {"\u3000a\u3000", "a"},
    {"a\u200bb", "a\u200bb"},
    {"a\302\205b\034c\037d", "a b c d"},
    {"\000a\000,"sv, "\000a\000 ,"sv},
    {"\ufeffa", "\ufeffa"},
    {"\r\na\r", "a"},
    {"👍.👍🏽,", "👍 . 👍🏽 ,"},
    {"“a”—b…", "“a”—b…"},
    {"\u2009«\u202fa\u202f»", "« a »"},
    {"\377.\200,1", "\377 . \200 , 1"},
    {"\342\200", "\342\200"},
    {"\302 \302\302\205", "\302 \302"},
    {"U.S.A.", "U . S . A ."},
    {"e.g., i.e.", "e . g . , i . e ."},
    {"10:30", "10 : 30"},
    {"50%", "50 %"},
    {"$5.00", "$ 5.00"},
    {"a@b.c", "a @ b . c"},
    {"http://a.b/c?d=1&e=2", "http : / / a . b / c ? d = 1 & e = 2"},
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

TEST(Tokenizer13a, EqualsSacrebleu) {
    for (const Example& example : kTokenized) EXPECT_EQ(tokenize_13a(example.text), example.expected) << "text: " << example.text;
}

TEST(Tokenizer13a, SetsApartBetweenLetters) {
    const std::string_view apart = "!\"#$%&()*+,./:;<=>?@[\\]^_`{|}~";
    for (char c = '!'; c <= '~'; ++c) {
        const std::string mark(1, c);
        const bool found = apart.find(c) != std::string_view::npos;
        EXPECT_EQ(tokenize_13a("a" + mark + "b"), found ? "a " + mark + " b" : "a" + mark + "b");
    }
}

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

// Every byte string must pass; so must every split of a character.
TEST(Tokenizer13a, TakesAnyBytes) {
    for (int first = 0; first < 256; ++first)
        for (int second = 0; second < 256; ++second) {
            const std::string text{'a', static_cast<char>(first), static_cast<char>(second)};
            EXPECT_FALSE(tokenize_13a(text).empty());
            EXPECT_EQ(tokenize_13a(tokenize_13a(text)), tokenize_13a(text));
            EXPECT_EQ(lowercase(lowercase(text)), lowercase(text));
        }
}

} // namespace
} // namespace nmt
