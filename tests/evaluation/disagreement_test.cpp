// The sentences on which systems differ most.
#include "nmt/evaluation/disagreement.hpp"

#include "tests/base/test_support.hpp"

#include <gtest/gtest.h>

namespace nmt {
namespace {

// The first statistic is the score.
class Given : public Metric {
  public:
    std::string name() const override { return "given"; }
    std::size_t statistics_size() const override { return 1; }
    Statistics statistics(std::string_view, std::span<const std::string>) const override { return {0}; }
    double score(std::span<const double> sum) const override { return sum[0]; }

  protected:
    std::string settings() const override { return ""; }
};

using Systems = std::vector<std::vector<Statistics>>;

std::vector<std::size_t> sentences(const std::vector<Disagreement>& found) {
    std::vector<std::size_t> indices;
    for (const Disagreement& sentence : found) indices.push_back(sentence.sentence);
    return indices;
}

TEST(Disagreement, LargestFirstEqualsInOrderAndNoneWhereAllAgree) {
    const Systems systems{{{10}, {50}, {20}, {0}, {70}}, {{30}, {50}, {20}, {20}, {10}}, {{15}, {50}, {25}, {5}, {40}}};
    const std::vector<Disagreement> found = largest_disagreements(Given(), systems, 10);
    EXPECT_EQ(sentences(found), (std::vector<std::size_t>{4, 0, 3, 2}));
    EXPECT_EQ(found[0].scores, (std::vector<double>{70, 10, 40}));
    EXPECT_DOUBLE_EQ(found[0].spread, 60);
    EXPECT_DOUBLE_EQ(found[1].spread, 20);
    EXPECT_EQ(sentences(largest_disagreements(Given(), systems, 2)), (std::vector<std::size_t>{4, 0}));
    EXPECT_TRUE(largest_disagreements(Given(), systems, 0).empty());
}

TEST(Disagreement, Mistakes) {
    EXPECT_NE(message_of<Error>([] { largest_disagreements(Given(), Systems{{{1}}}, 1); }).find("at least 2"), std::string::npos);
    EXPECT_NE(message_of<Error>([] {
                  largest_disagreements(Given(), Systems{{{1}}, {{1}, {2}}}, 1);
              }).find("of 1 and of 2 sentences"),
              std::string::npos);
}

} // namespace
} // namespace nmt
