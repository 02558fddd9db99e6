// Counts of n-grams: what BLEU and chrF compare. A segment is a sequence of symbols: words by number, or characters.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace nmt {

using Symbols = std::vector<std::uint32_t>;

// The words of several segments by number, equal words alike.
std::vector<Symbols> number_words(const std::vector<std::vector<std::string_view>>& segments);

// The n-grams in so many symbols.
inline std::size_t ngrams_in(std::size_t symbols, std::size_t order) { return symbols < order ? 0 : symbols - order + 1; }

// The different n-grams of a hypothesis, of orders 1 to max_order, each with a number. An n-gram is a node of a trie, found by
// the number of its first n-1 symbols and its last symbol: no two n-grams share a number.
class HypothesisNgrams {
  public:
    HypothesisNgrams(std::span<const std::uint32_t> hypothesis, std::size_t max_order);

    // How often each n-gram, by its number, stands in a reference.
    Symbols count_in(std::span<const std::uint32_t> reference) const;

    // For each order from 1: n-grams of the hypothesis, each counted at most as often as `counts` says.
    std::vector<std::size_t> matches(std::span<const std::uint32_t> counts) const;

  private:
    struct Node {
        std::uint64_t key;
        std::uint32_t order, count;
    };
    static constexpr std::uint32_t kNone = 0;

    std::size_t slot_of(std::uint64_t key) const;

    std::size_t max_order_;
    int shift_;
    std::vector<std::uint32_t> slots_; // a hash table of numbers in nodes_ with open addressing
    std::vector<Node> nodes_;          // [0] is the root, no n-gram at all
};

} // namespace nmt
