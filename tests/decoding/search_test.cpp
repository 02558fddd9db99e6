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

// Whether some n tokens in a row occur twice.
bool repeats(const Tokens& tokens, std::size_t n) {
    for (std::size_t i = 0; i + n <= tokens.size(); ++i)
        for (std::size_t k = i + 1; k + n <= tokens.size(); ++k)
            if (std::equal(tokens.begin() + static_cast<std::ptrdiff_t>(i), tokens.begin() + static_cast<std::ptrdiff_t>(i + n),
                           tokens.begin() + static_cast<std::ptrdiff_t>(k)))
                return true;
    return false;
}

// All translations of a source that the rules permit, best first.
class Enumeration {
  public:
    Enumeration(Toy& toy, ToyLogit logit, Tokens source, SearchOptions options, Tokens prefix = {}, ToyAttention attention = {})
        : toy_(toy), logit_(std::move(logit)), attention_(std::move(attention)), source_(std::move(source)), prefix_(std::move(prefix)),
          options_(std::move(options)), longest_(static_cast<std::size_t>(options_.max_length_for(static_cast<int>(source_.size())))),
          shortest_(static_cast<std::size_t>(options_.min_length_for(static_cast<int>(source_.size())))) {
        extend({}, std::vector<double>(source_.size()));
        std::stable_sort(all_.begin(), all_.end(), [](const Hypothesis& a, const Hypothesis& b) { return a.score > b.score; });
    }
    const std::vector<Hypothesis>& all() const { return all_; }

  private:
    bool permits_word(const Tokens& tokens, std::int32_t v) const {
        if (tokens.size() < prefix_.size()) return v == prefix_[tokens.size()];
        Tokens longer = tokens;
        longer.push_back(v);
        // What the prefix itself repeats is not held against what follows.
        const auto n = static_cast<std::size_t>(options_.no_repeat_ngram);
        if (n == 0 || longer.size() < n) return true;
        const Tokens last(longer.end() - static_cast<std::ptrdiff_t>(n), longer.end());
        for (std::size_t i = 0; i + n < longer.size(); ++i)
            if (std::equal(last.begin(), last.end(), longer.begin() + static_cast<std::ptrdiff_t>(i))) return false;
        return true;
    }

    bool permits(const Tokens& tokens, std::int32_t v) const {
        if (v != 0) return permits_word(tokens, v);
        if (tokens.size() < prefix_.size()) return false;
        if (tokens.size() + 1 >= shortest_) return true;
        for (std::int32_t word = 1; word < toy_.model.vocabulary().target; ++word)
            if (permits_word(tokens, word)) return false;
        return true;
    }

    double score_of(const Hypothesis& hypothesis, const std::vector<double>& coverage) const {
        const auto length = static_cast<double>(hypothesis.token_log_probs.size());
        const double base = options_.length_normalization == "wu" ? (5 + length) / 6 : length;
        double penalty = 0;
        if (options_.coverage_penalty > 0)
            for (const double c : coverage) penalty += std::log(std::min(std::max(c, 1e-6), 1.0));
        return hypothesis.log_probability / std::pow(base, options_.length_penalty) + options_.coverage_penalty * penalty;
    }

    void extend(const Hypothesis& beginning, std::vector<double> coverage) {
        const int vocabulary = toy_.model.vocabulary().target;
        const std::vector<float> next = log_probabilities(toy_.context, logit_, source_, beginning.tokens, vocabulary);
        if (attention_) {
            const std::vector<float> weights = attention_(source_, beginning.tokens);
            for (std::size_t s = 0; s < weights.size(); ++s) coverage[s] += static_cast<double>(weights[s]);
        }
        for (std::int32_t v = 0; v < vocabulary; ++v) {
            if (!permits(beginning.tokens, v)) continue;
            Hypothesis longer = beginning;
            const float log_prob = next[static_cast<std::size_t>(v)];
            longer.token_log_probs.push_back(log_prob);
            longer.log_probability += static_cast<double>(log_prob);
            if (v != 0) longer.tokens.push_back(v);
            longer.truncated = v != 0;
            longer.score = score_of(longer, coverage);
            if (v == 0 || longer.token_log_probs.size() == longest_) all_.push_back(longer);
            else extend(longer, coverage);
        }
    }

