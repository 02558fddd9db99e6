// Batch invariance: whatever its neighbours, the size of the batch and the threads, a sentence of any architecture gets the same
// translations, with the same scores to the last bit.
#include "nmt/base/random.hpp"
#include "nmt/decoding/translator.hpp"
#include "nmt/models/quantize.hpp"
#include "nmt/models/registry.hpp"
#include "nmt/tensor/context.hpp"
#include "tests/decoding/toy_tokenizer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace nmt {
namespace {

// Lines of 1 to 40 words, and odd ones, in a random order. None is there twice.
std::vector<std::string> shuffled_lines() {
    const std::vector<std::string> words{"the", "cat", "sees", "dog,", "dog.", "über", "été", "a!", "b", "你好。"};
    Random random(11);
    std::vector<std::string> lines{"", " ", "x", "the cat sees the dog.", std::string(150, 'x')};
    for (int length = 1; length <= 40; ++length) {
        std::string line;
        for (int i = 0; i < length; ++i) line += (i == 0 ? "" : " ") + words[random.below(words.size())];
        lines.push_back(line + " " + std::to_string(length));
    }
    random.shuffle(lines);
    return lines;
}

ModelOptions small(const std::string& architecture) {
    ModelOptions options;
    options.architecture = architecture;
    options.embedding_size = 24;
    options.hidden_size = 40;
    options.attention_size = 20;
    options.width = 24;
    options.feed_forward = 40;
    options.heads = 2;
    return options;
}

std::unique_ptr<Model> random_model(Context& context, const std::string& architecture) {
    auto model = make_model(context, small(architecture), {vocabulary(), vocabulary(), true}, 3);
    if (const auto estimate = find_architecture(architecture).estimate) {
        ParallelCorpus corpus;
        Random random(5);
        for (std::size_t i = 0; i < 60; ++i) {
            std::vector<std::int32_t> source, target;
            for (int k = 0; k < 6; ++k) {
                source.push_back(2 + static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(vocabulary() - 2))));
                target.push_back(2 + static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(vocabulary() - 2))));
            }
            source.push_back(0);
            target.push_back(0);
            corpus.add(source, target, i);
        }
        estimate(*model, corpus);
        return model;
    }
    Random random(3);
    for (Parameter& parameter : model->parameters().all()) {
        for (std::int64_t i = 0; i < parameter.value().size(); ++i)
            parameter.value().data()[i] += static_cast<float>(0.2 * random.normal());
        parameter.changed();
    }
    return model;
}

class Invariance : public testing::TestWithParam<std::string> {
  protected:
    using Result = std::map<std::string, std::vector<Translation>>; // by source line

    Result translate(const std::vector<std::string>& lines, int batch_size, int threads, SearchOptions search, int workers = 1,
                     bool quantized = false) {
        std::deque<Context> contexts;
        std::vector<std::unique_ptr<Model>> models; // of one copy of the weights
        std::vector<Ensemble> ensembles;
        for (int worker = 0; worker < workers; ++worker) {
            contexts.emplace_back(threads);
            models.push_back(worker == 0
                                 ? random_model(contexts.back(), GetParam())
                                 : make_model(contexts.back(), small(GetParam()), {vocabulary(), vocabulary(), true}, std::nullopt));
            if (worker == 0 && quantized) quantize_weights(*models.back());
            if (worker > 0) models.back()->parameters().share(models.front()->parameters());
            ensembles.emplace_back(*models.back());
        }
        search.max_length_factor = 1;
        search.max_length_offset = 3;
        Translator translator(ensembles, tokenizer(), tokenizer(), {.batch_size = batch_size, .max_source_length = 60, .search = search});
        const auto translations = translator.translate_n_best(lines);
        Result result;
        for (std::size_t i = 0; i < lines.size(); ++i) result[lines[i]] = translations[i];
        return result;
    }
};

