// Lengths, repetitions and lost numbers of translations.
#include "nmt/evaluation/output_faults.hpp"

#include "nmt/base/error.hpp"
#include "tests/base/test_support.hpp"

#include <gtest/gtest.h>

namespace nmt {
namespace {

using Lines = std::vector<std::string>;
using Indices = std::vector<std::size_t>;

TEST(LengthRatio, IsThatOfAllWords) {
    EXPECT_DOUBLE_EQ(length_ratio(Lines{"a b c", "d"}, Lines{"a b", "d e f"}), 0.8);
    EXPECT_DOUBLE_EQ(length_ratio(Lines{"", ""}, Lines{"a", ""}), 0.0);
    EXPECT_NE(message_of<Error>([] { length_ratio(Lines{"a"}, Lines{" "}); }).find("without a word"), std::string::npos);
    EXPECT_NE(message_of<Error>([] { length_ratio(Lines{"a"}, Lines{}); }).find("1 hypotheses but 0 references"), std::string::npos);
}

bool repeats(const std::string& hypothesis, const std::string& reference, std::size_t order = 3) {
    return !repeating_sentences(Lines{hypothesis}, Lines{reference}, order).empty();
}

TEST(Repetitions, OfLongNgramsWhereverTheyStand) {
    EXPECT_TRUE(repeats("a man in a hat and a man in a car", "x"));
    EXPECT_FALSE(repeats("a man in a hat and a man by a car", "x")); // two words alone stand twice
    EXPECT_TRUE(repeats("a man in a hat and a man by a car", "x", 2));
    EXPECT_FALSE(repeats("a man in a hat and a man in a car", "a man in a hut or a man in a bus"));
    EXPECT_TRUE(repeats("a b c d a b c e a b c", "a b c d a b c e"));
    EXPECT_TRUE(repeats("a b a b a", "a b")); // overlapping places count
    EXPECT_FALSE(repeats("a b c", "x"));      // once is no repetition, though the reference lacks it
    EXPECT_FALSE(repeats("", ""));
}

TEST(Repetitions, OfShortNgramsThatFollowThemselves) {
    EXPECT_TRUE(repeats("the the cat", "the cat"));
    EXPECT_FALSE(repeats("the cat the", "cat")); // it does not follow itself
    EXPECT_TRUE(repeats("in a in a", "x"));
    EXPECT_FALSE(repeats("no no", "oh no no"));
    EXPECT_TRUE(repeats("no no no", "oh no no", 4)); // in two places instead of one
    EXPECT_FALSE(repeats("in a in a car", "in a in a bus"));
    EXPECT_FALSE(repeats("the The cat", "x"));     // words as they stand
    EXPECT_TRUE(repeats("the cat the", "cat", 1)); // order 1: any word that stands there more often
}

TEST(Repetitions, NameTheSentences) {
    EXPECT_EQ(repeating_sentences(Lines{"a a", "b", "c c c"}, Lines{"a", "b", "c"}), (Indices{0, 2}));
    EXPECT_NE(message_of<Error>([] { repeating_sentences(Lines{"a"}, Lines{"a"}, 0); }).find("at least 1"), std::string::npos);
    EXPECT_NE(message_of<Error>([] { repeating_sentences(Lines{"a"}, Lines{}); }).find("1 hypotheses but 0 references"), std::string::npos);
}

TEST(NumbersKept, CountsThoseThatTheReferenceHolds) {
    const Lines sources{"1.000 Hunde in 2016", "3 und 3 sind 6", "keine", "am 5.", "12"},
        references{"1,000 dogs in 2016", "3 and 3 is six", "none", "on the fifth", "12"};
    const auto kept = [&](const Lines& hypotheses) { return numbers_kept(sources, references, hypotheses); };
    // Expected: 1, 000, 2016; 3, 3; nothing; nothing; 12.
    const NumbersKept all = kept(references);
    EXPECT_EQ(all.expected, 6u);
    EXPECT_EQ(all.lost(), 0u);
    EXPECT_EQ(all.losers, Indices());
    const NumbersKept some = kept({"1 000 dogs in 2017", "3 and 4", "7", "on the 5th", "the year 120 or 1 and 2"});
    EXPECT_EQ(some.expected, 6u);
    EXPECT_EQ(some.kept, 3u); // 1, 000, one 3; 12 is no part of 120
    EXPECT_EQ(some.lost(), 3u);
    EXPECT_EQ(some.losers, (Indices{0, 1, 4}));
}

TEST(NumbersKept, Mistakes) {
    EXPECT_NE(message_of<Error>([] { numbers_kept(Lines{"a"}, Lines{"a"}, Lines{}); }).find("0 hypotheses but 1"), std::string::npos);
    EXPECT_NE(message_of<Error>([] { numbers_kept(Lines{}, Lines{"a"}, Lines{"a"}); }).find("0 sources but 1"), std::string::npos);
}

} // namespace
} // namespace nmt
