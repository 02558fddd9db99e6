#include "nmt/evaluation/seeds.hpp"

#include "nmt/base/error.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace nmt {
namespace {

TEST(Seeds, MeanAndDeviation) {
    EXPECT_EQ(mean_and_deviation({5}).deviation, 0);
    EXPECT_DOUBLE_EQ(mean_and_deviation({5}).mean, 5);
    EXPECT_DOUBLE_EQ(mean_and_deviation({1, 2, 3, 6}).mean, 3);
    EXPECT_DOUBLE_EQ(mean_and_deviation({1, 2, 3, 6}).deviation, std::sqrt(14.0 / 3));
}

// Of the 20 ways to deal out six scores, only the one found and its mirror part the systems so far.
TEST(Seeds, ThreeThatDoNotOverlapHaveTheSmallestValue) {
    const SeedComparison found = compare_seeds({30.1, 30.4, 30.2}, {31.0, 31.6, 30.9});
    EXPECT_NEAR(found.first.mean, 30.2333333333, 1e-9);
    EXPECT_NEAR(found.second.mean, 31.1666666667, 1e-9);
    EXPECT_NEAR(found.difference, 0.9333333333, 1e-9);
    EXPECT_DOUBLE_EQ(found.p_value, 0.1);
    EXPECT_DOUBLE_EQ(found.smallest_p_value, 0.1);
    EXPECT_DOUBLE_EQ(compare_seeds({31.0, 31.6, 30.9}, {30.1, 30.4, 30.2}).difference, -found.difference);
    EXPECT_DOUBLE_EQ(compare_seeds({31.0, 31.6, 30.9}, {30.1, 30.4, 30.2}).p_value, 0.1);
}

// Counted by hand: the means of {1, 4} and {2, 3, 9} differ by 13/6. The pairs of the ten whose difference is as large are those
// with a sum of at most 5 or of at least 11: {1,2} {1,3} {1,4} {2,3} {2,9} {3,9} {4,9}.
TEST(Seeds, CountsEveryWayToDealThemOut) {
    const SeedComparison found = compare_seeds({1, 4}, {2, 3, 9});
    EXPECT_DOUBLE_EQ(found.p_value, 0.7);
    EXPECT_DOUBLE_EQ(found.smallest_p_value, 0.1);
}

TEST(Seeds, EqualScoresDoNotDiffer) {
    EXPECT_DOUBLE_EQ(compare_seeds({30.3, 30.3}, {30.3, 30.3}).p_value, 1);
    EXPECT_DOUBLE_EQ(compare_seeds({0.1, 0.2, 0.3}, {0.3, 0.1, 0.2}).p_value, 1); // whatever the rounding
    EXPECT_DOUBLE_EQ(compare_seeds({1}, {2}).p_value, 1);
}

TEST(Seeds, FiveEachCanBeSignificant) {
    EXPECT_DOUBLE_EQ(compare_seeds({1, 2, 3, 4, 5}, {6, 7, 8, 9, 10}).p_value, 2.0 / 252);
    EXPECT_DOUBLE_EQ(compare_seeds({1, 2, 3, 4, 6}, {5, 7, 8, 9, 10}).p_value, 4.0 / 252);
}

TEST(Seeds, RefusesNoneAndTooMany) {
    EXPECT_THROW(compare_seeds({}, {1}), Error);
    EXPECT_THROW(compare_seeds({1}, {}), Error);
    EXPECT_THROW(compare_seeds(std::vector<double>(13, 1.0), std::vector<double>(12, 1.0)), Error);
}

} // namespace
} // namespace nmt
