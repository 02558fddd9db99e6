#include "nmt/decoding/search.hpp"

#include "nmt/base/error.hpp"
#include "nmt/tensor/normalize.hpp"
#include "tests/base/test_support.hpp"
#include "tests/decoding/toy_model.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace nmt {
namespace {

// log-softmax of the toy's logits, by the kernel that search uses, so that sums can be compared exactly.
std::vector<float> log_probabilities(Context& context, const ToyLogit& logit, const Tokens& source, const Tokens& prefix, int vocabulary) {
    Tensor row(context, {1, vocabulary});
    for (std::int32_t v = 0; v < vocabulary; ++v) row.data()[v] = logit(source, prefix, v);
    log_softmax_in_place(row);
    return {row.data(), row.data() + vocabulary};
}

// All translations of a source up to a length, best first.
class Enumeration {
  public:
    Enumeration(Toy& toy, ToyLogit logit, Tokens source, const SearchOptions& options)
        : toy_(toy), logit_(std::move(logit)), source_(std::move(source)), penalty_(options.length_penalty),
          longest_(static_cast<std::size_t>(options.max_length(static_cast<int>(source_.size())))) {
        extend({});
        std::stable_sort(all_.begin(), all_.end(), [](const Hypothesis& a, const Hypothesis& b) { return a.score > b.score; });
    }
    const std::vector<Hypothesis>& all() const { return all_; }

  private:
    void extend(const Hypothesis& beginning) {
        const int vocabulary = toy_.model.vocabulary().target;
        const std::vector<float> next = log_probabilities(toy_.context, logit_, source_, beginning.tokens, vocabulary);
        for (std::int32_t v = 0; v < vocabulary; ++v) {
            Hypothesis longer = beginning;
            const float log_prob = next[static_cast<std::size_t>(v)];
            longer.token_log_probs.push_back(log_prob);
            longer.log_probability += static_cast<double>(log_prob);
            if (v != 0) longer.tokens.push_back(v);
            const std::size_t length = longer.token_log_probs.size();
            longer.truncated = v != 0;
            longer.score = longer.log_probability / std::pow(static_cast<double>(length), penalty_);
            if (v == 0 || length == longest_) all_.push_back(longer);
            else extend(longer);
        }
    }

    Toy& toy_;
    ToyLogit logit_;
    Tokens source_;
    double penalty_;
    std::size_t longest_;
    std::vector<Hypothesis> all_;
};

void expect_equal(const Hypothesis& a, const Hypothesis& b) {
    EXPECT_EQ(a.tokens, b.tokens);
    EXPECT_EQ(a.token_log_probs, b.token_log_probs);
    EXPECT_EQ(a.log_probability, b.log_probability);
    EXPECT_EQ(a.score, b.score);
    EXPECT_EQ(a.truncated, b.truncated);
}

// Sources of different lengths, the shortest without a word.
std::vector<Tokens> some_sources() { return {{3, 1, 0}, {0}, {2, 2, 1, 3, 0}, {1, 0}, {3, 1, 2, 0}, {2, 0}, {1, 1, 1, 1, 1, 1, 0}}; }

TEST(Search, AWideEnoughBeamIsExhaustive) {
    for (const double penalty : {0.0, 0.6, 1.0, 2.0}) {
        for (std::uint64_t seed = 0; seed < 8; ++seed) {
            const ToyLogit logit = random_logit(seed);
            Toy toy(4, logit);
            SearchOptions options{.length_penalty = penalty, .max_length_factor = 0, .max_length_offset = 5};
            const Tokens source{2, 1, 0};
            const std::vector<Hypothesis> all = Enumeration(toy, logit, source, options).all();
            ASSERT_EQ(all.size(), 1u + 3 + 9 + 27 + 81 + 243);
            options.beam = static_cast<int>(all.size());
            for (const int n_best : {1, 10, static_cast<int>(all.size())}) {
                options.n_best = n_best;
                const std::vector<Hypothesis> found = search(toy.model, sequences({source}), options).at(0);
                ASSERT_EQ(found.size(), static_cast<std::size_t>(n_best));
                for (std::size_t i = 0; i < found.size(); ++i) expect_equal(found[i], all[i]);
            }
        }
    }
}

TEST(Search, BeamOneIsGreedy) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        const ToyLogit logit = random_logit(seed);
        Toy toy(9, logit);
        const SearchOptions options{.beam = 1};
        for (const Tokens& source : some_sources()) {
            Tokens greedy;
            const auto longest = static_cast<std::size_t>(options.max_length(static_cast<int>(source.size())));
            for (bool ended = false; !ended && greedy.size() < longest;) {
                const std::vector<float> next = log_probabilities(toy.context, logit, source, greedy, 9);
                const auto best = static_cast<std::int32_t>(std::max_element(next.begin(), next.end()) - next.begin());
                ended = best == 0;
                if (!ended) greedy.push_back(best);
            }
            const std::vector<Hypothesis> found = search(toy.model, sequences({source}), options).at(0);
            ASSERT_EQ(found.size(), 1u);
            EXPECT_EQ(found[0].tokens, greedy);
            EXPECT_EQ(found[0].truncated, greedy.size() == longest);
        }
        EXPECT_EQ(toy.counts.reorders, 0); // one sentence, one row
    }
}

