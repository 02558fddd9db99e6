#include "nmt/tensor/mixture.hpp"

#include "nmt/base/random.hpp"
#include "nmt/tensor/context.hpp"
#include "tests/threads.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace nmt {
namespace {

Tensor tensor_of(Context& context, const std::vector<float>& values) {
    Tensor tensor(context, {1, std::ssize(values)});
    std::copy(values.begin(), values.end(), tensor.data());
    return tensor;
}

TEST(MixLogProbabilities, ByHand) {
    Context context(test_threads());
    Tensor a = tensor_of(context, {std::log(0.5F), std::log(0.5F), 0, -80});
    mix_log_probabilities(a, tensor_of(context, {std::log(0.1F), std::log(0.9F), 0, -90}), 0.25F);
    EXPECT_NEAR(a.data()[0], std::log(0.75 * 0.5 + 0.25 * 0.1), 1e-6);
    EXPECT_NEAR(a.data()[1], std::log(0.75 * 0.5 + 0.25 * 0.9), 1e-6);
    EXPECT_EQ(a.data()[2], 0);
    EXPECT_NEAR(a.data()[3], -80 + std::log(0.75 + 0.25 * std::exp(-10.0)), 1e-5);
}

// Against double precision, over the whole range and every place of a row.
TEST(MixLogProbabilities, AgreesWithDoublePrecision) {
    Context context(2);
    Random random(4);
    Tensor a(context, {37, 1003}), b(context, {37, 1003});
    for (std::int64_t i = 0; i < a.size(); ++i) {
        a.data()[i] = -static_cast<float>(random.uniform() * 30);
        b.data()[i] = i % 5 == 0 ? a.data()[i] : -static_cast<float>(random.uniform() * 30);
    }
    for (const float share : {0.5F, 0.1F, 0.97F}) {
        Tensor mixed = a.clone();
        mix_log_probabilities(mixed, b, share);
        for (std::int64_t i = 0; i < a.size(); ++i) {
            const double p = std::exp(static_cast<double>(a.data()[i])), q = std::exp(static_cast<double>(b.data()[i]));
            ASSERT_NEAR(mixed.data()[i], std::log((1 - static_cast<double>(share)) * p + static_cast<double>(share) * q), 4e-6);
            if (i % 5 == 0) {
                ASSERT_EQ(mixed.data()[i], a.data()[i]);
            }
        }
    }
}

TEST(MixLogProbabilities, TheImpossibleAndTheBroken) {
    Context context(test_threads());
    constexpr float kNever = -std::numeric_limits<float>::infinity();
    Tensor a = tensor_of(context, {kNever, kNever, -1, std::nanf(""), -1});
    mix_log_probabilities(a, tensor_of(context, {kNever, -1, kNever, -1, std::nanf("")}), 0.5F);
    EXPECT_EQ(a.data()[0], kNever);
    EXPECT_NEAR(a.data()[1], -1 + std::log(0.5), 1e-6);
    EXPECT_NEAR(a.data()[2], -1 + std::log(0.5), 1e-6);
    EXPECT_TRUE(std::isnan(a.data()[3]));
    EXPECT_TRUE(std::isnan(a.data()[4]));
}

} // namespace
} // namespace nmt
