// The gradient by several workers in micro-batches: that of the whole batch.
#include "nmt/training/gradient_workers.hpp"

#include "nmt/models/registry.hpp"
#include "nmt/training/optimizer.hpp"
#include "tests/tensor/naive.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace nmt {
namespace {

constexpr Vocabulary kVocabulary{50, 50, true};

ModelOptions small_options(const std::string& architecture, double dropout) {
    ModelOptions options = default_model_options(architecture);
    options.embedding_size = options.hidden_size = options.attention_size = options.width = 16;
    options.feed_forward = 32;
    options.heads = 2;
    options.encoder_layers = options.decoder_layers = 1;
    options.dropout = dropout;
    return options;
}

Sequences random_sentences(int count, Random& random) {
    Sequences sentences;
    for (int i = 0; i < count; ++i) {
        std::vector<std::int32_t> tokens(1 + random.below(12));
        for (std::int32_t& token : tokens) token = 1 + static_cast<std::int32_t>(random.below(49));
        tokens.back() = 0;
        sentences.add(tokens);
    }
    return sentences;
}

std::vector<Batch> random_batches(int batches, int sentences) {
    Random random(7);
    std::vector<Batch> all;
    for (int i = 0; i < batches; ++i) all.push_back({random_sentences(sentences, random), random_sentences(sentences, random)});
    return all;
}

// A model and its workers.
struct Working {
    Working(const std::string& architecture, int threads, std::int64_t tokens, double dropout)
        : context(threads), options(small_options(architecture, dropout)), model(make_model(context, options, kVocabulary, 3)),
          workers(*model, options, tokens) {}
    Context context;
    ModelOptions options;
    std::unique_ptr<Model> model;
    GradientWorkers workers;
};

using Gradients = std::map<std::string, Tensor>;

Gradients take_gradients(Model& model) {
    Gradients gradients;
    for (Parameter& parameter : model.parameters().all()) {
        if (parameter.variable().has_gradient()) gradients[parameter.name()] = parameter.variable().gradient();
        parameter.variable().clear_gradient();
    }
    return gradients;
}

struct Update {
    CrossEntropy loss;
    Gradients gradients;
};

Update by_workers(const std::string& architecture, int threads, std::int64_t tokens, double dropout, const std::vector<Batch>& batches,
                  int count) {
    Working working(architecture, threads, tokens, dropout);
    auto& [context, options, model, workers] = working;
    EXPECT_EQ(workers.count(), count);
    workers.run(batches, {0.1F, 0.01F}, 5); // nothing of it is left behind
    take_gradients(*model);
    const CrossEntropy loss = workers.run(batches, {0.1F, 0.01F}, 5);
    EXPECT_GT(workers.primitive_hits(), 0U);
    EXPECT_GE(workers.padding(), 0);
    EXPECT_LT(workers.padding(), 0.1);
    Gradients gradients = take_gradients(*model);
    for (auto& [name, gradient] : gradients) gradient = gradient.clone();
    return {loss, std::move(gradients)};
}

class GradientWorkersTest : public testing::TestWithParam<std::string> {};

TEST_P(GradientWorkersTest, IsThatOfTheWholeBatch) {
    const std::vector<Batch> batches = random_batches(2, 400);
    const std::int64_t tokens = GetParam() == "transformer" ? 2600 : 10400; // a recurrence is left to fewer workers
    Context context(1);
    const auto model = make_model(context, small_options(GetParam(), 0), kVocabulary, 3);
    CrossEntropy loss;
    for (const Batch& batch : batches) {
        Tape tape(1);
        const CrossEntropy part = batch_loss(*model, batch, {0.1F, 0.01F});
        tape.backward();
        loss.loss += part.loss;
        loss.log_likelihood += part.log_likelihood;
    }
    const Gradients expected = take_gradients(*model);
    for (const auto& [threads, count] : {std::pair{1, 1}, {2, 2}, {3, 3}, {8, 5}}) {
        SCOPED_TRACE(fmt::format("{} threads", threads));
        const Update found = by_workers(GetParam(), threads, tokens, 0, batches, count);
        EXPECT_NEAR(found.loss.loss, loss.loss, 1e-5 * loss.loss);
        EXPECT_NEAR(found.loss.log_likelihood, loss.log_likelihood, -1e-5 * loss.log_likelihood);
        ASSERT_EQ(found.gradients.size(), expected.size());
        for (const auto& [name, gradient] : expected) {
            double difference = 0, norm = 0;
            for (std::int64_t i = 0; i < gradient.size(); ++i) {
                difference += std::pow(found.gradients.at(name).data()[i] - gradient.data()[i], 2);
                norm += std::pow(gradient.data()[i], 2);
            }
            EXPECT_LE(std::sqrt(difference), 1e-5 * std::sqrt(norm) + 1e-7) << name;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Architectures, GradientWorkersTest,
                         testing::Values("word-by-word", "rnn", "rnn-attention", "transformer", "transformer-rnn", "rnn-transformer"),
                         [](const auto& test) {
                             std::string name = test.param;
                             std::replace(name.begin(), name.end(), '-', '_');
                             return name;
                         });

TEST(GradientWorkers, DoNotDependOnTiming) {
    const std::vector<Batch> batches = random_batches(1, 300);
    const Update once = by_workers("transformer", 2, 2000, 0.3, batches, 2), again = by_workers("transformer", 2, 2000, 0.3, batches, 2);
    EXPECT_EQ(once.loss.loss, again.loss.loss);
    ASSERT_EQ(once.gradients.size(), again.gradients.size());
    for (const auto& [name, gradient] : once.gradients) EXPECT_TRUE(naive::same_bytes(gradient, again.gradients.at(name))) << name;
}

TEST(GradientWorkers, AddToTheGradientsThatAreThere) {
    const std::vector<Batch> batches = random_batches(1, 200);
    Working working("rnn", 2, 4096, 0);
    auto& [context, options, model, workers] = working;
    EXPECT_EQ(workers.count(), 2);
    workers.run(batches, {0.1F, 0.01F}, 5);
    Gradients once = take_gradients(*model);
    for (auto& [name, gradient] : once) gradient = gradient.clone();
    workers.run(batches, {0.1F, 0.01F}, 5);
    workers.run(batches, {0.1F, 0.01F}, 5);
    for (Parameter& parameter : model->parameters().all())
        for (std::int64_t i = 0; i < parameter.value().size(); ++i) {
            const float single = once.at(parameter.name()).data()[i];
            ASSERT_NEAR(parameter.variable().gradient().data()[i], 2 * single, 1e-5 * std::abs(single) + 1e-7) << parameter.name();
        }
}

// An update does not depend on who shares out the parameters, and the next gradient is that of the new weights.
TEST(GradientWorkers, ShareOutUpdates) {
    const std::vector<Batch> batches = random_batches(1, 300);
    Working alone("transformer", 2, 2000, 0.3), shared("transformer", 2, 2000, 0.3);
    EXPECT_EQ(shared.workers.count(), 2);
    OptimizerOptions options;
    options.average_decay = 0.9;
    Optimizer first(alone.model->parameters(), options), second(shared.model->parameters(), options);
    for (std::uint64_t key = 0; key < 3; ++key) {
        alone.workers.run(batches, {0.1F, 0.01F}, key);
        shared.workers.run(batches, {0.1F, 0.01F}, key);
        const double norm = first.gradient_norm();
        EXPECT_GT(norm, 0);
        EXPECT_EQ(norm, second.gradient_norm(&shared.workers));
        first.update(norm);
        second.update(norm, 0, &shared.workers);
    }
    auto twin = shared.model->parameters().all().begin();
    for (const Parameter& parameter : alone.model->parameters().all())
        EXPECT_TRUE(naive::same_bytes(parameter.value(), (twin++)->value())) << parameter.name();
    const std::vector<Optimizer::NamedTensor> state = first.state(), other = second.state();
    ASSERT_EQ(state.size(), other.size());
    for (std::size_t i = 0; i < state.size(); ++i) EXPECT_TRUE(naive::same_bytes(state[i].tensor, other[i].tensor)) << state[i].name;
}

// More workers than sentences: some have nothing to do.
TEST(GradientWorkers, FewSentencesAreEnough) {
    const std::vector<Batch> batches = random_batches(1, 1);
    Working working("transformer", 4, 4096, 0);
    auto& [context, options, model, workers] = working;
    EXPECT_EQ(workers.count(), 4);
    EXPECT_GT(workers.run(batches, {}, 1).loss, 0);
    EXPECT_EQ(take_gradients(*model).size(), model->parameters().all().size());
}

} // namespace
} // namespace nmt
