// What `word-by-word` may see when: at target step t (from 1) the source tokens x(1) .. x(t+k-1) and no other, beyond the end
// </s>, after min(k, S) - 1 tokens read in silence.
#include "nmt/models/registry.hpp"

#include "nmt/layers/recurrent_layers.hpp"
#include "nmt/tensor/context.hpp"
#include "tests/tensor/naive.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace nmt {
namespace {

using Sentence = std::vector<std::int32_t>;

constexpr int kVocabulary = 20;

Sequences one(const Sentence& sentence) {
    Sequences result;
    result.add(sentence);
    return result;
}

class WordByWordTest : public testing::Test {
  protected:
    std::unique_ptr<Model> make(int lookahead, const std::string& cell = "lstm", int layers = 2, int seed = 1) {
        ModelOptions options;
        options.architecture = "word-by-word";
        options.embedding_size = 6;
        options.hidden_size = 9;
        options.decoder_layers = layers;
        options.cell = cell;
        options.lookahead = lookahead;
        options.dropout = 0;
        return make_model(context_, options, {kVocabulary, kVocabulary, false}, static_cast<std::uint64_t>(seed));
    }

    // The logits after each token of the target.
    static std::vector<std::vector<float>> logits(Model& model, const Sentence& source, const Sentence& inputs) {
        const Memory memory = model.encoder().encode(one(source));
        const auto state = model.decoder().start(memory);
        const Tensor all = model.decoder().logits(model.decoder().step(*state, one(inputs)).hidden).value();
        std::vector<std::vector<float>> rows;
        for (std::size_t t = 0; t < inputs.size(); ++t)
            rows.emplace_back(all.row(static_cast<std::int64_t>(t)), all.row(static_cast<std::int64_t>(t)) + kVocabulary);
        return rows;
    }

