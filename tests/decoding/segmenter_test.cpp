#include "nmt/decoding/segmenter.hpp"

#include "nmt/base/error.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace nmt {
namespace {

using Ends = std::vector<std::size_t>;
using Pieces = std::vector<Piece>;

// Pieces given as words separated by blanks, '_' standing for SentencePiece's space.
Pieces pieces(const std::string& text) {
    std::istringstream stream(text);
    Pieces result;
    for (std::string piece; stream >> piece;) {
        for (std::size_t at; (at = piece.find('_')) != std::string::npos;) piece.replace(at, 1, "\u2581");
        result.push_back({0, piece, {}});
    }
    return result;
}

TEST(Segmenter, ShortLinesStayWhole) {
    EXPECT_EQ(segment_ends(Pieces{}, 3), Ends{});
    EXPECT_EQ(segment_ends(pieces("_a"), 3), Ends{1});
    EXPECT_EQ(segment_ends(pieces("_a . _b"), 3), Ends{3});
    EXPECT_THROW(segment_ends(pieces("_a"), 0), Error);
}

TEST(Segmenter, PrefersSentencesThenClausesThenSpaces) {
    EXPECT_EQ(segment_ends(pieces("_a . _b , _c _d e _f"), 6), (Ends{2, 8}));
    EXPECT_EQ(segment_ends(pieces("_a ! _b ? _c _d e _f"), 6), (Ends{4, 8})); // the last of them
    EXPECT_EQ(segment_ends(pieces("_a a _b , _c _d e _f"), 6), (Ends{4, 8}));
    EXPECT_EQ(segment_ends(pieces("_a a _b b _c c d e _f"), 6), (Ends{4, 9}));
    EXPECT_EQ(segment_ends(pieces("_a b c d e f g"), 3), (Ends{3, 6, 7}));
}

TEST(Segmenter, ACutMayBeRightAtTheLimit) {
    EXPECT_EQ(segment_ends(pieces("_a _b . _c _d"), 3), (Ends{3, 5}));
    EXPECT_EQ(segment_ends(pieces("_a _b c . _d"), 3), (Ends{1, 4, 5}));
    EXPECT_EQ(segment_ends(pieces("_a _b c"), 1), (Ends{1, 2, 3}));
}

TEST(Segmenter, MarksInsideWordsAreNoEnds) {
    EXPECT_EQ(segment_ends(pieces("_x _3 . 14 _1 , 000 _y _z"), 8), (Ends{8, 9}));
    EXPECT_EQ(segment_ends(pieces("_a . b . c d"), 4), (Ends{4, 6}));
}

TEST(Segmenter, QuotesAndBracketsBelongToWhatTheyClose) {
    EXPECT_EQ(segment_ends(pieces("_( Yes . ) _b c d"), 6), (Ends{4, 7}));
    EXPECT_EQ(segment_ends(pieces("_a .” _b _c d"), 4), (Ends{2, 5}));
    EXPECT_EQ(segment_ends(pieces("_a ?! _b _c d"), 4), (Ends{2, 5}));
    EXPECT_EQ(segment_ends(pieces("_a .,\" _b _c d"), 4), (Ends{2, 5})); // the stronger mark counts
    EXPECT_EQ(segment_ends(pieces("_Oui _! _Non _et _oui"), 4), (Ends{2, 5}));
}

TEST(Segmenter, OtherScripts) {
    EXPECT_EQ(segment_ends(pieces("_你 好 。 我 们 、 走"), 6), (Ends{3, 7}));
    EXPECT_EQ(segment_ends(pieces("_你 好 。」 我 们 、 走"), 6), (Ends{3, 7}));
    EXPECT_EQ(segment_ends(pieces("_你 好 ! 我 们 , 走"), 6), (Ends{3, 7})); // ！ as NFKC writes it
    EXPECT_EQ(segment_ends(pieces("_你 好 、 我 们 走 吧"), 6), (Ends{3, 7}));
    EXPECT_EQ(segment_ends(pieces("_مرحبا ، _كيف _حال ك"), 4), (Ends{2, 5}));
    EXPECT_EQ(segment_ends(pieces("_كيف ؟ _مرحبا ، _حال ك"), 5), (Ends{2, 6}));
    EXPECT_EQ(segment_ends(pieces("_यह ।  _वह , _है क"), 5), (Ends{2, 6}));
    EXPECT_EQ(segment_ends(pieces("_a … _b _c d"), 4), (Ends{2, 5}));
}

TEST(Segmenter, BrokenBytesDoNoHarm) {
    Pieces broken;
    for (const std::string& text : std::vector<std::string>{"\xff\xfe", "\xe2\x96", "\xf0", "\x80", std::string("\0", 1), "", "\xe3\x80"})
        broken.push_back({0, text, {}});
    EXPECT_EQ(segment_ends(broken, 3), (Ends{3, 6, 7}));
}

TEST(Segmenter, CharactersSpeltInBytesAreNotTorn) {
    EXPECT_EQ(segment_ends(pieces("_ <0xE4> <0xBD> <0xA0> <0xE5> <0xA5> <0xBD>"), 5), (Ends{4, 7}));
    EXPECT_EQ(segment_ends(pieces("<0xE4> <0xBD> <0xA0> <0xE5>"), 2), (Ends{2, 4})); // no room for one
}

// Every kind of place at every distance: segments cover the line, none is too long, and the work per piece is bounded.
TEST(Segmenter, LongLines) {
    Pieces line;
    for (int i = 0; i < 100'000; ++i) line.push_back({0, i % 997 == 3 ? "." : i % 101 == 5 ? "," : i % 3 == 0 ? "\u2581w" : "w", {}});
    for (const std::size_t longest : {1u, 7u, 255u, 4096u}) {
        const Ends ends = segment_ends(line, longest);
        ASSERT_EQ(ends.back(), line.size());
        std::size_t begin = 0;
        for (const std::size_t end : ends) {
            ASSERT_GT(end, begin);
            ASSERT_LE(end - begin, longest);
            begin = end;
        }
    }
    const Pieces endless(100'000, {0, "x", {}});
    EXPECT_EQ(segment_ends(endless, 1000).size(), 100u);
}

} // namespace
} // namespace nmt
