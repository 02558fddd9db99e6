// Alignments where they are known: models learn to copy and to reverse, and each target token must point to its source token.
#include "nmt/base/random.hpp"
#include "nmt/decoding/search.hpp"
#include "nmt/models/registry.hpp"
#include "nmt/tensor/context.hpp"
#include "nmt/training/optimizer.hpp"
#include "tokenizer/tokenizer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <string>
#include <tuple>
#include <vector>

namespace nmt {
namespace {

constexpr int kVocabulary = 14; // </s>, <unk>, and 12 words

struct Task {
    Sequences source, target;
};

// Sentences of 2 to 7 different words.
Task make_task(bool reversed, int sentences, Random& random) {
    Task task;
    std::vector<std::int32_t> words(kVocabulary - 2);
    std::iota(words.begin(), words.end(), 2);
    for (int i = 0; i < sentences; ++i) {
        random.shuffle(words);
        std::vector<std::int32_t> source(words.begin(), words.begin() + 2 + static_cast<std::ptrdiff_t>(random.below(6)));
        std::vector<std::int32_t> target = source;
        if (reversed) std::reverse(target.begin(), target.end());
        source.push_back(Tokenizer::kEndOfSentence);
        target.push_back(Tokenizer::kEndOfSentence);
        task.source.add(source);
        task.target.add(target);
    }
    return task;
}

std::unique_ptr<Model> train_on(Context& context, const ModelOptions& options, bool reversed, Random& random) {
    auto model = make_model(context, options, {kVocabulary, kVocabulary, true}, 1);
    OptimizerOptions adam;
    adam.learning_rate = 5e-3;
    adam.warmup = 50;
    Optimizer optimizer(model->parameters(), adam);
    for (int i = 0; i < 500; ++i) {
        const Task task = make_task(reversed, 32, random);
        Tape tape(static_cast<std::uint64_t>(i));
        batch_loss(*model, {task.source, task.target}, {0, 1 / static_cast<float>(task.target.total())});
        tape.backward();
        optimizer.update(optimizer.gradient_norm());
    }
    return model;
}

class AlignmentTaskTest : public testing::TestWithParam<std::tuple<std::string, bool>> {};

TEST_P(AlignmentTaskTest, EachTargetTokenPointsToItsSourceToken) {
    const auto& [architecture, reversed] = GetParam();
    ModelOptions options;
    options.architecture = architecture;
    options.embedding_size = options.hidden_size = options.attention_size = options.width = 32;
    options.feed_forward = 64;
    options.heads = 2;
    options.encoder_layers = options.decoder_layers = 1;
    options.dropout = 0;
    Context context(1);
    Random random(7);
    const auto model = train_on(context, options, reversed, random);

    const Task test = make_task(reversed, 50, random);
    SearchOptions search_options;
    search_options.alignment = true;
    const auto found = search(*model, test.source, search_options);
    int correct = 0, aligned = 0, tokens = 0;
    for (int i = 0; i < test.source.count(); ++i) {
        const Hypothesis& best = found[static_cast<std::size_t>(i)].front();
        const std::span<const std::int32_t> target = test.target[i];
        const int length = static_cast<int>(target.size()) - 1;
        if (!std::equal(best.tokens.begin(), best.tokens.end(), target.begin(), target.end() - 1)) continue;
        ++correct;
        for (int t = 0; t < length; ++t, ++tokens)
            aligned += best.alignment[static_cast<std::size_t>(t)] == (reversed ? length - 1 - t : t);
    }
    EXPECT_GE(correct, 45) << "of 50 sentences";
    EXPECT_GE(aligned, 0.9 * tokens) << "of " << tokens << " tokens";
}

INSTANTIATE_TEST_SUITE_P(Tasks, AlignmentTaskTest,
                         testing::Combine(testing::Values("rnn-attention", "transformer", "transformer-rnn", "rnn-transformer"), testing::Bool()),
                         [](const auto& info) {
                             std::string name = std::get<0>(info.param) + (std::get<1>(info.param) ? "_reversing" : "_copying");
                             std::replace(name.begin(), name.end(), '-', '_');
                             return name;
                         });

} // namespace
} // namespace nmt
