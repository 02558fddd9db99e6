#include "nmt/tensor/normalize.hpp"

#include "nmt/tensor/bfloat16.hpp"
#include "tests/tensor/naive.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace nmt {
namespace {

using naive::expect_close;
using naive::Matrix;
using naive::random_tensor;
using naive::same_bytes;

TEST(LogSoftmaxTest, AgreesWithLoops) {
    Context context(2);
    Random random(1);
    for (const std::int64_t columns : {1, 2, 15, 37, 1000, 8003}) {
        Tensor a = random_tensor(context, {7, columns}, random, 3);
        for (std::int64_t j = 0; j < columns; ++j) a.row(1)[j] += 5000; // the normalizer alone would overflow
        for (std::int64_t j = 0; j < columns; ++j) a.row(2)[j] -= 5000;
        a.row(3)[columns / 2] = 300;
        a.row(4)[0] = -1e30F;
        const Matrix expected = naive::log_softmax(Matrix(a));
        log_softmax_in_place(a);
        for (std::int64_t i = 0; i < 7; ++i)
            for (std::int64_t j = 0; j < columns; ++j) {
                // Near 5000 a float is known to 5e-4.
                const double tolerance = i == 1 || i == 2 ? 1e-3 : 2e-6;
                ASSERT_NEAR(a.row(i)[j], expected(i, j), tolerance * std::max(1.0, std::abs(expected(i, j)))) << i << " " << j;
            }
    }
}

TEST(LogSoftmaxTest, NormalizersGiveTheSameFloats) {
    Context context(2);
    Random random(4);
    for (const std::int64_t columns : {1, 63, 64, 65, 1000}) {
        const Tensor a = random_tensor(context, {30, columns}, random, 5);
        const std::int64_t blocks = (columns + kMaximaBlock - 1) / kMaximaBlock;
        Tensor normalizers(context, {30}), maxima(context, {30, blocks}), expected = a.clone();
        log_normalizers(a, normalizers, maxima);
        log_softmax_in_place(expected);
        for (std::int64_t i = 0; i < 30; ++i) {
            for (std::int64_t j = 0; j < columns; ++j) ASSERT_EQ(a.row(i)[j] - normalizers.data()[i], expected.row(i)[j]);
            for (std::int64_t b = 0; b < blocks; ++b)
                ASSERT_EQ(maxima.row(i)[b],
                          *std::max_element(a.row(i) + b * kMaximaBlock, a.row(i) + std::min((b + 1) * kMaximaBlock, columns)));
        }
    }
    Tensor a(context, {3, 65}), normalizers(context, {3}), maxima(context, {3, 1});
    EXPECT_THROW(log_normalizers(a, normalizers, maxima), Error);
}

TEST(LogSoftmaxTest, ARowIsTheSameBytesAloneAndAmongOthers) {
    Context one(1);
    Random random(2);
    for (const std::int64_t columns : {5, 37, 64, 1001}) {
        const Tensor a = random_tensor(one, {90, columns}, random);
        Tensor alone(one, a.shape());
        for (std::int64_t i = 0; i < a.rows(); ++i) {
            Tensor row = a.slice_rows(i, i + 1).clone();
            log_softmax_in_place(row);
            alone.slice_rows(i, i + 1).copy_from(row);
        }
        for (const int threads : {1, 2, 4})
            for (const std::int64_t rows : {2, 3, 50, 90}) {
                Context context(threads);
                Tensor some = naive::copied(context, a.slice_rows(90 - rows, 90));
                log_softmax_in_place(some);
                EXPECT_TRUE(same_bytes(some, alone.slice_rows(90 - rows, 90))) << rows << " rows on " << threads << " threads";
            }
    }
}

class CrossEntropyTest : public testing::TestWithParam<float> {};

TEST_P(CrossEntropyTest, LossAndGradientAgreeWithLoops) {
    const float smoothing = GetParam();
    Context context(2);
    Random random(3);
    for (const std::int64_t size : {2, 17, 300, 5001}) {
        const Tensor logits = random_tensor(context, {40, size}, random, 2);
        std::vector<std::int32_t> targets;
        for (int i = 0; i < 40; ++i)
            targets.push_back(i % 7 == 3 ? -1 - i : static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(size))));
        targets[0] = 0;
        targets[1] = static_cast<std::int32_t>(size - 1);
        const Matrix twin(logits);
        const naive::Loss expected = naive::cross_entropy(twin, targets, smoothing);

        Tensor same = logits.clone();
        const CrossEntropy found = cross_entropy(same, targets, smoothing, nullptr);
        EXPECT_NEAR(found.loss, expected.loss, 2e-6 * expected.loss);
        EXPECT_NEAR(found.log_likelihood, expected.log_likelihood, 2e-6 * std::abs(expected.log_likelihood));
        EXPECT_TRUE(same_bytes(same, logits));

