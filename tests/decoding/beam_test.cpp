#include "nmt/decoding/beam.hpp"

#include "nmt/base/error.hpp"
#include "nmt/base/random.hpp"
#include "tests/base/test_support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

namespace nmt {
namespace {

using Tokens = std::vector<std::int32_t>;
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr float kNever = -std::numeric_limits<float>::infinity();

std::vector<float> logs(std::vector<float> probabilities) {
    for (float& p : probabilities) p = std::log(p);
    return probabilities;
}

// log_probabilities [R,V], row-major.
void advance(Beam& beam, const std::vector<float>& log_probabilities, std::span<const float> attention = {}) {
    const std::size_t rows = static_cast<std::size_t>(std::max(beam.rows(), 1)), vocabulary = log_probabilities.size() / rows;
    std::vector<Distribution> next;
    for (std::size_t i = 0; i < rows; ++i) next.push_back({std::span(log_probabilities).subspan(i * vocabulary, vocabulary)});
    beam.advance(next, attention);
}

std::vector<int> origins(const Beam& beam) {
    std::vector<int> result;
    for (const Beam::Alive& hypothesis : beam.alive()) result.push_back(hypothesis.origin);
    return result;
}

Tokens last_tokens(const Beam& beam) {
    Tokens result;
    for (const Beam::Alive& hypothesis : beam.alive()) result.push_back(hypothesis.token);
    return result;
}

TEST(Beam, WorkedByHand) {
    Beam beam({.beam = 3, .n_best = 3, .max_length = 10, .scoring = {.length_penalty = 1}});
    EXPECT_EQ(beam.rows(), 1);
    advance(beam, logs({0.1F, 0.2F, 0.4F, 0.3F})); // </s> is the fourth best
    EXPECT_EQ(last_tokens(beam), (Tokens{2, 3, 1}));
    EXPECT_EQ(origins(beam), (std::vector<int>{0, 0, 0}));

    // After "2": 0.4 * 0.5 = 0.20 </s>, 0.4 * 0.3 = 0.12; after "3": 0.3 * 0.6 = 0.18; after "1": 0.2 * 0.55 = 0.11.
    advance(beam, logs({0.5F, 0.3F, 0.1F, 0.1F, /**/ 0.2F, 0.1F, 0.1F, 0.6F, /**/ 0.25F, 0.1F, 0.1F, 0.55F}));
    EXPECT_EQ(last_tokens(beam), (Tokens{3, 1})); // one slot has ended
    EXPECT_EQ(origins(beam), (std::vector<int>{1, 0}));

    advance(beam, logs({0.9F, 0.05F, 0.03F, 0.02F, /**/ 0.8F, 0.1F, 0.05F, 0.05F}));
    EXPECT_TRUE(beam.done());
    const std::vector<Hypothesis> best = beam.best();
    ASSERT_EQ(best.size(), 3u);
    // ln(0.3 * 0.6 * 0.9) / 3 = -0.607, ln(0.4 * 0.5) / 2 = -0.805, ln(0.4 * 0.3 * 0.8) / 3 = -0.781
    EXPECT_EQ(best[0].tokens, (Tokens{3, 3}));
    EXPECT_EQ(best[1].tokens, (Tokens{2, 1}));
    EXPECT_EQ(best[2].tokens, (Tokens{2}));
    EXPECT_NEAR(best[0].score, std::log(0.162) / 3, 1e-6);
    EXPECT_NEAR(best[1].score, std::log(0.096) / 3, 1e-6);
    EXPECT_NEAR(best[2].score, std::log(0.2) / 2, 1e-6);
    EXPECT_NEAR(best[2].log_probability, std::log(0.2), 1e-6);
    ASSERT_EQ(best[2].token_log_probs.size(), 2u);
    EXPECT_FLOAT_EQ(best[2].token_log_probs[0], std::log(0.4F));
    EXPECT_FLOAT_EQ(best[2].token_log_probs[1], std::log(0.5F));
    EXPECT_FALSE(best[0].truncated);
}

TEST(Beam, LengthPenalty) {
    EXPECT_DOUBLE_EQ(normalized_score(-6, 3, {.length_penalty = 1}), -2);
    EXPECT_DOUBLE_EQ(normalized_score(-6, 3, {.length_penalty = 0}), -6);
    EXPECT_DOUBLE_EQ(normalized_score(-6, 4, {.length_penalty = 0.5}), -3);
}

TEST(Beam, TiesGoToTheEarlierHypothesisAndTheLowerToken) {
    Beam beam({.beam = 2, .n_best = 2, .max_length = 3, .scoring = {.length_penalty = 1}});
    advance(beam, std::vector<float>{kNever, -1, -2, -1, -1});
    EXPECT_EQ(last_tokens(beam), (Tokens{1, 3}));
    advance(beam, std::vector<float>{kNever, -3, -1, -2, -1, /**/ kNever, -1, -1, -1, -1});
    EXPECT_EQ(last_tokens(beam), (Tokens{2, 4}));
    EXPECT_EQ(origins(beam), (std::vector<int>{0, 0}));
    advance(beam, std::vector<float>{-1, -3, -3, -3, -3, /**/ -1, -3, -3, -3, -3});
    const std::vector<Hypothesis> best = beam.best();
    ASSERT_EQ(best.size(), 2u);
    EXPECT_EQ(best[0].score, best[1].score);
    EXPECT_EQ(best[0].tokens, (Tokens{1, 2}));
    EXPECT_EQ(best[1].tokens, (Tokens{1, 4}));
}

TEST(Beam, StopsWhenNothingAliveCanBecomeBetter) {
    // "</s>" scores ln 0.5 = -0.69 at once. With plain sums nothing beats it; averaged over up to 3 tokens, ln 0.4 / 3 could.
    const std::vector<float> first = logs({0.5F, 0.4F, 0.1F});
    Beam sums({.beam = 3, .n_best = 1, .max_length = 3, .scoring = {.length_penalty = 0}});
    advance(sums, first);
    EXPECT_TRUE(sums.done());
    EXPECT_TRUE(sums.best().at(0).tokens.empty());
    Beam averages({.beam = 3, .n_best = 1, .max_length = 3, .scoring = {.length_penalty = 1}});
    advance(averages, first);
    EXPECT_EQ(averages.rows(), 2);
    Beam short_averages({.beam = 3, .n_best = 1, .max_length = 1, .scoring = {.length_penalty = 1}});
    advance(short_averages, first);
    EXPECT_TRUE(short_averages.done());
    Beam more_wanted({.beam = 3, .n_best = 2, .max_length = 3, .scoring = {.length_penalty = 0}});
    advance(more_wanted, first);
    EXPECT_EQ(more_wanted.rows(), 2);
}

TEST(Beam, StoppingEarlyDoesNotChangeTheBest) {
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        const Scoring scoring{.normalization = seed % 3 == 0 ? LengthNormalization::wu : LengthNormalization::average,
                              .length_penalty = static_cast<double>(seed % 4) / 2,
                              .coverage_penalty = static_cast<double>(seed % 5) / 4};
        std::vector<Hypothesis> all, few;
        for (const int n_best : {4, 1}) {
            Beam beam({.beam = 4, .n_best = n_best, .max_length = 6, .scoring = scoring});
            std::vector<std::uint64_t> keys{seed}; // of each hypothesis: its distribution depends on the whole prefix
            while (!beam.done()) {
                std::vector<float> block, attention;
                for (const std::uint64_t key : keys) {
                    Random random(key);
                    std::vector<float> row(5);
                    for (float& p : row) p = static_cast<float>(std::exp(2 * random.normal()));
                    const float sum = std::accumulate(row.begin(), row.end(), 0.0F);
                    for (const float p : row) block.push_back(std::log(p / sum));
                    for (int s = 0; s < 3; ++s) attention.push_back(static_cast<float>(random.uniform()));
                }
                advance(beam, block, attention);
                std::vector<std::uint64_t> next;
                for (const Beam::Alive& hypothesis : beam.alive())
                    next.push_back(
                        mix_bits(keys[static_cast<std::size_t>(hypothesis.origin)] * 31 + static_cast<std::uint64_t>(hypothesis.token)));
                keys = next;
            }
            (n_best == 4 ? all : few) = beam.best();
        }
        EXPECT_EQ(all.size(), 4u);
        ASSERT_EQ(few.size(), 1u);
        EXPECT_EQ(few[0].tokens, all[0].tokens) << "seed " << seed;
        EXPECT_EQ(few[0].score, all[0].score);
    }
}

TEST(Beam, CoverageWorkedByHand) {
    // Two words and </s> as source. "1" ends having seen the first word alone, "2 1" having seen both.
    Beam beam({.beam = 2, .n_best = 2, .max_length = 9, .scoring = {.length_penalty = 0, .coverage_penalty = 0.5}});
    advance(beam, logs({0.1F, 0.6F, 0.3F}), std::vector<float>{0.5F, 0.3F, 0.2F});
    EXPECT_EQ(last_tokens(beam), (Tokens{1, 2}));
    advance(beam, logs({0.8F, 0.1F, 0.1F, /**/ 0.05F, 0.9F, 0.05F}), std::vector<float>{0.25F, 0.05F, 0.7F, /**/ 0.2F, 0.5F, 0.3F});
    EXPECT_EQ(last_tokens(beam), (Tokens{1}));
    advance(beam, logs({0.9F, 0.05F, 0.05F}), std::vector<float>{0.25F, 0.2F, 0.55F});
    ASSERT_TRUE(beam.done());
    const std::vector<Hypothesis> best = beam.best();
    ASSERT_EQ(best.size(), 2u);
    // Covered after "1 </s>": 0.75, 0.35, 0.9; after "2 1 </s>": 0.95, 1.0 and 1.05, which counts as 1.
    EXPECT_EQ(best[0].tokens, (Tokens{2, 1}));
    EXPECT_NEAR(best[0].log_probability, std::log(0.3 * 0.9 * 0.9), 1e-6);
    EXPECT_NEAR(best[0].coverage, 0.5 * std::log(0.95), 1e-6);
    EXPECT_NEAR(best[0].score, best[0].log_probability + best[0].coverage, 1e-12);
    EXPECT_EQ(best[1].tokens, (Tokens{1}));
    EXPECT_NEAR(best[1].log_probability, std::log(0.6 * 0.8), 1e-6);
    EXPECT_NEAR(best[1].coverage, 0.5 * std::log(0.75 * 0.35 * 0.9), 1e-6);
    // The largest weight of the words, </s> aside; a token aligns by the step that chose it.
    EXPECT_EQ(best[0].alignment, (std::vector<std::int32_t>{0, 1}));
    EXPECT_EQ(best[1].alignment, (std::vector<std::int32_t>{0}));
}

TEST(Beam, MinimumLengthWorkedByHand) {
    Beam beam({.beam = 2, .n_best = 2, .max_length = 9, .rules = {.min_length = 2}});
    advance(beam, logs({0.7F, 0.2F, 0.1F})); // </s> is the best, but not yet permitted
    EXPECT_EQ(last_tokens(beam), (Tokens{1, 2}));
    advance(beam, logs({0.9F, 0.05F, 0.05F, /**/ 0.9F, 0.05F, 0.05F}));
    ASSERT_EQ(beam.best().size(), 2u);
    EXPECT_EQ(beam.best()[0].tokens, (Tokens{1}));
    EXPECT_NEAR(beam.best()[0].log_probability, std::log(0.2 * 0.9), 1e-6); // nothing is renormalized
}

TEST(Beam, APrefixIsScoredAndThenLeftAlone) {
    Beam beam({.beam = 3, .n_best = 1, .max_length = 4, .scoring = {.length_penalty = 0}, .rules = {.prefix = {2, 1}}});
    advance(beam, logs({0.6F, 0.3F, 0.1F}));
    EXPECT_EQ(last_tokens(beam), (Tokens{2}));
    advance(beam, logs({0.6F, 0.2F, 0.2F}));
    EXPECT_EQ(last_tokens(beam), (Tokens{1}));
    advance(beam, logs({0.5F, 0.3F, 0.2F}));
    ASSERT_TRUE(beam.done()); // nothing beats the plain sum
    EXPECT_EQ(beam.best()[0].tokens, (Tokens{2, 1}));
    EXPECT_NEAR(beam.best()[0].log_probability, std::log(0.1 * 0.2 * 0.5), 1e-6);
}

TEST(Beam, NoRepeatWorkedByHand) {
    Beam beam({.beam = 1, .n_best = 1, .max_length = 9, .rules = {.no_repeat_ngram = 2}});
    const std::vector<float> ones = logs({0.1F, 0.7F, 0.2F}); // greedy search would write 1 1 1 1 ...
    while (!beam.done()) advance(beam, ones);
    // 1 1, then not 1 again: 2; then 1; then neither 1 nor 2: </s>.
    EXPECT_EQ(beam.best()[0].tokens, (Tokens{1, 1, 2, 1}));
}

TEST(Beam, SamplesAreRowsOfTheirOwn) {
    Beam beam({.n_best = 6, .max_length = 3, .sampling = SamplingOptions{}});
    EXPECT_EQ(beam.rows(), 1);
    advance(beam, std::vector<float>{kNever, -1, kNever});
    EXPECT_EQ(beam.rows(), 6);
    EXPECT_EQ(origins(beam), (std::vector<int>{0, 0, 0, 0, 0, 0}));
    std::vector<float> rows;
    for (int i = 0; i < 6; ++i) rows.insert(rows.end(), {i % 2 == 0 ? 0 : kNever, kNever, i % 2 == 0 ? kNever : 0});
    advance(beam, rows); // the even ones end
    EXPECT_EQ(origins(beam), (std::vector<int>{1, 3, 5}));
    EXPECT_EQ(last_tokens(beam), (Tokens{2, 2, 2}));
    advance(beam, std::vector<float>{-3, kNever, kNever, -1, kNever, kNever, kNever, -2, kNever});
    ASSERT_TRUE(beam.done());
    std::vector<int> samples;
    for (const Hypothesis& hypothesis : beam.best()) samples.push_back(hypothesis.sample);
    EXPECT_EQ(samples, (std::vector<int>{0, 2, 4, 3, 5, 1})); // -1/2 three times, then -2/3, -1, -4/3
    EXPECT_TRUE(beam.best()[4].truncated);
}

TEST(Beam, MaximumLengthFinishesWhatIsAlive) {
    Beam beam({.beam = 2, .n_best = 2, .max_length = 2, .scoring = {.length_penalty = 1}});
    advance(beam, logs({0.1F, 0.5F, 0.4F}));
    advance(beam, logs({0.1F, 0.2F, 0.7F, /**/ 0.9F, 0.05F, 0.05F}));
    EXPECT_TRUE(beam.done());
    const std::vector<Hypothesis> best = beam.best();
    ASSERT_EQ(best.size(), 2u);
    EXPECT_EQ(best[0].tokens, (Tokens{2}));
    EXPECT_FALSE(best[0].truncated);
    EXPECT_NEAR(best[0].score, std::log(0.36) / 2, 1e-6);
    EXPECT_EQ(best[1].tokens, (Tokens{1, 2}));
    EXPECT_TRUE(best[1].truncated);
    EXPECT_NEAR(best[1].score, std::log(0.35) / 2, 1e-6);
    EXPECT_EQ(best[1].token_log_probs.size(), 2u);
}

TEST(Beam, ABeamWiderThanTheVocabulary) {
    Beam beam({.beam = 100, .n_best = 100, .max_length = 2, .scoring = {.length_penalty = 1}});
    advance(beam, logs({0.2F, 0.3F, 0.5F}));
    EXPECT_EQ(beam.rows(), 2);
    advance(beam, logs({0.2F, 0.3F, 0.5F, 0.2F, 0.3F, 0.5F}));
    EXPECT_TRUE(beam.done());
    EXPECT_EQ(beam.best().size(), 7u);
}

TEST(Beam, WhatIsImpossibleIsNeverTaken) {
    Beam beam({.beam = 3, .n_best = 3, .max_length = 9, .scoring = {.length_penalty = 1}});
    advance(beam, std::vector<float>{kNever, kNever, 0, kNever});
    EXPECT_EQ(last_tokens(beam), (Tokens{2}));
    const std::vector<float> nothing(4, kNever);
    EXPECT_NE(message_of<Error>([&] { advance(beam, nothing); }).find("probability of zero"), std::string::npos);
}

TEST(Beam, EndsWhenOnlyTheImpossibleIsLeft) {
    Beam beam({.beam = 2, .n_best = 2, .max_length = 9, .scoring = {.length_penalty = 1}});
    advance(beam, std::vector<float>{-1, -2});
    advance(beam, std::vector<float>{kNever, kNever});
    EXPECT_TRUE(beam.done());
    EXPECT_EQ(beam.best().size(), 1u);
}

TEST(Beam, NaNIsAnErrorWhereverItStands) {
    for (const std::size_t at : {0u, 1u, 63u, 64u, 150u, 199u, 200u, 399u}) {
        for (const int width : {1, 2, 5}) {
            Beam beam({.beam = width, .n_best = 1, .max_length = 9, .scoring = {.length_penalty = 1}});
            std::vector<float> row(400, -9);
            row[0] = -1;
            row[3] = -0.5F;
            row[at] = kNaN;
            const std::string message = message_of<Error>([&] { advance(beam, row); });
            EXPECT_NE(message.find("nan"), std::string::npos) << at << ", " << width;
        }
    }
    Beam beam({});
    EXPECT_THROW(advance(beam, std::vector<float>{-1, std::numeric_limits<float>::infinity()}), Error);
}

// The naive twin of the selection: all continuations, sorted. </s> is too improbable to be among the best.
TEST(Beam, SelectsAsSortingWould) {
    Random random(5);
    for (int round = 0; round < 200; ++round) {
        const std::size_t width = 1 + random.below(7), vocabulary = width + 1 + random.below(300);
        Beam beam({.beam = static_cast<int>(width), .n_best = 1, .max_length = 50, .scoring = {.length_penalty = 1}});
        std::vector<double> sums{0};
        for (int step = 0; step < 4; ++step) {
            std::vector<float> block(sums.size() * vocabulary);
            for (float& x : block) x = -static_cast<float>(random.below(round % 2 == 0 ? 40 : 4000)) / 8; // with ties
            for (std::size_t i = 0; i < sums.size(); ++i) block[i * vocabulary] = -10'000;
            advance(beam, block);

            std::vector<std::size_t> order(block.size());
            std::iota(order.begin(), order.end(), std::size_t{0});
            const auto sum = [&](std::size_t i) { return sums[i / vocabulary] + static_cast<double>(block[i]); };
            std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return sum(a) > sum(b); });
            std::vector<double> next_sums;
            for (std::size_t i = 0; i < width; ++i) {
                ASSERT_EQ(origins(beam).at(i), static_cast<int>(order[i] / vocabulary));
                ASSERT_EQ(last_tokens(beam).at(i), static_cast<std::int32_t>(order[i] % vocabulary));
                next_sums.push_back(sum(order[i]));
            }
            sums = next_sums;
        }
    }
}

