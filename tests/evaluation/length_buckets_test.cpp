// Scores by source length: which sentences are in which bucket, and that a bucket's score is that of its sentences.
#include "nmt/evaluation/length_buckets.hpp"

#include "nmt/evaluation/bleu.hpp"
#include "tests/base/test_support.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace nmt {
namespace {

using Lines = std::vector<std::string>;
using Found = std::vector<std::pair<std::string, std::vector<std::size_t>>>;

std::string words(int count) {
    std::string text;
    for (int i = 0; i < count; ++i) text += i == 0 ? "w" : " w";
    return text;
}

Lines sentences_of(const std::vector<int>& lengths) {
    Lines lines;
    for (const int length : lengths) lines.push_back(words(length));
    return lines;
}

Found buckets_of(const std::vector<int>& lengths, const LengthBucketOptions& options) {
    Found found;
    const Lines lines = sentences_of(lengths);
    for (const LengthBucket& bucket : length_buckets(lines, options)) found.emplace_back(bucket.name(), bucket.sentences);
    return found;
}

TEST(LengthBuckets, HaveTheirBorders) {
    EXPECT_EQ(buckets_of({5, 1, 6, 10, 11}, {.width = 5, .fewest = 1}), (Found{{"1-5", {0, 1}}, {"6-10", {2, 3}}, {"11-15", {4}}}));
    EXPECT_EQ(buckets_of({1, 3, 2, 3}, {.width = 1, .fewest = 1}), (Found{{"1", {0}}, {"2", {2}}, {"3", {1, 3}}}));
    EXPECT_EQ(buckets_of({}, {}), Found());
}

TEST(LengthBuckets, SentencesWithoutAWordAreInTheFirst) {
    EXPECT_EQ(buckets_of({0, 2, 7}, {.width = 5, .fewest = 1}), (Found{{"0-5", {0, 1}}, {"6-10", {2}}}));
    EXPECT_EQ(buckets_of({0}, {.width = 1, .fewest = 1}), (Found{{"0-1", {0}}}));
}

TEST(LengthBuckets, SmallOnesAreMerged) {
    // 1-5 has one sentence and goes with 6-10; nobody stands in 11-20, so that they go with 21-25; 26-30 is small and the last.
    EXPECT_EQ(buckets_of({22, 3, 7, 23, 6, 26}, {.width = 5, .fewest = 2}), (Found{{"1-10", {1, 2, 4}}, {"11-30", {0, 3, 5}}}));
    EXPECT_EQ(buckets_of({3, 22}, {.width = 5, .fewest = 3}), (Found{{"1-25", {0, 1}}}));
    EXPECT_EQ(buckets_of({3, 22}, {}), (Found{{"1-25", {0, 1}}}));
}

TEST(LengthBuckets, AreScoredByTheirOwnSentences) {
    const Lines sources = sentences_of({2, 8, 3, 9}), hypotheses{"a b c d", "a b c d e f", "a b x d", "g h i j k x"},
                references{"a b c d", "a b c d e g", "a b c d", "g h i j k l"};
    const Bleu bleu({.tokenizer = "none"});
    const std::vector<Statistics> statistics = corpus_statistics(bleu, hypotheses, references);
    const std::vector<LengthBucket> buckets = length_buckets(sources, {.width = 5, .fewest = 1});
    ASSERT_EQ(buckets.size(), 2u);
    std::vector<double> scores;
    for (const LengthBucket& bucket : buckets) scores.push_back(score_of_sentences(bleu, statistics, bucket.sentences));
    EXPECT_DOUBLE_EQ(scores[0], corpus_score(bleu, {hypotheses[0], hypotheses[2]}, {references[0], references[2]}));
    EXPECT_DOUBLE_EQ(scores[1], corpus_score(bleu, {hypotheses[1], hypotheses[3]}, {references[1], references[3]}));
    EXPECT_NE(scores[0], scores[1]);
}

TEST(LengthBuckets, Mistakes) {
    EXPECT_NE(message_of<Error>([] { length_buckets(Lines{"a"}, {.width = 0}); }).find("positive"), std::string::npos);
    EXPECT_NE(message_of<Error>([] { length_buckets(Lines{"a"}, {.fewest = 0}); }).find("positive"), std::string::npos);
    const std::vector<Statistics> one = corpus_statistics(Bleu(), Lines{"a"}, Lines{"a"});
    const std::vector<std::size_t> second{1};
    EXPECT_NE(message_of<Error>([&] { score_of_sentences(Bleu(), one, second); }).find("sentence 2 of 1"), std::string::npos);
}

} // namespace
} // namespace nmt
