// Corpora and batches: what is kept, what is counted, and that batches depend on nothing but their arguments.
#include "nmt/base/error.hpp"
#include "nmt/base/output_file.hpp"
#include "nmt/data/batcher.hpp"
#include "nmt/data/corpus.hpp"
#include "tests/base/test_support.hpp"

#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>

#include <numeric>
#include <set>

namespace nmt {
namespace {

namespace fs = std::filesystem;

TEST(Sequences, HoldWhatWasAdded) {
    Sequences sequences;
    EXPECT_EQ(sequences.count(), 0);
    EXPECT_EQ(sequences.longest(), 0);
    sequences.add(std::vector<std::int32_t>{5, 6, 0});
    sequences.add(std::vector<std::int32_t>{});
    sequences.add(std::vector<std::int32_t>{7, 0});
    EXPECT_EQ(sequences.count(), 3);
    EXPECT_EQ(sequences.total(), 5);
    EXPECT_EQ(sequences.longest(), 3);
    EXPECT_EQ(sequences.tokens, (std::vector<std::int32_t>{5, 6, 0, 7, 0}));
    EXPECT_EQ(sequences.lengths, (std::vector<int>{3, 0, 2}));
    EXPECT_EQ(sequences.offset(2), 3);
    EXPECT_TRUE(sequences[1].empty());
    EXPECT_EQ(sequences[2][0], 7);
}

// A corpus of words that are their own tokens.
class CorpusTest : public testing::Test {
  protected:
    void SetUp() override {
        folder_ = fs::temp_directory_path() / fmt::format("nmt-data-{}", getpid());
        fs::create_directories(folder_);
        TokenizerOptions options;
        options.type = "word";
        options.exact = false;
        options.normalization = "identity";
        Tokenizer::train({write("words", "one two three four five six\n")}, options, folder_ / "model");
        tokenizer_ = std::make_unique<Tokenizer>(folder_ / "model");
    }
    void TearDown() override { fs::remove_all(folder_); }

    std::string write(const std::string& name, const std::string& content) {
        write_file(folder_ / name, content);
        return (folder_ / name).string();
    }

    ParallelCorpus load(const std::string& source, const std::string& target, const CorpusOptions& options = {}) {
        return ParallelCorpus::load({write("source", source), write("target", target), *tokenizer_, *tokenizer_}, options);
    }

    std::string load_error(const std::string& source, const std::string& target) {
        try {
            load(source, target, {.max_length = 3});
        } catch (const Error& error) {
            return error.what();
        }
        return "";
    }

    std::string words(std::span<const std::int32_t> ids) const { return tokenizer_->decode({ids.begin(), ids.end()}); }

