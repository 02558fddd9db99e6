#include "nmt/tensor/small_product.hpp"

#include "nmt/base/error.hpp"
#include "nmt/base/random.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <tuple>
#include <vector>

namespace nmt {
namespace {

SmallMatrix random_matrix(std::int64_t rows, std::int64_t columns, Random& random) {
    SmallMatrix matrix;
    matrix.resize(rows, columns);
    for (std::int64_t i = 0; i < rows; ++i)
        for (std::int64_t j = 0; j < columns; ++j) matrix.row(i)[j] = static_cast<float>(random.normal());
    return matrix;
}

class SmallProductTest : public testing::TestWithParam<std::tuple<int, int, int>> {};

TEST_P(SmallProductTest, AgreesWithLoopsInDoublePrecision) {
    const auto [m, n, k] = GetParam();
    Random random(static_cast<std::uint64_t>(m + 100 * n + 10000 * k));
    const SmallMatrix a = random_matrix(m, k, random), b = random_matrix(k, n, random);
    SmallMatrix a_transposed, c, c_transposed;
    a_transposed.resize(k, m);
    for (std::int64_t i = 0; i < m; ++i) a_transposed.set_column(i, a.row(i));
    small_product(a, b, c);
    small_product_transposed(a_transposed, b, c_transposed);
    ASSERT_EQ(c.rows(), m);
    ASSERT_EQ(c.columns(), n);
    for (std::int64_t i = 0; i < m; ++i) {
        for (std::int64_t j = 0; j < n; ++j) {
            double expected = 0;
            for (std::int64_t p = 0; p < k; ++p) expected += static_cast<double>(a.row(i)[p]) * b.row(p)[j];
            EXPECT_NEAR(c.row(i)[j], expected, 1e-5 * k) << i << ", " << j;
        }
        for (std::int64_t j = n; j < c.stride(); ++j) EXPECT_EQ(c.row(i)[j], 0);
        EXPECT_EQ(std::memcmp(c.row(i), c_transposed.row(i), static_cast<std::size_t>(n) * sizeof(float)), 0);
    }
}

INSTANTIATE_TEST_SUITE_P(Sizes, SmallProductTest,
                         testing::Combine(testing::Values(1, 3, 4, 9), testing::Values(1, 15, 16, 17, 40, 64), testing::Values(1, 6, 33)));

// A row's product is the same bytes whatever rows stand beside it.
TEST(SmallProductTest, RowsDoNotDependOnTheirNeighbours) {
    Random random(5);
    const SmallMatrix a = random_matrix(7, 20, random), b = random_matrix(20, 36, random);
    SmallMatrix all, one, row;
    small_product(a, b, all);
    for (std::int64_t i = 0; i < a.rows(); ++i) {
        row.resize(1, 20);
        row.set_row(0, a.row(i));
        small_product(row, b, one);
        EXPECT_EQ(std::memcmp(one.row(0), all.row(i), 36 * sizeof(float)), 0) << i;
    }
}

TEST(SmallProductTest, ASmallerSizeLeavesNothingBehind) {
    Random random(6);
    SmallMatrix matrix = random_matrix(5, 30, random);
    matrix.resize(3, 17);
    for (std::int64_t i = 0; i < 3; ++i)
        for (std::int64_t j = 17; j < matrix.stride(); ++j) EXPECT_EQ(matrix.row(i)[j], 0);
    EXPECT_EQ(matrix.stride(), 32);
}

TEST(SmallProductTest, SizesThatDoNotFitAreRefused) {
    Random random(7);
    const SmallMatrix a = random_matrix(2, 3, random), b = random_matrix(4, 5, random);
    SmallMatrix c;
    EXPECT_THROW(small_product(a, b, c), Error);
    EXPECT_THROW(small_product_transposed(a, b, c), Error);
}

} // namespace
} // namespace nmt