    Context context_{1};
};

const Sentence kInputs{kBeginOfSentence, 5, 6, 7, 8, 9, 10, 11, 12}; // nine steps

TEST_F(WordByWordTest, AStepSeesTheSourceUpToItsLookahead) {
    const Sentence source{3, 4, 5, 6, 7, 8, 0};
    for (const int k : {1, 2, 3, 5}) {
        const auto model = make(k);
        const auto before = logits(*model, source, kInputs);
        for (std::size_t position = 1; position < source.size(); ++position) { // x(1), x(2), ... without </s>
            Sentence changed = source;
            changed[position - 1] = 17;
            const auto after = logits(*model, changed, kInputs);
            for (std::size_t t = 1; t <= kInputs.size(); ++t)
                EXPECT_EQ(before[t - 1] != after[t - 1], position <= t + static_cast<std::size_t>(k) - 1)
                    << "k = " << k << ", x(" << position << "), step " << t;
        }
    }
}

TEST_F(WordByWordTest, ALongerSourceLooksTheSameUntilItsEndComesIntoSight) {
    const Sentence shorter{3, 4, 5, 0}, longer{3, 4, 5, 6, 7, 0}; // they part at x(4)
    for (const int k : {1, 2, 3}) {
        const auto model = make(k);
        const auto a = logits(*model, shorter, kInputs), b = logits(*model, longer, kInputs);
        for (std::size_t t = 1; t <= kInputs.size(); ++t) EXPECT_EQ(a[t - 1] != b[t - 1], t + static_cast<std::size_t>(k) - 1 >= 4) << k;
    }
}

TEST_F(WordByWordTest, BeyondTheEndItReadsTheEndAgain) {
    for (const int k : {1, 2, 4}) {
        const auto model = make(k);
        EXPECT_EQ(logits(*model, {3, 4, 5, 0}, kInputs), logits(*model, {3, 4, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0}, kInputs)) << k;
    }
}

TEST_F(WordByWordTest, AShortSentenceHasItsOwnLookahead) {
    // Two tokens and </s>: it can read no more than three ahead.
    const Sentence source{3, 4, 0};
    const auto three = make(3), five = make(5), two = make(2);
    EXPECT_EQ(logits(*three, source, kInputs), logits(*five, source, kInputs));
    EXPECT_NE(logits(*two, source, kInputs), logits(*five, source, kInputs));
    EXPECT_EQ(logits(*make(1), {0}, kInputs), logits(*five, {0}, kInputs)); // nothing but </s>
}

TEST_F(WordByWordTest, AStepSeesTheTargetBeforeItAndNoMore) {
    const auto model = make(2);
    const Sentence source{3, 4, 5, 6, 0};
    const auto before = logits(*model, source, kInputs);
    for (std::size_t position = 0; position < kInputs.size(); ++position) {
        Sentence changed = kInputs;
        changed[position] = 17;
        const auto after = logits(*model, source, changed);
        for (std::size_t t = 0; t < kInputs.size(); ++t) EXPECT_EQ(before[t] != after[t], position <= t) << position << ", step " << t;
    }
}

// Section 2 of the design once more, as loops in double precision: step i of the recurrence reads [x; y], where the first k-1
// steps have no y and write nothing.
TEST_F(WordByWordTest, EqualsANaiveTwin) {
    for (const char* const cell : {"tanh", "gru", "lstm"})
        for (const int k : {1, 3, 9}) {
            SCOPED_TRACE(fmt::format("{}, k = {}", cell, k));
            const auto model = make(k, cell, 1);
            const auto parameter = [&](const char* name) { return naive::Matrix(model->parameters().find(name)->value()); };
            const naive::Matrix source_table = parameter("encoder.embedding.weight"), target_table = parameter("decoder.embedding.weight");
            const Sentence source{3, 4, 5, 0};
            const int silent = std::min<int>(k, 4) - 1, steps = silent + static_cast<int>(kInputs.size());
            naive::Matrix input(steps, 12);
            for (int i = 0; i < steps; ++i)
                for (int j = 0; j < 6; ++j) {
                    input(i, j) = source_table(source[static_cast<std::size_t>(std::min(i, 3))], j);
                    const std::int32_t y = i < silent ? -1 : kInputs[static_cast<std::size_t>(i - silent)];
                    if (y >= 0) input(i, 6 + j) = target_table(y, j);
                }
            const auto linear = [&](const naive::Matrix& x, const naive::Matrix& weight, const naive::Matrix& bias) {
                naive::Matrix y = naive::product(x, naive::transposed(weight));
                for (std::int64_t i = 0; i < y.rows; ++i)
                    for (std::int64_t j = 0; j < y.columns; ++j) y(i, j) += bias.values[static_cast<std::size_t>(j)];
                return y;
            };
            const naive::Matrix projected =
                linear(input, parameter("decoder.layers.0.input.weight"), parameter("decoder.layers.0.input.bias"));
            const naive::Matrix hidden_bias = std::string(cell) == "gru" ? parameter("decoder.layers.0.hidden.bias") : naive::Matrix();
            const naive::Matrix states = naive::recurrence(cell_from_name(cell), {steps}, projected,
                                                           parameter("decoder.layers.0.hidden.weight"), hidden_bias, {}, {})
                                             .hidden;
            naive::Matrix readout = linear(states, parameter("decoder.readout.weight"), parameter("decoder.readout.bias"));
            for (double& value : readout.values) value = std::tanh(value);
            const naive::Matrix expected = linear(readout, target_table, parameter("decoder.output.bias")); // tied
            const auto found = logits(*model, source, kInputs);
            for (std::size_t t = 0; t < kInputs.size(); ++t)
                for (int j = 0; j < kVocabulary; ++j)
                    ASSERT_NEAR(found[t][static_cast<std::size_t>(j)], expected(silent + static_cast<std::int64_t>(t), j), 1e-5) << t;
        }
}

} // namespace
} // namespace nmt
