#include "nmt/training/validation.hpp"

#include "nmt/models/model_folder.hpp"
#include "nmt/tensor/context.hpp"
#include "tests/training/toy_training.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace nmt {
namespace {

// A model trained for some updates, and a corpus of pairs of different lengths, one with an empty side.
class Validation : public testing::TestWithParam<std::string> {
  protected:
    void SetUp() override {
        train(toy_.setup(GetParam()), toy_.folder.path() / "model", false, 1);
        loaded_ = load_model(context_, toy_.folder.path() / "model");
        write_file(toy_.folder / "a", "un\n\ntrois chat chien vert grand un deux\nun deux\nmot inconnu\n");
        write_file(toy_.folder / "b", "one\ntwo three\n\nthree cat dog green big\ndog\n");
        corpus_ = load(toy_.folder / "a", toy_.folder / "b");
    }

    ParallelCorpus load(const std::string& source, const std::string& target) {
        return ParallelCorpus::load({{source, target}, loaded_.tokenizers->source(), loaded_.tokenizers->target()}, {.keep_empty = true});
    }

    // One token at a time, softmax in double precision.
    double naive_score(int pair) {
        Sequences source;
        source.add(corpus_.source()[static_cast<std::size_t>(pair)]);
        const Memory memory = loaded_.model->encoder().encode(source);
        const std::unique_ptr<State> state = loaded_.model->decoder().start(memory);
        std::int32_t previous = kBeginOfSentence;
        double sum = 0;
        for (const std::int32_t token : corpus_.target()[static_cast<std::size_t>(pair)]) {
            Sequences input;
            input.add(std::span(&previous, 1));
            const Tensor logits = loaded_.model->decoder().logits(loaded_.model->decoder().step(*state, input).hidden).value();
            double total = 0;
            for (std::int64_t v = 0; v < logits.columns(); ++v) total += std::exp(static_cast<double>(logits.row(0)[v]));
            // Search finds impossible what a dictionary has no entry for; to a score it is as improbable as to the training's loss.
            const double logit = logits.row(0)[token];
            sum += (std::isfinite(logit) ? logit : std::log(1e-6 / static_cast<double>(logits.columns()))) - std::log(total);
            previous = token;
        }
        return sum;
    }

    ToyTraining toy_;
    Context context_{1};
    LoadedModel loaded_;
    ParallelCorpus corpus_;
};

TEST_P(Validation, ScoresEqualANaiveSum) {
    const std::vector<PairScore> scores = score_pairs(*loaded_.model, corpus_, 1000);
    ASSERT_EQ(scores.size(), 5u);
    const std::vector<int> tokens = {2, 3, 1, 6, 2};
    for (int i = 0; i < 5; ++i) {
        EXPECT_NEAR(scores[static_cast<std::size_t>(i)].log_probability, naive_score(i), 1e-4) << i;
        EXPECT_LT(scores[static_cast<std::size_t>(i)].log_probability, 0);
        EXPECT_EQ(scores[static_cast<std::size_t>(i)].tokens, tokens[static_cast<std::size_t>(i)]);
    }
}

TEST_P(Validation, BatchSizeDoesNotMatter) {
    const std::vector<PairScore> one = score_pairs(*loaded_.model, corpus_, 1);
    for (const int batch_tokens : {4, 9, 1000}) {
        const std::vector<PairScore> more = score_pairs(*loaded_.model, corpus_, batch_tokens);
        for (std::size_t i = 0; i < one.size(); ++i) EXPECT_NEAR(one[i].log_probability, more[i].log_probability, 1e-4) << i;
    }
}

TEST_P(Validation, LossIsTheMeanOfAToken) {
    const ParallelCorpus set = load_validation_set({toy_.folder / "a", toy_.folder / "b"}, loaded_.tokenizers->source(),
                                                   loaded_.tokenizers->target(), *loaded_.model);
    const ValidationResult result = validate(*loaded_.model, *loaded_.tokenizers, set, {.beam = 2});
    double sum = 0, tokens = 0;
    for (const int i : {0, 3, 4}) { // those with text on both sides
        sum += naive_score(i);
        tokens += corpus_.target().length(static_cast<std::size_t>(i));
    }
    EXPECT_NEAR(result.loss, -sum / tokens, 1e-4);
    EXPECT_GE(result.bleu, 0);
    EXPECT_LE(result.bleu, 100);
}

TEST_P(Validation, ASetNeedsTextOnBothSides) {
    write_file(toy_.folder / "a", "\n  \n");
    write_file(toy_.folder / "b", "one\ntwo\n");
    EXPECT_THROW(load_validation_set({toy_.folder / "a", toy_.folder / "b"}, loaded_.tokenizers->source(), loaded_.tokenizers->target(),
                                     *loaded_.model),
                 Error);
}

INSTANTIATE_TEST_SUITE_P(Architectures, Validation, testing::Values("dictionary", "word-by-word", "rnn", "rnn-attention"),
                         [](const auto& info) {
                             std::string name = info.param;
                             std::replace(name.begin(), name.end(), '-', '_');
                             return name;
                         });

} // namespace
} // namespace nmt