TEST(Search, ManySentencesAreAsEachAlone) {
    for (const int threads : {1, 2}) {
        for (const int beam : {1, 2, 5}) {
            Toy toy(11, random_logit(17), threads);
            const SearchOptions options{.beam = beam, .n_best = beam};
            const auto together = search(toy.model, sequences(some_sources()), options);
            ASSERT_EQ(together.size(), some_sources().size());
            for (std::size_t i = 0; i < together.size(); ++i) {
                const auto alone = search(toy.model, sequences({some_sources()[i]}), options).at(0);
                ASSERT_EQ(together[i].size(), alone.size());
                for (std::size_t k = 0; k < alone.size(); ++k) expect_equal(together[i][k], alone[k]);
            }
        }
    }
}

TEST(Search, ScoresAddUpAndAreInOrder) {
    Toy toy(11, random_logit(3));
    const SearchOptions options{.beam = 6, .n_best = 6, .length_penalty = 0.8};
    for (const auto& hypotheses : search(toy.model, sequences(some_sources()), options)) {
        EXPECT_EQ(hypotheses.size(), 6u);
        for (std::size_t i = 0; i < hypotheses.size(); ++i) {
            const Hypothesis& hypothesis = hypotheses[i];
            EXPECT_EQ(hypothesis.token_log_probs.size(), hypothesis.tokens.size() + (hypothesis.truncated ? 0 : 1));
            const double sum = std::accumulate(hypothesis.token_log_probs.begin(), hypothesis.token_log_probs.end(), 0.0);
            EXPECT_DOUBLE_EQ(hypothesis.log_probability, sum);
            EXPECT_DOUBLE_EQ(hypothesis.score, sum / std::pow(static_cast<double>(hypothesis.token_log_probs.size()), 0.8));
            EXPECT_EQ(std::count(hypothesis.tokens.begin(), hypothesis.tokens.end(), 0), 0);
            EXPECT_GE(hypotheses[i == 0 ? 0 : i - 1].score, hypothesis.score);
        }
    }
}

TEST(Search, RowsOfWhatIsFinishedVanish) {
    Toy toy(8, copy_logit());
    const std::vector<Tokens> sources{{3, 0}, {4, 5, 6, 7, 2, 3, 0}, {5, 6, 7, 0}};
    const auto found = search(toy.model, sequences(sources), {.beam = 1});
    for (std::size_t i = 0; i < sources.size(); ++i) EXPECT_EQ(found[i].at(0).tokens, Tokens(sources[i].begin(), sources[i].end() - 1));
    EXPECT_EQ(toy.counts.rows, (std::vector<int>{3, 3, 2, 2, 1, 1, 1}));
    EXPECT_EQ(toy.counts.reorders, 2);
    EXPECT_EQ(toy.counts.sentences, (std::vector<int>{3}));
}

