// Cuts a corpus into batches of sentences of similar length, counted in target tokens.
#pragma once

#include "nmt/data/batch.hpp"
#include "nmt/data/corpus.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace nmt {

// The batches of one epoch, as indices of pairs: every pair is in exactly one. Pairs are sorted by (target length, source
// length), equals in random order, and cut before the batch would hold more than `batch_tokens` target tokens (</s> counted,
// no padding) or four times as many source tokens; a longer pair is a batch of its own. The batches come in random order.
// A function of its arguments alone, whatever epochs came before: a resumed training finds the same batches.
// Throws Error unless batch_tokens > 0.
std::vector<std::vector<int>> make_batches(const ParallelCorpus& corpus, int batch_tokens, std::uint64_t seed, int epoch);

// A part of an epoch that was read: the first `batches` of those with that many tokens.
struct EpochPart {
    int batch_tokens = 0;
    std::int64_t batches = 0;

    bool operator==(const EpochPart&) const = default;
};

// What is left of an epoch after some parts, each made of what the ones before it left, in batches of another size: with no parts the whole
// epoch as above. Throws Error if nothing is left.
std::vector<std::vector<int>> remaining_batches(const ParallelCorpus& corpus, int batch_tokens, std::uint64_t seed, int epoch,
                                                const std::vector<EpochPart>& read);

// The same without chance, shortest first: for validation and scoring.
std::vector<std::vector<int>> make_sorted_batches(const ParallelCorpus& corpus, int batch_tokens);

// The batch in `count` runs of its sentences with about as many tokens each; fewer where it has fewer sentences.
std::vector<Batch> cut_evenly(const Batch& batch, int count);

// The sequences of the pairs, in the order of `ids`.
Batch gather(const ParallelCorpus& corpus, std::span<const int> ids);

} // namespace nmt