        // d loss / d logit(v) = softmax(v) - q(v)
        Matrix gradient = naive::log_softmax(twin);
        for (std::int64_t i = 0; i < 40; ++i)
            for (std::int64_t j = 0; j < size; ++j) {
                const std::int32_t target = targets[static_cast<std::size_t>(i)];
                const double q =
                    static_cast<double>(smoothing) / static_cast<double>(size) + (j == target ? 1 - static_cast<double>(smoothing) : 0);
                gradient(i, j) = target < 0 ? 0 : 0.25 * (std::exp(gradient(i, j)) - q);
            }
        Tensor d_logits = logits.clone();
        const CrossEntropy again = cross_entropy(d_logits, targets, smoothing, &d_logits, 0.25F);
        EXPECT_EQ(again.loss, found.loss);
        EXPECT_EQ(again.log_likelihood, found.log_likelihood);
        expect_close(d_logits, gradient, 3e-7);
        for (std::int64_t j = 0; j < size; ++j) ASSERT_EQ(d_logits.row(3)[j], 0); // exactly, where nothing counts

        Tensor rounded(context, logits.shape(), DataType::bf16);
        EXPECT_EQ(cross_entropy(same, targets, smoothing, &rounded, 0.25F).loss, found.loss);
        const Tensor widened = to_f32(rounded);
        for (std::int64_t i = 0; i < widened.size(); ++i) // the target's value is summed in another order
            ASSERT_NEAR(widened.data()[i], d_logits.data()[i], std::abs(d_logits.data()[i]) / 256 + 1e-7F) << i;
        for (std::int64_t j = 0; j < size; ++j) ASSERT_EQ(widened.row(3)[j], 0);
    }
}

INSTANTIATE_TEST_SUITE_P(Smoothing, CrossEntropyTest, testing::Values(0.0F, 0.1F, 0.6F));

TEST(CrossEntropyTest, NothingDependsOnTheNumberOfThreads) {
    Context one(1), four(4);
    Random random(4);
    const Tensor logits = random_tensor(one, {150, 301}, random);
    std::vector<std::int32_t> targets;
    for (int i = 0; i < 150; ++i) targets.push_back(i);
    Tensor a = logits.clone(), b = naive::copied(four, logits);
    const CrossEntropy of_a = cross_entropy(a, targets, 0.1F, &a), of_b = cross_entropy(b, targets, 0.1F, &b);
    EXPECT_EQ(of_a.loss, of_b.loss);
    EXPECT_EQ(of_a.log_likelihood, of_b.log_likelihood);
    EXPECT_TRUE(same_bytes(a, b));
}

TEST(CrossEntropyTest, CountsNothingWhereNothingCounts) {
    Context context(test_threads());
    Tensor logits = Tensor::zeros(context, {2, 3});
    const CrossEntropy found = cross_entropy(logits, std::vector<std::int32_t>{-1, -1}, 0.1F, &logits);
    EXPECT_EQ(found.loss, 0);
    EXPECT_EQ(found.log_likelihood, 0);
    EXPECT_THROW(cross_entropy(logits, std::vector<std::int32_t>{0}, 0, nullptr), Error);
}

TEST(CrossEntropyTest, SurvivesAnImpossibleTarget) {
    Context context(test_threads());
    Tensor logits = Tensor::zeros(context, {1, 4});
    logits.data()[0] = 1000;
    const CrossEntropy found = cross_entropy(logits, std::vector<std::int32_t>{2}, 0, &logits);
    EXPECT_NEAR(found.loss, 1000, 1e-3);
    EXPECT_NEAR(logits.data()[0], 1, 1e-6);
    EXPECT_NEAR(logits.data()[2], -1, 1e-6);
}

TEST(LayerNormTest, ForwardAgreesWithLoops) {
    Context context(2);
    Random random(5);
    for (const std::int64_t columns : {2, 5, 16, 65, 512}) {
        Tensor a = random_tensor(context, {70, columns}, random);
        for (std::int64_t j = 0; j < columns; ++j) a.row(1)[j] = a.row(1)[j] * 50 + 300; // far from zero
        const Tensor gain = random_tensor(context, {columns}, random), bias = random_tensor(context, {columns}, random);
        Tensor c(context, a.shape()), statistics(context, {70, 2});
        layer_norm_forward(a, gain, bias, c, statistics);
        expect_close(c, naive::layer_norm(Matrix(a), Matrix(gain), Matrix(bias)), 2e-5);
        Tensor rounded(context, a.shape(), DataType::bf16);
        layer_norm_forward(a, gain, bias, rounded, statistics);
        const Tensor widened = to_f32(rounded);
        for (std::int64_t i = 0; i < c.size(); ++i) // a sum that is rounded once or twice before
            ASSERT_NEAR(widened.data()[i], c.data()[i], std::abs(c.data()[i]) / 256 + 1e-6F) << i;
        for (std::int64_t i = 0; i < 70; ++i) {
            double mean = 0, variance = 0;
            for (std::int64_t j = 0; j < columns; ++j) mean += static_cast<double>(a.row(i)[j]) / static_cast<double>(columns);
            for (std::int64_t j = 0; j < columns; ++j) variance += std::pow(a.row(i)[j] - mean, 2) / static_cast<double>(columns);
            EXPECT_NEAR(statistics.row(i)[0], mean, 1e-6 * (1 + std::abs(mean)));
            EXPECT_NEAR(statistics.row(i)[1] * std::sqrt(variance + 1e-5), 1, 1e-5);
        }
    }
}

