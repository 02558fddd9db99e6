// The header is for kernels, which are compiled with OpenMP; so is this test.
#ifdef _OPENMP
#include "nmt/tensor/vector_math.hpp"
#endif

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace nmt {
namespace {

#ifndef _OPENMP

TEST(VectorMathTest, IsCompiledWithOpenMP) { GTEST_SKIP() << "compile the tests of tensor with OpenMP"; }

#else

using Kernel = void (*)(const float*, float*, std::int64_t);

// Plain code, and what kernels become on this processor.
void plain_exp(const float* x, float* y, std::int64_t n) {
    for (std::int64_t i = 0; i < n; ++i) y[i] = fast_exp(x[i]);
}
void plain_tanh(const float* x, float* y, std::int64_t n) {
    for (std::int64_t i = 0; i < n; ++i) y[i] = fast_tanh(x[i]);
}
void plain_sigmoid(const float* x, float* y, std::int64_t n) {
    for (std::int64_t i = 0; i < n; ++i) y[i] = fast_sigmoid(x[i]);
}
NMT_MULTIVERSION void vector_exp(const float* x, float* y, std::int64_t n) {
    for (std::int64_t i = 0; i < n; ++i) y[i] = fast_exp(x[i]);
}
NMT_MULTIVERSION void vector_tanh(const float* x, float* y, std::int64_t n) {
    for (std::int64_t i = 0; i < n; ++i) y[i] = fast_tanh(x[i]);
}
NMT_MULTIVERSION void vector_sigmoid(const float* x, float* y, std::int64_t n) {
    for (std::int64_t i = 0; i < n; ++i) y[i] = fast_sigmoid(x[i]);
}

// Numbers of both signs spread evenly over [-most, most], and those near 0 down to the smallest normal one.
std::vector<float> range(float most) {
    std::vector<float> x{0.0F, 0.25F, -0.25F, 0.3465735F, std::nextafterf(0.25F, 0.0F)};
    for (int i = -300000; i <= 300000; ++i) x.push_back(most * static_cast<float>(i) / 300000);
    for (float small = 1; small >= std::numeric_limits<float>::min(); small /= 1.37F) x.insert(x.end(), {small, -small});
    return x;
}

double worst_error(Kernel kernel, const std::vector<float>& x, double (*exact)(double)) {
    std::vector<float> y(x.size());
    kernel(x.data(), y.data(), static_cast<std::int64_t>(x.size()));
    double worst = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        const double expected = exact(x[i]);
        const double error = expected == 0 ? std::abs(y[i]) : std::abs(y[i] - expected) / std::abs(expected);
        if (!(error <= worst)) worst = error; // a NaN stays
    }
    return worst;
}

double exact_sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
double exact_exp(double x) { return std::exp(x); }
double exact_tanh(double x) { return std::tanh(x); }

TEST(VectorMathTest, RelativeErrorIsAsSmallAsClaimed) {
    EXPECT_LT(worst_error(plain_exp, range(87), exact_exp), 5e-7);
    EXPECT_LT(worst_error(vector_exp, range(87), exact_exp), 5e-7);
    EXPECT_LT(worst_error(plain_tanh, range(20), exact_tanh), 5e-7);
    EXPECT_LT(worst_error(vector_tanh, range(20), exact_tanh), 5e-7);
    // Just beyond 1/4, where the series ends, 5.13e-7 was found.
    EXPECT_LT(worst_error(plain_tanh, range(0.5F), exact_tanh), 5.5e-7);
    EXPECT_LT(worst_error(vector_tanh, range(0.5F), exact_tanh), 5.5e-7);
    EXPECT_LT(worst_error(plain_sigmoid, range(87), exact_sigmoid), 5e-7);
    EXPECT_LT(worst_error(vector_sigmoid, range(87), exact_sigmoid), 5e-7);
}

TEST(VectorMathTest, HugeInputsGiveTheEndsOfTheRange) {
    const float huge[] = {88, 89, 1e4F, 1e30F, std::numeric_limits<float>::max(), std::numeric_limits<float>::infinity()};
    for (const float x : huge) {
        for (const Kernel kernel : {plain_exp, vector_exp}) {
            float y[2];
            const float both[] = {x, -x};
            kernel(both, y, 2);
            EXPECT_NEAR(y[0] / std::exp(88.0), 1, 5e-7) << x;
            EXPECT_NEAR(y[1] / std::exp(-std::min(static_cast<double>(x), 87.0)), 1, 5e-7) << x;
        }
        EXPECT_EQ(fast_tanh(x), 1) << x;
        EXPECT_EQ(fast_tanh(-x), -1) << x;
        EXPECT_EQ(fast_sigmoid(x), 1) << x;
        EXPECT_LT(fast_sigmoid(-x), 1e-37F) << x;
        EXPECT_GE(fast_sigmoid(-x), 0) << x;
    }
}

TEST(VectorMathTest, ZeroAndDenormals) {
    EXPECT_EQ(fast_exp(0), 1);
    EXPECT_EQ(fast_tanh(0), 0);
    EXPECT_EQ(fast_sigmoid(0), 0.5F);
    const float denormal = std::numeric_limits<float>::denorm_min();
    EXPECT_EQ(fast_exp(denormal), 1);
    EXPECT_EQ(fast_tanh(denormal), denormal);
    EXPECT_EQ(fast_tanh(-denormal), -denormal);
}

#endif

} // namespace
} // namespace nmt
