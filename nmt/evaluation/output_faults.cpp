#include "nmt/evaluation/output_faults.hpp"

#include "nmt/base/error.hpp"
#include "nmt/evaluation/python_text.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <string_view>

namespace nmt {
namespace {

using Words = std::vector<std::string_view>;

void check_equal(std::size_t hypotheses, std::size_t references) {
    check(hypotheses == references, "found {} hypotheses but {} references; line N of both must belong to one sentence", hypotheses,
          references);
}

// How often each n-gram stands in `words`; with `doubled` alone where it directly follows itself.
std::map<Words, std::size_t> count_ngrams(const Words& words, std::size_t order, bool doubled) {
    std::map<Words, std::size_t> counts;
    const std::size_t span = doubled ? 2 * order : order;
    for (std::size_t i = 0; i + span <= words.size(); ++i) {
        const auto first = words.begin() + static_cast<std::ptrdiff_t>(i), end = first + static_cast<std::ptrdiff_t>(order);
        if (!doubled || std::equal(first, end, end)) ++counts[Words(first, end)];
    }
    return counts;
}

// Whether some n-gram stands there `least` times or more, and more often than in the reference.
bool has_more(const Words& hypothesis, const Words& reference, std::size_t order, bool doubled) {
    const std::size_t least = doubled ? 1 : 2;
    const auto ours = count_ngrams(hypothesis, order, doubled), theirs = count_ngrams(reference, order, doubled);
    return std::any_of(ours.begin(), ours.end(), [&](const auto& entry) {
        const auto found = theirs.find(entry.first);
        return entry.second >= least && entry.second > (found == theirs.end() ? 0 : found->second);
    });
}

bool repeats_itself(const Words& hypothesis, const Words& reference, std::size_t order) {
    if (has_more(hypothesis, reference, order, false)) return true;
    for (std::size_t shorter = 1; shorter < order; ++shorter)
        if (has_more(hypothesis, reference, shorter, true)) return true;
    return false;
}

// Sorted.
Words numbers_of(std::string_view text) {
    Words numbers;
    constexpr std::string_view kDigits = "0123456789";
    for (std::size_t begin = text.find_first_of(kDigits); begin != std::string_view::npos; begin = text.find_first_of(kDigits, begin)) {
        const std::size_t end = std::min(text.find_first_not_of(kDigits, begin), text.size());
        numbers.push_back(text.substr(begin, end - begin));
        begin = end;
    }
    std::sort(numbers.begin(), numbers.end());
    return numbers;
}

Words in_both(const Words& a, const Words& b) {
    Words both;
    std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both));
    return both;
}

} // namespace

double length_ratio(std::span<const std::string> hypotheses, std::span<const std::string> references) {
    check_equal(hypotheses.size(), references.size());
    const auto words_in = [](std::span<const std::string> lines) {
        std::size_t words = 0;
        for (const std::string& line : lines) words += split_words(line).size();
        return static_cast<double>(words);
    };
    const double expected = words_in(references);
    check(expected > 0, "a length ratio to {} references without a word; at least one is needed", references.size());
    return words_in(hypotheses) / expected;
}

std::vector<std::size_t> repeating_sentences(std::span<const std::string> hypotheses, std::span<const std::string> references,
                                             std::size_t order) {
    check_equal(hypotheses.size(), references.size());
    check(order > 0, "repetitions of 0 words; expected at least 1");
    std::vector<std::size_t> sentences;
    for (std::size_t i = 0; i < hypotheses.size(); ++i)
        if (repeats_itself(split_words(hypotheses[i]), split_words(references[i]), order)) sentences.push_back(i);
    return sentences;
}

NumbersKept numbers_kept(std::span<const std::string> sources, std::span<const std::string> references,
                         std::span<const std::string> hypotheses) {
    check_equal(hypotheses.size(), references.size());
    check(sources.size() == references.size(), "found {} sources but {} references; line N of both must belong to one sentence",
          sources.size(), references.size());
    NumbersKept result;
    for (std::size_t i = 0; i < sources.size(); ++i) {
        const Words expected = in_both(numbers_of(sources[i]), numbers_of(references[i]));
        const std::size_t kept = in_both(expected, numbers_of(hypotheses[i])).size();
        result.expected += expected.size();
        result.kept += kept;
        if (kept < expected.size()) result.losers.push_back(i);
    }
    return result;
}

} // namespace nmt
