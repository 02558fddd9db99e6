// What holds for every metric: the checks of a corpus, and sums of statistics.
#include "nmt/evaluation/metric.hpp"

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
    EXPECT_EQ(corpus_statistics(Characters(), {"a", "abc"}, {"ab", "abcdef"}), (std::vector<Statistics>{{1, 2}, {3, 6}}));
    EXPECT_EQ(sum_of(Characters(), std::vector<Statistics>{{1, 2}, {3, 6}}), (Statistics{4, 8}));
    EXPECT_EQ(sum_of(Characters(), {}), (Statistics{0, 0}));
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
}

} // namespace
} // namespace nmt