TEST(Beam, OptionsOutOfRange) {
    EXPECT_THROW(Beam({.beam = 0}), Error);
    EXPECT_THROW(Beam({.beam = 2, .n_best = 3}), Error);
    EXPECT_THROW(Beam({.beam = 2, .n_best = 0}), Error);
    EXPECT_THROW(Beam({.scoring = {.length_penalty = -1}}), Error);
    EXPECT_THROW(Beam({.scoring = {.length_penalty = std::nan("")}}), Error);
    EXPECT_THROW(Beam({.max_length = 0}), Error);
    EXPECT_THROW(Beam({.scoring = {.coverage_penalty = -1}}), Error);
    EXPECT_THROW(Beam({.max_length = 2, .rules = {.prefix = {1, 1}}}), Error);
    EXPECT_THROW(Beam({.rules = {.prefix = {0}}}), Error);
    EXPECT_THROW(Beam({.sampling = SamplingOptions{.temperature = 0}}), Error);
    EXPECT_THROW(Beam({.sampling = SamplingOptions{.top_p = 0}}), Error);
    Beam covering({.scoring = {.coverage_penalty = 1}});
    EXPECT_THROW(advance(covering, std::vector<float>{-1, -1}), Error); // without attention
    Beam beam({});
    EXPECT_THROW(advance(beam, std::vector<float>{}), Error);
}

} // namespace
} // namespace nmt
