#include "nmt/tensor/multi_head.hpp"

#include "tests/autograd/gradient_check.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <vector>

namespace nmt {
namespace {

using naive::Matrix;
using naive::random_tensor;

// Softmax attention of each head, with loops in double precision. visible: of each query; -1 queries give zeros.
Matrix naive_multi_head(const MultiHeadLayout& layout, const Matrix& queries, const Matrix& keys, const Matrix& values) {
    const std::int64_t width = queries.columns / layout.heads;
    Matrix context(queries.rows, queries.columns);
    for (std::int64_t i = 0; i < queries.rows; ++i) {
        const std::int32_t sentence = layout.sentence_of_query[static_cast<std::size_t>(i)];
        if (sentence < 0) continue;
        std::int64_t length = layout.memory->length(sentence);
        if (!layout.visible.empty()) length = std::min<std::int64_t>(length, layout.visible[static_cast<std::size_t>(i)]);
        for (int h = 0; h < layout.heads; ++h) {
            std::vector<double> weights;
            double sum = 0;
            for (std::int64_t s = 0; s < length; ++s) {
                double score = 0;
                for (std::int64_t j = 0; j < width; ++j)
                    score += queries(i, h * width + j) * keys(layout.memory->offset(sentence) + s, h * width + j);
                weights.push_back(std::exp(score / std::sqrt(static_cast<double>(width))));
                sum += weights.back();
            }
            for (std::int64_t s = 0; s < length; ++s)
                for (std::int64_t j = 0; j < width; ++j)
                    context(i, h * width + j) +=
                        weights[static_cast<std::size_t>(s)] / sum * values(layout.memory->offset(sentence) + s, h * width + j);
        }
    }
    return context;
}

std::shared_ptr<const MultiHeadLayout> cross_layout(int heads) {
    return std::make_shared<const MultiHeadLayout>(
        MultiHeadLayout{heads, {0, 2, -1, 0, 1, 2, 2, -1}, std::make_shared<const SequenceLayout>(std::vector<int>{5, 1, 3}), {}});
}

std::shared_ptr<const MultiHeadLayout> causal_layout(int heads) {
    const auto sequences = std::make_shared<const SequenceLayout>(std::vector<int>{4, 2, 5});
    MultiHeadLayout layout{heads, sequences->sequence_of_row(), sequences, {}};
    for (std::int64_t i = 0; i < sequences->rows(); ++i) {
        const std::int32_t sequence = sequences->sequence_of_row()[static_cast<std::size_t>(i)];
        layout.visible.push_back(sequence < 0 ? 0 : static_cast<std::int32_t>(i) - sequences->offset(sequence) + 1);
    }
    return std::make_shared<const MultiHeadLayout>(std::move(layout));
}

class MultiHeadTest : public testing::TestWithParam<int> {};

TEST_P(MultiHeadTest, CrossAttentionAgreesWithLoopsAndDifferences) {
    Context context(2);
    Random random(3);
    const auto layout = cross_layout(GetParam());
    const Variable queries(random_tensor(context, {8, 24}, random), true);
    const Variable keys(random_tensor(context, {layout->memory->rows(), 24}, random), true);
    const Variable values(random_tensor(context, {layout->memory->rows(), 24}, random), true);
    check_gradients(
        {queries, keys, values}, [&] { return std::vector{multi_head_attention(layout, queries, keys, values, 0).context}; },
        [&](const std::vector<Matrix>& in) { return std::vector{naive_multi_head(*layout, in[0], in[1], in[2])}; });
}

TEST_P(MultiHeadTest, CausalSelfAttentionAgreesWithLoopsAndDifferences) {
    Context context(2);
    Random random(4);
    const auto layout = causal_layout(GetParam());
    const Variable x(random_tensor(context, {layout->memory->rows(), 24}, random), true);
    check_gradients(
        {x}, [&] { return std::vector{multi_head_attention(layout, x, x, x, 0).context}; },
        [&](const std::vector<Matrix>& in) { return std::vector{naive_multi_head(*layout, in[0], in[0], in[0])}; });
}

INSTANTIATE_TEST_SUITE_P(Heads, MultiHeadTest, testing::Values(1, 2, 3, 8));

TEST(MultiHeadTest, WeightsSumToOneOverWhatIsVisible) {
    Context context(1);
    Random random(5);
    const auto layout = causal_layout(2);
    const Variable x(random_tensor(context, {layout->memory->rows(), 8}, random));
    const Tensor weights = multi_head_attention(layout, x, x, x, 0).weights;
    ASSERT_EQ(weights.columns(), 10);
    for (std::int64_t i = 0; i < layout->memory->total(); ++i)
        for (int h = 0; h < 2; ++h) {
            double sum = 0;
            for (int s = 0; s < 5; ++s) {
                if (s >= layout->visible[static_cast<std::size_t>(i)]) {
                    EXPECT_EQ(weights.row(i)[h * 5 + s], 0);
                }
                sum += weights.row(i)[h * 5 + s];
            }
            EXPECT_NEAR(sum, 1, 1e-6);
        }
}

TEST(MultiHeadTest, DroppedWeightsHaveTheSameMaskInBothPasses) {
    Context context(1);
    Random random(6);
    const auto layout = cross_layout(1);
    const Variable queries(random_tensor(context, {8, 4}, random)), keys(random_tensor(context, {layout->memory->rows(), 4}, random));
    const Variable values(random_tensor(context, {layout->memory->rows(), 4}, random), true);
    Tape tape(7);
    const Variable read = multi_head_attention(layout, queries, keys, values, 0.5F).context;
    read.gradient().fill(1);
    tape.backward();
    // The context is linear in the values: its sum is the values' product with their gradient, under one and the same mask.
    double sum = 0, product = 0;
    for (std::int64_t i = 0; i < read.value().size(); ++i) sum += read.value().data()[i];
    for (std::int64_t i = 0; i < values.value().size(); ++i) product += values.value().data()[i] * values.gradient().data()[i];
    EXPECT_NEAR(sum, product, 1e-4);
    EXPECT_GT(std::abs(sum), 1e-3);
}

TEST(KeyValueCacheTest, StepsAgreeWithTheWholeAndReorderMovesThePast) {
    Context context(1);
    Random random(8);
    constexpr int kHeads = 2, kWidth = 6, kSteps = 4;
    KeyValueCache cache(2);
    std::vector<std::vector<Matrix>> past(2); // of each row: keys, values of each step
    const SequenceLayout one({1, 1});
    for (int t = 0; t < kSteps; ++t) {
        const Tensor queries = random_tensor(context, {2, kWidth}, random), keys = random_tensor(context, {2, kWidth}, random),
                     values = random_tensor(context, {2, kWidth}, random);
        cache.append(one, keys, values);
        for (int r = 0; r < 2; ++r) {
            past[static_cast<std::size_t>(r)].emplace_back(keys.slice_rows(r, r + 1));
            past[static_cast<std::size_t>(r)].emplace_back(values.slice_rows(r, r + 1));
        }
        Tensor read(context, {2, kWidth});
        cache.attend(kHeads, one, queries, read);
        for (int r = 0; r < 2; ++r) {
            Matrix row_keys(t + 1, kWidth), row_values(t + 1, kWidth);
            for (int s = 0; s <= t; ++s)
                for (int j = 0; j < kWidth; ++j) {
                    row_keys(s, j) = past[static_cast<std::size_t>(r)][static_cast<std::size_t>(2 * s)](0, j);
                    row_values(s, j) = past[static_cast<std::size_t>(r)][static_cast<std::size_t>(2 * s + 1)](0, j);
                }
            const MultiHeadLayout whole{kHeads, {0}, std::make_shared<const SequenceLayout>(std::vector<int>{t + 1}), {}};
            naive::expect_close(read.slice_rows(r, r + 1),
                                naive_multi_head(whole, Matrix(queries.slice_rows(r, r + 1)), row_keys, row_values), 1e-5);
        }
        const std::vector<std::int32_t> swapped = t == 1 ? std::vector<std::int32_t>{1, 1} : std::vector<std::int32_t>{1, 0};
        cache.reorder(swapped);
        past = {past[static_cast<std::size_t>(swapped[0])], past[static_cast<std::size_t>(swapped[1])]};
    }
}

} // namespace
} // namespace nmt
