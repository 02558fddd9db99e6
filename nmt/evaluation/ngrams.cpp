#include "nmt/evaluation/ngrams.hpp"

#include <algorithm>
#include <bit>
#include <unordered_map>

namespace nmt {

namespace {

std::uint64_t key_of(std::uint32_t prefix, std::uint32_t symbol) { return std::uint64_t{prefix} << 32 | symbol; }

} // namespace

std::vector<Symbols> number_words(const std::vector<std::vector<std::string_view>>& segments) {
    std::unordered_map<std::string_view, std::uint32_t> numbers;
    std::vector<Symbols> result;
    for (const std::vector<std::string_view>& words : segments) {
        Symbols& symbols = result.emplace_back();
        symbols.reserve(words.size());
        for (const std::string_view word : words)
            symbols.push_back(numbers.try_emplace(word, static_cast<std::uint32_t>(numbers.size())).first->second);
    }
    return result;
}

HypothesisNgrams::HypothesisNgrams(std::span<const std::uint32_t> hypothesis, std::size_t max_order) : max_order_(max_order) {
    std::size_t most = 1;
    for (std::size_t order = 1; order <= max_order; ++order) most += ngrams_in(hypothesis.size(), order);
    const std::size_t capacity = std::bit_ceil(2 * most);
    shift_ = 64 - std::countr_zero(capacity);
    slots_.assign(capacity, kNone);
    nodes_.reserve(most);
    nodes_.push_back({0, 0, 0});
    for (std::size_t i = 0; i < hypothesis.size(); ++i) {
        std::uint32_t node = kNone;
        const std::size_t longest = std::min(max_order, hypothesis.size() - i);
        for (std::size_t order = 1; order <= longest; ++order) {
            const std::uint64_t key = key_of(node, hypothesis[i + order - 1]);
            std::uint32_t& slot = slots_[slot_of(key)];
            if (slot == kNone) {
                slot = static_cast<std::uint32_t>(nodes_.size());
                nodes_.push_back({key, static_cast<std::uint32_t>(order), 0});
            }
            node = slot;
            ++nodes_[node].count;
        }
    }
}

// Where the n-gram with this key stands, or would stand.
std::size_t HypothesisNgrams::slot_of(std::uint64_t key) const {
    std::size_t slot = (key * 0x9e3779b97f4a7c15ULL) >> shift_; // Fibonacci hashing: Knuth, The Art of Computer Programming, 6.4
    while (slots_[slot] != kNone && nodes_[slots_[slot]].key != key) slot = (slot + 1) & (slots_.size() - 1);
    return slot;
}

Symbols HypothesisNgrams::count_in(std::span<const std::uint32_t> reference) const {
    Symbols counts(nodes_.size(), 0);
    for (std::size_t i = 0; i < reference.size(); ++i) {
        std::uint32_t node = kNone;
        const std::size_t longest = std::min(max_order_, reference.size() - i);
        for (std::size_t order = 1; order <= longest; ++order) {
            node = slots_[slot_of(key_of(node, reference[i + order - 1]))];
            if (node == kNone) break; // then no longer n-gram is in the hypothesis either
            ++counts[node];
        }
    }
    return counts;
}

std::vector<std::size_t> HypothesisNgrams::matches(std::span<const std::uint32_t> counts) const {
    std::vector<std::size_t> result(max_order_, 0);
    for (std::size_t i = 1; i < nodes_.size(); ++i) result[nodes_[i].order - 1] += std::min(nodes_[i].count, counts[i]);
    return result;
}

} // namespace nmt