TEST(LayerNormTest, ARowOfEqualValuesBecomesTheBias) {
    Context context(test_threads());
    Tensor a(context, {1, 24}), gain(context, {24}), bias(context, {24}), c(context, {1, 24}), statistics(context, {1, 2});
    a.fill(3), gain.fill(2), bias.fill(0.5F);
    layer_norm_forward(a, gain, bias, c, statistics);
    for (std::int64_t j = 0; j < 24; ++j) EXPECT_NEAR(c.data()[j], 0.5, 1e-6);
}

TEST(LayerNormTest, BackwardAddsWhatTheMathematicsSay) {
    Context context(2);
    Random random(6);
    for (const std::int64_t columns : {2, 5, 65, 300}) {
        const Tensor a = random_tensor(context, {70, columns}, random), d_c = random_tensor(context, {70, columns}, random);
        const Tensor gain = random_tensor(context, {columns}, random), bias = random_tensor(context, {columns}, random);
        Tensor c(context, a.shape()), statistics(context, {70, 2});
        layer_norm_forward(a, gain, bias, c, statistics);
        Tensor d_a = random_tensor(context, a.shape(), random), d_gain = random_tensor(context, {columns}, random);
        Tensor d_bias = random_tensor(context, {columns}, random);
        Matrix a_twin(d_a), gain_twin(d_gain), bias_twin(d_bias);
        const double n = static_cast<double>(columns);
        for (std::int64_t i = 0; i < 70; ++i) {
            double mean = 0, variance = 0, sum = 0, projection = 0;
            for (std::int64_t j = 0; j < columns; ++j) mean += a.row(i)[j] / n;
            for (std::int64_t j = 0; j < columns; ++j) variance += std::pow(a.row(i)[j] - mean, 2) / n;
            const double r = 1 / std::sqrt(variance + 1e-5);
            const auto normalized = [&](std::int64_t j) { return (a.row(i)[j] - mean) * r; };
            const auto g = [&](std::int64_t j) { return static_cast<double>(d_c.row(i)[j]) * gain.data()[j]; };
            for (std::int64_t j = 0; j < columns; ++j) sum += g(j) / n, projection += g(j) * normalized(j) / n;
            for (std::int64_t j = 0; j < columns; ++j) {
                a_twin(i, j) += r * (g(j) - sum - normalized(j) * projection);
                gain_twin(0, j) += d_c.row(i)[j] * normalized(j);
                bias_twin(0, j) += d_c.row(i)[j];
            }
        }
        layer_norm_backward(a, gain, statistics, d_c, {&d_a, d_gain, d_bias});
        // With two columns the parts cancel almost wholly, and 1 / deviation may be large.
        expect_close(d_a, a_twin, columns == 2 ? 1e-3 : 1e-5);
        expect_close(d_gain, gain_twin, 3e-5);
        expect_close(d_bias, bias_twin, 1e-5);
        const Tensor before = d_gain.clone();
        layer_norm_backward(a, gain, statistics, d_c, {nullptr, d_gain, d_bias});
        EXPECT_FALSE(same_bytes(d_gain, before));

        const Tensor rounded = to_bf16(d_c), widened = to_f32(rounded); // the same from either
        std::vector<Tensor> of[2];
        for (const Tensor& d : {rounded, widened}) {
            std::vector<Tensor>& all = of[d.type() == DataType::f32];
            all = {Tensor::zeros(context, a.shape()), Tensor::zeros(context, {columns}), Tensor::zeros(context, {columns})};
            layer_norm_backward(a, gain, statistics, d, {&all[0], all[1], all[2]});
        }
        for (std::size_t i = 0; i < of[0].size(); ++i) EXPECT_TRUE(same_bytes(of[0][i], of[1][i])) << i;
    }
}

TEST(LayerNormTest, NothingDependsOnTheNumberOfThreads) {
    Random random(7);
    Context one(1), four(4);
    const Tensor a = random_tensor(one, {130, 259}, random), d_c = random_tensor(one, {130, 259}, random),
                 gain = random_tensor(one, {259}, random);
    const auto compute = [&](Context& context) {
        const Tensor x = naive::copied(context, a), g = naive::copied(context, gain);
        Tensor c(context, x.shape()), statistics(context, {130, 2}), d_a = Tensor::zeros(context, x.shape());
        Tensor d_gain = Tensor::zeros(context, {259}), d_bias = Tensor::zeros(context, {259});
        layer_norm_forward(x, g, g, c, statistics);
        layer_norm_backward(x, g, statistics, naive::copied(context, d_c), {&d_a, d_gain, d_bias});
        return std::vector<Tensor>{c, statistics, d_a, d_gain, d_bias};
    };
    const std::vector<Tensor> of_one = compute(one), of_four = compute(four);
    for (std::size_t i = 0; i < of_one.size(); ++i) EXPECT_TRUE(same_bytes(of_one[i], of_four[i])) << i;
}

} // namespace
} // namespace nmt