TEST(Search, TheBeamShrinksWithEachHypothesisThatEnds) {
    Toy toy(8, random_logit(4));
    search(toy.model, sequences({{3, 1, 4, 0}}), {.beam = 5, .n_best = 5});
    ASSERT_GE(toy.counts.rows.size(), 3u);
    EXPECT_EQ(toy.counts.rows.front(), 1);
    EXPECT_GE(toy.counts.rows[1], 4);
    for (std::size_t i = 2; i < toy.counts.rows.size(); ++i) EXPECT_LE(toy.counts.rows[i], toy.counts.rows[i - 1]);
}

TEST(Search, MaximumLength) {
    // Never ends by itself.
    const ToyLogit endless = [](std::span<const std::int32_t>, const Tokens&, std::int32_t next) { return next == 0 ? -50.0F : 0.0F; };
    Toy toy(5, endless);
    const auto found = search(toy.model, sequences({{1, 2, 0}, {0}}), {.beam = 3, .max_length_factor = 1.5, .max_length_offset = 4});
    EXPECT_EQ(found[0][0].tokens, Tokens(8, 1)); // floor(1.5 * 3) + 4, the lowest of equal tokens
    EXPECT_EQ(found[1][0].tokens, Tokens(5, 1));
    EXPECT_TRUE(found[0][0].truncated);
    EXPECT_EQ((SearchOptions{.max_length_factor = 0, .max_length_offset = 0}.max_length(7)), 1);
    EXPECT_EQ((SearchOptions{.max_length_factor = 1000, .max_length_offset = 1'000'000}.max_length(2'000'000'000)), 1'000'000'000);
}

TEST(Search, EqualScoresGiveTheLowestTokens) {
    const ToyLogit flat = [](std::span<const std::int32_t>, const Tokens&, std::int32_t next) { return next == 0 ? -50.0F : 1.0F; };
    Toy toy(6, flat, 2);
    const auto found =
        search(toy.model, sequences({{1, 0}, {2, 0}}), {.beam = 3, .n_best = 3, .max_length_factor = 0, .max_length_offset = 2});
    for (const auto& hypotheses : found) {
        ASSERT_EQ(hypotheses.size(), 3u);
        EXPECT_EQ(hypotheses[0].tokens, (Tokens{1, 1}));
        EXPECT_EQ(hypotheses[1].tokens, (Tokens{1, 2}));
        EXPECT_EQ(hypotheses[2].tokens, (Tokens{1, 3}));
    }
}

TEST(Search, NaNIsAnErrorAndNoEndlessLoop) {
    const ToyLogit broken = [](std::span<const std::int32_t>, const Tokens& prefix, std::int32_t next) {
        return prefix.size() == 2 ? std::numeric_limits<float>::quiet_NaN() : static_cast<float>(next);
    };
    for (const int beam : {1, 4}) {
        for (const int threads : {1, 2}) {
            Toy toy(6, broken, threads);
            const auto run = [&] { search(toy.model, sequences({{1, 2, 0}, {3, 0}, {4, 0}}), {.beam = beam, .n_best = beam}); };
            EXPECT_NE(message_of<Error>(run).find("nan"), std::string::npos);
        }
    }
}

TEST(Search, WhatItRefuses) {
    Toy toy(6, copy_logit());
    EXPECT_TRUE(search(toy.model, {}, {}).empty());
    EXPECT_NE(message_of<Error>([&] {
                  search(toy.model, sequences({{1, 0}}), {.beam = 2, .n_best = 3});
              }).find("n-best = 3"),
              std::string::npos);
    const Tape tape;
    EXPECT_NE(message_of<Error>([&] { search(toy.model, sequences({{1, 0}}), {}); }).find("tape"), std::string::npos);
}

TEST(Search, OptionsDescribeThemselves) {
    SearchOptions options;
    OptionTable table;
    options.describe(table);
    Configuration configuration = Configuration::parse("[search]\nbeam = 7\nn-best = 2\nlength-penalty = 0.5\nmax-length-factor = 3\n"
                                                       "max-length-offset = 1\n",
                                                       "test");
    configuration.read("search", table);
    EXPECT_EQ(options.beam, 7);
    EXPECT_EQ(options.n_best, 2);
    EXPECT_EQ(options.length_penalty, 0.5);
    EXPECT_EQ(options.max_length(4), 13);
}

} // namespace
} // namespace nmt
