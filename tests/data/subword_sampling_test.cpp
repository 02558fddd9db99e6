#include "nmt/data/subword_sampling.hpp"

#include "nmt/base/error.hpp"
#include "nmt/base/log.hpp"
#include "nmt/base/output_file.hpp"
#include "tests/base/test_support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <thread>

namespace nmt {
namespace {

class Sampling : public testing::Test {
  protected:
    Sampling() {
        set_quiet(true);
        std::string source, target;
        for (int i = 0; i < 40; ++i) {
            source += fmt::format("the house number {} and the {} houses\n", i, i % 7);
            target += fmt::format("das Haus Nummer {} und die {} Häuser\n", i, i % 7);
        }
        source += "\n";
        target += "leer\n"; // dropped
        source += "the last house\n";
        target += "das letzte Haus\n";
        write_file(folder_ / "source", source);
        write_file(folder_ / "target", target);
        TokenizerOptions options;
        options.vocabulary_size = 60;
        options.exact = false;
        Tokenizer::train({folder_ / "source"}, options, folder_ / "unigram");
        options.type = "bpe";
        Tokenizer::train({folder_ / "target"}, options, folder_ / "bpe");
        options.type = "word";
        Tokenizer::train({folder_ / "source"}, options, folder_ / "word");
        unigram_ = std::make_unique<Tokenizer>(folder_ / "unigram");
        bpe_ = std::make_unique<Tokenizer>(folder_ / "bpe");
    }

    ParallelCorpus load(CorpusOptions options = {}) {
        options.keep_source_text = options.keep_target_text = true;
        return ParallelCorpus::load({{folder_ / "source", folder_ / "target"}, *unigram_, *bpe_}, options);
    }

    static std::vector<std::vector<std::int32_t>> all(const TokenStore& store) {
        std::vector<std::vector<std::int32_t>> sequences;
        for (std::size_t i = 0; i < store.size(); ++i) sequences.emplace_back(store[i].begin(), store[i].end());
        return sequences;
    }

    static std::string text(const Tokenizer& tokenizer, std::span<const std::int32_t> ids) {
        EXPECT_EQ(ids.back(), Tokenizer::kEndOfSentence);
        return tokenizer.decode({ids.begin(), ids.end() - 1});
    }