    fs::path folder_;
    std::unique_ptr<Tokenizer> tokenizer_;
};

TEST_F(CorpusTest, KeepsPairsWithTheirEnds) {
    const ParallelCorpus corpus = load("one two\nthree\n", "four\nfive six one\n");
    ASSERT_EQ(corpus.size(), 2);
    EXPECT_EQ(words(corpus.source()[0]), "one two");
    EXPECT_EQ(words(corpus.target()[1]), "five six one");
    for (std::size_t i = 0; i < 2; ++i) {
        EXPECT_EQ(corpus.source()[i].back(), Tokenizer::kEndOfSentence);
        EXPECT_EQ(corpus.target()[i].back(), Tokenizer::kEndOfSentence);
    }
    EXPECT_EQ(corpus.source().length(0), 3);
    EXPECT_EQ(corpus.target().length(1), 4);
}

TEST_F(CorpusTest, CountsWhatItDrops) {
    // Kept: lines 0, 3 (length 3 with </s> is not too long) and 6, which has no LF.
    const ParallelCorpus corpus =
        load("one\n\none\none two\none two three\n  \nsix", "one\none\n\none two\none\none\nfive", {.max_length = 3});
    EXPECT_EQ(corpus.counts().kept, 3u);
    EXPECT_EQ(corpus.counts().dropped_empty, 3u);
    EXPECT_EQ(corpus.counts().dropped_long, 1u);
    ASSERT_EQ(corpus.size(), 3);
    EXPECT_EQ(corpus.line(0), 0u);
    EXPECT_EQ(corpus.line(1), 3u);
    EXPECT_EQ(corpus.line(2), 6u);
    EXPECT_EQ(words(corpus.source()[2]), "six");
    EXPECT_EQ(words(corpus.target()[2]), "five");
    EXPECT_EQ(describe(corpus.counts(), {.max_length = 3}), "3 pairs, 4 dropped: 3 with an empty side, 1 longer than 3 tokens");
    EXPECT_EQ(load("one\n", "two three four five\n").counts().kept, 1u) << "without a limit nothing is too long";
}

TEST_F(CorpusTest, CountsTheSentencesOfTheKeptSourceLines) {
    const std::string source = "one. two!\none\none two three. one. two. three\n\n", target = "one\none\none\none. two. three.\n";
    EXPECT_EQ(load(source, target, {.count_sentences = true}).counts().usual_sentences, 4);
    EXPECT_EQ(load(source, target, {.max_length = 3, .count_sentences = true}).counts().usual_sentences, 2);
    EXPECT_EQ(load(source, target).counts().usual_sentences, 0);
}

TEST_F(CorpusTest, UnequalFilesAreAnErrorWithBothCounts) {
    for (const auto& [source, target, counts] :
         {std::tuple<std::string, std::string, std::string>{"one\ntwo\nthree\n", "one\n", "/source' has 3 lines and"},
          {"one\n", "one\ntwo\nthree\n", "/target' has 3;"},
          {"one\n", "", "/target' has 0;"},
          {"", "one\ntwo", "/target' has 2;"}}) {
        const std::string message = load_error(source, target);
        EXPECT_NE(message.find(counts), std::string::npos) << message;
        EXPECT_NE(message.find("/source' has "), std::string::npos) << message;
    }
}

TEST_F(CorpusTest, EmptyCorporaAreErrors) {
    EXPECT_NE(load_error("", "").find("are empty"), std::string::npos);
    EXPECT_NE(load_error("\n", "one\n").find("no usable pair: 0 pairs, 1 dropped: 1 with an empty side"), std::string::npos);
}

TEST_F(CorpusTest, ACarriageReturnAtTheEndIsNoText) {
    const ParallelCorpus plain = load("one two\nthree\n", "four\nfive\n");
    const ParallelCorpus windows = load("one two\r\nthree\r\n", "four\r\nfive\r\n", {.keep_source_text = true});
    for (std::size_t i = 0; i < 2; ++i) {
        EXPECT_TRUE(std::ranges::equal(plain.source()[i], windows.source()[i]));
        EXPECT_TRUE(std::ranges::equal(plain.target()[i], windows.target()[i]));
    }
    EXPECT_EQ(windows.source_texts(), (std::vector<std::string>{"one two", "three"}));
}

TEST_F(CorpusTest, ReadsGzip) {
    const std::string path = (folder_ / "source.gz").string();
    gzFile file = gzopen(path.c_str(), "wb");
    ASSERT_NE(file, nullptr);
    gzputs(file, "one\ntwo\n");
    gzclose(file);
    const ParallelCorpus corpus = ParallelCorpus::load({path, write("target", "three\nfour\n"), *tokenizer_, *tokenizer_});
    EXPECT_EQ(words(corpus.source()[1]), "two");
}

// 500 pairs of lengths 2 to 31; the first token is the index of the pair.
ParallelCorpus numbered_corpus() {
    ParallelCorpus corpus;
    for (int i = 0; i < 500; ++i) {
        std::vector<std::int32_t> source(static_cast<std::size_t>(2 + i * 17 % 30), 1), target(static_cast<std::size_t>(2 + i * 7 % 30), 1);
        source.front() = target.front() = i;
        source.back() = target.back() = 0;
        corpus.add(source, target, static_cast<std::size_t>(i));
    }
    return corpus;
}

int target_tokens(const ParallelCorpus& corpus, const std::vector<int>& batch) {
    int total = 0;
    for (const int id : batch) total += corpus.target().length(static_cast<std::size_t>(id));
    return total;
}

using Batches = std::vector<std::vector<int>>;

void expect_each_pair_once(const Batches& batches, int pairs) {
    std::vector<int> seen(static_cast<std::size_t>(pairs));
    for (const auto& batch : batches)
        for (const int id : batch) ++seen.at(static_cast<std::size_t>(id));
    EXPECT_EQ(seen, std::vector<int>(static_cast<std::size_t>(pairs), 1));
}

TEST(Batcher, EachPairIsInOneBatchWithinTheLimit) {
    const ParallelCorpus corpus = numbered_corpus();
    for (const int limit : {1, 20, 100, 1000, 1'000'000}) {
        SCOPED_TRACE(limit);
        const Batches batches = make_batches(corpus, limit, 1, 0);
        expect_each_pair_once(batches, corpus.size());
        for (const auto& batch : batches) {
            EXPECT_FALSE(batch.empty());
            EXPECT_TRUE(batch.size() == 1 || target_tokens(corpus, batch) <= limit);
        }
    }
    EXPECT_EQ(make_batches(corpus, 1, 1, 0).size(), 500u);
    EXPECT_EQ(make_batches(corpus, 1'000'000, 1, 0).size(), 1u);
    EXPECT_THROW(make_batches(corpus, 0, 1, 0), Error);
}

TEST(Batcher, LongSourcesOfShortTargetsAreFewInABatch) {
    ParallelCorpus corpus;
    for (int i = 0; i < 100; ++i) corpus.add(std::vector<std::int32_t>(50, 1), std::vector<std::int32_t>(2, 1), 0);
    const Batches batches = make_sorted_batches(corpus, 100); // 50 targets would fit
    expect_each_pair_once(batches, 100);
    for (const auto& batch : batches) EXPECT_LE(batch.size(), 8u); // 400 source tokens
    EXPECT_EQ(batches.size(), 13u);
}

TEST(Batcher, BatchesAreFull) {
    const ParallelCorpus corpus = numbered_corpus();
    const Batches batches = make_sorted_batches(corpus, 100);
    for (std::size_t i = 0; i + 1 < batches.size(); ++i) {
        const int next = corpus.target().length(static_cast<std::size_t>(batches[i + 1].front()));
        EXPECT_GT(target_tokens(corpus, batches[i]) + next, 100) << "the next pair would have fitted";
    }
}

TEST(Batcher, BatchesHoldSimilarLengths) {
    const ParallelCorpus corpus = numbered_corpus();
    for (const auto& batch : make_batches(corpus, 60, 3, 2)) {
        int shortest = 1000, longest = 0;
        for (const int id : batch) {
            shortest = std::min(shortest, corpus.target().length(static_cast<std::size_t>(id)));
            longest = std::max(longest, corpus.target().length(static_cast<std::size_t>(id)));
        }
        EXPECT_LE(longest - shortest, 1); // some 17 pairs of each length
    }
}

TEST(Batcher, DependsOnSeedAndEpochAlone) {
    const ParallelCorpus corpus = numbered_corpus();
    const Batches third = make_batches(corpus, 100, 7, 3);
    make_batches(corpus, 100, 7, 1);
    EXPECT_EQ(make_batches(corpus, 100, 7, 3), third);
    EXPECT_NE(make_batches(corpus, 100, 7, 2), third);
    EXPECT_NE(make_batches(corpus, 100, 8, 3), third);
}

TEST(Batcher, AfterPartsOfAnEpochTheRestIsCutAnew) {
    const ParallelCorpus corpus = numbered_corpus();
    const std::vector<EpochPart> parts{{100, 7}, {30, 5}};
    EXPECT_EQ(remaining_batches(corpus, 60, 7, 3, {}), make_batches(corpus, 60, 7, 3));
    // Read as a training would that changes its batches twice: no pair is met twice, none is left out.
    Batches read;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const Batches all = remaining_batches(corpus, parts[i].batch_tokens, 7, 3, {parts.begin(), parts.begin() + static_cast<long>(i)});
        read.insert(read.end(), all.begin(), all.begin() + parts[i].batches);
    }
    const Batches rest = remaining_batches(corpus, 60, 7, 3, parts);
    for (const auto& batch : rest) EXPECT_TRUE(batch.size() == 1 || target_tokens(corpus, batch) <= 60);
    EXPECT_EQ(remaining_batches(corpus, 60, 7, 3, parts), rest);
    read.insert(read.end(), rest.begin(), rest.end());
    expect_each_pair_once(read, corpus.size());
}

TEST(Batcher, MoreBatchesThanAnEpochHasCannotHaveBeenRead) {
    const ParallelCorpus corpus = numbered_corpus();
    const auto count = static_cast<std::int64_t>(make_batches(corpus, 100, 7, 3).size());
    EXPECT_NO_THROW(remaining_batches(corpus, 60, 7, 3, {{100, count - 1}}));
    for (const std::int64_t too_many : {count, count + 1, std::int64_t{1} << 60})
        EXPECT_NE(message_of<Error>([&] {
                      remaining_batches(corpus, 60, 7, 3, {{100, too_many}});
                  }).find("expected fewer"),
                  std::string::npos);
}

TEST(Batcher, EpochsMixTheNeighbours) {
    // Not only the order of the batches changes: their members do, where lengths are equal.
    ParallelCorpus corpus;
    for (int i = 0; i < 100; ++i) corpus.add(std::vector<std::int32_t>{i, 0}, std::vector<std::int32_t>{i, 0}, static_cast<std::size_t>(i));
    const auto members = [&](int epoch) {
        std::set<std::set<int>> sets;
        for (const auto& batch : make_batches(corpus, 20, 1, epoch)) sets.insert({batch.begin(), batch.end()});
        return sets;
    };
    EXPECT_NE(members(0), members(1));
}

TEST(Batcher, SortedBatchesAreShortestFirst) {
    const ParallelCorpus corpus = numbered_corpus();
    const Batches batches = make_sorted_batches(corpus, 100);
    expect_each_pair_once(batches, corpus.size());
    std::pair<int, int> last{0, 0};
    for (const auto& batch : batches)
        for (const int id : batch) {
            const auto i = static_cast<std::size_t>(id);
            const std::pair lengths{corpus.target().length(i), corpus.source().length(i)};
            EXPECT_LE(last, lengths);
            last = lengths;
        }
    EXPECT_EQ(make_sorted_batches(corpus, 100), batches);
}

TEST(Batcher, CutsABatchIntoRunsOfAboutAsManyTokens) {
    const ParallelCorpus corpus = numbered_corpus();
    std::vector<int> ids(120);
    std::iota(ids.begin(), ids.end(), 0);
    const Batch batch = gather(corpus, ids);
    for (const int count : {1, 2, 3, 7}) {
        const std::vector<Batch> parts = cut_evenly(batch, count);
        ASSERT_EQ(std::ssize(parts), count);
        int sentence = 0;
        for (const Batch& part : parts) {
            ASSERT_EQ(part.source.count(), part.target.count());
            for (int i = 0; i < part.source.count(); ++i, ++sentence) {
                EXPECT_TRUE(std::ranges::equal(part.source[i], batch.source[sentence]));
                EXPECT_TRUE(std::ranges::equal(part.target[i], batch.target[sentence]));
            }
            const int even = (batch.source.total() + batch.target.total()) / count;
            EXPECT_NEAR(part.source.total() + part.target.total(), even, batch.source.longest() + batch.target.longest());
        }
        EXPECT_EQ(sentence, batch.source.count());
    }
    EXPECT_EQ(cut_evenly(gather(corpus, std::vector{3, 4}), 5).size(), 2U);
    EXPECT_TRUE(cut_evenly(Batch(), 3).empty());
}

TEST(Batcher, GatherTakesThePairsInOrder) {
    const ParallelCorpus corpus = numbered_corpus();
    const std::vector<int> ids{42, 7, 499};
    const Batch batch = gather(corpus, ids);
    ASSERT_EQ(batch.source.count(), 3);
    ASSERT_EQ(batch.target.count(), 3);
    for (int i = 0; i < 3; ++i) {
        const auto id = static_cast<std::size_t>(ids[static_cast<std::size_t>(i)]);
        EXPECT_EQ(batch.source[i].front(), ids[static_cast<std::size_t>(i)]);
        EXPECT_TRUE(std::ranges::equal(batch.source[i], corpus.source()[id]));
        EXPECT_TRUE(std::ranges::equal(batch.target[i], corpus.target()[id]));
    }
}

} // namespace
} // namespace nmt
