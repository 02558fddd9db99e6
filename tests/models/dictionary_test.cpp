// IBM model 1 against figures worked by hand, and translation token by token.
#include "nmt/models/dictionary.hpp"

#include "nmt/tensor/context.hpp"
#include "tests/base/test_support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <utility>
#include <vector>

namespace nmt {
namespace {

using Sentence = std::vector<std::int32_t>;
using Pairs = std::vector<std::pair<Sentence, Sentence>>; // without </s>
using Table = std::map<std::pair<std::int32_t, std::int32_t>, double>;

constexpr std::int32_t kEnd = Tokenizer::kEndOfSentence, kNull = -1;
constexpr int kIterations = 10; // of EM, as dictionary.cpp has it

// t(target | source) after some iterations (Brown et al., 1993, equations 12 to 17), one sentence pair after the other.
Table ibm_model_1(const Pairs& pairs, int iterations) {
    Table t;
    for (int i = 0; i < iterations; ++i) {
        Table counts;
        std::map<std::int32_t, double> totals;
        for (const auto& [source, target] : pairs) {
            Sentence with_null = source;
            with_null.push_back(kNull);
            for (const std::int32_t y : target) {
                double sum = 0;
                for (const std::int32_t x : with_null) sum += i == 0 ? 1 : t.at({x, y});
                for (const std::int32_t x : with_null) {
                    const double share = (i == 0 ? 1 : t.at({x, y})) / sum;
                    counts[{x, y}] += share;
                    totals[x] += share;
                }
            }
        }
        for (auto& [pair, count] : counts) t[pair] = count / totals[pair.first];
    }
    return t;
}

ParallelCorpus corpus_of(const Pairs& pairs) {
    ParallelCorpus corpus;
    for (auto [source, target] : pairs) {
        source.push_back(kEnd);
        target.push_back(kEnd);
        corpus.add(source, target, static_cast<std::size_t>(corpus.size()));
    }
    return corpus;
}

class DictionaryTest : public testing::Test {
  protected:
    std::unique_ptr<Model> make(const Pairs& pairs, const Vocabulary& vocabulary) {
        ModelOptions options;
        options.architecture = "dictionary";
        auto model = make_model(context_, options, vocabulary, 1);
        estimate_dictionary(*model, corpus_of(pairs));
        return model;
    }

    // The logits of one step after another for a source, whatever tokens are written.
    static std::vector<std::vector<float>> logits(Model& model, const Sentence& source, int steps) {
        Sequences sources, tokens;
        sources.add(source);
        tokens.add(Sentence(static_cast<std::size_t>(steps), 3));
        const Memory memory = model.encoder().encode(sources);
        const Tensor all = model.decoder().logits(model.decoder().step(*model.decoder().start(memory), tokens).hidden).value();
        std::vector<std::vector<float>> rows;
        for (int i = 0; i < steps; ++i) rows.emplace_back(all.row(i), all.row(i) + all.columns());
        return rows;
    }

    static Sentence best(Model& model, const Sentence& source, int steps) {
        Sentence tokens;
        for (const std::vector<float>& row : logits(model, source, steps))
            tokens.push_back(static_cast<std::int32_t>(std::max_element(row.begin(), row.end()) - row.begin()));
        return tokens;
    }

