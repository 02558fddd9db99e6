#include "nmt/evaluation/word_frequency.hpp"

#include "nmt/base/error.hpp"
#include "nmt/evaluation/python_text.hpp"

#include <algorithm>
#include <functional>

namespace nmt {
namespace {

std::vector<FrequencyBucket> empty_buckets(const std::vector<std::size_t>& borders) {
    check(!borders.empty() && borders.front() == 0 &&
              std::adjacent_find(borders.begin(), borders.end(), std::greater_equal<>()) == borders.end(),
          "buckets of word frequencies that begin at {}: expected rising numbers from 0 on", fmt::join(borders, ", "));
    std::vector<FrequencyBucket> buckets(borders.size());
    for (std::size_t i = 0; i < borders.size(); ++i) {
        buckets[i].lowest = borders[i];
        buckets[i].highest = i + 1 == borders.size() ? FrequencyBucket::kNoEnd : borders[i + 1] - 1;
    }
    return buckets;
}

} // namespace

void WordFrequencies::add(std::string_view line) {
    for (const std::string_view word : split_words(line)) {
        const auto found = counts_.find(word);
        if (found != counts_.end()) ++found->second;
        else counts_.emplace(word, 1);
    }
}

std::size_t WordFrequencies::of(std::string_view word) const {
    const auto found = counts_.find(word);
    return found == counts_.end() ? 0 : found->second;
}

std::string FrequencyBucket::name() const {
    if (highest == kNoEnd) return fmt::format("{}+", lowest);
    return lowest == highest ? fmt::format("{}", lowest) : fmt::format("{}-{}", lowest, highest);
}

std::vector<FrequencyBucket> words_by_frequency(const WordFrequencies& frequencies, std::span<const std::string> hypotheses,
                                                std::span<const std::string> references, const std::vector<std::size_t>& borders) {
    check(hypotheses.size() == references.size(), "found {} hypotheses but {} references; line N of both must belong to one sentence",
          hypotheses.size(), references.size());
    std::vector<FrequencyBucket> buckets = empty_buckets(borders);
    const auto bucket_of = [&](std::string_view word) -> FrequencyBucket& {
        const auto above = std::upper_bound(borders.begin(), borders.end(), frequencies.of(word));
        return buckets[static_cast<std::size_t>(above - borders.begin()) - 1];
    };
    for (std::size_t i = 0; i < hypotheses.size(); ++i) {
        std::unordered_map<std::string_view, std::size_t> left; // of the reference's words
        for (const std::string_view word : split_words(references[i])) {
            ++bucket_of(word).reference;
            ++left[word];
        }
        for (const std::string_view word : split_words(hypotheses[i])) {
            FrequencyBucket& bucket = bucket_of(word);
            ++bucket.output;
            const auto found = left.find(word);
            if (found == left.end() || found->second == 0) continue;
            --found->second;
            ++bucket.matches;
        }
    }
    return buckets;
}

} // namespace nmt
