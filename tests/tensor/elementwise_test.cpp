#include "nmt/tensor/elementwise.hpp"

#include "nmt/tensor/bfloat16.hpp"

#include "tests/base/test_support.hpp"
#include "tests/tensor/naive.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <vector>

namespace nmt {
namespace {

using naive::expect_close;
using naive::Matrix;
using naive::random_tensor;
using naive::same_bytes;

// Sizes below and above a vector register, and large enough for several threads.
const std::vector<Shape> kShapes = {{1, 1}, {3, 5}, {7, 16}, {2, 33}, {300, 257}};

Matrix apply(const Tensor& a, const Tensor& b, const std::function<double(double, double)>& f) {
    Matrix c(a);
    for (std::size_t i = 0; i < c.values.size(); ++i) c.values[i] = f(c.values[i], b.data()[i]);
    return c;
}

TEST(ElementwiseTest, AdditionAndScaling) {
    Context context(2);
    Random random(1);
    for (const Shape& shape : kShapes) {
        const Tensor b = random_tensor(context, shape, random);
        Tensor a = random_tensor(context, shape, random);
        Matrix expected = apply(a, b, [](double x, double y) { return x + y; });
        Tensor c(context, shape);
        add(a, b, c);
        expect_close(c, expected, 1e-6);
        add_in_place(a, b);
        expect_close(a, expected, 1e-6);
        expected = apply(a, b, [](double x, double y) { return x - 0.3 * y; });
        add_scaled_in_place(a, -0.3F, b);
        expect_close(a, expected, 1e-6);
        expected = apply(a, b, [](double x, double) { return 1.7 * x; });
        scale_in_place(a, 1.7F);
        expect_close(a, expected, 1e-6);
    }
    Tensor a(context, {2, 3});
    const std::string message = message_of<Error>([&] { add_in_place(a, Tensor(context, {2, 4})); });
    EXPECT_NE(message.find("[2, 3]"), std::string::npos) << message;
    EXPECT_NE(message.find("[2, 4]"), std::string::npos) << message;
}

TEST(ElementwiseTest, HyperbolicTangent) {
    Context context(2);
    Random random(2);
    for (const Shape& shape : kShapes) {
        const Tensor a = random_tensor(context, shape, random, 2), d_c = random_tensor(context, shape, random);
        Tensor c(context, shape), d_a = random_tensor(context, shape, random);
        tanh_forward(a, c);
        for (std::int64_t i = 0; i < a.size(); ++i) {
            const double exact = std::tanh(static_cast<double>(a.data()[i]));
            ASSERT_NEAR(c.data()[i], exact, 6e-7 * std::abs(exact)) << a.data()[i];
        }
        Matrix expected(d_a);
        for (std::size_t i = 0; i < expected.values.size(); ++i) {
            const double y = c.data()[i];
            expected.values[i] += d_c.data()[i] * (1 - y * y);
        }
        tanh_backward(c, d_c, d_a);
        expect_close(d_a, expected, 1e-6);
    }
}

TEST(DropoutTest, KeepsTheRightShareAndScalesIt) {
    Context context(2);
    Tensor a(context, {400, 500}), c(context, {400, 500});
    a.fill(2);
    for (const float p : {0.0F, 0.1F, 0.3F, 0.5F, 0.9F}) {
        dropout_forward(a, p, 77, c);
        std::int64_t kept = 0;
        std::vector<int> of_column(500), of_row(400);
        for (std::int64_t i = 0; i < c.size(); ++i)
            if (c.data()[i] != 0) {
                ASSERT_FLOAT_EQ(c.data()[i], 2 / (1 - p));
                ++kept;
                ++of_column[static_cast<std::size_t>(i % 500)];
                ++of_row[static_cast<std::size_t>(i / 500)];
            }
        // Within six standard deviations: as a whole, and in every column and row.
        const auto within = [&](double count, double n) {
            return std::abs(count - n * (1 - static_cast<double>(p))) <=
                   6 * std::sqrt(n * static_cast<double>(p) * (1 - static_cast<double>(p)));
        };
        EXPECT_TRUE(within(static_cast<double>(kept), 200000)) << kept << " with p = " << p;
        for (const int count : of_column) EXPECT_TRUE(within(count, 400)) << count << " with p = " << p;
        for (const int count : of_row) EXPECT_TRUE(within(count, 500)) << count << " with p = " << p;
    }
}

TEST(DropoutTest, BackwardDrawsTheSameMaskAndAdds) {
    Context context(2);
    Tensor ones(context, {123, 45}), c(context, {123, 45}), d_a(context, {123, 45});
    ones.fill(1);
    dropout_forward(ones, 0.4F, 5, c);
    d_a.fill(7);
    dropout_backward(ones, 0.4F, 5, d_a, false);
    EXPECT_TRUE(same_bytes(c, d_a));
    dropout_backward(ones, 0.4F, 5, d_a, true);
    for (std::int64_t i = 0; i < c.size(); ++i) ASSERT_EQ(d_a.data()[i], 2 * c.data()[i]);
    Tensor sum(context, c.shape());
    add_dropped_forward(d_a, ones, 0.4F, 5, sum);
    for (std::int64_t i = 0; i < c.size(); ++i) ASSERT_EQ(sum.data()[i], d_a.data()[i] + c.data()[i]);
}

TEST(ReluTest, BackwardAgreesWithALoop) {
    Context context(2);
    Random random(4);
    const Tensor c = random_tensor(context, {67, 33}, random), d_c = random_tensor(context, {67, 33}, random);
    Tensor d_a(context, c.shape());
    d_a.fill(5);
    relu_backward(c, d_c, d_a);
    for (std::int64_t i = 0; i < c.size(); ++i) ASSERT_EQ(d_a.data()[i], c.data()[i] > 0 ? d_c.data()[i] : 0.0F);
}

// The values must not depend on where the vector part of a loop ends.
TEST(GeluTest, AgreesWithItsFormulaAndNotWithItsPlace) {
    Context context(test_threads());
    Random random(5);
    const Tensor a = random_tensor(context, {1, 1031}, random);
    Tensor c(context, a.shape()), d_a = Tensor::zeros(context, a.shape()), ones(context, a.shape());
    ones.fill(1);
    gelu_forward(a, c);
    gelu_backward(a, ones, d_a);
    const auto formula = [](double x) { return 0.5 * x * (1 + std::tanh(std::sqrt(2 / 3.14159265358979) * (x + 0.044715 * x * x * x))); };
    for (std::int64_t i = 0; i < a.size(); ++i) {
        const double x = a.data()[i];
        ASSERT_NEAR(c.data()[i], formula(x), 1e-6) << x;
        ASSERT_NEAR(d_a.data()[i], (formula(x + 1e-4) - formula(x - 1e-4)) / 2e-4, 1e-4) << x;
    }
    for (const std::int64_t first : {1, 7, 1000, 1030}) {
        Tensor part(context, {1, a.size() - first}), c_part(context, {1, a.size() - first});
        std::copy(a.data() + first, a.data() + a.size(), part.data());
        gelu_forward(part, c_part);
        for (std::int64_t i = 0; i < part.size(); ++i) ASSERT_EQ(c_part.data()[i], c.data()[first + i]) << first << ", " << i;
    }
}

// What is dropped in may be rounded, and what is written: the same mask and values, but for the rounding.
TEST(DropoutTest, ReadsAndWritesBf16) {
    Context context(2);
    Random random(14);
    const Tensor a = naive::random_tensor(context, {70, 300}, random), rounded = to_bf16(naive::random_tensor(context, {70, 300}, random));
    for (const float p : {0.0F, 0.4F}) {
        Tensor sum(context, a.shape()), expected(context, a.shape());
        add_dropped_forward(a, rounded, p, 5, sum);
        add_dropped_forward(a, to_f32(rounded), p, 5, expected);
        EXPECT_TRUE(naive::same_bytes(sum, expected));

        Tensor dropped(context, a.shape(), DataType::bf16);
        dropout_forward(a, p, 5, expected);
        dropout_backward(a, p, 5, dropped, false);
        EXPECT_TRUE(naive::same_bytes(to_f32(dropped), to_f32(to_bf16(expected))));
    }
}

TEST(DropoutTest, KeysDecideTheMask) {
    Context context(2);
    Tensor ones(context, {100, 100}), first(context, {100, 100}), second(context, {100, 100});
    ones.fill(1);
    dropout_forward(ones, 0.5F, 1, first);
    dropout_forward(ones, 0.5F, 1, second);
    EXPECT_TRUE(same_bytes(first, second));
    // Masks of neighbouring and of distant keys agree in half of the places, as independent ones do.
    for (const std::uint64_t key : {std::uint64_t{2}, std::uint64_t{3}, std::uint64_t{1} << 32 | 1, std::uint64_t{1} << 63}) {
        dropout_forward(ones, 0.5F, key, second);
        int agreeing = 0;
        for (std::int64_t i = 0; i < ones.size(); ++i) agreeing += first.data()[i] == second.data()[i];
        EXPECT_NEAR(agreeing, 5000, 300) << key;
    }
    // Nor does a mask repeat with a shift.
    for (const std::int64_t shift : {1, 2, 64, 100}) {
        int agreeing = 0;
        for (std::int64_t i = 0; i + shift < ones.size(); ++i) agreeing += first.data()[i] == first.data()[i + shift];
        EXPECT_NEAR(agreeing, 5000 - shift / 2, 300) << shift;
    }
}

TEST(ElementwiseTest, NothingDependsOnTheNumberOfThreads) {
    Random random(3);
    Context one(1);
    const Tensor a = random_tensor(one, {301, 337}, random), b = random_tensor(one, {301, 337}, random);
    std::vector<std::int32_t> index;
    for (int i = 0; i < 301; ++i) index.push_back(static_cast<std::int32_t>(random.below(40)) - 1);
    const auto compute = [&](int threads) {
        Context context(threads);
        const Tensor x = naive::copied(context, a), y = naive::copied(context, b);
        std::vector<Tensor> results;
        const auto next = [&](Shape shape) -> Tensor& { return results.emplace_back(Tensor::zeros(context, shape)); };
        tanh_forward(x, next(x.shape()));
        tanh_backward(x, y, next(x.shape()));
        dropout_forward(x, 0.3F, 9, next(x.shape()));
        dropout_backward(x, 0.3F, 9, next(x.shape()), true);
        add_dropped_forward(x, y, 0.3F, 9, next(x.shape()));
        Tensor& sum = next(x.shape());
        add_scaled_in_place(sum, 0.7F, x);
        add_scaled_in_place(sum, 0.3F, y);
        scale_in_place(sum, 1.1F);
        add_column_sums(x, next({337}));
        gather_rows(x, index, 0.1F, next(x.shape()));
        scatter_add_rows(x, index, 0.1F, next({40, 337}));
        std::vector<Tensor> copies;
        for (const Tensor& result : results) copies.push_back(naive::copied(one, result));
        return std::pair(copies, sum_of_squares(x));
    };
    const auto [expected, squares] = compute(1);
    for (const int threads : {2, 3, 4}) {
        const auto [found, found_squares] = compute(threads);
        for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_TRUE(same_bytes(found[i], expected[i])) << i << " on " << threads;
        EXPECT_EQ(found_squares, squares) << threads;
    }
}

TEST(ElementwiseTest, ColumnSumsAdd) {
    Context context(2);
    Random random(4);
    for (const Shape& shape : kShapes) {
        const Tensor a = random_tensor(context, shape, random);
        Tensor sums = random_tensor(context, {shape[1]}, random);
        Matrix expected(sums);
        for (std::int64_t i = 0; i < a.rows(); ++i)
            for (std::int64_t j = 0; j < a.columns(); ++j) expected(0, j) += a.row(i)[j];
        add_column_sums(a, sums);
        expect_close(sums, expected, 1e-5);
    }
    Tensor wrong(context, {4});
    EXPECT_THROW(add_column_sums(Tensor(context, {2, 3}), wrong), Error);
}

TEST(ElementwiseTest, GatherAndScatterRows) {
    Context context(2);
    Random random(5);
    for (const std::int64_t columns : {1, 5, 64, 65, 1000})
        for (const std::int64_t count : {1, 6, 90}) {
            const Tensor a = random_tensor(context, {10, columns}, random), d_c = random_tensor(context, {count, columns}, random);
            std::vector<std::int32_t> index;
            for (std::int64_t i = 0; i < count; ++i)
                index.push_back(static_cast<std::int32_t>(random.below(12)) - 2); // repeats, and -2 and -1
            for (const float scale : {1.0F, 3.5F}) {
                Tensor c = random_tensor(context, {count, columns}, random), d_a = random_tensor(context, {10, columns}, random);
                Matrix gathered(count, columns), scattered(d_a);
                for (std::int64_t i = 0; i < count; ++i)
                    for (std::int64_t j = 0; j < columns; ++j) {
                        const std::int32_t row = index[static_cast<std::size_t>(i)];
                        if (row < 0) continue;
                        gathered(i, j) = scale * a.row(row)[j];
                        scattered(row, j) += scale * d_c.row(i)[j];
                    }
                gather_rows(a, index, scale, c);
                expect_close(c, gathered, 1e-6);
                scatter_add_rows(d_c, index, scale, d_a);
                expect_close(d_a, scattered, 1e-5);
            }
        }
    Tensor c(context, {3, 4});
    EXPECT_THROW(gather_rows(Tensor(context, {5, 4}), std::vector<std::int32_t>{0, 1}, 1, c), Error);
    EXPECT_THROW(gather_rows(Tensor(context, {5, 3}), std::vector<std::int32_t>{0, 1, 2}, 1, c), Error);
    EXPECT_THROW(scatter_add_rows(Tensor(context, {5, 3}), std::vector<std::int32_t>{0, 1, 2, 0, 1}, 1, c), Error);
}

TEST(ElementwiseTest, ColumnsAreCopiedAndAdded) {
    Context context(2);
    Random random(6);
    for (const std::int64_t rows : {1, 7, 500}) {
        const Tensor a = random_tensor(context, {rows, 40}, random);
        Tensor c = random_tensor(context, {rows, 50}, random);
        Matrix expected(c);
        for (std::int64_t i = 0; i < rows; ++i)
            for (std::int64_t j = 0; j < 17; ++j) expected(i, 33 + j) = a.row(i)[3 + j];
        copy_columns(a, 3, c, 33, 17);
        expect_close(c, expected, 0);
        for (std::int64_t i = 0; i < rows; ++i)
            for (std::int64_t j = 0; j < 17; ++j) expected(i, 5 + j) += a.row(i)[23 + j];
        add_columns(a, 23, c, 5, 17);
        expect_close(c, expected, 1e-6);
    }
    Tensor c(context, {2, 4});
    EXPECT_THROW(copy_columns(Tensor(context, {2, 4}), 2, c, 0, 3), Error);
    EXPECT_THROW(copy_columns(Tensor(context, {3, 4}), 0, c, 0, 3), Error);
    EXPECT_THROW(add_columns(Tensor(context, {2, 4}), 0, c, 2, 3), Error);
}

TEST(ElementwiseTest, SumOfSquaresInDoublePrecision) {
    Context context(2);
    Random random(7);
    for (const Shape& shape : kShapes) {
        const Tensor a = random_tensor(context, shape, random);
        double expected = 0;
        for (std::int64_t i = 0; i < a.size(); ++i) expected += std::pow(static_cast<double>(a.data()[i]), 2);
        EXPECT_NEAR(sum_of_squares(a), expected, 1e-12 * expected);
    }
    Tensor huge(context, {2, 2});
    huge.fill(1e30F); // the squares do not fit into single precision
    EXPECT_NEAR(sum_of_squares(huge) / 4e60, 1, 1e-6);
}

TEST(ElementwiseTest, FindsWhatIsNotFinite) {
    Context context(2);
    Tensor a(context, {200, 201});
    a.fill(std::numeric_limits<float>::max());
    EXPECT_TRUE(all_finite(a));
    for (const float bad : {std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity(), std::nanf("")})
        for (const std::int64_t where : {std::int64_t{0}, std::int64_t{20000}, a.size() - 1}) {
            a.fill(1);
            a.data()[where] = bad;
            EXPECT_FALSE(all_finite(a)) << bad << " at " << where;
        }
}

} // namespace
} // namespace nmt
