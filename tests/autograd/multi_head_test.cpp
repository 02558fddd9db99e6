#include "nmt/tensor/bfloat16.hpp"
#include "nmt/tensor/key_value_cache.hpp"
#include "nmt/tensor/multi_head.hpp"

#include "tests/autograd/gradient_check.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <optional>
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

std::shared_ptr<const MultiHeadLayout> causal_layout(int heads, const std::vector<int>& lengths = {4, 2, 5}) {
    const auto sequences = std::make_shared<const SequenceLayout>(lengths);
    MultiHeadLayout layout{heads, sequences->sequence_of_row(), sequences, {}};
    for (std::int64_t i = 0; i < sequences->rows(); ++i) {
        const std::int32_t sequence = sequences->sequence_of_row()[static_cast<std::size_t>(i)];
        layout.visible.push_back(sequence < 0 ? 0 : static_cast<std::int32_t>(i) - sequences->offset(sequence) + 1);
    }
    return std::make_shared<const MultiHeadLayout>(std::move(layout));
}

class MultiHeadTest : public testing::TestWithParam<int> {};

// width: of all heads.
void expect_cross_attention(const std::shared_ptr<const MultiHeadLayout>& layout, std::int64_t width, std::uint64_t seed) {
    Context context(2);
    Random random(seed);
    const Variable queries(random_tensor(context, {std::ssize(layout->sentence_of_query), width}, random), true);
    const Variable keys(random_tensor(context, {layout->memory->rows(), width}, random), true);
    const Variable values(random_tensor(context, {layout->memory->rows(), width}, random), true);
    check_gradients(
        {queries, keys, values},
        [&] {
            return std::vector{multi_head_attention(layout, {queries, keys, values}, 0).context};
        },
        [&](const std::vector<Matrix>& in) { return std::vector{naive_multi_head(*layout, in[0], in[1], in[2])}; });
}

TEST_P(MultiHeadTest, CrossAttentionAgreesWithLoopsAndDifferences) { expect_cross_attention(cross_layout(GetParam()), 24, 3); }

TEST_P(MultiHeadTest, CausalSelfAttentionAgreesWithLoopsAndDifferences) {
    Context context(2);
    Random random(4);
    const auto layout = causal_layout(GetParam());
    const Variable x(random_tensor(context, {layout->memory->rows(), 24}, random), true);
    check_gradients(
        {x},
        [&] {
            return std::vector{multi_head_attention(layout, {x, x, x}, 0).context};
        },
        [&](const std::vector<Matrix>& in) { return std::vector{naive_multi_head(*layout, in[0], in[0], in[0])}; });
}

// Columns of a matrix as one of their own.
Matrix columns_of(const Matrix& whole, std::int64_t first, std::int64_t count) {
    Matrix part(whole.rows, count);
    for (std::int64_t i = 0; i < whole.rows; ++i)
        for (std::int64_t j = 0; j < count; ++j) part(i, j) = whole(i, first + j);
    return part;
}

TEST_P(MultiHeadTest, ProjectionsMayBeColumnsOfOneVariable) {
    Context context(2);
    Random random(9);
    const auto causal = causal_layout(GetParam());
    const Variable all(random_tensor(context, {causal->memory->rows(), 72}, random), true);
    check_gradients(
        {all},
        [&] {
            return std::vector{multi_head_attention(causal, {{all, 24, 24}, {all, 48, 24}, {all, 0, 24}}, 0).context};
        },
        [&](const std::vector<Matrix>& in) {
            return std::vector{naive_multi_head(*causal, columns_of(in[0], 24, 24), columns_of(in[0], 48, 24), columns_of(in[0], 0, 24))};
        });
    // Nobody asks about the middle sentence, and of the columns some are not read: their gradient is 0.
    const auto cross = std::make_shared<const MultiHeadLayout>(
        MultiHeadLayout{GetParam(), {0, 2, -1, 0, 2, 2}, std::make_shared<const SequenceLayout>(std::vector<int>{5, 2, 3}), {}});
    const Variable queries(random_tensor(context, {6, 24}, random), true);
    for (const std::int64_t width : {48, 60}) {
        const Variable both(random_tensor(context, {cross->memory->rows(), width}, random), true);
        check_gradients(
            {queries, both},
            [&] {
                return std::vector{multi_head_attention(cross, {queries, {both, 0, 24}, {both, 24, 24}}, 0).context};
            },
            [&](const std::vector<Matrix>& in) {
                return std::vector{naive_multi_head(*cross, in[0], columns_of(in[1], 0, 24), columns_of(in[1], 24, 24))};
            });
    }
}