    TemporaryFolder folder_;
    std::unique_ptr<Tokenizer> unigram_, bpe_;
};

TEST_F(Sampling, TheSamePairsInOtherPieces) {
    const ParallelCorpus corpus = load();
    ASSERT_EQ(corpus.size(), 41);
    EXPECT_EQ(corpus.line(40), 41u);
    EXPECT_EQ(corpus.source_texts().back(), "the last house");
    const SubwordSampler sampler(corpus, *unigram_, *bpe_, {.alpha = 0.3});
    const ParallelCorpus epoch = sampler.epoch(1).corpus;
    ASSERT_EQ(epoch.size(), corpus.size());
    for (int i = 0; i < corpus.size(); ++i) {
        const auto k = static_cast<std::size_t>(i);
        EXPECT_EQ(epoch.line(i), corpus.line(i));
        EXPECT_EQ(text(*unigram_, epoch.source()[k]), text(*unigram_, corpus.source()[k]));
        EXPECT_EQ(text(*bpe_, epoch.target()[k]), text(*bpe_, corpus.target()[k]));
    }
    EXPECT_NE(all(epoch.source()), all(corpus.source()));
    EXPECT_NE(all(epoch.target()), all(corpus.target()));
}

TEST_F(Sampling, AnEpochDependsOnNothingButSeedAndNumber) {
    const ParallelCorpus corpus = load();
    const SubwordSampler sampler(corpus, *unigram_, *bpe_, {.alpha = 0.3, .seed = 5}),
        twin(corpus, *unigram_, *bpe_, {.alpha = 0.3, .seed = 5}), other(corpus, *unigram_, *bpe_, {.alpha = 0.3, .seed = 6});
    const ParallelCorpus second = sampler.epoch(2).corpus, first = sampler.epoch(1).corpus;
    EXPECT_EQ(all(twin.epoch(1).corpus.source()), all(first.source()));
    EXPECT_EQ(all(twin.epoch(1).corpus.target()), all(first.target()));
    EXPECT_NE(all(second.source()), all(first.source()));
    EXPECT_NE(all(second.target()), all(first.target()));
    EXPECT_NE(all(other.epoch(1).corpus.source()), all(first.source()));
    std::vector<ParallelCorpus> found(4);
    std::vector<std::thread> threads;
    for (ParallelCorpus& corpus_of_thread : found) threads.emplace_back([&] { corpus_of_thread = sampler.epoch(1).corpus; });
    for (std::thread& thread : threads) thread.join();
    for (const ParallelCorpus& of_thread : found) {
        EXPECT_EQ(all(of_thread.source()), all(first.source()));
        EXPECT_EQ(all(of_thread.target()), all(first.target()));
    }
}

TEST_F(Sampling, ASideMayStayAsItIs) {
    const ParallelCorpus corpus = load();
    const ParallelCorpus source = SubwordSampler(corpus, *unigram_, *bpe_, {.alpha = 0.3, .target = false}).epoch(1).corpus,
                         target = SubwordSampler(corpus, *unigram_, *bpe_, {.alpha = 0.3, .source = false}).epoch(1).corpus;
    EXPECT_NE(all(source.source()), all(corpus.source()));
    EXPECT_EQ(all(source.target()), all(corpus.target()));
    EXPECT_EQ(all(target.source()), all(corpus.source()));
    EXPECT_NE(all(target.target()), all(corpus.target()));
}

TEST_F(Sampling, SamplesThatAreTooLongGiveWayToThePlainEncoding) {
    ParallelCorpus corpus = load();
    int longest = 0;
    for (std::size_t i = 0; i < corpus.source().size(); ++i)
        longest = std::max({longest, corpus.source().length(i), corpus.target().length(i)});
    corpus = load({.max_length = longest});
    ASSERT_EQ(corpus.size(), 41);
    const SubwordSampler::Epoch epoch = SubwordSampler(corpus, *unigram_, *bpe_, {.alpha = 0.5, .max_length = longest}).epoch(1);
    const SubwordSampler::Epoch unlimited = SubwordSampler(corpus, *unigram_, *bpe_, {.alpha = 0.5}).epoch(1);
    EXPECT_EQ(unlimited.too_long, 0u);
    EXPECT_EQ(epoch.corpus.size(), 41);
    std::size_t too_long = 0;
    const auto compare = [&](const TokenStore& found, const TokenStore& sample, const TokenStore& plain) {
        for (std::size_t i = 0; i < found.size(); ++i) {
            const bool fits = sample.length(i) <= longest;
            too_long += fits ? 0 : 1;
            EXPECT_TRUE(std::ranges::equal(found[i], fits ? sample[i] : plain[i])) << i;
        }
    };
    compare(epoch.corpus.source(), unlimited.corpus.source(), corpus.source());
    compare(epoch.corpus.target(), unlimited.corpus.target(), corpus.target());
    EXPECT_EQ(epoch.too_long, too_long);
    EXPECT_GT(too_long, 0u);
    EXPECT_LT(too_long, 82u);
}

TEST_F(Sampling, NeedsSubwordsAndText) {
    const ParallelCorpus corpus = load();
    const Tokenizer word(folder_ / "word");
    EXPECT_NE(message_of<Error>([&] { SubwordSampler(corpus, word, *bpe_, {.alpha = 0.3}); }).find("source side"), std::string::npos);
    EXPECT_NE(message_of<Error>([&] { SubwordSampler(corpus, *unigram_, word, {.alpha = 0.3}); }).find("target side"), std::string::npos);
    EXPECT_NO_THROW(SubwordSampler(corpus, word, *bpe_, {.alpha = 0.3, .source = false}));
    const ParallelCorpus bare = ParallelCorpus::load({{folder_ / "source", folder_ / "target"}, *unigram_, *bpe_});
    EXPECT_TRUE(bare.source_texts().empty());
    EXPECT_NE(message_of<Error>([&] { SubwordSampler(bare, *unigram_, *bpe_, {.alpha = 0.3}); }).find("not kept"), std::string::npos);
}

} // namespace
} // namespace nmt
