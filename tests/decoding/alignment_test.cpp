#include "nmt/decoding/alignment.hpp"

#include "nmt/base/error.hpp"
#include "nmt/decoding/translation.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace nmt {
namespace {

using Spans = std::vector<TextSpan>;
using Words = std::vector<WordRange>;

TEST(Alignment, WordsOfPieces) {
    const Spans words{{1, 4}, {5, 9}, {11, 12}}; // " the cats  x "
    EXPECT_EQ(words_of_pieces(words, Spans{{1, 4}, {4, 7}, {7, 8}, {8, 9}, {9, 12}}), (Words{{0, 1}, {1, 2}, {1, 2}, {1, 2}, {2, 3}}));
    EXPECT_EQ(words_of_pieces(words, {}), Words{});
    EXPECT_EQ(words_of_pieces({}, Spans{{0, 1}, {1, 1}}), (Words{{0, 0}, {0, 0}}));
    // White space in a piece of its own belongs to the word that it begins, behind the last word to none.
    EXPECT_EQ(words_of_pieces(words, Spans{{0, 1}, {1, 4}, {4, 5}, {9, 11}, {12, 13}, {13, 13}}),
              (Words{{0, 1}, {0, 1}, {1, 2}, {2, 3}, {3, 3}, {3, 3}}));
    // What stands for no byte belongs to the word it is in, or to the next one.
    EXPECT_EQ(words_of_pieces(words, Spans{{0, 0}, {1, 1}, {2, 2}, {4, 4}, {11, 11}}), (Words{{0, 1}, {0, 1}, {0, 1}, {1, 2}, {2, 3}}));
    // Several words in a piece.
    EXPECT_EQ(words_of_pieces(words, Spans{{0, 7}, {7, 13}}), (Words{{0, 2}, {1, 3}}));
    EXPECT_EQ(words_of_pieces(words, Spans{{0, 5}, {4, 6}}), (Words{{0, 1}, {1, 2}}));
}

TEST(Alignment, LinksOfWords) {
    const Words source{{0, 1}, {0, 1}, {1, 2}, {2, 2}}, target{{0, 1}, {1, 2}, {1, 2}, {2, 4}};
    const std::vector<AlignmentLink> links{{2, 0}, {0, 1}, {1, 2}, {1, 3}, {3, 0}};
    // 0-1 and 1-2 are one pair of words; piece 3 of the target is two words; piece 3 of the source none.
    EXPECT_EQ(to_pharaoh(word_links(links, source, target)), "0-1 0-2 0-3 1-0");
    EXPECT_EQ(to_pharaoh({}), "");
    EXPECT_THROW(word_links(std::vector<AlignmentLink>{{4, 0}}, source, target), Error);
}

TEST(Translation, Formats) {
    const Translation translation{"a b", -1.5, -0.5, {-1, -0.25F, -0.25F}, {{0, 1}, {1, 0}}};
    EXPECT_EQ(format_translation(translation, 3, {}), "a b");
    EXPECT_EQ(format_translation(translation, 3, {.n_best = true}), "3 ||| a b ||| F0= -1.500000 ||| -0.500000");
    EXPECT_EQ(format_translation(translation, 3, {.alignment = true}), "a b ||| 0-1 1-0");
    EXPECT_EQ(format_translation(translation, 3, {.word_scores = true}), "a b ||| WordScores= -1.000000 -0.250000 -0.250000");
    EXPECT_EQ(format_translation(translation, 3, {.alignment = true, .word_scores = true}),
              "a b ||| 0-1 1-0 ||| WordScores= -1.000000 -0.250000 -0.250000");
    EXPECT_EQ(format_translation(translation, 3, {true, true, true}),
              "3 ||| a b ||| 0-1 1-0 ||| WordScores= -1.000000 -0.250000 -0.250000 ||| F0= -1.500000 ||| -0.500000");
    EXPECT_EQ(format_translation({}, 0, {true, true, true}), "0 |||  |||  ||| WordScores= ||| F0= 0.000000 ||| 0.000000");
    EXPECT_EQ(format_translation({}, 0, {}), "");
}

} // namespace
} // namespace nmt
