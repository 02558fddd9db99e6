// 8-bit integers: rounding against loops, products against exact integer arithmetic.
#include "nmt/tensor/quantized_matrix.hpp"

#include "nmt/tensor/matmul.hpp"
#include "tests/base/test_support.hpp"
#include "tests/tensor/naive.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <vector>

namespace nmt {
namespace {

using naive::Matrix;
using naive::random_tensor;

Tensor with_a_zero_row(Context& context, Shape shape) {
    Random random(3);
    Tensor a = random_tensor(context, shape, random);
    for (std::int64_t i = 0; i < a.rows(); ++i)
        for (std::int64_t j = 0; j < a.columns(); ++j) a.row(i)[j] *= static_cast<float>(i % 5 == 2 ? 0 : std::pow(10.0, i % 4 - 2));
    return a;
}

TEST(QuantizeTest, RowsAreRoundedToTheirOwnScale) {
    Context context(2);
    const Tensor a = with_a_zero_row(context, {23, 37});
    const QuantizedMatrix quantized = quantize_rows(a);
    const Tensor back = dequantize(quantized);
    for (std::int64_t i = 0; i < a.rows(); ++i) {
        float largest = 0;
        for (std::int64_t j = 0; j < a.columns(); ++j) largest = std::max(largest, std::abs(a.row(i)[j]));
        ASSERT_FLOAT_EQ(quantized.scales.data()[i], largest / 127);
        int extreme = 0;
        for (std::int64_t j = 0; j < a.columns(); ++j) {
            const int code = quantized.values.as<std::int8_t>()[i * a.columns() + j];
            extreme = std::max(extreme, std::abs(code));
            ASSERT_LE(std::abs(back.row(i)[j] - a.row(i)[j]), 0.501F * quantized.scales.data()[i]);
            ASSERT_FLOAT_EQ(back.row(i)[j], static_cast<float>(code) * quantized.scales.data()[i]);
        }
        ASSERT_EQ(extreme, largest > 0 ? 127 : 0);
    }
    Tensor bad = a.clone();
    bad.row(4)[3] = std::numeric_limits<float>::quiet_NaN();
    EXPECT_NE(message_of<Error>([&] { quantize_rows(bad); }).find("no finite numbers"), std::string::npos);
}

TEST(QuantizeTest, GatheredRowsAreThoseOfTheDequantized) {
    Context context(1);
    const QuantizedMatrix quantized = quantize_rows(with_a_zero_row(context, {9, 21}));
    const Tensor back = dequantize(quantized);
    const std::vector<std::int32_t> index{3, -1, 8, 3, 0};
    Tensor c(context, {5, 21});
    gather_rows(quantized, index, 4, c);
    for (std::size_t i = 0; i < index.size(); ++i)
        for (std::int64_t j = 0; j < 21; ++j)
            ASSERT_FLOAT_EQ(c.row(static_cast<std::int64_t>(i))[j], index[i] < 0 ? 0 : 4 * back.row(index[i])[j]);
    Tensor narrow(context, {5, 20});
    EXPECT_THROW(gather_rows(quantized, index, 1, narrow), Error);
}

TEST(QuantizeTest, ActivationsAreRoundedAroundTheirZero) {
    Context context(2);
    const Tensor a = with_a_zero_row(context, {40, 65});
    std::vector<std::uint8_t> codes(static_cast<std::size_t>(a.size()));
    std::vector<float> scales(40);
    quantize_activations(a, codes.data(), scales.data());
    for (std::int64_t i = 0; i < a.rows(); ++i)
        for (std::int64_t j = 0; j < a.columns(); ++j) {
            const int code = codes[static_cast<std::size_t>(i * a.columns() + j)] - kActivationZero;
            const float scale = scales[static_cast<std::size_t>(i)];
            ASSERT_LE(std::abs(code), 127);
            ASSERT_LE(std::abs(static_cast<float>(code) * scale - a.row(i)[j]), 0.501F * scale) << i << ", " << j;
        }
}

// What an integer product has to be, from the same codes; without integer instructions the left side keeps its floats.
Matrix expected_product(const Tensor& a, const QuantizedMatrix& b, const PackedMatrix& packed, const Tensor* bias, bool relu) {
    Matrix left(a);
    if (packed.type() == DataType::s8) {
        std::vector<std::uint8_t> codes(static_cast<std::size_t>(a.size()));
        std::vector<float> scales(static_cast<std::size_t>(a.rows()));
        quantize_activations(a, codes.data(), scales.data());
        for (std::size_t k = 0; k < codes.size(); ++k)
            left.values[k] = (codes[k] - kActivationZero) * static_cast<double>(scales[k / static_cast<std::size_t>(a.columns())]);
    }
    Matrix c = naive::product(left, naive::transposed(Matrix(dequantize(b))));
    for (std::int64_t i = 0; i < c.rows; ++i)
        for (std::int64_t j = 0; j < c.columns; ++j) {
            if (bias != nullptr) c(i, j) += bias->data()[j];
            if (relu) c(i, j) = std::max(c(i, j), 0.0);
        }
    return c;
}

TEST(QuantizeTest, ProductsAgreeWithExactArithmeticOverTheCodes) {
    Context context(2);
    Random random(7);
    for (const auto& [m, k, n] :
         {std::array<std::int64_t, 3>{1, 1, 1}, {3, 5, 7}, {7, 64, 63}, {33, 65, 130}, {70, 257, 64}, {5, 128, 1000}}) {
        SCOPED_TRACE(fmt::format("{}x{}x{}", m, k, n));
        const Tensor a = random_tensor(context, {m, k}, random, 3), bias = random_tensor(context, {n}, random);
        const QuantizedMatrix b = quantize_rows(random_tensor(context, {n, k}, random));
        const PackedMatrix packed(b);
        const double tolerance = packed.type() == DataType::s8 ? 2e-5 : 1e-4; // sums of floats, where there are no integer products
        Tensor c(context, {m, n});
        matmul(a, packed, c);
        naive::expect_close(c, expected_product(a, b, packed, nullptr, false), tolerance);
        matmul(a, packed, c, {.bias = &bias});
        naive::expect_close(c, expected_product(a, b, packed, &bias, false), tolerance);
        matmul(a, packed, c, {.bias = &bias, .relu = true});
        naive::expect_close(c, expected_product(a, b, packed, &bias, true), tolerance);
        if (packed.type() == DataType::s8) {
            EXPECT_THROW(matmul(a, packed, c, {.accumulate = true}), Error);
        }
    }
}

TEST(QuantizeTest, ARowIsTheSameBytesWhateverStandsBesideIt) {
    Context one(1), two(2);
    Random random(8);
    const Tensor a = random_tensor(one, {90, 96}, random), bias = random_tensor(one, {200}, random);
    const QuantizedMatrix b = quantize_rows(random_tensor(one, {200, 96}, random));
    const PackedMatrix packed(b);
    Tensor alone(one, {90, 200});
    one.enter();
    for (std::int64_t i = 0; i < 90; ++i) {
        Tensor row = alone.slice_rows(i, i + 1);
        matmul(a.slice_rows(i, i + 1), packed, row, {.bias = &bias});
    }
    for (Context* context : {&one, &two}) {
        context->enter();
        for (const std::int64_t m : {1, 2, 3, 7, 16, 33, 64, 90}) {
            Tensor c(*context, {m, 200});
            matmul(a.in(*context).slice_rows(90 - m, 90), packed, c, {.bias = &bias});
            ASSERT_TRUE(naive::same_bytes(c, alone.slice_rows(90 - m, 90))) << m;
        }
    }
}

} // namespace
} // namespace nmt
