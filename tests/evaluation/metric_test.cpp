// What holds for every metric: the checks of a corpus, and sums of statistics.
#include "nmt/evaluation/metric.hpp"

#include "nmt/evaluation/bleu.hpp"
#include "nmt/evaluation/chrf.hpp"
#include "nmt/evaluation/ter.hpp"
#include "tests/evaluation/example_pairs.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace nmt {
namespace {

// Counts characters, as the smallest metric that there is.
class Characters : public Metric {
  public:
    std::string name() const override { return "characters"; }
    std::size_t statistics_size() const override { return 2; }
    Statistics statistics(std::string_view hypothesis, std::span<const std::string> references) const override {
        return {static_cast<double>(hypothesis.size()), static_cast<double>(references[0].size())};
    }
    double score(std::span<const double> sum) const override { return 100 * sum[0] / sum[1]; }

  protected:
    std::string settings() const override { return "unit:byte"; }
};

class LastReference : public Characters {
  public:
    Statistics statistics(std::string_view hypothesis, std::span<const std::string> references) const override {
        return {static_cast<double>(hypothesis.size()), static_cast<double>(references.back().size())};
    }
};

class Failing : public Characters {
  public:
    Statistics statistics(std::string_view, std::span<const std::string>) const override { fail("no statistics"); }
};

std::string error_of(const std::vector<std::string>& hypotheses, const std::vector<std::string>& references) {
    try {
        corpus_score(Characters(), hypotheses, references);
    } catch (const Error& error) {
        return error.what();
    }
    return "";
}

TEST(Metric, ScoresTheSumAndNotTheMean) {
    EXPECT_DOUBLE_EQ(corpus_score(Characters(), {"a", "abc"}, {"ab", "abcdef"}), 50);
    EXPECT_EQ(corpus_statistics(Characters(), {"a", "abc"}, std::vector<std::string>{"ab", "abcdef"}), (std::vector<Statistics>{{1, 2}, {3, 6}}));
    EXPECT_EQ(sum_of(Characters(), std::vector<Statistics>{{1, 2}, {3, 6}}), (Statistics{4, 8}));
    EXPECT_EQ(sum_of(Characters(), {}), (Statistics{0, 0}));
}

TEST(Metric, TakesSeveralReferences) {
    References references({"ab", "abcdef"});
    references.add_text({"abcd", ""});
    EXPECT_EQ(references.each(), 2U);
    const std::vector<Statistics> found = corpus_statistics(LastReference(), {"a", "abc"}, references);
    EXPECT_EQ(found, (std::vector<Statistics>{{1, 4}, {3, 0}}));
    EXPECT_THROW(references.add_text({"one"}), Error);
    EXPECT_THROW(corpus_statistics(Characters(), {"a"}, References()), Error);
}

TEST(Metric, TheNumberOfReferencesMayVary) {
    References references;
    references.add_sentence({"ab", "abcd"});
    references.add_sentence({"abcdef"});
    EXPECT_EQ(references.each(), 0U);
    EXPECT_EQ(corpus_statistics(LastReference(), {"a", "abc"}, references), (std::vector<Statistics>{{1, 4}, {3, 6}}));
    EXPECT_EQ(Characters().signature(references.each()), "nrefs:var|unit:byte|version:nmt-0.1.0");
}

TEST(Metric, StatisticsDoNotDependOnThreads) {
    std::vector<std::string> hypotheses, references;
    for (std::size_t i = 0; i < 100; ++i) {
        hypotheses.emplace_back(i % 7, 'x');
        references.emplace_back(1 + i % 5, 'y');
    }
    const auto found = [&](int threads) { return corpus_statistics(Characters(), hypotheses, references, threads); };
    for (const int threads : {2, 3, 0}) EXPECT_EQ(found(threads), found(1));
}

TEST(Metric, AnErrorInAThreadPassesThrough) {
    const std::vector<std::string> lines(50, "x");
    for (const int threads : {1, 2}) EXPECT_THROW(corpus_statistics(Failing(), lines, lines, threads), Error);
}

// What the tests of significance rest on, for each metric: the statistics of a corpus are those of its parts added.
TEST(Metric, StatisticsAddUp) {
    const std::vector<std::string> hypotheses = all_hypotheses();
    const References references = two_references();
    const Bleu bleu, effective({.smoothing = BleuSmoothing::kAddK, .effective_order = true});
    const Chrf chrf({.word_order = 2});
    const Ter ter;
    for (const Metric* metric : {static_cast<const Metric*>(&bleu), static_cast<const Metric*>(&effective),
                                 static_cast<const Metric*>(&chrf), static_cast<const Metric*>(&ter)}) {
        SCOPED_TRACE(metric->signature());
        const std::vector<Statistics> all = corpus_statistics(*metric, hypotheses, references);
        Statistics added(metric->statistics_size(), 0.0);
        for (std::size_t i = 0; i < hypotheses.size(); ++i) {
            const Statistics alone = metric->statistics(hypotheses[i], references[i]);
            EXPECT_EQ(alone, all[i]);
            for (std::size_t j = 0; j < added.size(); ++j) added[j] += alone[j];
        }
        EXPECT_EQ(added, sum_of(*metric, all));
        const std::size_t half = all.size() / 2;
        const Statistics first = sum_of(*metric, std::span(all).first(half)), second = sum_of(*metric, std::span(all).subspan(half));
        for (std::size_t j = 0; j < added.size(); ++j) EXPECT_NEAR(first[j] + second[j], added[j], 1e-9);
        EXPECT_GT(metric->score(added), 0);
    }
}

TEST(Metric, NamesBothCountsOfUnequalFiles) {
    const std::string message = error_of({"a", "b", "c"}, {"a", "b"});
    EXPECT_NE(message.find("3 hypotheses"), std::string::npos) << message;
    EXPECT_NE(message.find("2 references"), std::string::npos) << message;
}

TEST(Metric, RefusesAnEmptyCorpus) { EXPECT_NE(error_of({}, {}).find("no lines"), std::string::npos); }

TEST(Metric, SignsWithItsVersion) {
    EXPECT_EQ(Characters().signature(), "nrefs:1|unit:byte|version:nmt-0.1.0");
    EXPECT_EQ(Characters().signature(3), "nrefs:3|unit:byte|version:nmt-0.1.0");
    EXPECT_EQ(Characters().signature(1, "ar:10000|seed:1"), "nrefs:1|ar:10000|seed:1|unit:byte|version:nmt-0.1.0");
}

} // namespace
} // namespace nmt