TEST_P(MultiHeadTest, GradientsAreAddedToThoseThatAreThere) {
    Context context(2);
    Random random(10);
    const auto layout = causal_layout(GetParam());
    const Variable all(random_tensor(context, {layout->memory->rows(), 72}, random), true);
    check_gradients(
        {all},
        [&] {
            return std::vector{multi_head_attention(layout, {{all, 0, 24}, {all, 24, 24}, {all, 48, 24}}, 0).context,
                               multi_head_attention(layout, {{all, 48, 24}, {all, 0, 24}, {all, 24, 24}}, 0).context};
        },
        [&](const std::vector<Matrix>& in) {
            const Matrix parts[] = {columns_of(in[0], 0, 24), columns_of(in[0], 24, 24), columns_of(in[0], 48, 24)};
            return std::vector{naive_multi_head(*layout, parts[0], parts[1], parts[2]),
                               naive_multi_head(*layout, parts[2], parts[0], parts[1])};
        });
}

// In bf16 as in f32, but for the rounding: what is read, the context, and all gradients. width: of all heads.
void expect_rounded_as_floats(const std::shared_ptr<const MultiHeadLayout>& layout, std::int64_t width) {
    Context context(2, DataType::bf16);
    Random random(11);
    const Tensor values = to_bf16(random_tensor(context, {layout->memory->rows(), 3 * width}, random));
    const Tensor d = to_bf16(random_tensor(context, {layout->memory->rows(), width}, random));
    const auto run = [&](const Variable& all, const Tensor& d_read, Readers readers) {
        Tape tape;
        const Variable read =
            multi_head_attention(layout, {{all, 0, width}, {all, width, width}, {all, 2 * width, width}}, 0, readers).context;
        read.set_gradient(d_read);
        tape.backward();
        return read.value();
    };
    const Variable rounded(values, true, DataType::bf16), exact(to_f32(values), true);
    const Tensor read = run(rounded, d, Readers::one);
    ASSERT_EQ(read.type(), DataType::bf16);
    ASSERT_EQ(rounded.gradient().type(), DataType::bf16);
    naive::expect_close(to_f32(read), Matrix(run(exact, to_f32(d), Readers::any)), 4e-3); // half a unit in the last of 8 bits
    naive::expect_close(to_f32(rounded.gradient()), Matrix(exact.gradient()), 4e-3);
}

TEST_P(MultiHeadTest, RoundedProjectionsAgreeWithFloats) {
    if (!can_compute(DataType::bf16)) GTEST_SKIP() << "this processor has no products of bf16";
    expect_rounded_as_floats(causal_layout(GetParam()), 24);
}

INSTANTIATE_TEST_SUITE_P(Heads, MultiHeadTest, testing::Values(1, 2, 3, 8));

// Heads of 64 and 16, over more queries and a longer memory than fit into one turn of the kernels' loops.
class WideMultiHeadTest : public testing::TestWithParam<int> {};

TEST_P(WideMultiHeadTest, CrossAttentionAgreesWithLoopsAndDifferences) {
    const auto memory = std::make_shared<const SequenceLayout>(std::vector<int>{20, 3});
    expect_cross_attention(
        std::make_shared<const MultiHeadLayout>(MultiHeadLayout{GetParam(), {0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, -1}, memory, {}}), 64, 14);
}

