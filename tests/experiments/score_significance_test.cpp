#include "nmt/experiments/score_significance.hpp"

#include <gtest/gtest.h>

namespace nmt {
namespace {

using Json = nlohmann::ordered_json;

TEST(ScoreSignificance, IsReadFromResults) {
    const Json json = significance_in(Json::parse(R"({
        "statistics": {"bootstrap_samples": 1000},
        "models": [{"name": "a", "tests": {"x": {"bleu_interval": [1, 2]}, "y": {"bleu_interval": [3, 4]}}},
                   {"name": "b", "tests": {"x": {"bleu_interval": [5, 6]}, "y": {"bleu_interval": [7, 8]}}}],
        "comparisons": [
            {"test": "x", "first": "a", "second": "b", "difference": 4,
             "p_by_sentences": 0.1, "p_by_seeds": null, "smallest_p_by_seeds": null},
            {"test": "y", "first": "a", "second": "b", "difference": 5,
             "p_by_sentences": 0.2, "p_by_seeds": 0.3, "smallest_p_by_seeds": 0.1}]})"),
                                      "y");
    EXPECT_EQ(json.at("samples"), 1000);
    EXPECT_EQ(json.at("intervals"), Json::parse(R"([{"low": 3, "high": 4}, {"low": 7, "high": 8}])"));
    EXPECT_EQ(json.at("pairs"), Json::parse(R"([{"first": 0, "second": 1, "difference": 5, "p_sentences": 0.2, "p_seeds": 0.3,
                                                 "smallest_p_seeds": 0.1}])"));
}

} // namespace
} // namespace nmt
