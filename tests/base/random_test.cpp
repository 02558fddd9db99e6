#include "nmt/base/random.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <vector>

namespace nmt {
namespace {

// The values published for the reference implementation in C (Vigna, public domain) with these seeds.
TEST(RandomTest, IsSplitMix64) {
    Random zero(0);
    EXPECT_EQ(zero.next(), 0xe220a8397b1dcdafULL);
    EXPECT_EQ(zero.next(), 0x6e789e6aa1b965f4ULL);
    EXPECT_EQ(zero.next(), 0x06c45d188009454fULL);
    EXPECT_EQ(zero.next(), 0xf88bb8a8724c81ecULL);
    Random other(1234567);
    EXPECT_EQ(other.next(), 6457827717110365317ULL);
    EXPECT_EQ(other.next(), 3203168211198807973ULL);
    EXPECT_EQ(other.next(), 9817491932198370423ULL);
    EXPECT_EQ(other.next(), 4593380528125082431ULL);
    EXPECT_EQ(other.next(), 16408922859458223821ULL);
}

TEST(RandomTest, StreamsOfOneSeedDiffer) {
    EXPECT_EQ(Random(7, 1).next(), Random(7, 1).next());
    EXPECT_NE(Random(7, 1).next(), Random(7, 2).next());
    EXPECT_NE(Random(7, 1).next(), Random(8, 1).next());
    EXPECT_NE(Random(7, 1).next(), Random(1, 7).next());
}

TEST(RandomTest, BelowIsUniform) {
    Random random(1);
    std::array<int, 7> counts{};
    constexpr int kDraws = 70'000;
    for (int i = 0; i < kDraws; ++i) {
        const std::uint64_t value = random.below(counts.size());
        ASSERT_LT(value, counts.size());
        ++counts[value];
    }
    // The standard deviation of each count is about 93.
    for (const int count : counts) EXPECT_NEAR(count, kDraws / 7, 500);
    for (int i = 0; i < 100; ++i) EXPECT_EQ(random.below(1), 0u);
    EXPECT_LT(random.below(~0ULL), ~0ULL);
}

TEST(RandomTest, UniformAndNormalHaveTheirMoments) {
    Random random(2);
    constexpr int kDraws = 100'000;
    double uniform_sum = 0, normal_sum = 0, normal_squares = 0;
    for (int i = 0; i < kDraws; ++i) {
        const double u = random.uniform(), z = random.normal();
        ASSERT_GE(u, 0);
        ASSERT_LT(u, 1);
        ASSERT_TRUE(std::isfinite(z));
        uniform_sum += u;
        normal_sum += z;
        normal_squares += z * z;
    }
    EXPECT_NEAR(uniform_sum / kDraws, 0.5, 0.005);
    EXPECT_NEAR(normal_sum / kDraws, 0, 0.02);
    EXPECT_NEAR(normal_squares / kDraws, 1, 0.03);
}

TEST(RandomTest, ShuffleIsAPermutationThatDependsOnTheSeed) {
    std::vector<int> identity(1000);
    std::iota(identity.begin(), identity.end(), 0);
    std::vector<int> first = identity, again = identity, other = identity;
    Random(3).shuffle(first);
    Random(3).shuffle(again);
    Random(4).shuffle(other);
    EXPECT_NE(first, identity);
    EXPECT_EQ(first, again);
    EXPECT_NE(first, other);
    std::sort(first.begin(), first.end());
    EXPECT_EQ(first, identity);
    std::vector<int> empty;
    Random(5).shuffle(empty);
    EXPECT_TRUE(empty.empty());
}

TEST(RandomTest, ShuffleReachesEveryOrderEquallyOften) {
    Random random(6);
    std::array<int, 27> counts{};
    constexpr int kDraws = 60'000;
    for (int i = 0; i < kDraws; ++i) {
        std::array<int, 3> items = {0, 1, 2};
        random.shuffle(items);
        ++counts[static_cast<std::size_t>(items[0] * 9 + items[1] * 3 + items[2])];
    }
    for (const int count : counts)
        if (count > 0) {
            EXPECT_NEAR(count, kDraws / 6, 500);
        }
    EXPECT_EQ(std::count(counts.begin(), counts.end(), 0), 21);
}

} // namespace
} // namespace nmt
