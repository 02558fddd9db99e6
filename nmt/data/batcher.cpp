#include "nmt/data/batcher.hpp"

#include "nmt/base/error.hpp"
#include "nmt/base/random.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace nmt {
namespace {

constexpr std::int64_t kSourceRoom = 4; // times the target's

// Sorts stably, so that pairs of equal lengths keep their order in `ids`, and cuts.
std::vector<std::vector<int>> cut(const ParallelCorpus& corpus, std::vector<int> ids, int batch_tokens) {
    check(batch_tokens > 0, "a batch of {} target tokens cannot hold anything; expected at least 1", batch_tokens);
    const auto lengths = [&](int id) {
        const auto i = static_cast<std::size_t>(id);
        return std::pair(corpus.target().length(i), corpus.source().length(i));
    };
    std::stable_sort(ids.begin(), ids.end(), [&](int a, int b) { return lengths(a) < lengths(b); });
    std::vector<std::vector<int>> batches;
    std::int64_t target_room = 0, source_room = 0;
    for (const int id : ids) {
        const auto [target, source] = lengths(id);
        if (batches.empty() || target > target_room || source > source_room) {
            batches.emplace_back();
            target_room = batch_tokens;
            source_room = kSourceRoom * batch_tokens;
        }
        batches.back().push_back(id);
        target_room -= target;
        source_room -= source;
    }
    return batches;
}

std::vector<int> all_ids(const ParallelCorpus& corpus) {
    std::vector<int> ids(static_cast<std::size_t>(corpus.size()));
    std::iota(ids.begin(), ids.end(), 0);
    return ids;
}

} // namespace

std::vector<std::vector<int>> make_batches(const ParallelCorpus& corpus, int batch_tokens, std::uint64_t seed, int epoch) {
    return remaining_batches(corpus, batch_tokens, seed, epoch, {});
}

std::vector<std::vector<int>> remaining_batches(const ParallelCorpus& corpus, int batch_tokens, std::uint64_t seed, int epoch,
                                                const std::vector<EpochPart>& read) {
    Random random(seed, static_cast<std::uint64_t>(epoch));
    const auto cut_by_chance = [&](std::vector<int> ids, int tokens) {
        random.shuffle(ids);
        std::vector<std::vector<int>> batches = cut(corpus, std::move(ids), tokens);
        random.shuffle(batches);
        return batches;
    };
    std::vector<int> left = all_ids(corpus);
    for (const EpochPart& part : read) {
        const std::vector<std::vector<int>> batches = cut_by_chance(std::exchange(left, {}), part.batch_tokens);
        for (std::size_t i = static_cast<std::size_t>(part.batches); i < batches.size(); ++i)
            left.insert(left.end(), batches[i].begin(), batches[i].end());
        check(!left.empty(), "{} batches of {} tokens were read of an epoch that has {}; expected fewer", part.batches, part.batch_tokens,
              batches.size());
    }
    return cut_by_chance(std::move(left), batch_tokens);
}

std::vector<std::vector<int>> make_sorted_batches(const ParallelCorpus& corpus, int batch_tokens) {
    return cut(corpus, all_ids(corpus), batch_tokens);
}

std::vector<Batch> cut_evenly(const Batch& batch, int count) {
    const std::int64_t total = batch.source.total() + batch.target.total();
    std::vector<Batch> parts;
    std::int64_t taken = 0;
    for (int i = 0; i < batch.target.count(); ++i) {
        // A part is full when the middle of the next sentence lies beyond its share.
        const std::int64_t tokens = std::ssize(batch.source[i]) + std::ssize(batch.target[i]);
        if (parts.empty() || (2 * taken + tokens) * count >= 2 * total * std::ssize(parts)) parts.emplace_back();
        parts.back().source.add(batch.source[i]);
        parts.back().target.add(batch.target[i]);
        taken += tokens;
    }
    return parts;
}

Batch gather(const ParallelCorpus& corpus, std::span<const int> ids) {
    Batch batch;
    for (const int id : ids) {
        batch.source.add(corpus.source()[static_cast<std::size_t>(id)]);
        batch.target.add(corpus.target()[static_cast<std::size_t>(id)]);
    }
    return batch;
}

} // namespace nmt