TEST_P(WideMultiHeadTest, CausalSelfAttentionAgreesWithLoopsAndDifferences) {
    Context context(2);
    Random random(15);
    const auto layout = causal_layout(GetParam(), {9, 20});
    const Variable all(random_tensor(context, {layout->memory->rows(), 192}, random), true);
    check_gradients(
        {all},
        [&] {
            return std::vector{multi_head_attention(layout, {{all, 0, 64}, {all, 64, 64}, {all, 128, 64}}, 0).context};
        },
        [&](const std::vector<Matrix>& in) {
            return std::vector{naive_multi_head(*layout, columns_of(in[0], 0, 64), columns_of(in[0], 64, 64), columns_of(in[0], 128, 64))};
        });
}

TEST_P(WideMultiHeadTest, RoundedProjectionsAgreeWithFloats) {
    if (!can_compute(DataType::bf16)) GTEST_SKIP() << "this processor has no products of bf16";
    expect_rounded_as_floats(causal_layout(GetParam(), {9, 20}), 64);
}

INSTANTIATE_TEST_SUITE_P(Heads, WideMultiHeadTest, testing::Values(1, 4));

TEST(MultiHeadTest, WeightsSumToOneOverWhatIsVisible) {
    Context context(test_threads());
    Random random(5);
    const auto layout = causal_layout(2);
    const Variable x(random_tensor(context, {layout->memory->rows(), 8}, random));
    const Tensor weights = multi_head_attention(layout, {x, x, x}, 0).weights;
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
    Context context(test_threads());
    Random random(6);
    const auto layout = cross_layout(1);
    const Variable queries(random_tensor(context, {8, 4}, random)), keys(random_tensor(context, {layout->memory->rows(), 4}, random));
    const Variable values(random_tensor(context, {layout->memory->rows(), 4}, random), true);
    Tape tape(7);
    const Variable read = multi_head_attention(layout, {queries, keys, values}, 0.5F).context;
    read.gradient().fill(1);
    tape.backward();
    // The context is linear in the values: its sum is the values' product with their gradient, under one and the same mask.
    double sum = 0, product = 0;
    for (std::int64_t i = 0; i < read.value().size(); ++i) sum += read.value().data()[i];
    for (std::int64_t i = 0; i < values.value().size(); ++i) product += values.value().data()[i] * values.gradient().data()[i];
    EXPECT_NEAR(sum, product, 1e-4);
    EXPECT_GT(std::abs(sum), 1e-3);
}

// With one mask all the time, the gradients of dropped attention are those that differences of it have.
TEST(MultiHeadTest, DroppedWeightsGiveTheGradientsOfTheirMask) {
    Context context(test_threads());
    Random random(12);
    const auto layout = causal_layout(2);
    Tensor values = random_tensor(context, {layout->memory->rows(), 24}, random);
    const Tensor projection = random_tensor(context, {layout->memory->rows(), 8}, random);
    const Variable all(values, true);
    const auto projected = [&](bool backward) {
        Tape tape(13);
        const Variable read = multi_head_attention(layout, {{all, 0, 8}, {all, 8, 8}, {all, 16, 8}}, 0.4F).context;
        double sum = 0;
        for (std::int64_t i = 0; i < read.value().size(); ++i) sum += read.value().data()[i] * projection.data()[i];
        if (backward) {
            read.gradient().copy_from(projection);
            tape.backward();
        }
        return sum;
    };
    projected(true);
    for (std::int64_t i = 0; i < layout->memory->total() * 24; i += 5) {
        const float before = values.data()[i], step = 1e-2F;
        values.data()[i] = before + step;
        const double above = projected(false);
        values.data()[i] = before - step;
        const double difference = (above - projected(false)) / (2 * step);
        values.data()[i] = before;
        EXPECT_NEAR(all.gradient().data()[i], difference, 2e-3) << i;
    }
}

// A cache beside plain lists of what each row has behind it.
class KeyValueCacheTest : public testing::Test {
  protected:
    static constexpr int kHeads = 2, kLayers = 2;

    void start(int rows, int width = 6) {
        width_ = width;
        past_.assign(kLayers, std::vector<Past>(static_cast<std::size_t>(rows)));
        cache_.emplace(kLayers, static_cast<std::size_t>(rows));
    }

