// How far back the loss reaches: against central differences of the loss, and that it vanishes where theory says so.
#include "nmt/training/gradient_flow.hpp"

#include "nmt/models/registry.hpp"
#include "nmt/models/rnn_state.hpp"
#include "nmt/tensor/context.hpp"
#include "nmt/tensor/elementwise.hpp"
#include "nmt/training/validation.hpp"
#include "tests/base/test_support.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

namespace nmt {
namespace {

constexpr int kVocabulary = 20;

ModelOptions tiny(const std::string& architecture, const std::string& cell = "tanh") {
    ModelOptions options;
    options.architecture = architecture;
    options.cell = cell;
    options.embedding_size = 8;
    options.hidden_size = 12;
    options.attention_size = 8;
    options.encoder_layers = options.decoder_layers = 1;
    options.width = 12;
    options.feed_forward = 16;
    options.heads = 2;
    options.dropout = 0;
    return options;
}

std::vector<std::int32_t> sentence(int tokens, std::uint64_t seed) {
    Random random(seed);
    std::vector<std::int32_t> ids;
    for (int i = 1; i < tokens; ++i) ids.push_back(2 + static_cast<std::int32_t>(random.below(kVocabulary - 2)));
    ids.push_back(Tokenizer::kEndOfSentence);
    return ids;
}

// Pairs of so many tokens, </s> counted.
ParallelCorpus corpus_of(const std::vector<std::pair<int, int>>& lengths) {
    ParallelCorpus corpus;
    for (std::size_t i = 0; i < lengths.size(); ++i)
        corpus.add(sentence(lengths[i].first, 2 * i), sentence(lengths[i].second, 2 * i + 1), i);
    return corpus;
}

Sequences one(std::span<const std::int32_t> tokens) {
    Sequences sequences;
    sequences.add(tokens);
    return sequences;
}

class GradientFlowTest : public testing::Test {
  protected:
    std::unique_ptr<Model> model(const ModelOptions& options, std::uint64_t seed = 7) {
        return make_model(context_, options, {kVocabulary, kVocabulary, false}, seed);
    }

    // The loss of the last of some tokens, from the row of its step: in double precision.
    static double last_loss(Model& model, const StepOutput& output, std::int64_t row, std::int32_t token) {
        const Tensor logits = model.decoder().logits(Variable(output.hidden.value().slice_rows(row, row + 1))).value();
        double sum = 0;
        for (std::int64_t v = 0; v < logits.columns(); ++v) sum += std::exp(static_cast<double>(logits.row(0)[v]));
        return std::log(sum) - logits.row(0)[token];
    }

    // The norm of the gradient of loss() with respect to the values of `state`, by central differences.
    static double numeric_norm(Tensor& state, const std::function<double()>& loss) {
        double squares = 0;
        for (std::int64_t j = 0; j < state.size(); ++j) {
            const float before = state.data()[j];
            state.data()[j] = before + 0.01F;
            const double above = loss();
            state.data()[j] = before - 0.01F;
            const double numeric = (above - loss()) / 0.02;
            state.data()[j] = before;
            squares += numeric * numeric;
        }
        return std::sqrt(squares);
    }

    // The norm at the encoder's distance 0, for a decoder that sees the source through its end alone.
    static double numeric_encoder_norm(Model& model, const ParallelCorpus& pair) {
        Memory memory = model.encoder().encode(one(pair.source()[0]));
        const Sequences tokens = shifted_targets(one(pair.target()[0]));
        return numeric_norm(memory.summary.value(), [&] {
            const auto state = model.decoder().start(memory);
            return last_loss(model, model.decoder().step(*state, tokens), tokens.total() - 1, Tokenizer::kEndOfSentence);
        });
    }

    // The norm at the decoder's distance k > 0: the state is moved between two calls.
    static double numeric_decoder_norm(Model& model, const ParallelCorpus& pair, int k) {
        const Memory memory = model.encoder().encode(one(pair.source()[0]));
        const Sequences tokens = shifted_targets(one(pair.target()[0]));
        const auto before = static_cast<std::size_t>(tokens.total() - k);
        const auto run = [&](const Tensor* hidden) {
            const auto state = model.decoder().start(memory);
            model.decoder().step(*state, one(tokens[0].first(before)));
            auto& layers = dynamic_cast<RecurrentDecoderState&>(*state).layers;
            Tensor now = layers.at(0).hidden.value().clone();
            if (hidden == nullptr) return std::pair(now, 0.0);
            layers[0].hidden = Variable(*hidden);
            return std::pair(
                now, last_loss(model, model.decoder().step(*state, one(tokens[0].subspan(before))), k - 1, Tokenizer::kEndOfSentence));
        };
        Tensor hidden = run(nullptr).first;
        return numeric_norm(hidden, [&] { return run(&hidden).second; });
    }