    Toy& toy_;
    ToyLogit logit_;
    ToyAttention attention_;
    Tokens source_, prefix_;
    SearchOptions options_;
    std::size_t longest_, shortest_;
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

// A wide enough beam finds exactly what enumeration finds, in its order; stopping early changes nothing. `expected`: how many
// translations the rules leave; 0: not counted by hand.
void expect_exhaustive(SearchOptions options, const Tokens& prefix, std::size_t expected) {
    options.max_length_factor = 0;
    options.max_length_offset = 5;
    for (std::uint64_t seed = 0; seed < 4; ++seed) {
        const ToyLogit logit = random_logit(seed);
        const ToyAttention attention = options.coverage_penalty > 0 ? random_attention(seed) : ToyAttention();
        Toy toy(4, logit, 1, attention);
        const Tokens source{2, 1, 0};
        const std::vector<Hypothesis> all = Enumeration(toy, logit, source, options, prefix, attention).all();
        if (expected > 0) {
            ASSERT_EQ(all.size(), expected);
        }
        options.beam = 400;
        const SentenceOptions asked{.prefix = prefix};
        for (const std::size_t n_best : {std::size_t{1}, std::min<std::size_t>(all.size(), 5), all.size()}) {
            options.n_best = static_cast<int>(n_best);
            const std::vector<Hypothesis> found = search(toy.model, sequences({source}), options, {&asked, 1}).at(0);
            ASSERT_EQ(found.size(), n_best);
            for (std::size_t i = 0; i < found.size(); ++i) {
                EXPECT_EQ(found[i].tokens, all[i].tokens);
                EXPECT_NEAR(found[i].score, all[i].score, 1e-12);
                EXPECT_EQ(found[i].truncated, all[i].truncated);
            }
        }
    }
}

TEST(Search, EveryRuleIsExhaustiveToo) {
    expect_exhaustive({.min_length = 3}, {}, 9u + 27 + 81 + 243);
    expect_exhaustive({.min_length_factor = 1.2}, {}, 27u + 81 + 243); // ceil(1.2 * 3) = 4
    expect_exhaustive({.min_length = 9}, {}, 81u + 243);               // at most the maximum: four words, or five without </s>
    expect_exhaustive({.max_length = 2}, {}, 1u + 3 + 9);              // "", one word, two words without </s>
    expect_exhaustive({.no_repeat_ngram = 1}, {}, 1u + 3 + 6 + 6);     // no word twice; after three only </s> is left
    expect_exhaustive({.min_length = 5, .no_repeat_ngram = 1}, {}, 6); // then even before the least length
    expect_exhaustive({.no_repeat_ngram = 2}, {}, 0);
    expect_exhaustive({.no_repeat_ngram = 3}, {}, 0);
    expect_exhaustive({}, {2, 3}, 1u + 3 + 9 + 27);
    expect_exhaustive({.no_repeat_ngram = 1}, {2, 2}, 1u + 2 + 2); // a prefix may repeat itself
    expect_exhaustive({.min_length = 4}, {1}, 9u + 27 + 81);
    expect_exhaustive({.length_normalization = "wu"}, {}, 364);
    expect_exhaustive({.length_normalization = "wu", .length_penalty = 0.4}, {}, 364);
    expect_exhaustive({.coverage_penalty = 0.3}, {}, 364);
    expect_exhaustive({.length_normalization = "wu", .length_penalty = 0.7, .coverage_penalty = 1.5, .min_length = 2, .no_repeat_ngram = 2},
                      {3}, 0);
}

TEST(Search, RulesHoldInNarrowBeamsAndBatches) {
    Toy toy(6, random_logit(21), 1, random_attention(3));
    const SearchOptions options{.beam = 4, .n_best = 4, .coverage_penalty = 0.2, .min_length = 4, .no_repeat_ngram = 2, .alignment = true};
    std::vector<SentenceOptions> asked;
    for (std::size_t i = 0; i < some_sources().size(); ++i) asked.push_back({.prefix = i % 2 == 0 ? Tokens{} : Tokens{3, 4}});
    const auto together = search(toy.model, sequences(some_sources()), options, asked);
    for (std::size_t i = 0; i < together.size(); ++i) {
        const auto alone = search(toy.model, sequences({some_sources()[i]}), options, {&asked[i], 1}).at(0);
        ASSERT_EQ(together[i].size(), alone.size());
        for (std::size_t k = 0; k < alone.size(); ++k) {
            const Hypothesis& hypothesis = together[i][k];
            expect_equal(hypothesis, alone[k]);
            EXPECT_GE(hypothesis.token_log_probs.size(), 4u);
            EXPECT_FALSE(repeats(hypothesis.tokens, 2));
            EXPECT_EQ(hypothesis.alignment.size(), hypothesis.tokens.size());
            if (i % 2 == 1) {
                EXPECT_EQ(Tokens(hypothesis.tokens.begin(), hypothesis.tokens.begin() + 2), (Tokens{3, 4}));
            }
        }
    }
}

TEST(Search, NoRepeatWithoutAWordLeftEndsTheTranslation) {
    // </s> is next to impossible, but after both words it is all that is left.
    const ToyLogit endless = [](std::span<const std::int32_t>, const Tokens&, std::int32_t next) { return next == 0 ? -50.0F : 0.0F; };
    Toy toy(3, endless);
    for (const int min_length : {0, 8}) {
        const auto found = search(toy.model, sequences({{1, 2, 0}}), {.beam = 1, .min_length = min_length, .no_repeat_ngram = 1});
        EXPECT_EQ(found[0][0].tokens, (Tokens{1, 2}));
        EXPECT_FALSE(found[0][0].truncated);
    }
}

TEST(Search, TheAlignmentIsTheLargestAttention) {
    Toy toy(8, copy_logit(), 1, diagonal_attention());
    const std::vector<Tokens> sources{{3, 0}, {4, 5, 6, 7, 2, 3, 0}, {5, 6, 7, 0}};
    const auto found = search(toy.model, sequences(sources), {.beam = 3, .alignment = true});
    for (std::size_t i = 0; i < sources.size(); ++i) {
        std::vector<std::int32_t> diagonal(sources[i].size() - 1);
        std::iota(diagonal.begin(), diagonal.end(), 0);
        EXPECT_EQ(found[i].at(0).alignment, diagonal);
    }
    EXPECT_TRUE(search(toy.model, sequences(sources), {.beam = 3})[0][0].alignment.empty()); // not asked for
}

TEST(Search, WithoutAttentionThereIsNoAlignmentAndNoCoverage) {
    Toy toy(8, copy_logit());
    for (const SearchOptions& options : {SearchOptions{.alignment = true}, SearchOptions{.coverage_penalty = 1}})
        EXPECT_NE(message_of<Error>([&] { search(toy.model, sequences({{3, 0}}), options); }).find("attention"), std::string::npos);
}

TEST(Search, APrefixWithoutRoomIsAnError) {
    Toy toy(8, copy_logit());
    const SearchOptions options{.max_length_factor = 0, .max_length_offset = 3};
    const auto with = [&](Tokens prefix) {
        const SentenceOptions asked{.prefix = std::move(prefix)};
        return search(toy.model, sequences({{3, 0}}), options, {&asked, 1}).at(0).at(0).tokens;
    };
    EXPECT_EQ(with({5, 6}), (Tokens{5, 6}));
    EXPECT_NE(message_of<Error>([&] { with({5, 6, 7}); }).find("prefix of 3 tokens"), std::string::npos);
    EXPECT_NE(message_of<Error>([&] { with({5, 0}); }).find("end of the sentence"), std::string::npos);
    EXPECT_NE(message_of<Error>([&] { with({8}); }).find("outside the vocabulary"), std::string::npos);
}

TEST(Search, SamplesDependOnTheirSentenceAlone) {
    Toy toy(11, random_logit(17), 2);
    SearchOptions options{.n_best = 3, .sampling = SamplingOptions{.top_k = 5, .temperature = 1.3, .seed = 9}};
    std::vector<SentenceOptions> asked;
    for (std::size_t i = 0; i < some_sources().size(); ++i) asked.push_back({.stream = 100 + i});
    const auto together = search(toy.model, sequences(some_sources()), options, asked);
    const auto again = search(toy.model, sequences(some_sources()), options, asked);
    for (std::size_t i = 0; i < together.size(); ++i) {
        const auto alone = search(toy.model, sequences({some_sources()[i]}), options, {&asked[i], 1}).at(0);
        ASSERT_EQ(together[i].size(), 3u);
        std::vector<int> numbers;
        for (std::size_t k = 0; k < 3; ++k) {
            expect_equal(together[i][k], alone[k]);
            expect_equal(together[i][k], again[i][k]);
            numbers.push_back(together[i][k].sample);
            EXPECT_GE(together[i][k == 0 ? 0 : k - 1].score, together[i][k].score);
        }
        std::sort(numbers.begin(), numbers.end());
        EXPECT_EQ(numbers, (std::vector<int>{0, 1, 2}));
    }
    // More samples leave the first ones as they are; another seed changes them.
    const auto by_number = [](std::vector<Hypothesis> hypotheses) {
        std::sort(hypotheses.begin(), hypotheses.end(), [](const Hypothesis& a, const Hypothesis& b) { return a.sample < b.sample; });
        return hypotheses;
    };
    options.n_best = 5;
    const auto more = by_number(search(toy.model, sequences(some_sources()), options, asked)[2]);
    for (std::size_t k = 0; k < 3; ++k) expect_equal(more[k], by_number(together[2])[k]);
    options.sampling->seed = 10;
    EXPECT_NE(by_number(search(toy.model, sequences(some_sources()), options, asked)[2])[0].tokens, more[0].tokens);
}

TEST(Search, SamplesObeyTheRulesAndKeepTheModelsProbabilities) {
    const ToyLogit logit = random_logit(5);
    Toy toy(7, logit);
    const SearchOptions options{.n_best = 20, .min_length = 4, .no_repeat_ngram = 1, .sampling = SamplingOptions{.temperature = 3}};
    const SentenceOptions asked{.prefix = {2}};
    const Tokens source{3, 1, 0};
    const auto samples = search(toy.model, sequences({source}), options, {&asked, 1});
    for (const Hypothesis& sample : samples.at(0)) {
        EXPECT_EQ(sample.tokens.front(), 2);
        EXPECT_GE(sample.token_log_probs.size(), 4u);
        EXPECT_FALSE(repeats(sample.tokens, 1));
        Tokens prefix;
        for (std::size_t i = 0; i < sample.token_log_probs.size(); ++i) {
            const std::int32_t token = i < sample.tokens.size() ? sample.tokens[i] : 0;
            EXPECT_EQ(sample.token_log_probs[i], log_probabilities(toy.context, logit, source, prefix, 7)[static_cast<std::size_t>(token)]);
            prefix.push_back(token);
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
            const auto longest = static_cast<std::size_t>(options.max_length_for(static_cast<int>(source.size())));
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
    EXPECT_EQ((SearchOptions{.max_length_factor = 0, .max_length_offset = 0}.max_length_for(7)), 1);
    EXPECT_EQ((SearchOptions{.max_length_factor = 1000, .max_length_offset = 1'000'000}.max_length_for(2'000'000'000)), 1'000'000'000);
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
    EXPECT_THROW(search(toy.model, sequences({{1, 0}}), {.min_length = 5, .max_length = 4}), Error);
    EXPECT_THROW(search(toy.model, sequences({{1, 0}}), {.length_normalization = "median"}), Error);
    EXPECT_THROW(search(toy.model, sequences({{1, 0}, {2, 0}}), {}, std::vector<SentenceOptions>(1)), Error);
    const Tape tape;
    EXPECT_NE(message_of<Error>([&] { search(toy.model, sequences({{1, 0}}), {}); }).find("tape"), std::string::npos);
}

TEST(Search, OptionsDescribeThemselves) {
    SearchOptions options;
    Configuration configuration = Configuration::parse("[search]\nbeam = 7\nn-best = 2\nlength-penalty = 0.5\nmax-length-factor = 3\n"
                                                       "max-length-offset = 1\nlength-normalization = wu\ncoverage-penalty = 0.3\n"
                                                       "min-length = 2\nmin-length-factor = 0.5\nmax-length = 12\nno-repeat-ngram = 4\n",
                                                       "test");
    configuration.read("search", options);
    EXPECT_EQ(options.beam, 7);
    EXPECT_EQ(options.n_best, 2);
    EXPECT_EQ(options.length_penalty, 0.5);
    EXPECT_EQ(options.max_length_for(3), 10);
    EXPECT_EQ(options.max_length_for(4), 12);
    EXPECT_EQ(options.min_length_for(3), 2);
    EXPECT_EQ(options.min_length_for(5), 3);
    EXPECT_EQ(options.no_repeat_ngram, 4);
    EXPECT_EQ(options.scoring(), (Scoring{LengthNormalization::wu, 0.5, 0.3}));
}

} // namespace
} // namespace nmt