    // A token for each row, whose attention must be that over its whole past.
    void step() {
        const auto rows = std::ssize(past_.front());
        const SequenceLayout one(std::vector<int>(static_cast<std::size_t>(rows), 1));
        const Shape shape{one.rows(), width_};
        cache_->grow(one);
        for (std::size_t layer = 0; layer < kLayers; ++layer) {
            const Tensor queries = random_tensor(context_, shape, random_), keys = random_tensor(context_, shape, random_),
                         values = random_tensor(context_, shape, random_);
            cache_->store(layer, keys, values);
            Tensor read(context_, shape);
            cache_->attend(layer, kHeads, one, queries, read);
            for (int r = 0; r < rows; ++r) {
                Past& past = past_[layer][static_cast<std::size_t>(r)];
                past.keys.emplace_back(keys.slice_rows(r, r + 1));
                past.values.emplace_back(values.slice_rows(r, r + 1));
                const MultiHeadLayout whole{
                    kHeads, {0}, std::make_shared<const SequenceLayout>(std::vector<int>{static_cast<int>(past.keys.size())}), {}};
                naive::expect_close(read.slice_rows(r, r + 1),
                                    naive_multi_head(whole, Matrix(queries.slice_rows(r, r + 1)), stacked(past.keys), stacked(past.values)),
                                    1e-5);
            }
        }
    }

    void reorder(const std::vector<std::int32_t>& rows) {
        cache_->reorder(rows);
        for (std::vector<Past>& layer : past_) {
            std::vector<Past> reordered;
            for (const std::int32_t row : rows) reordered.push_back(layer[static_cast<std::size_t>(row)]);
            layer = std::move(reordered);
        }
    }

    std::int64_t stored_rows() const { return cache_->stored_rows(); }

  private:
    struct Past {
        std::vector<Matrix> keys, values; // of each step
    };

    Matrix stacked(const std::vector<Matrix>& rows) const {
        Matrix matrix(std::ssize(rows), width_);
        for (std::int64_t i = 0; i < std::ssize(rows); ++i)
            for (int j = 0; j < width_; ++j) matrix(i, j) = rows[static_cast<std::size_t>(i)](0, j);
        return matrix;
    }

    int width_ = 0; // of all heads
    Context context_{test_threads()};
    Random random_{8};
    std::optional<KeyValueCache> cache_;
    std::vector<std::vector<Past>> past_; // of each layer's rows
};

TEST_F(KeyValueCacheTest, StepsAgreeWithTheWholeAndReorderMovesThePast) {
    start(2);
    step();
    reorder({1, 0});
    step();
    reorder({1, 1});
    step();
    reorder({1, 0});
    step();
}

// More values a head than a kernel takes at a time, and such as are left over.
TEST_F(KeyValueCacheTest, HeadsMayBeWide) {
    for (const int width : {128, 200}) {
        start(3, width);
        for (int t = 0; t < 20; ++t) step();
    }
}

TEST_F(KeyValueCacheTest, LetsGoOfWhatNoRowNeedsAndKeepsTheRest) {
    constexpr int kRows = 64, kSteps = 40;
    start(kRows);
    for (int t = 0; t < kSteps; ++t) {
        step();
        std::vector<std::int32_t> rows(kRows);
        for (int r = 0; r < kRows; ++r) rows[static_cast<std::size_t>(r)] = r / 4 * 4 + (t % 4); // four rows go on from one
        reorder(rows);
    }
    EXPECT_LT(stored_rows(), kRows * kSteps / 2);
    reorder({5, 9, 60}); // sentences that go on when the others have ended
    for (int t = 0; t < 3; ++t) step();
}

TEST_F(KeyValueCacheTest, KeepsAllOfRowsThatShareNothing) {
    constexpr int kRows = 64, kSteps = 24;
    start(kRows);
    for (int t = 0; t < kSteps; ++t) step();
    EXPECT_EQ(stored_rows(), kRows * kSteps);
}

} // namespace
} // namespace nmt
