// Batches: each pair once, within their limits, and that they depend on nothing but their arguments.
#include "nmt/data/batcher.hpp"

#include "nmt/base/error.hpp"
#include "nmt/data/corpus.hpp"
#include "tests/base/test_support.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <set>

namespace nmt {
namespace {

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
