// bfloat16: rounding, and products of mixed precision against loops over the rounded operands.
#include "nmt/tensor/bfloat16.hpp"

#include "nmt/tensor/elementwise.hpp"
#include "nmt/tensor/matmul.hpp"
#include "tests/tensor/naive.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <vector>

namespace nmt {
namespace {

using naive::Matrix;
using naive::random_tensor;

TEST(Bfloat16Test, RoundsToTheNearestAndTiesToEven) {
    Context context(1);
    const auto from_bits = [](std::uint32_t bits) { return std::bit_cast<float>(bits); };
    const float infinity = std::numeric_limits<float>::infinity();
    const std::vector<std::pair<float, std::uint16_t>> cases{
        {0.0F, 0x0000},
        {-0.0F, 0x8000},
        {1.0F, 0x3f80},
        {from_bits(0x3f808000), 0x3f80}, // in the middle: to the even one below
        {from_bits(0x3f818000), 0x3f82}, // and above
        {from_bits(0x3f808001), 0x3f81},
        {from_bits(0x3f807fff), 0x3f80},
        {from_bits(0xbf818000), 0xbf82},
        {std::numeric_limits<float>::max(), 0x7f80}, // rounds to infinity
        {infinity, 0x7f80},
        {-infinity, 0xff80},
    };
    Tensor a(context, {std::ssize(cases)});
    for (std::size_t i = 0; i < cases.size(); ++i) a.data()[i] = cases[i].first;
    const Tensor rounded = to_bf16(a);
    for (std::size_t i = 0; i < cases.size(); ++i) EXPECT_EQ(rounded.as<std::uint16_t>()[i], cases[i].second) << cases[i].first;
    a.fill(from_bits(0x7f800001)); // a NaN whose upper half alone would be infinity
    const Tensor back = to_f32(to_bf16(a));
    EXPECT_TRUE(std::isnan(back.data()[0]));
}

TEST(Bfloat16Test, WideningIsExact) {
    Context context(2);
    Random random(2);
    const Tensor a = random_tensor(context, {300, 200}, random), once = to_f32(to_bf16(a)), twice = to_f32(to_bf16(once));
    EXPECT_TRUE(naive::same_bytes(once, twice));
    for (std::int64_t i = 0; i < a.size(); ++i) ASSERT_LE(std::abs(once.data()[i] - a.data()[i]), std::abs(a.data()[i]) / 256);
}

// Sums of exact products of rounded operands: the order of summation in f32 is all that may differ.
void expect_product(const Tensor& c, const Matrix& a, const Matrix& b, const Matrix* start) {
    for (std::int64_t i = 0; i < a.rows; ++i)
        for (std::int64_t j = 0; j < b.columns; ++j) {
            double sum = start == nullptr ? 0 : (*start)(i, j), magnitude = std::abs(sum);
            for (std::int64_t k = 0; k < a.columns; ++k) sum += a(i, k) * b(k, j), magnitude += std::abs(a(i, k) * b(k, j));
            ASSERT_NEAR(c.row(i)[j], sum, 2e-6 * magnitude) << "row " << i << " column " << j;
        }
}

TEST(Bfloat16Test, ProductsAgreeWithLoopsOverTheRounded) {
    if (!can_compute(DataType::bf16)) GTEST_SKIP() << "this processor has no products of bf16";
    Context context(2, DataType::bf16);
    Random random(3);
    for (const auto& [m, k, n] : {std::array<std::int64_t, 3>{1, 1, 1},
                                  {3, 5, 7},
                                  {7, 64, 63},
                                  {33, 65, 130},
                                  {70, 257, 64},
                                  {64, 256, 256},
                                  {300, 150, 70},
                                  {520, 320, 131},
                                  {45, 2080, 70}, // deeper than a matrix unit's partial sums
                                  {40, 1056, 400},
                                  {70, 1056, 700}}) // more than one turn of a kernel's loops over columns and rows
        for (const bool accumulate : {false, true}) {
            SCOPED_TRACE(fmt::format("{}x{}x{} accumulate {}", m, k, n, accumulate));
            const Tensor a = random_tensor(context, {m, k}, random), b = random_tensor(context, {k, n}, random);
            const Matrix rounded_a(to_f32(to_bf16(a))), rounded_b(to_f32(to_bf16(b)));
            Tensor c = random_tensor(context, {m, n}, random);
            const Matrix start(c);
            const Tensor before = c.clone();
            matmul(a, PackedMatrix(b, false, DataType::bf16), c, {.accumulate = accumulate});
            expect_product(c, rounded_a, rounded_b, accumulate ? &start : nullptr);
            c.copy_from(before);
            matmul(to_bf16(a), PackedMatrix(b, false, DataType::bf16), c, {.accumulate = accumulate});
            expect_product(c, rounded_a, rounded_b, accumulate ? &start : nullptr);

            // The gradient of a weight: both sides plain, the left one transposed.
            const Tensor d = random_tensor(context, {m, n}, random);
            Tensor gradient = random_tensor(context, {n, k}, random);
            const Matrix gradient_start(gradient);
            matmul(to_bf16(d), to_bf16(a), gradient, {.transpose_a = true, .accumulate = accumulate});
            expect_product(gradient, naive::transposed(Matrix(to_f32(to_bf16(d)))), rounded_a, accumulate ? &gradient_start : nullptr);

            // The same with the right one packed.
            gradient = Tensor(context, {n, k});
            std::copy(gradient_start.values.begin(), gradient_start.values.end(), gradient.data());
            matmul(to_bf16(d), PackedMatrix(to_bf16(a)), gradient, {.accumulate = accumulate, .transpose_a = true});
            expect_product(gradient, naive::transposed(Matrix(to_f32(to_bf16(d)))), rounded_a, accumulate ? &gradient_start : nullptr);
        }
    const Tensor a = random_tensor(context, {4, 8}, random);
    Tensor c(context, {4, 4}), square(context, {8, 8});
    EXPECT_THROW(matmul(a, to_bf16(a), square, {.transpose_a = true}), Error);
    EXPECT_THROW(matmul(to_bf16(a), PackedMatrix(a, true), c), Error);
    EXPECT_THROW(PackedMatrix{a}, Error);
    EXPECT_THROW(matmul(a, PackedMatrix(a, false), square, {.transpose_a = true}), Error);
    Tensor rounded(context, {4, 4}, DataType::bf16);
    EXPECT_THROW(matmul(a, PackedMatrix(a, true), rounded), Error);
}

TEST(Bfloat16Test, ProductsAddToWhatIsBf16) {
    if (!can_compute(DataType::bf16)) GTEST_SKIP() << "this processor has no products of bf16";
    Context context(2, DataType::bf16);
    Random random(5);
    const Tensor a = to_bf16(random_tensor(context, {600, 96}, random)), b = to_bf16(random_tensor(context, {96, 70}, random));
    const Tensor start = to_bf16(random_tensor(context, {600, 70}, random));
    const auto expect_near = [](const Tensor& c, const Matrix& expected) {
        const Tensor widened = to_f32(c);
        for (std::int64_t i = 0; i < widened.size(); ++i) {
            const double value = expected(i / c.columns(), i % c.columns());
            ASSERT_NEAR(widened.data()[i], value, std::abs(value) / 128 + 1e-3) << i;
        }
    };
    Tensor c = start.clone();
    matmul(a, PackedMatrix(b), c, {.accumulate = true});
    Matrix sums = naive::product(Matrix(to_f32(a)), Matrix(to_f32(b)));
    const Tensor widened = to_f32(start);
    for (std::int64_t i = 0; i < widened.size(); ++i) sums(i / 70, i % 70) += widened.data()[i];
    expect_near(c, sums);

    Tensor gradient(context, {70, 96}, DataType::bf16);
    matmul(start, PackedMatrix(a), gradient, {.transpose_a = true});
    expect_near(gradient, naive::product(naive::transposed(Matrix(to_f32(start))), Matrix(to_f32(a))));
}

TEST(Bfloat16Test, ProductsRoundTheirResultWhereItIsBf16) {
    if (!can_compute(DataType::bf16)) GTEST_SKIP() << "this processor has no products of bf16";
    Context context(2, DataType::bf16);
    Random random(4);
    for (const auto& [m, k, n] : {std::array<std::int64_t, 3>{40, 70, 33}, {40, 96, 33}, {40, 96, 130}, {300, 64, 192}}) {
        const Tensor a = random_tensor(context, {m, k}, random), b = random_tensor(context, {n, k}, random);
        const Tensor bias = random_tensor(context, {n}, random);
        const PackedMatrix packed(b, true, DataType::bf16);
        const Matrix sums = naive::product(Matrix(to_f32(to_bf16(a))), naive::transposed(Matrix(to_f32(to_bf16(b)))));
        for (const bool relu : {false, true}) {
            Tensor exact(context, {m, n}), rounded(context, {m, n}, DataType::bf16);
            matmul(a, packed, exact, {.bias = &bias, .relu = relu});
            matmul(a, packed, rounded, {.bias = &bias, .relu = relu});
            const Tensor widened = to_f32(rounded);
            for (std::int64_t i = 0; i < exact.size(); ++i) {
                const double sum = sums(i / n, i % n) + bias.data()[i % n];
                ASSERT_NEAR(exact.data()[i], relu ? std::max(sum, 0.0) : sum, 1e-4) << i;
                ASSERT_NEAR(widened.data()[i], exact.data()[i], std::abs(exact.data()[i]) / 256 + 1e-6) << i;
            }
        }
    }
}

TEST(Bfloat16Test, RoundsAndSumsColumnsInOnePass) {
    for (const int threads : {1, 3}) {
        Context context(threads);
        Random random(5);
        const Tensor a = random_tensor(context, {90, 333}, random);
        Tensor sums = random_tensor(context, {333}, random), expected = sums.clone();
        add_column_sums(a, expected);
        EXPECT_TRUE(naive::same_bytes(to_f32(to_bf16(a, sums)), to_f32(to_bf16(a))));
        EXPECT_TRUE(naive::same_bytes(sums, expected));

        Tensor of_rounded = expected.clone();
        const Tensor rounded = to_bf16(a);
        add_column_sums(rounded, of_rounded);
        add_column_sums(to_f32(rounded), expected);
        EXPECT_TRUE(naive::same_bytes(of_rounded, expected));
        Tensor wrong(context, {332});
        EXPECT_THROW(to_bf16(a, wrong), Error);
    }
}

TEST(Bfloat16Test, ReluBackwardsIsThatOfTheWidened) {
    Context context(2);
    Random random(6);
    Tensor c = random_tensor(context, {50, 130}, random);
    for (std::int64_t i = 0; i < c.size(); i += 5) c.data()[i] = i % 2 == 0 ? 0.0F : -0.0F;
    const Tensor value = to_bf16(c), d_c = to_bf16(random_tensor(context, {50, 130}, random));
    Tensor expected(context, c.shape()), sums = random_tensor(context, {130}, random), expected_sums = sums.clone();
    relu_backward(to_f32(value), to_f32(d_c), expected);
    add_column_sums(expected, expected_sums);
    EXPECT_TRUE(naive::same_bytes(to_f32(relu_backward_bf16(value, d_c, sums)), expected));
    EXPECT_TRUE(naive::same_bytes(sums, expected_sums));
    Tensor wrong(context, {50});
    EXPECT_THROW(relu_backward_bf16(value, d_c, wrong), Error);
}

TEST(Bfloat16Test, PrecisionsByName) {
    EXPECT_EQ(products_from_name("f32"), DataType::f32);
    EXPECT_THROW(products_from_name("f16"), Error);
    const DataType automatic = products_from_name("auto");
    if (automatic == DataType::bf16) {
        EXPECT_EQ(products_from_name("bf16"), DataType::bf16);
        EXPECT_TRUE(can_compute(DataType::bf16));
    } else {
        EXPECT_THROW(products_from_name("bf16"), Error);
    }
    EXPECT_FALSE(can_compute(DataType::s8));
    EXPECT_THROW(Context(1, DataType::s8), Error);
}

} // namespace
} // namespace nmt
