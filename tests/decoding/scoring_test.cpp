#include "nmt/decoding/scoring.hpp"

#include "nmt/base/error.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace nmt {
namespace {

TEST(Scoring, LengthNormalizationByHand) {
    EXPECT_DOUBLE_EQ(normalized_score(-6, 3, {}), -2);
    EXPECT_DOUBLE_EQ(normalized_score(-6, 3, {.length_penalty = 0}), -6);
    EXPECT_DOUBLE_EQ(normalized_score(-6, 4, {.length_penalty = 0.5}), -3);
    const auto wu = LengthNormalization::wu;
    EXPECT_DOUBLE_EQ(normalized_score(-6, 1, {.normalization = wu}), -6);                         // (5 + 1) / 6 = 1
    EXPECT_DOUBLE_EQ(normalized_score(-6, 7, {.normalization = wu}), -3);                         // (5 + 7) / 6 = 2
    EXPECT_DOUBLE_EQ(normalized_score(-6, 19, {.normalization = wu, .length_penalty = 0.5}), -3); // sqrt(4)
    EXPECT_DOUBLE_EQ(normalized_score(-6, 19, {.normalization = wu, .length_penalty = 0}), -6);
}

// What early stopping rests on.
TEST(Scoring, ALongerHypothesisOfTheSameSumIsNeverWorse) {
    for (const auto normalization : {LengthNormalization::average, LengthNormalization::wu})
        for (const double penalty : {0.0, 0.3, 1.0, 2.0})
            for (std::size_t length = 1; length < 100; ++length)
                EXPECT_LE(normalized_score(-7, length, {normalization, penalty, 0}),
                          normalized_score(-7, length + 1, {normalization, penalty, 0}));
}

TEST(Scoring, CoverageByHand) {
    const std::vector<double> coverage{0.5, 1.0, 2.5, 0.25};
    EXPECT_DOUBLE_EQ(coverage_score(coverage, {.coverage_penalty = 2}), 2 * std::log(0.125)); // what is above 1 counts as 1
    EXPECT_EQ(coverage_score(coverage, {}), 0);
    EXPECT_DOUBLE_EQ(coverage_score(std::vector<double>{0, 1}, {.coverage_penalty = 1}), std::log(kLeastCoverage));
    EXPECT_EQ(coverage_score(std::vector<double>{1, 1, 3}, {.coverage_penalty = 1}), 0);
}

TEST(Scoring, Names) {
    EXPECT_EQ(length_normalization_from_name("average"), LengthNormalization::average);
    EXPECT_EQ(length_normalization_from_name("wu"), LengthNormalization::wu);
    EXPECT_THROW(length_normalization_from_name("Wu"), Error);
}

} // namespace
} // namespace nmt
