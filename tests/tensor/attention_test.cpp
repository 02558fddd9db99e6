#include "nmt/tensor/attention.hpp"

#include "tests/tensor/naive.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <optional>
#include <vector>

namespace nmt {
namespace {

using naive::expect_close;
using naive::Matrix;
using naive::random_tensor;
using naive::same_bytes;

// Sentences of different lengths, one of them empty; each with several queries in no order, and rows of padding between.
struct Case {
    std::vector<int> lengths{5, 1, 0, 9, 3};
    std::vector<std::int32_t> sentence_of_query{0, 3, -1, 0, 1, 4, 3, 3, 0, 1, 4, -1, 2, 3, -1};
    SequenceLayout memory{lengths};
    Tensor queries, keys, values, d_context;
    std::optional<Tensor> v;

    Case(Context& context, AttentionScore score, std::int64_t d, std::int64_t e) {
        Random random(static_cast<std::uint64_t>(d));
        queries = random_tensor(context, {15, d}, random, 0.7);
        keys = random_tensor(context, {memory.rows(), d}, random, 0.7);
        values = random_tensor(context, {memory.rows(), e}, random);
        d_context = random_tensor(context, {15, e}, random);
        if (score == AttentionScore::additive) v = random_tensor(context, {d}, random);
    }
    AttentionShape shape() const { return {v ? AttentionScore::additive : AttentionScore::dot, sentence_of_query, &memory}; }
    const Tensor* v_or_null() const { return v ? &*v : nullptr; }
    AttentionInput input() const { return {queries, keys, values, v_or_null()}; }
    Matrix v_twin() const { return v ? Matrix(*v) : Matrix(); }
};

class AttentionTest : public testing::TestWithParam<AttentionScore> {};

TEST_P(AttentionTest, ForwardAgreesWithLoops) {
    Context context(2);
    for (const auto& [d, e] : {std::pair{1, 1}, {7, 3}, {64, 64}, {33, 130}}) {
        const Case c(context, GetParam(), d, e);
        Tensor weights(context, {15, 9}), result(context, {15, e});
        weights.fill(7), result.fill(7);
        attention_forward(c.shape(), c.input(), weights, result);
        const naive::Attention expected =
            naive::attention(c.lengths, c.sentence_of_query, Matrix(c.queries), Matrix(c.keys), Matrix(c.values), c.v_twin());
        expect_close(weights, expected.weights, 1e-5);
        expect_close(result, expected.context, 1e-5);
        for (std::int64_t i = 0; i < 15; ++i) {
            const std::int32_t sentence = c.sentence_of_query[static_cast<std::size_t>(i)];
            const int length = sentence < 0 ? 0 : c.memory.length(sentence);
            double sum = 0;
            for (std::int64_t s = 0; s < 9; ++s) {
                if (s >= length) {
                    ASSERT_EQ(weights.row(i)[s], 0);
                }
                sum += weights.row(i)[s];
            }
            EXPECT_NEAR(sum, length == 0 ? 0 : 1, 1e-6);
        }
    }
}

TEST_P(AttentionTest, SurvivesLargeScores) {
    Context context(test_threads());
    Case c(context, GetParam(), 8, 2);
    for (std::int64_t i = 0; i < c.queries.size(); ++i) c.queries.data()[i] *= 200;
    if (c.v) c.v->fill(300);
    Tensor weights(context, {15, 9}), result(context, {15, 2});
    attention_forward(c.shape(), c.input(), weights, result);
    expect_close(weights,
                 naive::attention(c.lengths, c.sentence_of_query, Matrix(c.queries), Matrix(c.keys), Matrix(c.values), c.v_twin()).weights,
                 1e-3);
}

// d f / d x by central differences of the twin, f being the sum of context times d_context.
Matrix numeric_gradient(const Case& c, Matrix twins[4], int which) {
    const auto f = [&] {
        const Matrix context = naive::attention(c.lengths, c.sentence_of_query, twins[0], twins[1], twins[2], twins[3]).context;
        double sum = 0;
        for (std::size_t i = 0; i < context.values.size(); ++i) sum += context.values[i] * c.d_context.data()[i];
        return sum;
    };
    Matrix gradient = twins[which];
    for (std::size_t i = 0; i < gradient.values.size(); ++i) {
        double& x = twins[which].values[i];
        const double before = x;
        x = before + 1e-5;
        const double above = f();
        x = before - 1e-5;
        gradient.values[i] = (above - f()) / 2e-5;
        x = before;
    }
    return gradient;
}

TEST_P(AttentionTest, BackwardAddsTheGradientsOfTheTwin) {
    Context context(2);
    for (const auto& [d, e] : {std::pair{1, 1}, {7, 3}, {17, 20}}) {
        const Case c(context, GetParam(), d, e);
        Tensor weights(context, {15, 9}), result(context, {15, e});
        attention_forward(c.shape(), c.input(), weights, result);
        Matrix twins[4] = {Matrix(c.queries), Matrix(c.keys), Matrix(c.values), c.v_twin()};
        Random random(9);
        std::vector<Tensor> gradients;
        for (const Tensor* input : {&c.queries, &c.keys, &c.values, c.v_or_null()})
            gradients.push_back(input == nullptr ? Tensor() : random_tensor(context, input->shape(), random));
        std::vector<Matrix> expected;
        for (int i = 0; i < (c.v ? 4 : 3); ++i) {
            expected.emplace_back(gradients[static_cast<std::size_t>(i)]);
            const Matrix numeric = numeric_gradient(c, twins, i);
            for (std::size_t j = 0; j < numeric.values.size(); ++j) expected.back().values[j] += numeric.values[j];
        }
        attention_backward(c.shape(), c.input(), weights, c.d_context,
                           {&gradients[0], &gradients[1], &gradients[2], c.v ? &gradients[3] : nullptr});
        for (std::size_t i = 0; i < expected.size(); ++i) {
            SCOPED_TRACE(fmt::format("gradient {} of width {} and {}", i, d, e));
            expect_close(gradients[i], expected[i], 2e-5);
        }
    }
}

TEST_P(AttentionTest, EachGradientCanBeWantedAlone) {
    Context context(2);
    const Case c(context, GetParam(), 7, 3);
    Tensor weights(context, {15, 9}), result(context, {15, 3});
    attention_forward(c.shape(), c.input(), weights, result);
    const auto run = [&](bool queries, bool keys, bool values, bool v) {
        std::vector<Tensor> all;
        for (const Tensor* input : {&c.queries, &c.keys, &c.values, c.v ? &*c.v : &c.queries})
            all.push_back(Tensor::zeros(context, input->shape()));
        attention_backward(c.shape(), c.input(), weights, c.d_context,
                           {queries ? &all[0] : nullptr, keys ? &all[1] : nullptr, values ? &all[2] : nullptr, v ? &all[3] : nullptr});
        return all;
    };
    const bool additive = c.v.has_value();
    const std::vector<Tensor> whole = run(true, true, true, additive);
    EXPECT_TRUE(same_bytes(run(true, false, false, false)[0], whole[0]));
    EXPECT_TRUE(same_bytes(run(false, true, false, false)[1], whole[1]));
    EXPECT_TRUE(same_bytes(run(false, false, true, false)[2], whole[2]));
    if (additive) {
        EXPECT_TRUE(same_bytes(run(false, false, false, true)[3], whole[3]));
    }
    EXPECT_NO_THROW(run(false, false, false, false));
}

TEST_P(AttentionTest, NothingDependsOnTheNumberOfThreads) {
    Context one(1);
    const auto run = [&](int threads) {
        Context context(threads);
        const Case c(context, GetParam(), 35, 19);
        Tensor weights(context, {15, 9}), result(context, {15, 19});
        attention_forward(c.shape(), c.input(), weights, result);
        Tensor d_queries = Tensor::zeros(context, c.queries.shape()), d_keys = Tensor::zeros(context, c.keys.shape());
        Tensor d_values = Tensor::zeros(context, c.values.shape()), d_v = Tensor::zeros(context, {35});
        attention_backward(c.shape(), c.input(), weights, c.d_context, {&d_queries, &d_keys, &d_values, c.v ? &d_v : nullptr});
        std::vector<Tensor> copies;
        for (const Tensor& x : {weights, result, d_queries, d_keys, d_values, d_v}) copies.push_back(naive::copied(one, x));
        return copies;
    };
    const std::vector<Tensor> expected = run(1);
    for (const int threads : {2, 4}) {
        const std::vector<Tensor> found = run(threads);
        for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_TRUE(same_bytes(found[i], expected[i])) << i << " on " << threads;
    }
}

TEST_P(AttentionTest, ASentenceIsTheSameBytesAloneAndAmongOthers) {
    for (const int threads : {1, 2, 4}) {
        Context context(threads);
        const Case c(context, GetParam(), 35, 19);
        Tensor weights(context, {15, 9}), result(context, {15, 19});
        attention_forward(c.shape(), c.input(), weights, result);
        for (std::int64_t i = 0; i < 15; ++i) {
            const std::int32_t sentence = c.sentence_of_query[static_cast<std::size_t>(i)];
            if (sentence < 0 || c.memory.length(sentence) == 0) continue;
            const std::int64_t first = c.memory.offset(sentence), length = c.memory.length(sentence);
            const SequenceLayout alone({static_cast<int>(length)});
            Tensor own_weights(context, {1, length}), own_context(context, {1, 19});
            // clone() puts the rows elsewhere, aligned differently.
            Tensor keys = Tensor::zeros(context, {alone.rows(), 35}), values = Tensor::zeros(context, {alone.rows(), 19});
            keys.slice_rows(0, length).copy_from(c.keys.slice_rows(first, first + length));
            values.slice_rows(0, length).copy_from(c.values.slice_rows(first, first + length));
            const std::vector<std::int32_t> zero{0};
            attention_forward({c.shape().score, zero, &alone}, {c.queries.slice_rows(i, i + 1).clone(), keys, values, c.v_or_null()},
                              own_weights, own_context);
            EXPECT_EQ(std::memcmp(own_weights.data(), weights.row(i), static_cast<std::size_t>(length) * sizeof(float)), 0) << i;
            EXPECT_TRUE(same_bytes(own_context, result.slice_rows(i, i + 1))) << i;
        }
    }
}

TEST_P(AttentionTest, RefusesWhatDoesNotFit) {
    Context context(test_threads());
    const Case c(context, GetParam(), 6, 4);
    Tensor weights(context, {15, 9}), result(context, {15, 4});
    const Tensor narrow(context, {c.keys.rows(), 5}), v(context, {6});
    EXPECT_THROW(attention_forward(c.shape(), {c.queries, narrow, c.values, c.v_or_null()}, weights, result), Error);
    EXPECT_THROW(attention_forward(c.shape(), {c.queries, c.keys.slice_rows(0, 5), c.values, c.v_or_null()}, weights, result), Error);
    EXPECT_THROW(attention_forward(c.shape(), {c.queries.slice_rows(0, 5), c.keys, c.values, c.v_or_null()}, weights, result), Error);
    EXPECT_THROW(attention_forward(c.shape(), {c.queries, c.keys, c.values, c.v ? nullptr : &v}, weights, result), Error);
}

INSTANTIATE_TEST_SUITE_P(Scores, AttentionTest, testing::Values(AttentionScore::dot, AttentionScore::additive),
                         [](const auto& test) { return test.param == AttentionScore::dot ? "dot" : "additive"; });

} // namespace
} // namespace nmt
