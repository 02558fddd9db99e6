// Attention with its projections, against a naive twin.
#include "nmt/layers/single_head_attention.hpp"

#include "tests/autograd/gradient_check.hpp"
#include "tests/base/test_support.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace nmt {
namespace {

using naive::Matrix;
using naive::random_tensor;
using Matrices = std::vector<Matrix>;

TEST(AttentionScoreTest, HasAName) {
    EXPECT_EQ(attention_score_from_name("dot"), AttentionScore::dot);
    EXPECT_EQ(attention_score_from_name("additive"), AttentionScore::additive);
    EXPECT_EQ(message_of<Error>([] { attention_score_from_name("cosine"); }), "unknown attention 'cosine'; expected dot or additive");
}

class AttentionLayerTest : public testing::TestWithParam<AttentionScore> {
  protected:
    Context context_{1};
    Random random_{1};
    ParameterStore parameters_{context_, 7};
};

TEST_P(AttentionLayerTest, EqualsItsNaiveTwin) {
    const bool additive = GetParam() == AttentionScore::additive;
    SingleHeadAttention layer(parameters_, "attention", GetParam(), {.query = 4, .memory = 6, .attention = 5});
    std::vector<Variable> inputs;
    inputs.emplace_back(random_tensor(context_, {5, 4}, random_), true);  // queries
    inputs.emplace_back(random_tensor(context_, {11, 6}, random_), true); // states
    std::vector<std::string> names;
    for (Parameter& parameter : parameters_.all()) {
        parameter.value().copy_from(random_tensor(context_, parameter.value().shape(), random_));
        parameter.changed();
        inputs.push_back(parameter.variable());
        names.push_back(parameter.name());
    }
    EXPECT_EQ(names, additive
                         ? (std::vector<std::string>{"attention.query.weight", "attention.key.weight", "attention.key.bias", "attention.v"})
                         : (std::vector<std::string>{"attention.query.weight", "attention.key.weight"}));

    const auto memory = std::make_shared<const SequenceLayout>(std::vector<int>{3, 1, 7}); // with rows of padding behind
    const RowIndex sentence_of_query{2, 0, 0, 1, 2};
    std::vector<int> lengths;
    for (int sentence = 0; sentence < memory->count(); ++sentence) lengths.push_back(memory->length(sentence));
    inputs[1] = Variable(random_tensor(context_, {memory->rows(), 6}, random_), true);
    const auto twin = [&](const Matrices& in) {
        Matrix keys = naive::product(in[1], naive::transposed(in[3]));
        for (std::int64_t i = 0; i < keys.rows && additive; ++i)
            for (std::int64_t j = 0; j < keys.columns; ++j) keys(i, j) += in[4].values[static_cast<std::size_t>(j)];
        return naive::attention(lengths, sentence_of_query, naive::product(in[0], naive::transposed(in[2])), keys, in[1],
                                additive ? in[5] : Matrix());
    };
    check_gradients(
        inputs, [&] { return std::vector{layer(inputs[0], sentence_of_query, memory, layer.keys(inputs[1]), inputs[1]).context}; },
        [&](const Matrices& in) { return Matrices{twin(in).context}; });

    Matrices values;
    for (const Variable& input : inputs) values.emplace_back(input.value());
    naive::expect_close(layer(inputs[0], sentence_of_query, memory, layer.keys(inputs[1]), inputs[1]).weights, twin(values).weights, 1e-5);
}

INSTANTIATE_TEST_SUITE_P(Scores, AttentionLayerTest, testing::Values(AttentionScore::dot, AttentionScore::additive),
                         [](const auto& info) { return info.param == AttentionScore::dot ? "dot" : "additive"; });

} // namespace
} // namespace nmt
