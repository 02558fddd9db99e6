// Intervals and paired tests against figures of sacreBLEU 2.6, against exact enumeration and against known distributions.
#include "nmt/evaluation/significance.hpp"

#include "nmt/base/random.hpp"
#include "nmt/evaluation/bleu.hpp"
#include "nmt/evaluation/ter.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace nmt {
namespace {

constexpr int kSentences = 200;

// BLEU's statistics of a made-up system; the references' lengths are the same for all.
SystemStatistics made_up_system(std::uint64_t seed, double quality) {
    SystemStatistics system;
    for (std::uint64_t i = 0; i < kSentences; ++i) {
        Random references(99, i), random(seed, i);
        const std::uint64_t reference = 10 + references.below(20), hypothesis = reference - 3 + random.below(7);
        Statistics sentence{static_cast<double>(hypothesis), static_cast<double>(reference)};
        std::uint64_t matches = hypothesis;
        for (std::uint64_t order = 0; order < 4; ++order) {
            const std::uint64_t candidates = std::min(matches, hypothesis - order);
            matches = 0;
            for (std::uint64_t n = 0; n < candidates; ++n) matches += random.uniform() < quality;
            sentence.push_back(static_cast<double>(matches));
        }
        for (std::uint64_t order = 0; order < 4; ++order) sentence.push_back(static_cast<double>(hypothesis - order));
        system.push_back(sentence);
    }
    return system;
}

// The baseline, four other systems, and the baseline once more.
std::vector<SystemStatistics> made_up_systems() {
    std::vector<SystemStatistics> systems{made_up_system(1, 0.70), made_up_system(2, 0.70), made_up_system(3, 0.707),
                                          made_up_system(6, 0.71), made_up_system(3, 0.715)};
    systems.push_back(systems.front());
    return systems;
}

// Of sacreBLEU with 8,000 samples under each of two seeds.
constexpr int kReferenceSamples = 16000;
constexpr double kScores[] = {44.15894946099283, 44.25660206673317, 45.72329722349473, 44.64585510156936, 47.312191741238465};
constexpr Interval kIntervals[] = {{44.0583, 1.4612}, {44.1599, 1.4917}, {45.6240, 1.5469}, {44.6092, 1.5552}, {47.2083, 1.5435}};
constexpr double kBootstrapValues[] = {0.37977, 0.05781, 0.23410, 0.00131};
constexpr double kRandomizationValues[] = {0.93095, 0.13005, 0.66379, 0.00225};

constexpr int kSamples = 10000;

// Four standard deviations of the difference of two sampled probabilities, and one sample more.
double sampling_error(double p) {
    return 4 * std::sqrt(p * (1 - p) * (1.0 / kSamples + 1.0 / kReferenceSamples)) + 1.0 / kReferenceSamples;
}

TEST(Significance, BootstrapEqualsSacrebleu) {
    const std::vector<SystemStatistics> systems = made_up_systems();
    const Bleu bleu;
    const std::vector<std::vector<double>> scores = bootstrap_scores(bleu, systems, {.samples = kSamples});
    for (std::size_t s = 0; s < std::size(kScores); ++s) {
        EXPECT_NEAR(bleu.score(sum_of(bleu, systems[s])), kScores[s], 1e-9);
        ASSERT_EQ(scores[s].size(), static_cast<std::size_t>(kSamples));
        const Interval found = interval_of(scores[s]);
        EXPECT_NEAR(found.mean, kIntervals[s].mean,
                    4 * kIntervals[s].half_width / 1.96 * std::sqrt(1.0 / kSamples + 1.0 / kReferenceSamples));
        EXPECT_NEAR(found.half_width, kIntervals[s].half_width, 0.05 * kIntervals[s].half_width);
    }
    const std::vector<double> found = paired_bootstrap(bleu, systems, scores);
    ASSERT_EQ(found.size(), 5u);
    for (std::size_t s = 0; s < std::size(kBootstrapValues); ++s)
        EXPECT_NEAR(found[s], kBootstrapValues[s], sampling_error(kBootstrapValues[s]));
    EXPECT_DOUBLE_EQ(found[4], 1.0 / (kSamples + 1));
}

TEST(Significance, RandomizationEqualsSacrebleu) {
    const std::vector<double> found = paired_randomization(Bleu(), made_up_systems(), {.samples = kSamples});
    ASSERT_EQ(found.size(), 5u);
    for (std::size_t s = 0; s < std::size(kRandomizationValues); ++s)
        EXPECT_NEAR(found[s], kRandomizationValues[s], sampling_error(kRandomizationValues[s]));
    EXPECT_DOUBLE_EQ(found[4], 1.0 / (kSamples + 1));
}

TEST(Significance, DependsOnTheSeedAndNotOnThreads) {
    const std::vector<SystemStatistics> systems = made_up_systems();
    const auto bootstrap = [&](std::uint64_t seed, int threads) {
        return bootstrap_scores(Bleu(), systems, {.samples = 100, .seed = seed, .threads = threads});
    };
    const auto randomization = [&](std::uint64_t seed, int threads) {
        return paired_randomization(Bleu(), systems, {.samples = 100, .seed = seed, .threads = threads});
    };
    for (const int threads : {2, 3, 0}) {
        EXPECT_EQ(bootstrap(1, threads), bootstrap(1, 1));
        EXPECT_EQ(randomization(1, threads), randomization(1, 1));
    }
    EXPECT_NE(bootstrap(1, 1), bootstrap(2, 1));
    EXPECT_NE(randomization(1, 1), randomization(2, 1));
}

TEST(Significance, SystemsSeeTheSameSamples) {
    const std::vector<SystemStatistics> systems = made_up_systems();
    const std::vector<std::vector<double>> together = bootstrap_scores(Bleu(), systems, {.samples = 50});
    EXPECT_EQ(together.front(), together.back());
    for (std::size_t s = 0; s < systems.size(); ++s)
        EXPECT_EQ(together[s], bootstrap_scores(Bleu(), std::span(systems).subspan(s, 1), {.samples = 50}).front());
}

// TER's statistics of ten sentences: their edits, and a reference of ten words each.
SystemStatistics edits(const std::vector<double>& counts) {
    SystemStatistics system;
    for (const double count : counts) system.push_back({count, 10});
    return system;
}

// All 1,024 ways in which ten pairs may change sides.
double exact_randomization(const SystemStatistics& first, const SystemStatistics& second) {
    const auto difference = [&](unsigned sides) {
        double sum = 0;
        for (std::size_t i = 0; i < first.size(); ++i) sum += (sides >> i & 1 ? 1 : -1) * (first[i][0] - second[i][0]);
        return std::abs(sum);
    };
    double larger = 0;
    for (unsigned sides = 0; sides < 1024; ++sides) larger += difference(sides) > difference(0);
    return larger / 1024;
}

TEST(Significance, RandomizationNearsTheExactValue) {
    const std::vector<SystemStatistics> systems{edits({3, 1, 4, 1, 5, 9, 2, 6, 5, 3}), edits({2, 2, 4, 0, 3, 6, 2, 5, 3, 4}),
                                                edits({1, 0, 2, 1, 3, 5, 1, 2, 4, 1}), edits({3, 2, 3, 1, 5, 9, 3, 6, 5, 3})};
    const std::vector<double> found = paired_randomization(Ter(), systems, {.samples = 20000});
    ASSERT_EQ(found.size(), 3u);
    for (std::size_t s = 0; s < 3; ++s) {
        const double exact = exact_randomization(systems.front(), systems[s + 1]);
        EXPECT_NEAR(found[s], exact, 4 * std::sqrt(exact * (1 - exact) / 20000) + 1e-4) << s;
    }
}

// The mean of 400 tosses of a coin with p = 0.3 has a standard error of 2.29 %.
TEST(Significance, IntervalHasTheWidthOfTheNormalDistribution) {
    SystemStatistics system;
    for (int i = 0; i < 400; ++i) system.push_back({i < 120 ? 1.0 : 0.0, 1});
    const Interval found = interval_of(bootstrap_scores(Ter(), {&system, 1}, {.samples = 10000}).front());
    EXPECT_NEAR(found.mean, 30, 0.1);
    EXPECT_NEAR(found.half_width, 1.96 * 2.291, 0.15);
}

TEST(Significance, BoundsLeaveOutAFortiethOnEachSide) {
    std::vector<double> scores;
    for (int i = 80; i > 0; --i) scores.push_back(i);
    EXPECT_EQ(bounds_of(scores).low, 3);
    EXPECT_EQ(bounds_of(scores).high, 78);
    EXPECT_EQ(bounds_of({5}).low, 5);
    EXPECT_EQ(bounds_of({5}).high, 5);
}

TEST(Significance, IntervalLeavesOutAFortiethOnEachSide) {
    std::vector<double> scores;
    for (int i = 0; i < 80; ++i) scores.push_back((i * 37) % 80); // 0 to 79 in disorder
    EXPECT_DOUBLE_EQ(interval_of(scores).mean, 39.5);
    EXPECT_DOUBLE_EQ(interval_of(scores).half_width, (77.0 - 2.0) / 2);
    EXPECT_DOUBLE_EQ(interval_of({1, 2}).half_width, 0.5);
}

TEST(Significance, MeanScoresAreTheMeansOfTheSeedsScores) {
    const std::vector<SystemStatistics> all = made_up_systems();
    const std::vector<SeededStatistics> systems = {{all[0], all[1]}, {all[2], all[3]}};
    const ResamplingOptions options{.samples = 50, .threads = 2};
    const auto means = bootstrap_mean_scores(Bleu(), systems, options), scores = bootstrap_scores(Bleu(), all, options);
    for (std::size_t k = 0; k < 50; ++k) {
        EXPECT_DOUBLE_EQ(means[0][k], (scores[0][k] + scores[1][k]) / 2);
        EXPECT_DOUBLE_EQ(means[1][k], (scores[2][k] + scores[3][k]) / 2);
    }
}

TEST(Significance, WithOneSeedRandomizationIsThatOfTwoSystems) {
    const std::vector<SystemStatistics> systems = made_up_systems();
    const ResamplingOptions options{.samples = kSamples, .threads = 2};
    const std::vector<double> expected = paired_randomization(Bleu(), systems, options);
    for (std::size_t s = 1; s < 5; ++s)
        EXPECT_NEAR(paired_randomization_over_seeds(Bleu(), {systems[0]}, {systems[s]}, options), expected[s - 1], 5.0 / kSamples);
}

TEST(Significance, RandomizationOverSeedsNearsTheExactValue) {
    // All ways in which nine sentences may change sides, each with both seeds' outputs.
    constexpr std::size_t kFew = 9;
    std::vector<SeededStatistics> systems(2);
    for (const std::uint64_t seed : {1, 2}) {
        systems[0].push_back(made_up_system(seed, 0.65));
        systems[1].push_back(made_up_system(seed + 10, 0.72));
    }
    for (SeededStatistics& system : systems)
        for (SystemStatistics& seed : system) seed.resize(kFew);
    const Bleu bleu;
    const auto difference = [&](std::size_t swapped) {
        double sum = 0;
        for (std::size_t k = 0; k < 2; ++k) {
            SystemStatistics first = systems[0][k], second = systems[1][k];
            for (std::size_t i = 0; i < kFew; ++i)
                if (swapped >> i & 1) std::swap(first[i], second[i]);
            sum += bleu.score(sum_of(bleu, second)) - bleu.score(sum_of(bleu, first));
        }
        return std::abs(sum);
    };
    double as_large = 0;
    for (std::size_t swapped = 0; swapped < 1u << kFew; ++swapped) as_large += difference(swapped) >= difference(0) - 1e-9;
    const double exact = as_large / (1u << kFew);
    EXPECT_GT(exact, 0.01);
    EXPECT_LT(exact, 0.99);
    const double found = paired_randomization_over_seeds(bleu, systems[0], systems[1], {.samples = kSamples, .threads = 2});
    EXPECT_NEAR(found, exact, 4 * std::sqrt(exact * (1 - exact) / kSamples) + 1.0 / kSamples);
    EXPECT_EQ(found, paired_randomization_over_seeds(bleu, systems[0], systems[1], {.samples = kSamples, .threads = 1}));
    EXPECT_EQ(paired_randomization_over_seeds(bleu, systems[0], systems[0], {.samples = 100}), 1);
}

TEST(Significance, RefusesSeedsThatItCannotCompare) {
    const SystemStatistics system = made_up_system(1, 0.7);
    EXPECT_THROW(paired_randomization_over_seeds(Bleu(), {system}, {system, system}, {}), Error);
    EXPECT_THROW(paired_randomization_over_seeds(Bleu(), {}, {}, {}), Error);
    EXPECT_THROW(paired_randomization_over_seeds(Bleu(), {system}, {SystemStatistics(system.begin() + 1, system.end())}, {}), Error);
    EXPECT_THROW(bootstrap_mean_scores(Bleu(), std::vector<SeededStatistics>{{system}, {}}, {}), Error);
}

TEST(Significance, RefusesWhatItCannotCompare) {
    const std::vector<SystemStatistics> unequal{edits({1, 2}), edits({1})}, none, empty{{}};
    EXPECT_THROW(bootstrap_scores(Ter(), unequal, {}), Error);
    EXPECT_THROW(paired_randomization(Ter(), unequal, {}), Error);
    EXPECT_THROW(bootstrap_scores(Ter(), none, {}), Error);
    EXPECT_THROW(bootstrap_scores(Ter(), empty, {}), Error);
    EXPECT_THROW(bootstrap_scores(Ter(), std::vector<SystemStatistics>{edits({1})}, {.samples = 0}), Error);
    EXPECT_THROW(paired_bootstrap(Ter(), unequal, {}), Error);
    EXPECT_TRUE(paired_randomization(Ter(), std::vector<SystemStatistics>{edits({1})}, {}).empty());
}

} // namespace
} // namespace nmt