    Context context_{1};
};

TEST_F(GradientFlowTest, TheEncodersEndAgreesWithCentralDifferences) {
    const ParallelCorpus pair = corpus_of({{5, 3}});
    for (const char* const cell : {"tanh", "gru", "lstm"})
        for (const bool bidirectional : {false, true}) {
            SCOPED_TRACE(fmt::format("{} {}", cell, bidirectional));
            ModelOptions options = tiny("rnn", cell);
            options.bidirectional = bidirectional;
            const auto built = model(options);
            const GradientFlow flow = gradient_flow(*built, pair);
            ASSERT_EQ(flow.encoder.norm.size(), 5u);
            EXPECT_NEAR(flow.encoder.norm[0] / numeric_encoder_norm(*built, pair), 1, 0.01);
        }
}

TEST_F(GradientFlowTest, TheDecodersStatesAgreeWithCentralDifferences) {
    const ParallelCorpus pair = corpus_of({{4, 5}});
    for (const char* const architecture : {"rnn", "rnn-attention", "word-by-word"})
        for (const char* const cell : {"tanh", "gru", "lstm"}) {
            SCOPED_TRACE(fmt::format("{} {}", architecture, cell));
            ModelOptions options = tiny(architecture, cell);
            options.lookahead = 3;
            const auto built = model(options);
            const GradientFlow flow = gradient_flow(*built, pair);
            // A lookahead of 3 has read two tokens before the first is written.
            EXPECT_EQ(flow.decoder.norm.size(), std::string(architecture) == "word-by-word" ? 7u : 5u);
            for (const int k : {1, 2, 4})
                EXPECT_NEAR(flow.decoder.norm[static_cast<std::size_t>(k)] / numeric_decoder_norm(*built, pair, k), 1, 0.01) << k;
        }
}

TEST_F(GradientFlowTest, InputFeedingGivesTheSameStates) {
    // Its layers run step by step; without a path through what is fed, they are those of the other wiring.
    ModelOptions parallel = tiny("rnn-attention", "lstm"), feeding = parallel;
    feeding.wiring = "input-feeding";
    const auto first = model(parallel), second = model(feeding);
    for (Parameter& parameter : first->parameters().all()) {
        Parameter& twin = *second->parameters().find(parameter.name());
        twin.value().fill(0);
        copy_columns(parameter.value(), 0, twin.value(), 0, parameter.value().columns());
        twin.changed();
    }
    const ParallelCorpus corpus = corpus_of({{6, 7}, {3, 2}});
    const GradientFlow expected = gradient_flow(*first, corpus), found = gradient_flow(*second, corpus);
    EXPECT_NEAR(found.loss, expected.loss, 1e-5);
    ASSERT_EQ(found.decoder.pairs, expected.decoder.pairs);
    for (std::size_t k = 0; k < 7; ++k) EXPECT_NEAR(found.decoder.norm[k] / expected.decoder.norm[k], 1, 1e-3) << k;
    for (std::size_t k = 0; k < 6; ++k) EXPECT_NEAR(found.encoder.norm[k] / expected.encoder.norm[k], 1, 1e-3) << k;
}

TEST_F(GradientFlowTest, MeansAreOverThePairsThatReachSoFar) {
    const auto built = model(tiny("rnn"));
    const ParallelCorpus both = corpus_of({{2, 4}, {5, 3}});
    ParallelCorpus second;
    second.add(both.source()[1], both.target()[1], 0);
    const GradientFlow flow = gradient_flow(*built, both), a = gradient_flow(*built, corpus_of({{2, 4}})),
                       b = gradient_flow(*built, second);
    EXPECT_EQ(flow.pairs, 2u);
    EXPECT_DOUBLE_EQ(flow.loss, (a.loss + b.loss) / 2);
    EXPECT_EQ(flow.decoder.pairs, (std::vector<std::size_t>{2, 2, 2, 1}));
    EXPECT_EQ(flow.encoder.pairs, (std::vector<std::size_t>{2, 2, 1, 1, 1}));
    EXPECT_DOUBLE_EQ(flow.decoder.norm[2], (a.decoder.norm[2] + b.decoder.norm[2]) / 2);
    EXPECT_DOUBLE_EQ(flow.decoder.norm[3], a.decoder.norm[3]);
    EXPECT_DOUBLE_EQ(flow.encoder.norm[4], b.encoder.norm[4]);
}

TEST_F(GradientFlowTest, LayersOfASideAreOneVector) {
    ModelOptions options = tiny("rnn-attention", "gru");
    options.decoder_layers = 2;
    const GradientFlow flow = gradient_flow(*model(options), corpus_of({{4, 3}}));
    std::vector<std::string> names;
    for (const auto& [name, curve] : flow.layers) names.push_back(name);
    EXPECT_EQ(names,
              (std::vector<std::string>{"decoder.first.0", "decoder.upper.0", "encoder.layers.0.backward", "encoder.layers.0.forward"}));
    for (std::size_t k = 0; k < 3; ++k)
        EXPECT_NEAR(flow.decoder.norm[k], std::hypot(flow.layers.at("decoder.first.0").norm[k], flow.layers.at("decoder.upper.0").norm[k]),
                    1e-9);
    for (std::size_t k = 0; k < 4; ++k)
        EXPECT_NEAR(flow.encoder.norm[k],
                    std::hypot(flow.layers.at("encoder.layers.0.backward").norm[k], flow.layers.at("encoder.layers.0.forward").norm[k]),
                    1e-9);
}

TEST_F(GradientFlowTest, TheLossOfAllTokensIsTheirMean) {
    const auto built = model(tiny("rnn-attention", "lstm"));
    const ParallelCorpus corpus = corpus_of({{4, 6}});
    const PairScore score = score_pairs(*built, corpus, 100).at(0);
    const GradientFlow all = gradient_flow(*built, corpus, FollowedLoss::all), last = gradient_flow(*built, corpus);
    EXPECT_NEAR(all.loss, -score.log_probability / 6, 1e-4);
    // The last step sees a sixth of its own loss alone.
    EXPECT_NEAR(all.decoder.norm[0], last.decoder.norm[0] / 6, 1e-6);
    // With one token they are the same.
    const ParallelCorpus shortest = corpus_of({{4, 1}});
    EXPECT_EQ(gradient_flow(*built, shortest, FollowedLoss::all).encoder.norm, gradient_flow(*built, shortest).encoder.norm);
}

TEST_F(GradientFlowTest, VanishesInATanhCellAndAttentionCuresIt) {
    const ParallelCorpus corpus = corpus_of({{30, 30}, {28, 26}});
    const GradientFlow plain = gradient_flow(*model(tiny("rnn")), corpus), gated = gradient_flow(*model(tiny("rnn", "lstm")), corpus),
                       attention = gradient_flow(*model(tiny("rnn-attention")), corpus);
    const auto share = [](const GradientCurve& curve, std::size_t k) { return curve.norm[k] / curve.norm[0]; };
    EXPECT_LT(share(plain.decoder, 20), 1e-3);
    EXPECT_GT(share(gated.decoder, 20), 10 * share(plain.decoder, 20));
    // All that reaches the encoder of an rnn has come through its decoder and its end.
    EXPECT_LT(plain.encoder.norm[25], 1e-6);
    EXPECT_GT(attention.encoder.norm[25], 1000 * plain.encoder.norm[25]);
    EXPECT_GT(attention.encoder.norm[25], 0.1 * attention.encoder.norm[0]);
}

TEST_F(GradientFlowTest, DropoutIsOffAndNoGradientsAreLeft) {
    for (const char* const architecture : {"rnn-attention", "transformer"}) {
        ModelOptions options = tiny(architecture, "lstm");
        const ParallelCorpus corpus = corpus_of({{5, 4}});
        const GradientFlow plain = gradient_flow(*model(options), corpus);
        options.dropout = options.attention_dropout = options.activation_dropout = 0.4;
        const auto dropping = model(options);
        const GradientFlow found = gradient_flow(*dropping, corpus);
        EXPECT_EQ(found.encoder.norm, plain.encoder.norm);
        EXPECT_EQ(found.decoder.norm, plain.decoder.norm);
        for (const Parameter& parameter : dropping->parameters().all())
            EXPECT_FALSE(parameter.variable().has_gradient()) << parameter.name();
        EXPECT_EQ(gradient_flow(*dropping, corpus).encoder.norm, plain.encoder.norm);
    }
}

TEST_F(GradientFlowTest, EveryTrainedArchitectureHasCurves) {
    const ParallelCorpus corpus = corpus_of({{5, 4}, {2, 3}});
    for (const Architecture& architecture : architectures()) {
        if (architecture.estimate != nullptr) continue;
        SCOPED_TRACE(architecture.name);
        ModelOptions options = tiny(architecture.name, "lstm");
        options.encoder_layers = 2;
        const GradientFlow flow = gradient_flow(*model(options), corpus);
        EXPECT_EQ(flow.decoder.pairs, (std::vector<std::size_t>{2, 2, 2, 1}));
        // A word-by-word model has no encoder but embeddings.
        const auto expected = architecture.name == "word-by-word" ? std::vector<std::size_t>() : std::vector<std::size_t>{2, 2, 1, 1, 1};
        EXPECT_EQ(flow.encoder.pairs, expected);
        for (const GradientCurve* curve : {&flow.encoder, &flow.decoder})
            for (const double norm : curve->norm) EXPECT_GT(norm, 0);
    }
}

TEST_F(GradientFlowTest, TheTransformersLastLayerAgreesWithCentralDifferences) {
    // With post-normalization the last layer's output is what the decoder's keys and values are made of, and what the summary is.
    ModelOptions options = tiny("transformer");
    options.normalization = "post";
    const auto built = model(options);
    const ParallelCorpus pair = corpus_of({{4, 3}});
    const GradientFlow flow = gradient_flow(*built, pair);
    Memory memory = built->encoder().encode(one(pair.source()[0]));
    const Sequences tokens = shifted_targets(one(pair.target()[0]));
    for (int position = 0; position < 4; ++position) {
        Tensor row = memory.states.value().slice_rows(position, position + 1);
        const double numeric = numeric_norm(row, [&] {
            const auto state = built->decoder().start(memory);
            return last_loss(*built, built->decoder().step(*state, tokens), tokens.total() - 1, Tokenizer::kEndOfSentence);
        });
        EXPECT_NEAR(flow.encoder.norm[static_cast<std::size_t>(3 - position)] / numeric, 1, 0.01) << position;
    }
}

TEST_F(GradientFlowTest, TheTransformersDecoderAgreesWithCentralDifferences) {
    // What its first layer reads of a token is the token's embedding, scaled.
    ModelOptions options = tiny("transformer");
    options.tied_embeddings = "none";
    const auto built = model(options);
    ParallelCorpus pair;
    pair.add(sentence(4, 1), std::vector<std::int32_t>{5, 6, 7, Tokenizer::kEndOfSentence}, 0);
    const GradientFlow flow = gradient_flow(*built, pair);
    const Memory memory = built->encoder().encode(one(pair.source()[0]));
    const Sequences tokens = shifted_targets(one(pair.target()[0]));
    Tensor& table = built->parameters().find("decoder.embedding.weight")->value();
    for (const std::int32_t token : {5, 6, 7}) {
        Tensor row = table.slice_rows(token, token + 1);
        const double numeric = numeric_norm(row, [&] {
            const auto state = built->decoder().start(memory);
            return last_loss(*built, built->decoder().step(*state, tokens), tokens.total() - 1, Tokenizer::kEndOfSentence);
        });
        EXPECT_NEAR(flow.decoder.norm[static_cast<std::size_t>(7 - token)] * std::sqrt(options.width) / numeric, 1, 0.01) << token;
    }
}

TEST_F(GradientFlowTest, Mistakes) {
    const auto message = [&](const std::string& architecture, const ParallelCorpus& corpus) {
        return message_of<Error>([&] { gradient_flow(*model(tiny(architecture)), corpus); });
    };
    EXPECT_NE(message("dictionary", corpus_of({{2, 2}})).find("no gradients to follow"), std::string::npos);
    EXPECT_NE(message("rnn", ParallelCorpus()).find("at least one"), std::string::npos);
}

TEST(DescribeReach, SaysWhetherGradientsFade) {
    const auto verdict = [](std::vector<double> norm, std::vector<std::size_t> pairs = {}) {
        if (pairs.empty()) pairs.assign(norm.size(), 8);
        return describe_reach({std::move(norm), std::move(pairs)});
    };
    EXPECT_EQ(verdict({}), "");
    EXPECT_EQ(verdict({1}), "the sentences are too short to tell whether the gradient fades; give longer ones");
    EXPECT_EQ(verdict({1, 2, 1}), "the gradient does not fade: 2 steps back there is 50 % of its strongest");
    EXPECT_TRUE(verdict({1, 0.5, 0.1}).starts_with("the gradient fades: 2 steps back there is 10.0 % of its strongest;"));
    EXPECT_TRUE(verdict({1, 0.1, 0.009, 0.001}).starts_with("the gradient vanishes: from 2 steps back on there is less than 1 %"));
    // What few pairs reach says little.
    EXPECT_EQ(verdict({1, 1, 1e-9}, {8, 8, 1}), "the gradient does not fade: 1 step back there is 100 % of its strongest");
    EXPECT_TRUE(verdict({0, 0}).starts_with("the gradient vanishes: from 0 steps"));
}

} // namespace
} // namespace nmt
