// Word F1 by training frequency, counted by hand.
#include "nmt/evaluation/word_frequency.hpp"

#include "nmt/base/error.hpp"
#include "tests/base/test_support.hpp"

#include <gtest/gtest.h>

namespace nmt {
namespace {

using Lines = std::vector<std::string>;

WordFrequencies frequencies_of(const Lines& lines) {
    WordFrequencies frequencies;
    for (const std::string& line : lines) frequencies.add(line);
    return frequencies;
}

TEST(WordFrequencies, CountWordsAsTheyStand) {
    const WordFrequencies frequencies = frequencies_of({"the cat the", " The\u00a0cat\t", ""});
    EXPECT_EQ(frequencies.of("the"), 2u);
    EXPECT_EQ(frequencies.of("The"), 1u);
    EXPECT_EQ(frequencies.of("cat"), 2u);
    EXPECT_EQ(frequencies.of("dog"), 0u);
}

TEST(WordsByFrequency, HaveTheBucketsOfCompareMt) {
    Lines training;
    for (const int count : {1, 2, 4, 5, 9, 10, 99, 100, 999, 1000})
        for (int i = 0; i < count; ++i) training.push_back(fmt::format("w{}", count));
    const Lines words{"w0 w1 w2 w4 w5 w9 w10 w99 w100 w999 w1000"};
    Lines names;
    std::vector<std::size_t> references;
    for (const FrequencyBucket& bucket : words_by_frequency(frequencies_of(training), words, words)) {
        names.push_back(bucket.name());
        references.push_back(bucket.reference);
        EXPECT_EQ(bucket.output, bucket.reference);
        EXPECT_EQ(bucket.f1(), 1.0);
    }
    EXPECT_EQ(names, (Lines{"0", "1", "2-4", "5-9", "10-99", "100-999", "1000+"}));
    EXPECT_EQ(references, (std::vector<std::size_t>{1, 1, 2, 2, 2, 2, 1}));
}

TEST(WordsByFrequency, CountMatchesWithinTheSentence) {
    // "the" is frequent (3), "cat" rare (1), all else unseen.
    const WordFrequencies frequencies = frequencies_of({"the the the cat"});
    const Lines hypotheses{"the the cat sat", "dog the", ""}, references{"the cat cat", "the cat", "dog"};
    const std::vector<FrequencyBucket> buckets = words_by_frequency(frequencies, hypotheses, references, {0, 1, 2});
    ASSERT_EQ(buckets.size(), 3u);
    // Unseen: output sat, dog; reference dog, in another sentence.
    EXPECT_EQ(buckets[0].output, 2u);
    EXPECT_EQ(buckets[0].reference, 1u);
    EXPECT_EQ(buckets[0].matches, 0u);
    EXPECT_EQ(buckets[0].f1(), 0.0);
    // cat: once in the output, three times in the references.
    EXPECT_EQ(buckets[1].output, 1u);
    EXPECT_EQ(buckets[1].reference, 3u);
    EXPECT_EQ(buckets[1].matches, 1u);
    EXPECT_DOUBLE_EQ(buckets[1].precision(), 1.0);
    EXPECT_DOUBLE_EQ(buckets[1].recall(), 1.0 / 3);
    EXPECT_DOUBLE_EQ(buckets[1].f1(), 0.5);
    // the: three times in the output, twice in the references, and it matches no more often than a reference holds it.
    EXPECT_EQ(buckets[2].output, 3u);
    EXPECT_EQ(buckets[2].reference, 2u);
    EXPECT_EQ(buckets[2].matches, 2u);
    EXPECT_DOUBLE_EQ(buckets[2].f1(), 0.8);
}

TEST(WordsByFrequency, NothingToCountIsZero) {
    const std::vector<FrequencyBucket> buckets = words_by_frequency({}, Lines{}, Lines{});
    ASSERT_EQ(buckets.size(), 7u);
    EXPECT_EQ(buckets[0].precision(), 0.0);
    EXPECT_EQ(buckets[0].recall(), 0.0);
    EXPECT_EQ(buckets[0].f1(), 0.0);
}

TEST(WordsByFrequency, Mistakes) {
    const auto message = [](const Lines& hypotheses, const std::vector<std::size_t>& borders) {
        return message_of<Error>([&] { words_by_frequency({}, hypotheses, Lines{"a"}, borders); });
    };
    EXPECT_NE(message({"a", "b"}, {0}).find("2 hypotheses but 1 references"), std::string::npos);
    EXPECT_NE(message({"a"}, {1, 2}).find("from 0 on"), std::string::npos);
    EXPECT_NE(message({"a"}, {0, 2, 2}).find("from 0 on"), std::string::npos);
    EXPECT_NE(message({"a"}, {}).find("from 0 on"), std::string::npos);
    EXPECT_EQ(message({"a"}, {0}), "");
}

} // namespace
} // namespace nmt
