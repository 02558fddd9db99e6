#include "nmt/experiments/score_significance.hpp"

#include "nmt/evaluation/bleu.hpp"

#include <gtest/gtest.h>

namespace nmt {
namespace {

using Json = nlohmann::ordered_json;

TEST(ScoreSignificance, TellsChanceFromDifference) {
    const Bleu bleu;
    std::vector<std::string> reference, good, bad;
    for (int i = 0; i < 40; ++i) {
        reference.push_back(fmt::format("the number {} stands in line {} of this text", 3 * i, i));
        good.push_back(fmt::format("the number {} stands in line {} of {} text", 3 * i, i, i % 3 == 0 ? "this" : "the"));
        bad.push_back(fmt::format("number {} stand on line {} of some words", 3 * i, i));
    }
    const Json json = score_significance({"", reference, reference, {}, {{bad, bad, bad}, {good, good, good}, {good, good, good}}}, "13a");
    ASSERT_EQ(json.at("intervals").size(), 3u);
    const double score = corpus_score(bleu, good, reference);
    EXPECT_LT(json["intervals"][1].at("low").get<double>(), score);
    EXPECT_GT(json["intervals"][1].at("high").get<double>(), score);
    EXPECT_EQ(json["intervals"][1], json["intervals"][2]);
    ASSERT_EQ(json.at("pairs").size(), 3u);
    const Json &differ = json["pairs"][0], &same = json["pairs"][2];
    EXPECT_NEAR(differ.at("difference").get<double>(), score - corpus_score(bleu, bad, reference), 1e-9);
    EXPECT_LT(differ.at("p_sentences").get<double>(), 0.01);
    EXPECT_NEAR(differ.at("p_seeds").get<double>(), 0.1, 1e-12); // 2 of 20 ways to deal out six scores
    EXPECT_NEAR(differ.at("smallest_p_seeds").get<double>(), 0.1, 1e-12);
    EXPECT_EQ(same.at("first"), 1);
    EXPECT_EQ(same.at("second"), 2);
    EXPECT_EQ(same.at("difference"), 0.0);
    EXPECT_EQ(same.at("p_sentences"), 1.0);
    EXPECT_EQ(same.at("p_seeds"), 1.0);
    EXPECT_TRUE(score_significance({"", reference, reference, {}, {{bad}, {good}}}, "13a")["pairs"][0].at("p_seeds").is_null());
}

TEST(ScoreSignificance, IsReadFromResultsThatHaveIt) {
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
