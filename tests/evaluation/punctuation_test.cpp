#include "nmt/evaluation/punctuation.hpp"

#include <gtest/gtest.h>

namespace nmt {
namespace {

std::string without_entities(std::string text) {
    replace_entities(text);
    return text;
}

TEST(Punctuation, EntitiesAreReplacedInTheirOrder) {
    EXPECT_EQ(without_entities("&quot;a&quot; &lt;b&gt; c &amp; d"), "\"a\" <b> c & d");
    EXPECT_EQ(without_entities("&amp;lt;"), "<") << "the ampersand comes before the angle";
    EXPECT_EQ(without_entities("&amp;quot;"), "&quot;") << "and after the quotation mark";
    EXPECT_EQ(without_entities("&amp;amp;"), "&amp;") << "once";
    EXPECT_EQ(without_entities("R&D &nbsp; &"), "R&D &nbsp; &");
    EXPECT_EQ(without_entities(""), "");
}

TEST(Punctuation, AsciiPunctuationStandsApart) {
    EXPECT_EQ(separate_punctuation("(a)/b!"), " ( a )  / b ! ");
    EXPECT_EQ(separate_punctuation("it's 3-4, or 1.5."), "it's 3-4, or 1.5.");
    for (const char c : std::string("!\"#$%&()*+/:;<=>?@[\\]^_`{|}~"))
        EXPECT_EQ(separate_punctuation(std::string{'a', c, 'b'}), std::string("a ") + c + " b") << c;
    for (const char c : std::string("'-.,09AZaz \t")) EXPECT_EQ(separate_punctuation({&c, 1}), std::string(1, c)) << c;
    EXPECT_EQ(separate_punctuation("«ça»…"), "«ça»…") << "no ASCII";
}

TEST(Punctuation, StopsStandApartUnlessBetweenDigits) {
    EXPECT_EQ(separate_stops_and_hyphens(" 1,000.5 "), " 1,000.5 ");
    EXPECT_EQ(separate_stops_and_hyphens(" end. "), " end  .   ") << "by both rules; callers cut at any number of blanks";
    EXPECT_EQ(separate_stops_and_hyphens(" 5. "), " 5 .  ");
    EXPECT_EQ(separate_stops_and_hyphens(" a.5 "), " a  .  5 ");
    EXPECT_EQ(separate_stops_and_hyphens(" é,à "), " é  ,  à ");
    EXPECT_EQ(separate_stops_and_hyphens("."), ".") << "no neighbour";
}

TEST(Punctuation, HyphensStandApartBehindDigits) {
    EXPECT_EQ(separate_stops_and_hyphens("1990-1995"), "1990 - 1995");
    EXPECT_EQ(separate_stops_and_hyphens("well-known -5"), "well-known -5");
}

// A pair starts after the end of the one before, so that of three stops in a row the middle one is no second beginning.
TEST(Punctuation, PairsDoNotOverlap) {
    const auto both_x = [](char a, char b) { return a == 'x' && b == 'x'; };
    const auto write = [](std::string& result, char, char) { result += '2'; };
    EXPECT_EQ(rewrite_pairs(std::string("xxx"), both_x, write), "2x");
    EXPECT_EQ(rewrite_pairs(std::string("axxxxb"), both_x, write), "a22b");
    EXPECT_EQ(rewrite_pairs(std::string(), both_x, write), "");
}

} // namespace
} // namespace nmt
