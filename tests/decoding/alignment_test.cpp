#include "nmt/decoding/alignment.hpp"

#include "nmt/base/error.hpp"
#include "nmt/decoding/translation.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace nmt {
namespace {

using Pieces = std::vector<std::string>;
using Words = std::vector<WordRange>;

TEST(Alignment, WordsOfPieces) {
    EXPECT_EQ(words_of_pieces(Pieces{"▁the", "▁ca", "t", "s", "."}), (Words{{0, 1}, {1, 2}, {1, 2}, {1, 2}, {1, 2}}));
    EXPECT_EQ(words_of_pieces(Pieces{"the", "▁cat"}), (Words{{0, 1}, {1, 2}}));
    EXPECT_EQ(words_of_pieces(Pieces{}), Words{});
    // Characters: the mark is a piece of its own and belongs to the word that it begins.
    EXPECT_EQ(words_of_pieces(Pieces{"▁", "a", "b", "▁", "c"}), (Words{{0, 1}, {0, 1}, {0, 1}, {1, 2}, {1, 2}}));
    // Several spaces begin one word; a space at the end none.
    EXPECT_EQ(words_of_pieces(Pieces{"▁▁a", "▁", "▁b", "▁"}), (Words{{0, 1}, {1, 2}, {1, 2}, {2, 2}}));
    // Spaces as suffixes.
    EXPECT_EQ(words_of_pieces(Pieces{"a", "b▁", "c▁"}), (Words{{0, 1}, {0, 1}, {1, 2}}));
    // Unknown words that are one piece, and one between words.
    EXPECT_EQ(words_of_pieces(Pieces{"▁a", "▁x▁y", "z", "▁b"}), (Words{{0, 1}, {1, 3}, {2, 3}, {3, 4}}));
    EXPECT_EQ(words_of_pieces(Pieces{"▁a", "▁\u2047▁", "b"}), (Words{{0, 1}, {1, 2}, {2, 3}}));
    // Bytes.
    EXPECT_EQ(words_of_pieces(Pieces{"▁", "<0xE4>", "<0xBD>", "<0x20>", "b"}), (Words{{0, 1}, {0, 1}, {0, 1}, {1, 2}, {1, 2}}));
    // Without spaces all is one word.
    EXPECT_EQ(words_of_pieces(Pieces{"▁你好", "世界", "。"}), (Words{{0, 1}, {0, 1}, {0, 1}}));
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