void expect_same(const std::map<std::string, std::vector<Translation>>& found,
                 const std::map<std::string, std::vector<Translation>>& expected) {
    for (const auto& [line, translations] : expected) {
        ASSERT_TRUE(found.contains(line));
        ASSERT_EQ(found.at(line).size(), translations.size());
        for (std::size_t k = 0; k < translations.size(); ++k) {
            ASSERT_EQ(found.at(line)[k].text, translations[k].text) << line;
            ASSERT_EQ(found.at(line)[k].token_log_probs, translations[k].token_log_probs) << line;
            ASSERT_EQ(found.at(line)[k].log_probability, translations[k].log_probability) << line;
            ASSERT_EQ(found.at(line)[k].score, translations[k].score) << line;
        }
    }
}

TEST_P(Invariance, OfBatchesNeighboursAndThreads) {
    std::vector<std::string> lines = shuffled_lines();
    const SearchOptions search{.beam = 3, .n_best = 3};
    const Result expected = translate(lines, 1, 1, search);
    for (const int batch_size : {1, 7, 64}) {
        for (const int threads : {1, 2}) {
            SCOPED_TRACE(fmt::format("batches of {}, {} threads", batch_size, threads));
            std::reverse(lines.begin(), lines.end());
            expect_same(translate(lines, batch_size, threads, search), expected);
        }
    }
}

TEST_P(Invariance, OfWorkers) {
    const std::vector<std::string> lines = shuffled_lines();
    const SearchOptions search{.beam = 3, .n_best = 3};
    const Result expected = translate(lines, 1, 1, search);
    expect_same(translate(lines, 4, 1, search, 3), expected);
    expect_same(translate(lines, 64, 1, search, 2), expected); // fewer lines than a batch may hold: they are shared
}

TEST_P(Invariance, OfIntegers) {
    if (find_architecture(GetParam()).estimate != nullptr) GTEST_SKIP() << "has no weights to quantize";
    const std::vector<std::string> lines = shuffled_lines();
    const SearchOptions search{.beam = 3, .n_best = 3};
    const Result expected = translate(lines, 1, 1, search, 1, true);
    expect_same(translate(lines, 7, 2, search, 1, true), expected);
    expect_same(translate(lines, 64, 1, search, 2, true), expected);
}

TEST_P(Invariance, WithEveryRule) {
    const std::vector<std::string> lines = shuffled_lines();
    const SearchOptions search{.beam = 3, .n_best = 3, .length_normalization = "wu", .min_length_factor = 0.5, .no_repeat_ngram = 2};
    expect_same(translate(lines, 64, 2, search), translate(lines, 1, 1, search));
}

TEST_P(Invariance, OfSamples) {
    const std::vector<std::string> lines = shuffled_lines(); // in one order, since samples depend on the line's number
    const SearchOptions search{.n_best = 2, .sampling = SamplingOptions{.top_k = 20, .temperature = 0.8, .seed = 4}};
    const Result expected = translate(lines, 1, 1, search);
    for (const int batch_size : {7, 64}) expect_same(translate(lines, batch_size, 2, search), expected);
}

// Positions are learned for so many tokens and no more: longer lines are cut, longer translations end there.
TEST(LearnedPositions, BoundWhatIsTranslated) {
    ModelOptions options;
    options.architecture = "transformer";
    options.width = 16;
    options.feed_forward = 16;
    options.heads = 2;
    options.positions = "learned";
    options.max_positions = 12;
    Context context(1);
    const auto model = make_model(context, options, {vocabulary(), vocabulary(), true}, 3);
    Translator translator(*model, tokenizer(), tokenizer(), TranslatorOptions());
    const std::vector<std::string> lines = shuffled_lines();
    EXPECT_EQ(translator.translate(lines).size(), lines.size());
    EXPECT_GT(translator.statistics().split_lines, 0U);
    EXPECT_LE(translator.statistics().target_tokens, 12 * translator.statistics().segments);
}

std::vector<std::string> architecture_names() {
    std::vector<std::string> names;
    for (const Architecture& architecture : architectures()) names.push_back(architecture.name);
    return names;
}

INSTANTIATE_TEST_SUITE_P(Architectures, Invariance, testing::ValuesIn(architecture_names()),
                         [](const testing::TestParamInfo<std::string>& info) {
                             std::string name = info.param;
                             std::replace(name.begin(), name.end(), '-', '_');
                             return name;
                         });

} // namespace
} // namespace nmt
