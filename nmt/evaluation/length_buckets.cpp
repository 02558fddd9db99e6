#include "nmt/evaluation/length_buckets.hpp"

#include "nmt/evaluation/python_text.hpp"

#include <algorithm>
#include <iterator>

namespace nmt {
namespace {

// Buckets of equal width up to the longest sentence, some of them empty.
std::vector<LengthBucket> equal_buckets(std::span<const std::string> sources, std::size_t width) {
    std::vector<LengthBucket> buckets;
    for (std::size_t i = 0; i < sources.size(); ++i) {
        const std::size_t words = split_words(sources[i]).size(), bucket = words == 0 ? 0 : (words - 1) / width;
        while (buckets.size() <= bucket) buckets.push_back({buckets.size() * width + 1, (buckets.size() + 1) * width, {}});
        buckets[bucket].sentences.push_back(i);
        if (words == 0) buckets[0].shortest = 0;
    }
    return buckets;
}

// Makes `bucket` one with the one that follows it.
void join(LengthBucket& bucket, LengthBucket&& next) {
    std::vector<std::size_t> sentences;
    std::merge(bucket.sentences.begin(), bucket.sentences.end(), next.sentences.begin(), next.sentences.end(),
               std::back_inserter(sentences));
    bucket.sentences = std::move(sentences);
    bucket.longest = next.longest;
}

} // namespace

std::string LengthBucket::name() const {
    return shortest == longest ? fmt::format("{}", shortest) : fmt::format("{}-{}", shortest, longest);
}

std::vector<LengthBucket> length_buckets(std::span<const std::string> sources, const LengthBucketOptions& options) {
    check(options.width > 0 && options.fewest > 0, "buckets of {} words and at least {} sentences; both must be positive", options.width,
          options.fewest);
    std::vector<LengthBucket> buckets;
    for (LengthBucket& bucket : equal_buckets(sources, options.width)) {
        if (!buckets.empty() && buckets.back().sentences.size() < options.fewest) join(buckets.back(), std::move(bucket));
        else buckets.push_back(std::move(bucket));
    }
    if (buckets.size() > 1 && buckets.back().sentences.size() < options.fewest) {
        LengthBucket last = std::move(buckets.back());
        buckets.pop_back();
        join(buckets.back(), std::move(last));
    }
    return buckets;
}

double score_of_sentences(const Metric& metric, std::span<const Statistics> statistics, std::span<const std::size_t> sentences) {
    std::vector<Statistics> chosen;
    chosen.reserve(sentences.size());
    for (const std::size_t i : sentences) {
        check(i < statistics.size(), "{}: sentence {} of {}; the statistics must be those of the bucketed text", metric.name(), i + 1,
              statistics.size());
        chosen.push_back(statistics[i]);
    }
    return metric.score(sum_of(metric, chosen));
}

} // namespace nmt
