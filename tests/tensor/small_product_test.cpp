#include "nmt/tensor/small_product.hpp"

#include "nmt/base/error.hpp"
#include "nmt/base/random.hpp"
#include "nmt/tensor/bfloat16.hpp"
#include "tests/tensor/naive.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <numeric>
#include <tuple>
#include <vector>

namespace nmt {
namespace {

using Rows = RowsOf<const float>;

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
    std::vector<std::int32_t> rows(static_cast<std::size_t>(m));
    std::iota(rows.begin(), rows.end(), 0);
    a_transposed.load_transposed(Rows{a.row(0), a.stride(), rows}, k);
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
                         testing::Combine(testing::Values(1, 3, 4, 9, 15), testing::Values(1, 15, 16, 17, 40, 64),
                                          testing::Values(1, 6, 33)));

// A row's product is the same bytes whatever rows stand beside it.
TEST(SmallProductTest, RowsDoNotDependOnTheirNeighbours) {
    Random random(5);
    const SmallMatrix a = random_matrix(7, 20, random), b = random_matrix(20, 36, random);
    SmallMatrix all, one, row;
    small_product(a, b, all);
    for (std::int64_t i = 0; i < a.rows(); ++i) {
        const std::int32_t index[] = {static_cast<std::int32_t>(i)};
        row.load(Rows{a.row(0), a.stride(), index}, 20);
        small_product(row, b, one);
        EXPECT_EQ(std::memcmp(one.row(0), all.row(i), 36 * sizeof(float)), 0) << i;
    }
}

// The second matrix may be rows somewhere else, in floats or in bf16: the same bytes.
TEST(SmallProductTest, ReadsTheSecondMatrixInPlace) {
    Context context(1);
    Random random(10);
    const Tensor rounded = to_bf16(naive::random_tensor(context, {40, 90}, random)), wide = to_f32(rounded);
    const std::vector<std::int32_t> index{7, 39, 0, 7, 12, 13, 14};
    const Rows floats{wide.data() + 3, 90, index};
    const RowsOf<const std::uint16_t> halves{rounded.as<std::uint16_t>() + 3, 90, index};
    for (const std::int64_t n : {16, 64, 80}) {
        SmallMatrix b, expected, found;
        b.load(floats, n);
        const SmallMatrix a = random_matrix(11, 7, random), a_transposed = random_matrix(7, 13, random);
        const auto expect_same = [&] {
            ASSERT_EQ(found.rows(), expected.rows());
            ASSERT_EQ(found.columns(), n);
            for (std::int64_t i = 0; i < expected.rows(); ++i)
                EXPECT_EQ(std::memcmp(found.row(i), expected.row(i), static_cast<std::size_t>(n) * sizeof(float)), 0) << i;
        };
        small_product(a, b, expected);
        small_product(a, floats, n, found);
        expect_same();
        small_product(a, halves, n, found);
        expect_same();
        small_product_transposed(a_transposed, b, expected);
        small_product_transposed(a_transposed, floats, n, found);
        expect_same();
        small_product_transposed(a_transposed, halves, n, found);
        expect_same();
        EXPECT_THROW(small_product(a_transposed, floats, n, found), Error);
        EXPECT_THROW(small_product_transposed(a, floats, n, found), Error);
        EXPECT_THROW(small_product(a, floats, n - 1, found), Error);
    }
}

// Rows in any order, also repeated, and from a column on that no register begins at.
TEST(SmallProductTest, LoadsAndStoresSomeRows) {
    Random random(8);
    SmallMatrix large = random_matrix(40, 90, random);
    const std::vector<std::int32_t> index{7, 39, 0, 7, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 1, 2};
    const std::int64_t count = std::ssize(index);
    for (const std::int64_t columns : {1, 15, 16, 33, 64}) {
        SmallMatrix rows, transposed;
        rows.load(Rows{large.row(0) + 3, large.stride(), index}, columns);
        transposed.load_transposed(Rows{large.row(0) + 3, large.stride(), index}, columns);
        ASSERT_EQ(rows.rows(), count);
        ASSERT_EQ(transposed.rows(), columns);
        ASSERT_EQ(transposed.columns(), count);
        for (std::int64_t i = 0; i < count; ++i)
            for (std::int64_t j = 0; j < columns; ++j) {
                ASSERT_EQ(rows.row(i)[j], large.row(index[static_cast<std::size_t>(i)])[3 + j]) << i << ", " << j;
                ASSERT_EQ(transposed.row(j)[i], rows.row(i)[j]) << i << ", " << j;
            }
        for (std::int64_t j = 0; j < columns; ++j)
            for (std::int64_t i = count; i < transposed.stride(); ++i) ASSERT_EQ(transposed.row(j)[i], 0);

        SmallMatrix stored = random_matrix(40, 90, random);
        const SmallMatrix before = stored;
        const std::vector<std::int32_t> places{5, 6, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 30, 2};
        rows.store(RowsOf<float>{stored.row(0) + 2, stored.stride(), places});
        rows.add_to(RowsOf<float>{stored.row(0) + 2, stored.stride(), places});
        for (std::int64_t i = 0; i < 40; ++i) {
            const auto place = std::find(places.begin(), places.end(), i);
            for (std::int64_t j = 0; j < 90; ++j) {
                const bool written = place != places.end() && j >= 2 && j < 2 + columns;
                ASSERT_EQ(stored.row(i)[j], written ? 2 * rows.row(place - places.begin())[j - 2] : before.row(i)[j]) << i << ", " << j;
            }
        }
    }
    SmallMatrix two = random_matrix(2, 16, random);
    EXPECT_THROW(two.store(RowsOf<float>{large.row(0), large.stride(), index}), Error);
}

// In bf16 what is stored is rounded, and what is loaded is what is stored.
TEST(SmallProductTest, LoadsAndStoresRowsOfBf16) {
    Context context(1);
    Random random(9);
    const Tensor large = to_bf16(naive::random_tensor(context, {40, 90}, random)), wide = to_f32(large);
    const std::vector<std::int32_t> index{7, 39, 0, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 1, 2};
    const std::int64_t count = std::ssize(index);
    for (const std::int64_t columns : {1, 15, 16, 33, 64}) {
        const RowsOf<const std::uint16_t> from{large.as<std::uint16_t>() + 3, 90, index};
        SmallMatrix rows, transposed;
        rows.load(from, columns);
        transposed.load_transposed(from, columns);
        for (std::int64_t i = 0; i < count; ++i)
            for (std::int64_t j = 0; j < columns; ++j) {
                ASSERT_EQ(rows.row(i)[j], wide.row(index[static_cast<std::size_t>(i)])[3 + j]) << i << ", " << j;
                ASSERT_EQ(transposed.row(j)[i], rows.row(i)[j]) << i << ", " << j;
            }

        const SmallMatrix values = random_matrix(count, columns, random);
        Tensor stored = large.clone();
        const RowsOf<std::uint16_t> to{stored.as<std::uint16_t>() + 2, 90, index};
        values.store(to);
        const Tensor once = to_f32(stored);
        values.add_to(to);
        const Tensor twice = to_f32(stored);
        for (std::int64_t i = 0; i < 40; ++i) {
            const auto place = std::find(index.begin(), index.end(), i);
            for (std::int64_t j = 0; j < 90; ++j) {
                const bool written = place != index.end() && j >= 2 && j < 2 + columns;
                ASSERT_EQ(twice.row(i)[j], written ? 2 * once.row(i)[j] : wide.row(i)[j]) << i << ", " << j;
                if (!written) continue;
                const float value = values.row(place - index.begin())[j - 2];
                ASSERT_NEAR(once.row(i)[j], value, std::abs(value) / 256) << i << ", " << j;
            }
        }
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
