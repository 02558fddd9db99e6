// Attention of one query and the kernels on single rows, against loops in double precision.
#include "nmt/tensor/single_query.hpp"

#include "nmt/base/random.hpp"
#include "nmt/tensor/row_kernels.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

namespace nmt {
namespace {

using Row = std::vector<float>;

Row random_row(std::int64_t n, Random& random) {
    Row row(static_cast<std::size_t>(n));
    std::generate(row.begin(), row.end(), [&] { return static_cast<float>(random.normal()); });
    return row;
}

// Sizes around whole lanes and groups of four keys; `stride` leaves room behind each head's weights, which stays as it is.
TEST(SingleQueryTest, AgreesWithALoop) {
    Random random(1);
    for (const std::int64_t heads : {1, 3})
        for (const std::int64_t width : {1, 7, 16, 33, 80})
            for (const std::int64_t n : {1, 4, 5, 11}) {
                SCOPED_TRACE(testing::Message() << heads << " heads of " << width << " over " << n);
                const std::int64_t model_width = heads * width, stride = n + 2;
                const Row query = random_row(model_width, random);
                std::vector<Row> keys, values;
                std::vector<const float*> key_rows, value_rows;
                for (std::int64_t s = 0; s < n; ++s) {
                    keys.push_back(random_row(model_width, random));
                    values.push_back(random_row(model_width, random));
                }
                for (std::size_t s = 0; s < keys.size(); ++s) {
                    key_rows.push_back(keys[s].data());
                    value_rows.push_back(values[s].data());
                }
                Row weights(static_cast<std::size_t>(heads * stride), -7), context(static_cast<std::size_t>(model_width), -7);
                attend_row({query.data(), key_rows, value_rows, heads, width}, weights.data(), stride, context.data());
                for (std::int64_t h = 0; h < heads; ++h) {
                    std::vector<double> expected;
                    double sum = 0;
                    for (const Row& key : keys) {
                        double score = 0;
                        for (auto j = static_cast<std::size_t>(h * width); j < static_cast<std::size_t>((h + 1) * width); ++j)
                            score += static_cast<double>(query[j]) * key[j];
                        expected.push_back(std::exp(score / std::sqrt(static_cast<double>(width))));
                        sum += expected.back();
                    }
                    const float* const found = weights.data() + h * stride;
                    for (std::size_t s = 0; s < expected.size(); ++s) EXPECT_NEAR(found[s], expected[s] / sum, 1e-5);
                    EXPECT_EQ(found[n], -7);
                    EXPECT_EQ(found[n + 1], -7);
                    for (auto j = static_cast<std::size_t>(h * width); j < static_cast<std::size_t>((h + 1) * width); ++j) {
                        double mean = 0;
                        for (std::size_t s = 0; s < expected.size(); ++s) mean += expected[s] / sum * values[s][j];
                        EXPECT_NEAR(context[j], mean, 1e-4);
                    }
                }
            }
}

TEST(SingleQueryTest, WithNothingToSeeIsZeros) {
    const Row query(24, 1);
    Row context(24, 3);
    attend_row({query.data(), {}, {}, 3, 8}, nullptr, 0, context.data());
    EXPECT_EQ(context, Row(24, 0));
}

TEST(SingleQueryTest, ScaleIsTheRootOfTheHeadsWidth) {
    EXPECT_FLOAT_EQ(attention_scale(64), 0.125F);
    EXPECT_FLOAT_EQ(attention_scale(1), 1);
}

TEST(RowKernels, AgreeWithLoops) {
    Random random(2);
    for (const std::int64_t n : {1, 15, 16, 17, 100}) {
        SCOPED_TRACE(n);
        const Row a = random_row(n, random), b = random_row(n, random);
        Row sum = b, softmax = a;
        double dot = 0, normalizer = 0;
        for (std::size_t i = 0; i < a.size(); ++i) {
            dot += static_cast<double>(a[i]) * b[i];
            normalizer += std::exp(static_cast<double>(a[i]));
        }
        EXPECT_NEAR(dot_row(a.data(), b.data(), n), dot, 1e-4);
        add_scaled_row(a.data(), 0.5F, sum.data(), n);
        softmax_row(softmax.data(), n);
        for (std::size_t i = 0; i < a.size(); ++i) {
            EXPECT_FLOAT_EQ(sum[i], b[i] + 0.5F * a[i]);
            EXPECT_NEAR(softmax[i], std::exp(static_cast<double>(a[i])) / normalizer, 1e-6);
        }
    }
}

TEST(RowKernels, SoftmaxOfLargeScoresDoesNotOverflow) {
    Row row{1000, 999, -1000, -std::numeric_limits<float>::infinity()};
    softmax_row(row.data(), std::ssize(row));
    EXPECT_NEAR(row[0], 1 / (1 + std::exp(-1.0)), 1e-6);
    EXPECT_NEAR(row[1], 1 - row[0], 1e-6);
    EXPECT_LT(row[2], 1e-30F);
    EXPECT_LT(row[3], 1e-30F);
}

// Ties go to the even one, and widening is exact.
TEST(RowKernels, Bf16IsTheUpperHalfOfAFloat) {
    const Row row{1, -2, 0.5F, 1 + 1.0F / 256, 1 + 3.0F / 256, 3.38e38F, 0};
    std::vector<std::uint16_t> rounded(row.size());
    round_row(row.data(), rounded.data(), std::ssize(row));
    Row widened(row.size());
    widen_row(rounded.data(), widened.data(), std::ssize(row));
    EXPECT_EQ(widened[0], 1);
    EXPECT_EQ(widened[1], -2);
    EXPECT_EQ(widened[2], 0.5F);
    EXPECT_EQ(widened[3], 1) << "1 + 1/256 lies between 1 and 1 + 1/128";
    EXPECT_EQ(widened[4], 1 + 4.0F / 256);
    EXPECT_NEAR(widened[5] / 3.38e38, 1, 1.0 / 256);
    EXPECT_EQ(widened[6], 0);
    for (std::size_t i = 0; i < row.size(); ++i) EXPECT_EQ(std::bit_cast<std::uint32_t>(widened[i]), std::uint32_t{rounded[i]} << 16);
}

} // namespace
} // namespace nmt
