#include "nmt/experiments/comparison.hpp"

#include "nmt/base/random.hpp"
#include "nmt/evaluation/bleu.hpp"
#include "nmt/evaluation/chrf.hpp"

#include <gtest/gtest.h>

namespace nmt {
namespace {

constexpr int kSentences = 80;

// Outputs that say a share of the reference's words; a seed's own words differ.
ModelOutputs outputs(double quality, const std::vector<std::uint64_t>& seeds) {
    const std::vector<std::string> words = {"the", "cat", "sees", "a", "green", "dog", "in", "one", "old", "house"};
    std::vector<std::string> references;
    Random sentences(7);
    for (int i = 0; i < kSentences; ++i) {
        std::string line;
        for (int k = 0; k < 12; ++k) line += words[sentences.below(words.size())] + " ";
        references.push_back(line);
    }
    ModelOutputs model;
    const Bleu bleu;
    const Chrf chrf;
    for (const std::uint64_t seed : seeds) {
        Random random(seed);
        std::vector<std::string> lines;
        for (const std::string& reference : references) {
            std::string line;
            for (std::size_t at = 0; at < reference.size();) {
                const std::size_t end = reference.find(' ', at);
                line += (random.uniform() < quality ? reference.substr(at, end - at) : std::string("x")) + " ";
                at = end + 1;
            }
            lines.push_back(line);
        }
        model.bleu_statistics.push_back(corpus_statistics(bleu, lines, references));
        model.chrf_statistics.push_back(corpus_statistics(chrf, lines, references));
        model.bleu.push_back(bleu.score(sum_of(bleu, model.bleu_statistics.back())));
    }
    return model;
}

TEST(Comparison, TellsWhoDiffersFromTheBest) {
    const TestComparison found =
        compare_models("test", {outputs(0.6, {1, 2}), outputs(0.9, {3, 4}), outputs(0.9, {5, 6}), outputs(0.9, {3, 4})}, 2);
    EXPECT_EQ(found.test, "test");
    ASSERT_EQ(found.pairs.size(), 6u);
    EXPECT_GE(found.best, 1u);
    EXPECT_FALSE(found.like_best[0]);
    EXPECT_FALSE(found.like_best[found.best]);
    EXPECT_EQ(found.like_best[1] + found.like_best[2] + found.like_best[3], 2);
    const PairComparison &far = found.pairs[0], &same = found.pairs[4];
    EXPECT_EQ(far.first, 0u);
    EXPECT_EQ(far.second, 1u);
    EXPECT_GT(far.difference, 10);
    EXPECT_LT(far.p_by_sentences, 0.001);
    EXPECT_EQ(same.second, 3u);
    EXPECT_EQ(same.difference, 0);
    EXPECT_EQ(same.p_by_sentences, 1);
    EXPECT_EQ(same.p_by_seeds, 1.0);
    EXPECT_NEAR(far.smallest_p_by_seeds, 1.0 / 3, 1e-12); // two of six ways
    for (const std::size_t m : {0u, 1u}) {
        EXPECT_LT(found.bleu[m].low, found.bleu[m].high);
        EXPECT_LT(found.chrf[m].low, found.chrf[m].high);
    }
    EXPECT_LT(found.bleu[0].high, found.bleu[1].low);
}

TEST(Comparison, DoesNotDependOnThreads) {
    const std::vector<ModelOutputs> models = {outputs(0.8, {1, 2, 3}), outputs(0.82, {4, 5, 6})};
    const TestComparison one = compare_models("t", models, 1), three = compare_models("t", models, 3);
    EXPECT_EQ(one.pairs[0].p_by_sentences, three.pairs[0].p_by_sentences);
    for (const std::size_t m : {0u, 1u}) {
        EXPECT_EQ(one.bleu[m].low, three.bleu[m].low);
        EXPECT_EQ(one.chrf[m].high, three.chrf[m].high);
    }
}

TEST(Comparison, SeedsHaveASayWhereTheyCanTell) {
    // Five seeds of either model, whose scores are mixed through each other, although the sentences differ.
    std::vector<ModelOutputs> models = {outputs(0.6, {1, 2, 3, 4, 5}), outputs(0.9, {6, 7, 8, 9, 10})};
    EXPECT_FALSE(compare_models("t", models, 2).like_best[0]);
    models[0].bleu = {10, 30, 50, 70, 90};
    models[1].bleu = {11, 31, 51, 71, 91};
    const TestComparison mixed = compare_models("t", models, 2);
    EXPECT_LT(mixed.pairs[0].smallest_p_by_seeds, kSignificanceLevel);
    EXPECT_TRUE(mixed.like_best[0]);
}

TEST(Comparison, OneSeedAndTooManyHaveNoValueBySeeds) {
    EXPECT_FALSE(compare_models("t", {outputs(0.6, {1}), outputs(0.9, {2})}, 2).pairs[0].p_by_seeds);
    std::vector<std::uint64_t> many;
    for (std::uint64_t seed = 1; seed <= 13; ++seed) many.push_back(seed);
    EXPECT_FALSE(compare_models("t", {outputs(0.6, many), outputs(0.9, many)}, 2).pairs[0].p_by_seeds);
    EXPECT_TRUE(compare_models("t", {outputs(0.6, {1})}, 2).pairs.empty());
}

} // namespace
} // namespace nmt
