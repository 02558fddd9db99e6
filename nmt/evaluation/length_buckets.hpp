// Scores by the length of the source sentence: where an architecture that reads a sentence into one vector falls behind (Cho et al.,
// 2014, "On the Properties of Neural Machine Translation"). Used by reports that compare models.
#pragma once

#include "nmt/evaluation/metric.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace nmt {

// Some sentences of similar length.
struct LengthBucket {
    std::size_t shortest = 0, longest = 0; // words of a source sentence, both included
    std::vector<std::size_t> sentences;    // their indices, rising

    std::string name() const; // "6-10"; "6" where both ends are one
};

struct LengthBucketOptions {
    std::size_t width = 5;   // words: 1-5, 6-10, 11-15, ...
    std::size_t fewest = 30; // sentences that a bucket has: with fewer it is one with the next longer bucket, the last with the one before
};

// Every sentence is in one bucket, by the words between its white space; sentences without a word are in the first, which then begins
// at 0. The buckets follow one another without a gap and end where the width of the longest sentence ends. Fewer sentences than
// `fewest` are one bucket, no sentences none. Throws Error unless width and fewest are positive.
std::vector<LengthBucket> length_buckets(std::span<const std::string> sources, const LengthBucketOptions& options = {});

// The corpus score of some sentences alone. `statistics` are those of all sentences (corpus_statistics).
double score_of_sentences(const Metric& metric, std::span<const Statistics> statistics, std::span<const std::size_t> sentences);

} // namespace nmt
