// N-grams against a map from each to its count.
#include "nmt/evaluation/ngrams.hpp"

#include "nmt/base/random.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace nmt {
namespace {

std::map<Symbols, std::size_t> naive_counts(const Symbols& symbols, std::size_t order) {
    std::map<Symbols, std::size_t> counts;
    for (std::size_t i = 0; i + order <= symbols.size(); ++i) {
        const auto first = symbols.begin() + static_cast<std::ptrdiff_t>(i);
        ++counts[Symbols(first, first + static_cast<std::ptrdiff_t>(order))];
    }
    return counts;
}

std::size_t naive_matches(const Symbols& hypothesis, const Symbols& reference, std::size_t order) {
    const std::map<Symbols, std::size_t> allowed = naive_counts(reference, order);
    std::size_t matches = 0;
    for (const auto& [ngram, count] : naive_counts(hypothesis, order)) {
        const auto found = allowed.find(ngram);
        if (found != allowed.end()) matches += std::min(count, found->second);
    }
    return matches;
}

Symbols random_symbols(Random& random) {
    Symbols symbols(random.below(60));
    const std::uint64_t kinds = 1 + random.below(20);
    for (std::uint32_t& symbol : symbols) symbol = static_cast<std::uint32_t>(random.below(kinds) * 0x1234567);
    return symbols;
}

TEST(Ngrams, MatchAsCountedOneByOne) {
    constexpr std::size_t kOrders = 6;
    for (std::uint64_t i = 0; i < 300; ++i) {
        Random random(3, i);
        const Symbols hypothesis = random_symbols(random), reference = random_symbols(random);
        const HypothesisNgrams ngrams(hypothesis, kOrders);
        const std::vector<std::size_t> matches = ngrams.matches(ngrams.count_in(reference));
        const std::vector<std::size_t> own = ngrams.matches(ngrams.count_in(hypothesis));
        ASSERT_EQ(matches.size(), kOrders);
        for (std::size_t order = 1; order <= kOrders; ++order) {
            EXPECT_EQ(matches[order - 1], naive_matches(hypothesis, reference, order)) << "case " << i << ", order " << order;
            EXPECT_EQ(own[order - 1], ngrams_in(hypothesis.size(), order));
        }
    }
}

TEST(Ngrams, OfWordsNumberEqualWordsAlike) {
    EXPECT_EQ(number_words({{"a", "b", "a"}, {}, {"c", "b"}}), (std::vector<Symbols>{{0, 1, 0}, {}, {2, 1}}));
}

TEST(Ngrams, AreAsManyAsFit) {
    EXPECT_EQ(ngrams_in(5, 1), 5u);
    EXPECT_EQ(ngrams_in(5, 5), 1u);
    EXPECT_EQ(ngrams_in(5, 6), 0u);
    EXPECT_EQ(ngrams_in(0, 1), 0u);
}

} // namespace
} // namespace nmt