    Context context_{1};
};

// Source a = 2, b = 3; target x = 4, y = 5.
const Pairs kToy{{{2, 3}, {4, 5}}, {{2}, {4}}};

// First iteration: in (a b | x y) each of a, b and null takes 1/3 of x and of y; in (a | x) a and null take half of x.
// Counts a: x 5/6, y 1/3; b: x 1/3, y 1/3. The second: x of the first pair has 5/7 + 1/2 + 5/7 = 27/14 to share, y 15/14.
TEST(IbmModel1Test, TheTwinGivesTheFiguresWorkedByHand) {
    const Table first = ibm_model_1(kToy, 1), second = ibm_model_1(kToy, 2);
    EXPECT_DOUBLE_EQ(first.at({2, 4}), 5.0 / 7);
    EXPECT_DOUBLE_EQ(first.at({2, 5}), 2.0 / 7);
    EXPECT_DOUBLE_EQ(first.at({3, 4}), 0.5);
    EXPECT_DOUBLE_EQ(first.at({3, 5}), 0.5);
    EXPECT_DOUBLE_EQ(first.at({kNull, 4}), 5.0 / 7);
    EXPECT_DOUBLE_EQ(second.at({2, 4}), 235.0 / 307); // (10/27 + 1/2) / (10/27 + 1/2 + 4/15)
    EXPECT_DOUBLE_EQ(second.at({2, 5}), 72.0 / 307);
    EXPECT_DOUBLE_EQ(second.at({3, 4}), 5.0 / 14); // 7/27 / (7/27 + 7/15)
    EXPECT_DOUBLE_EQ(second.at({3, 5}), 9.0 / 14);
}

TEST_F(DictionaryTest, HoldsTheTableAfterTenIterations) {
    const Pairs pairs{{{2, 3}, {4, 5}}, {{2}, {4}}, {{3, 6, 2}, {5, 7, 4, 4}}, {{6, 6}, {7}}, {{7}, {2, 3}}};
    for (const Pairs& corpus : {kToy, pairs}) {
        const auto model = make(corpus, {9, 10, false});
        const Tensor& tokens = model->parameters().find("dictionary.tokens")->value();
        const Tensor& log_probabilities = model->parameters().find("dictionary.log_probabilities")->value();
        const Table expected = ibm_model_1(corpus, kIterations);
        for (std::int32_t source = 2; source < 9; ++source) {
            std::map<std::int32_t, double> found, wanted;
            for (const auto& [pair, probability] : expected)
                if (pair.first == source) wanted[pair.second] = probability;
            if (wanted.empty()) continue; // a token that the corpus has not
            for (std::int64_t k = 0; k < tokens.columns() && tokens.row(source)[k] >= 0; ++k) {
                found[static_cast<std::int32_t>(tokens.row(source)[k])] = std::exp(log_probabilities.row(source)[k]);
                EXPECT_LE(log_probabilities.row(source)[k], log_probabilities.row(source)[std::max<std::int64_t>(k - 1, 0)]);
            }
            ASSERT_EQ(found.size(), wanted.size()) << "source " << source;
            for (const auto& [target, probability] : wanted) EXPECT_NEAR(found[target], probability, 1e-6) << source << ' ' << target;
        }
    }
}

TEST_F(DictionaryTest, KeepsTheEightMostProbable) {
    Pairs pairs; // a token with ten translations, the later the more frequent
    for (std::int32_t target = 2; target < 12; ++target) pairs.insert(pairs.end(), static_cast<std::size_t>(target), {{2}, {target}});
    const auto model = make(pairs, {4, 14, false});
    const Tensor& tokens = model->parameters().find("dictionary.tokens")->value();
    for (std::int64_t k = 0; k < tokens.columns(); ++k) EXPECT_EQ(tokens.row(2)[k], static_cast<float>(11 - k));
    // The logits are log-probabilities over the whole vocabulary: what the eight leave is shared by the others.
    const std::vector<float> row = logits(*model, {2, kEnd}, 1).front();
    EXPECT_NEAR(row[11], std::log(11.0 / 65), 1e-5);
    EXPECT_NEAR(row[4], std::log(4.0 / 65), 1e-5);
    EXPECT_NEAR(row[2], std::log(5.0 / 65 / 14), 1e-5);
    EXPECT_EQ(row[2], row[13]);
}

TEST_F(DictionaryTest, TranslatesTokenByTokenAndEndsWhereTheSourceEnds) {
    const auto model = make({{{2, 3}, {4, 5}}, {{2}, {4}}, {{3, 6}, {5, 7}}, {{6}, {7}}}, {8, 8, false});
    EXPECT_EQ(best(*model, {6, 2, 3, 2, kEnd}, 7), (Sentence{7, 4, 5, 4, kEnd, kEnd, kEnd}));
    EXPECT_EQ(best(*model, {kEnd}, 2), (Sentence{kEnd, kEnd}));
}

// A token that the corpus has not must neither end the sentence nor become a random word.
TEST_F(DictionaryTest, AnUnseenTokenBecomesUnknown) {
    const auto model = make(kToy, {8, 8, false});
    EXPECT_EQ(best(*model, {2, 7, 3, Tokenizer::kUnknown, 2, kEnd}, 6),
              (Sentence{4, Tokenizer::kUnknown, 5, Tokenizer::kUnknown, 4, kEnd}));
    const std::vector<float> row = logits(*model, {7, kEnd}, 2).front(); // and nothing else is possible
    for (std::size_t token = 0; token < row.size(); ++token)
        EXPECT_EQ(row[token], token == Tokenizer::kUnknown ? 0 : -std::numeric_limits<float>::infinity());
}

// All attention is on the token that is translated, and behind the end on </s>.
TEST_F(DictionaryTest, AttendsToTheTokenThatItTranslates) {
    const auto model = make(kToy, {8, 8, false});
    Sequences sources, tokens;
    for (const Sentence& source : {Sentence{2, 3, 2, kEnd}, Sentence{3, kEnd}}) {
        sources.add(source);
        tokens.add(Sentence{kBeginOfSentence, 4, 5});
    }
    const Memory memory = model->encoder().encode(sources);
    const auto state = model->decoder().start(memory);
    const Tensor attention = model->decoder().step(*state, tokens).attention;
    ASSERT_EQ(attention.columns(), 4);
    const std::vector<std::int64_t> expected{0, 1, 2, 0, 1, 1};
    for (std::int64_t row = 0; row < 6; ++row)
        for (std::int64_t s = 0; s < 4; ++s) EXPECT_EQ(attention.row(row)[s], s == expected[static_cast<std::size_t>(row)] ? 1 : 0);
    state->wants_attention = false;
    EXPECT_TRUE(model->decoder().step(*state, tokens).attention.empty());
}

// Where the corpus says what becomes of <unk>, that is what it becomes.
TEST_F(DictionaryTest, AnUnknownTokenOfTheCorpusHasItsTranslation) {
    const auto model = make({{{Tokenizer::kUnknown}, {5}}, {{2}, {4}}}, {8, 8, false});
    EXPECT_EQ(best(*model, {2, Tokenizer::kUnknown, kEnd}, 3), (Sentence{4, 5, kEnd}));
}

TEST_F(DictionaryTest, EstimatingAgainForgetsTheFirstCorpus) {
    const auto model = make(kToy, {8, 8, false});
    estimate_dictionary(*model, corpus_of({{{3}, {6}}}));
    EXPECT_EQ(best(*model, {3, kEnd}, 2), (Sentence{6, kEnd}));
    EXPECT_EQ(model->parameters().find("dictionary.tokens")->value().row(3)[1], -1);
}

// Only the source vocabulary is in the shape of the weights.
TEST_F(DictionaryTest, TokensBeyondTheTargetVocabularyAreRefused) {
    const auto model = make(kToy, {8, 8, false});
    check_dictionary(*model);
    for (const float token : {8.0f, 1e9f, std::nanf("")}) {
        model->parameters().find("dictionary.tokens")->value().row(3)[0] = token;
        const std::string message = message_of<Error>([&] { check_dictionary(*model); });
        EXPECT_NE(message.find("the target tokenizer has 8 pieces"), std::string::npos) << message;
    }
}

TEST_F(DictionaryTest, LossIsThatOfTheLogits) {
    const auto model = make(kToy, {8, 8, false});
    Sequences source, inputs;
    source.add(Sentence{2, 3, kEnd});
    inputs.add(Sentence{kBeginOfSentence, 4, 5});
    const Memory memory = model->encoder().encode(source);
    const StepOutput output = model->decoder().step(*model->decoder().start(memory), inputs);
    const CrossEntropy loss = model->decoder().loss(output.hidden, {4, 5, kEnd}, {});
    const auto rows = logits(*model, {2, 3, kEnd}, 3);
    double expected = 0;
    for (const auto& [row, token] : {std::pair{0, 4}, {1, 5}, {2, kEnd}}) {
        double sum = 0;
        for (const float value : rows[static_cast<std::size_t>(row)]) sum += std::exp(value);
        EXPECT_NEAR(sum, 1, 0.2);
        expected -= rows[static_cast<std::size_t>(row)][static_cast<std::size_t>(token)] - std::log(sum);
    }
    EXPECT_NEAR(loss.loss, expected, 1e-5);
    EXPECT_NEAR(loss.log_likelihood, -expected, 1e-5);
}

} // namespace
} // namespace nmt
