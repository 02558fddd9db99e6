#include "nmt/data/sentence_sample.hpp"

#include <gtest/gtest.h>

#include <string>

namespace nmt {
namespace {

std::string line_of(int sentences) {
    std::string line;
    for (int i = 0; i < sentences; ++i) line += "A dog runs. ";
    return line;
}

// `rare` lines of five sentences among `all`, the others of one.
SentenceSample sample_of(int all, int rare) {
    SentenceSample sample;
    for (int i = 0; i < all; ++i) sample.add(line_of(i % (all / rare) == 0 && i / (all / rare) < rare ? 5 : 1));
    return sample;
}

TEST(SentenceSample, UsualIsWhatNinetyNineOfAHundredLinesHold) {
    EXPECT_EQ(SentenceSample().usual(), 0);
    EXPECT_EQ(sample_of(1000, 10).usual(), 1);
    EXPECT_EQ(sample_of(1000, 11).usual(), 5);
    EXPECT_EQ(sample_of(1, 1).usual(), 5);
    SentenceSample blank;
    blank.add(" ");
    EXPECT_EQ(blank.usual(), 1);
    SentenceSample documents;
    for (int i = 0; i < 300; ++i) documents.add(line_of(i % 30 + 1));
    EXPECT_EQ(documents.usual(), 30);
}

// The first 100,000 lines hold one sentence, as many behind them two: a sample of the first ones alone would not know.
TEST(SentenceSample, LinesFromAllOverTheText) {
    SentenceSample sample;
    for (int i = 0; i < 200'000; ++i) sample.add(i < 100'000 ? "A dog." : "A dog. A cat.");
    EXPECT_EQ(sample.usual(), 2);
    SentenceSample rare;
    for (int i = 0; i < 300'000; ++i) rare.add(i % 200 == 0 ? "A dog. A cat." : "A dog.");
    EXPECT_EQ(rare.usual(), 1);
}

} // namespace
} // namespace nmt
