#include "nmt/decoding/ensemble.hpp"

#include "nmt/base/error.hpp"
#include "nmt/decoding/search.hpp"
#include "tests/base/test_support.hpp"
#include "tests/decoding/toy_model.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace nmt {
namespace {

std::vector<Tokens> sources() { return {{3, 1, 0}, {0}, {2, 2, 1, 3, 0}, {1, 1, 1, 1, 1, 1, 0}}; }

void expect_same(const std::vector<std::vector<Hypothesis>>& found, const std::vector<std::vector<Hypothesis>>& expected) {
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
        ASSERT_EQ(found[i].size(), expected[i].size());
        for (std::size_t k = 0; k < found[i].size(); ++k) {
            EXPECT_EQ(found[i][k].tokens, expected[i][k].tokens);
            EXPECT_EQ(found[i][k].token_log_probs, expected[i][k].token_log_probs);
            EXPECT_EQ(found[i][k].score, expected[i][k].score);
            EXPECT_EQ(found[i][k].alignment, expected[i][k].alignment);
        }
    }
}

TEST(Ensemble, OfOneModelWithItselfIsTheModel) {
    const ToyLogit logit = random_logit(4);
    Toy one(9, logit, 1, random_attention(2)), other(9, logit, 1, random_attention(2)), third(9, logit, 1, random_attention(2));
    const SearchOptions options{.beam = 4, .n_best = 4, .coverage_penalty = 0.4, .alignment = true};
    const auto expected = search(one.model, sequences(sources()), options);
    expect_same(search(Ensemble({&one.model, &other.model}), sequences(sources()), options), expected);
    expect_same(search(Ensemble({&one.model, &other.model, &third.model}, {0.3, 2, 0.7}), sequences(sources()), options), expected);
}

// The naive twin: a toy model that averages itself.
TEST(Ensemble, AveragesProbabilities) {
    const ToyLogit a = random_logit(4), b = random_logit(5);
    const auto distribution = [](const ToyLogit& logit, std::span<const std::int32_t> source, const Tokens& prefix, std::int32_t next) {
        double sum = 0;
        for (std::int32_t v = 0; v < 9; ++v) sum += std::exp(static_cast<double>(logit(source, prefix, v)));
        return std::exp(static_cast<double>(logit(source, prefix, next))) / sum;
    };
    const ToyLogit mean = [&](std::span<const std::int32_t> source, const Tokens& prefix, std::int32_t next) {
        return static_cast<float>(std::log(0.25 * distribution(a, source, prefix, next) + 0.75 * distribution(b, source, prefix, next)));
    };
    Toy first(9, a), second(9, b), averaged(9, mean);
    const SearchOptions options{.beam = 4, .n_best = 4};
    const auto found = search(Ensemble({&first.model, &second.model}, {1, 3}), sequences(sources()), options);
    const auto expected = search(averaged.model, sequences(sources()), options);
    const auto alone = search(first.model, sequences(sources()), options);
    for (std::size_t i = 0; i < found.size(); ++i) {
        for (std::size_t k = 0; k < 4; ++k) {
            EXPECT_EQ(found[i][k].tokens, expected[i][k].tokens);
            EXPECT_NEAR(found[i][k].score, expected[i][k].score, 1e-5);
        }
        EXPECT_NE(found[i][0].score, alone[i][0].score);
    }
}

TEST(Ensemble, AttentionIsThatOfTheModelsThatHaveIt) {
    const auto constant = [](std::vector<float> weights) {
        return [weights](std::span<const std::int32_t>, const Tokens&) { return weights; };
    };
    Toy none(9, random_logit(1)), first(9, random_logit(2), 1, constant({0.1F, 0.6F, 0.3F})),
        second(9, random_logit(3), 1, constant({0.7F, 0.1F, 0.2F}));
    const Ensemble all({&none.model, &first.model, &second.model}, {5, 1, 3});
    EXPECT_TRUE(all.has_attention());
    EXPECT_FALSE(Ensemble(none.model).has_attention());
    const Sequences source = sequences({{3, 4, 0}});
    EnsembleState state(all, source);
    state.step({kBeginOfSentence});
    const Tensor attention = state.attention();
    ASSERT_EQ(attention.shape(), (Shape{1, 3}));
    EXPECT_NEAR(attention.data()[0], 0.25 * 0.1 + 0.75 * 0.7, 1e-6);
    EXPECT_NEAR(attention.data()[1], 0.25 * 0.6 + 0.75 * 0.1, 1e-6);
    EXPECT_NEAR(attention.data()[2], 0.25 * 0.3 + 0.75 * 0.2, 1e-6);
    const Ensemble without(none.model);
    EnsembleState another(without, source);
    another.step({kBeginOfSentence});
    EXPECT_TRUE(another.attention().empty());
}

TEST(Ensemble, WhatItRefuses) {
    Toy nine(9, copy_logit()), ten(10, copy_logit());
    const auto message = [](std::vector<Model*> models, std::vector<double> weights) {
        return message_of<Error>([&] { Ensemble(models, weights); });
    };
    EXPECT_NE(message({}, {}), "");
    EXPECT_NE(message({&nine.model, &ten.model}, {}).find("vocabularies"), std::string::npos);
    EXPECT_NE(message({&nine.model, &nine.model}, {1}).find("1 weights for an ensemble of 2"), std::string::npos);
    EXPECT_NE(message({&nine.model, &nine.model}, {1, 0}).find("weight of 0"), std::string::npos);
    EXPECT_NE(message({&nine.model, &nine.model}, {1, std::nan("")}), "");
    EXPECT_EQ(message({&nine.model, &nine.model}, {}), "");
}

} // namespace
} // namespace nmt
