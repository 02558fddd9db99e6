// The edit distance against the whole table of Levenshtein, and TER's edits against figures of sacreBLEU 2.6.
#include "nmt/evaluation/edit_distance.hpp"

#include "nmt/base/random.hpp"
#include "nmt/evaluation/translation_edits.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

namespace nmt {
namespace {

int naive_distance(const Symbols& from, const Symbols& to) {
    std::vector<std::vector<int>> table(from.size() + 1, std::vector<int>(to.size() + 1));
    for (std::size_t i = 0; i <= from.size(); ++i)
        for (std::size_t j = 0; j <= to.size(); ++j) {
            if (i == 0 || j == 0) table[i][j] = static_cast<int>(i + j);
            else table[i][j] = std::min({table[i - 1][j - 1] + (from[i - 1] != to[j - 1]), table[i - 1][j] + 1, table[i][j - 1] + 1});
        }
    return table[from.size()][to.size()];
}

Symbols random_words(Random& random, std::uint64_t count, std::uint64_t kinds) {
    Symbols words(count);
    for (std::uint32_t& word : words) word = static_cast<std::uint32_t>(random.below(kinds));
    return words;
}

// So short that the beam holds all.
TEST(BeamEditDistance, IsLevenshteinsForShortSentences) {
    for (std::uint64_t i = 0; i < 200; ++i) {
        Random random(5, i);
        const std::uint64_t kinds = 1 + random.below(8);
        const Symbols reference = random_words(random, 1 + random.below(20), kinds);
        const Symbols hypothesis = random_words(random, random.below(20), kinds);
        EXPECT_EQ(BeamEditDistance(reference, hypothesis.size()).start(hypothesis), naive_distance(hypothesis, reference)) << "case " << i;
    }
}

TEST(BeamEditDistance, IsTheSameFromAnyFirstDifferenceOn) {
    for (std::uint64_t i = 0; i < 100; ++i) {
        Random random(6, i);
        const Symbols reference = random_words(random, 1 + random.below(120), 30);
        const Symbols hypothesis = random_words(random, 1 + random.below(120), 30);
        Symbols other = hypothesis;
        const std::size_t same = random.below(hypothesis.size());
        std::rotate(other.begin() + static_cast<std::ptrdiff_t>(same), other.end() - 1, other.end());
        BeamEditDistance distance(reference, hypothesis.size()), anew(reference, hypothesis.size());
        distance.start(hypothesis);
        EXPECT_EQ(distance.of_shifted(other, same), anew.start(other)) << "case " << i;
        EXPECT_EQ(distance.start(hypothesis), anew.of_shifted(hypothesis, same));
    }
}

TEST(BeamEditDistance, EditsLeadToTheReference) {
    for (std::uint64_t i = 0; i < 100; ++i) {
        Random random(7, i);
        const Symbols reference = random_words(random, 1 + random.below(90), 20);
        const Symbols hypothesis = random_words(random, random.below(90), 20);
        BeamEditDistance distance(reference, hypothesis.size());
        const int found = distance.start(hypothesis);
        Symbols made;
        std::size_t read = 0;
        int cost = 0;
        for (const Edit edit : distance.edits()) {
            if (edit == Edit::kKeep) made.push_back(hypothesis.at(read));
            else if (edit != Edit::kDelete) made.push_back(reference.at(made.size()));
            if (edit != Edit::kInsert) ++read;
            cost += edit != Edit::kKeep;
        }
        EXPECT_EQ(made, reference) << "case " << i;
        EXPECT_EQ(read, hypothesis.size());
        EXPECT_EQ(cost, found);
    }
}

TEST(BeamEditDistance, PrefersToKeepThenToDelete) {
    using enum Edit;
    const Symbols reference{1, 2}, hypothesis{3, 1, 2, 2};
    BeamEditDistance distance(reference, hypothesis.size());
    EXPECT_EQ(distance.start(hypothesis), 2);
    EXPECT_EQ(distance.edits(), (std::vector<Edit>{kDelete, kKeep, kDelete, kKeep}));
}

// Few kinds of words (many shifts), long sentences (the beam), unequal ones (a wide beam, many places), and rotated ones (long and
// far shifts); some reach the limit of 1,000 shifts.
std::pair<Symbols, Symbols> difficult_pair(std::uint64_t i) {
    Random random(1, i);
    const auto words = [&](std::uint64_t count, std::uint64_t kinds) { return random_words(random, count, kinds); };
    std::uint64_t n = 0, m = 0, kinds = 0;
    if (i % 4 == 3) {
        m = 60 + random.below(60);
        Symbols reference(m);
        std::iota(reference.begin(), reference.end(), 0);
        Symbols hypothesis = reference;
        const auto by = static_cast<std::ptrdiff_t>((1 + random.below(60)) % m);
        std::rotate(hypothesis.begin(), hypothesis.begin() + by, hypothesis.end());
        hypothesis[random.below(m)] = 999;
        return {hypothesis, reference};
    }
    if (i % 4 == 0) n = random.below(40), m = 1 + random.below(40), kinds = 2 + random.below(8);
    if (i % 4 == 1) n = 40 + random.below(50), m = 40 + random.below(50), kinds = 20 + random.below(200);
    if (i % 4 == 2) n = random.below(6), m = 100 + random.below(300), kinds = 3 + random.below(30);
    Symbols hypothesis = words(n, kinds), reference = words(m, kinds);
    if (i % 8 == 2) std::swap(hypothesis, reference);
    if (reference.empty()) reference = {1};
    return {hypothesis, reference};
}

TEST(TranslationEdits, EqualSacrebleu) {
    const int expected[] = {6,  66, 170, 96, 18, 71, 375, 86, 17, 84, 340, 49, 22, 63, 158, 23, 25, 45, 384, 80,
                            20, 81, 358, 75, 23, 47, 340, 63, 21, 80, 294, 83, 17, 79, 314, 36, 18, 56, 201, 103};
    for (std::uint64_t i = 0; i < std::size(expected); ++i) {
        const auto [hypothesis, reference] = difficult_pair(i);
        EXPECT_EQ(translation_edits(hypothesis, reference), expected[i]) << "case " << i;
    }
}

TEST(TranslationEdits, OfSimpleCases) {
    EXPECT_EQ(translation_edits({}, {}), 0);
    EXPECT_EQ(translation_edits({1, 2}, {}), 2);
    EXPECT_EQ(translation_edits({}, {1, 2}), 2);
    EXPECT_EQ(translation_edits({5, 6, 7, 1, 2, 3, 4}, {1, 2, 3, 4, 5, 6, 7}), 1); // one shift
    EXPECT_EQ(translation_edits({2, 1, 4, 3}, {1, 2, 3, 4}), 2);
}

TEST(TranslationEdits, TakeVeryLongSentences) {
    Symbols reference(20000), hypothesis;
    std::iota(reference.begin(), reference.end(), 0);
    hypothesis = reference;
    std::swap(hypothesis[100], hypothesis[19000]); // too far for a shift
    EXPECT_EQ(translation_edits(hypothesis, reference), 2);
}

} // namespace
} // namespace nmt
