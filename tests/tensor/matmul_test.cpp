#include "nmt/tensor/matmul.hpp"

#include "tests/base/test_support.hpp"
#include "tests/tensor/naive.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <ostream>

namespace nmt {
namespace {

using naive::Matrix;

// c = a b + bias + start against loops; errors are measured by the sum of the magnitudes that went into each element.
void expect_product(const Tensor& c, const Matrix& a, const Matrix& b, const Matrix* bias, const Matrix* start) {
    ASSERT_EQ(c.rows(), a.rows);
    ASSERT_EQ(c.columns(), b.columns);
    for (std::int64_t i = 0; i < a.rows; ++i)
        for (std::int64_t j = 0; j < b.columns; ++j) {
            double sum = 0, magnitude = 0;
            const auto take = [&](double x) { sum += x, magnitude += std::abs(x); };
            for (std::int64_t k = 0; k < a.columns; ++k) take(a(i, k) * b(k, j));
            if (bias != nullptr) take(bias->values[static_cast<std::size_t>(j)]);
            if (start != nullptr) take((*start)(i, j));
            ASSERT_NEAR(c.row(i)[j], sum, 1e-6 * magnitude) << "row " << i << " column " << j;
        }
}

struct Size {
    std::int64_t m, k, n;
};

void PrintTo(const Size& size, std::ostream* out) { *out << size.m << "x" << size.k << "x" << size.n; }

const std::vector<Size> kSizes = {{1, 1, 1},     {1, 3, 5},    {7, 1, 64},   {2, 63, 65},   {16, 65, 64},  {33, 257, 5},
                                  {65, 64, 257}, {1, 257, 65}, {64, 64, 64}, {100, 128, 1}, {3, 65, 8000}, {17, 300, 130}};

TEST(MatmulTest, PlainTransposedAndAccumulatedAgreeWithLoops) {
    Context context(2);
    Random random(1);
    for (const Size& size : kSizes)
        for (const bool transpose_a : {false, true})
            for (const bool accumulate : {false, true}) {
                SCOPED_TRACE(fmt::format("{}x{}x{} transposed {} accumulate {}", size.m, size.k, size.n, transpose_a, accumulate));
                if (size.n == 8000 && transpose_a) continue;
                const Tensor a = naive::random_tensor(context, transpose_a ? Shape{size.k, size.m} : Shape{size.m, size.k}, random);
                const Tensor b = naive::random_tensor(context, {size.k, size.n}, random);
                Tensor c = naive::random_tensor(context, {size.m, size.n}, random);
                const Matrix start(c);
                matmul(a, b, c, {transpose_a, accumulate});
                expect_product(c, transpose_a ? naive::transposed(Matrix(a)) : Matrix(a), Matrix(b), nullptr,
                               accumulate ? &start : nullptr);
            }
}

TEST(MatmulTest, PackedWithBiasAndAccumulatedAgreesWithLoops) {
    Context context(2);
    Random random(2);
    for (const Size& size : kSizes)
        for (const bool transposed : {false, true}) {
            SCOPED_TRACE(fmt::format("{}x{}x{} transposed {}", size.m, size.k, size.n, transposed));
            const Tensor a = naive::random_tensor(context, {size.m, size.k}, random);
            const Tensor b = naive::random_tensor(context, transposed ? Shape{size.n, size.k} : Shape{size.k, size.n}, random);
            const Tensor bias = naive::random_tensor(context, {size.n}, random);
            const Matrix second = transposed ? naive::transposed(Matrix(b)) : Matrix(b), bias_twin(bias);
            const PackedMatrix packed(b, transposed);
            EXPECT_FALSE(packed.empty());
            EXPECT_EQ(packed.inner(), size.k);
            EXPECT_EQ(packed.outer(), size.n);
            Tensor c = naive::random_tensor(context, {size.m, size.n}, random);
            const Matrix start(c);
            matmul(a, packed, c, {.accumulate = true});
            expect_product(c, Matrix(a), second, nullptr, &start);
            matmul(a, packed, c, {.bias = &bias});
            expect_product(c, Matrix(a), second, &bias_twin, nullptr);
            matmul(a, packed, c);
            expect_product(c, Matrix(a), second, nullptr, nullptr);
        }
}

TEST(MatmulTest, WritesItsRowsAndNothingElse) {
    Context context(2);
    Random random(3);
    for (const std::int64_t n : {1, 5, 64, 65}) {
        const Tensor a = naive::random_tensor(context, {3, 7}, random), b = naive::random_tensor(context, {7, n}, random);
        Tensor whole(context, {9, n});
        whole.fill(42);
        Tensor middle = whole.slice_rows(3, 6);
        matmul(a, PackedMatrix(b, false), middle);
        expect_product(middle, Matrix(a), Matrix(b), nullptr, nullptr);
        matmul(a, b, middle);
        for (const std::int64_t row : {0, 1, 2, 6, 7, 8})
            for (std::int64_t j = 0; j < n; ++j) ASSERT_EQ(whole.row(row)[j], 42) << row;
    }
}

TEST(MatmulTest, NoRowsAndNoInnerDimension) {
    Context context(test_threads());
    Tensor none(context, {0, 4}), c(context, {2, 4});
    const Tensor b = Tensor::zeros(context, {3, 4});
    EXPECT_NO_THROW(matmul(Tensor(context, {0, 3}), b, none));
    EXPECT_NO_THROW(matmul(Tensor(context, {0, 3}), PackedMatrix(b, false), none));
    c.fill(7);
    matmul(Tensor(context, {2, 0}), Tensor(context, {0, 4}), c, {.accumulate = true});
    EXPECT_EQ(c.data()[5], 7);
    matmul(Tensor(context, {2, 0}), Tensor(context, {0, 4}), c);
    EXPECT_EQ(c.data()[5], 0);
}

TEST(MatmulTest, APackedMatrixHoldsACopy) {
    Context context(test_threads());
    Tensor b(context, {2, 2});
    b.fill(1);
    const PackedMatrix packed(b, false);
    b.fill(5);
    Tensor a(context, {1, 2}), c(context, {1, 2});
    a.fill(1);
    matmul(a, packed, c);
    EXPECT_EQ(c.data()[0], 2);
    EXPECT_TRUE(PackedMatrix().empty());
}

TEST(MatmulTest, MessagesNameTheShapes) {
    Context context(test_threads());
    const Tensor a = Tensor::zeros(context, {2, 3}), b = Tensor::zeros(context, {4, 5}), bias = Tensor::zeros(context, {4});
    Tensor c = Tensor::zeros(context, {2, 5}), wide = Tensor::zeros(context, {2, 6});
    for (const std::string& message :
         {message_of<Error>([&] { matmul(a, b, c); }), message_of<Error>([&] { matmul(a, b, c, {.transpose_a = true}); }),
          message_of<Error>([&] { matmul(a, PackedMatrix(b, false), c); })}) {
        EXPECT_NE(message.find("[2, 3]"), std::string::npos) << message;
        EXPECT_NE(message.find("[4, 5]"), std::string::npos) << message;
        EXPECT_NE(message.find("[2, 5]"), std::string::npos) << message;
    }
    const Tensor fitting = Tensor::zeros(context, {3, 5});
    EXPECT_THROW(matmul(a, fitting, wide), Error);
    EXPECT_THROW(matmul(a, PackedMatrix(fitting, false), wide), Error);
    EXPECT_THROW(matmul(a, PackedMatrix(fitting, false), c, {.bias = &bias}), Error);
    const Tensor right = Tensor::zeros(context, {5});
    EXPECT_THROW(matmul(a, PackedMatrix(fitting, false), c, {.bias = &right, .accumulate = true}), Error);
    EXPECT_NO_THROW(matmul(a, PackedMatrix(fitting, false), c, {.bias = &right}));
}

// The promise that translation rests on: a row of c depends on its row of a alone, to the last bit.
class MatmulInvarianceTest : public testing::TestWithParam<Size> {};

TEST_P(MatmulInvarianceTest, ARowIsTheSameBytesWhateverStandsBesideIt) {
    const auto [most, k, n] = GetParam();
    Context context(test_threads());
    Random random(4);
    const Tensor a = naive::random_tensor(context, {most, k}, random), b = naive::random_tensor(context, {k, n}, random);
    const Tensor bias = naive::random_tensor(context, {n}, random);
    Tensor alone(context, {most, n}), sums = Tensor::zeros(context, {most, n});
    const PackedMatrix packed(b, false);
    for (std::int64_t i = 0; i < most; ++i) {
        Tensor row = alone.slice_rows(i, i + 1), sum = sums.slice_rows(i, i + 1);
        matmul(a.slice_rows(i, i + 1), packed, row, {.bias = &bias});
        sum.copy_from(row);
        matmul(a.slice_rows(i, i + 1), packed, sum, {.accumulate = true});
    }
    for (const int threads : {1, 2, 4}) {
        Context other(threads);
        const Tensor a2 = naive::copied(other, a), bias2 = naive::copied(other, bias);
        const PackedMatrix packed2(naive::copied(other, b), false);
        for (std::int64_t m = 1; m <= most; m += m <= 20 ? 1 : k * n > 20000 ? 13 : 7) {
            for (const std::int64_t first : {std::int64_t{0}, most - m}) {
                Tensor c(other, {m, n});
                matmul(a2.slice_rows(first, first + m), packed2, c, {.bias = &bias2});
                ASSERT_TRUE(naive::same_bytes(c, alone.slice_rows(first, first + m))) << m << " rows on " << threads << " threads";
                if (m % 4 > 1) continue;
                matmul(a2.slice_rows(first, first + m), packed2, c, {.accumulate = true});
                ASSERT_TRUE(naive::same_bytes(c, sums.slice_rows(first, first + m))) << m << " rows added on " << threads << " threads";
            }
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Sizes, MatmulInvarianceTest,
                         testing::Values(Size{400, 1, 64}, Size{400, 3, 5}, Size{400, 5, 1}, Size{400, 63, 64}, Size{400, 64, 256},
                                         Size{400, 65, 65}, Size{200, 257, 65}, Size{200, 512, 64}, Size{100, 512, 512}, Size{40, 64, 8000},
                                         Size{40, 1024, 64}, Size{40, 2048, 256}),
                         [](const auto& test) { return fmt::format("K{}N{}", test.param.k, test.param.n); });

} // namespace
} // namespace nmt
