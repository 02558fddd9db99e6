#include "nmt/experiments/test_set_analysis.hpp"

#include "nmt/base/error.hpp"
#include "nmt/evaluation/bleu.hpp"
#include "nmt/evaluation/chrf.hpp"
#include "nmt/experiments/rounding.hpp"
#include "tests/base/test_support.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace nmt {
namespace {

using Json = nlohmann::ordered_json;

// Two models, two seeds; the first model is perfect.
TestOutputs outputs() {
    const std::vector<std::string> reference{"the cat sat on 7 mats", "a dog"};
    return {"small",
            {"le chat 7", "un chien"},
            reference,
            {"x", "y"},
            {{reference, reference}, {{"the cat cat cat", ""}, {"the cat sat on mats", "a dog"}}}};
}

WordFrequencies frequencies() {
    WordFrequencies words;
    words.add("the cat the");
    return words;
}

TEST(TestSetAnalysis, FiguresAreMeansOverSeeds) {
    const Json json = analyse_test_set(outputs(), frequencies(), "13a");
    EXPECT_EQ(json.at("name"), "small");
    EXPECT_EQ(json.at("sentences"), 2);
    EXPECT_EQ(json.at("signatures"), Json::array({Bleu().signature(), Chrf().signature()}));
    const Json &perfect = json["systems"][0], &other = json["systems"][1];
    EXPECT_NEAR(perfect.at("bleu").get<double>(), 100, 1e-9);
    EXPECT_EQ(perfect.at("bleu_deviation"), 0.0);
    EXPECT_NEAR(perfect.at("chrf").get<double>(), 100, 1e-9);
    EXPECT_EQ(perfect.at("length_ratio"), 1.0);
    EXPECT_EQ(perfect.at("repeating"), 0.0);
    EXPECT_EQ(perfect.at("numbers_lost"), 0.0);
    EXPECT_EQ(json.at("numbers_expected"), 1);
    EXPECT_EQ(other.at("length_ratio"), rounded((4 / 8.0 + 7 / 8.0) / 2, 4));
    EXPECT_EQ(other.at("repeating"), 0.5); // "cat cat", with one seed of two
    EXPECT_EQ(other.at("numbers_lost"), 1.0);
    const std::vector<double> by_seed = other.at("bleu_by_seed");
    EXPECT_DOUBLE_EQ(by_seed[0], corpus_score(Bleu(), outputs().runs[1][0], outputs().reference));
    EXPECT_DOUBLE_EQ(other.at("bleu").get<double>(), (by_seed[0] + by_seed[1]) / 2);
    EXPECT_DOUBLE_EQ(other.at("bleu_deviation").get<double>(), std::abs(by_seed[0] - by_seed[1]) / std::sqrt(2));
}

TEST(TestSetAnalysis, Groups) {
    const Json json = analyse_test_set(outputs(), frequencies(), "13a");
    EXPECT_EQ(json.at("phenomena"), Json::parse(R"([{"name": "x", "count": 1}, {"name": "y", "count": 1}])"));
    EXPECT_EQ(json["systems"][0].at("by_phenomenon"), Json::parse("[100.0, 0.0]")); // "a dog" has no 4-gram to match
    EXPECT_EQ(json.at("lengths"), Json::parse(R"([{"name": "1-5", "count": 2}])"));
    EXPECT_EQ(json["systems"][0].at("by_length"), Json::parse("[100.0]"));
    // Unseen: sat on 7 mats a dog; once: cat; twice: the.
    const Json& groups = json.at("frequencies");
    ASSERT_GE(groups.size(), 3u);
    EXPECT_EQ(groups[0], Json::parse(R"({"name": "0", "count": 6})"));
    EXPECT_EQ(groups[1], Json::parse(R"({"name": "1", "count": 1})"));
    EXPECT_EQ(groups[2], Json::parse(R"({"name": "2-4", "count": 1})"));
    const std::vector<double> f1 = json["systems"][1].at("f1_by_frequency");
    EXPECT_EQ(f1[0], rounded(100 * (0 + 10.0 / 11) / 2, 4)); // 5 of 6, all that it wrote
    EXPECT_EQ(f1[1], (50 + 100) / 2.0);                      // three cats for one, then one
    EXPECT_EQ(f1[2], 100);
}

TEST(TestSetAnalysis, ListsWhatDiffersMostFirst) {
    const Json list = analyse_test_set(outputs(), frequencies(), "13a").at("list");
    EXPECT_EQ(list.at("number"), Json::parse("[2, 1]"));
    EXPECT_EQ(list.at("source"), Json::parse(R"(["un chien", "le chat 7"])"));
    EXPECT_EQ(list.at("label"), Json::parse(R"(["y", "x"])"));
    EXPECT_EQ(list.at("hypotheses"), Json::parse(R"([["a dog", "the cat sat on 7 mats"], ["", "the cat cat cat"]])"));
    EXPECT_EQ(list["chrf"][0], Json::parse("[100.0, 100.0]"));
    EXPECT_EQ(list["chrf"][1][0], 0.0);
    TestOutputs one = outputs();
    one.runs.pop_back();
    one.labels.clear();
    const Json alone = analyse_test_set(one, frequencies(), "13a");
    EXPECT_EQ(alone["list"].at("number"), Json::parse("[1, 2]"));
    EXPECT_FALSE(alone["list"].contains("label"));
    EXPECT_TRUE(alone.at("phenomena").empty());
}

TEST(TestSetAnalysis, Mistakes) {
    TestOutputs wrong = outputs();
    wrong.labels.pop_back();
    EXPECT_NE(message_of<Error>([&] { analyse_test_set(wrong, frequencies(), "13a"); }).find("1 labels for 2"), std::string::npos);
    wrong = outputs();
    wrong.runs[1][1].pop_back();
    EXPECT_NE(message_of<Error>([&] { analyse_test_set(wrong, frequencies(), "13a"); }), "");
    EXPECT_NE(message_of<Error>([&] {
                  analyse_test_set({"none", {}, {}, {}, {}}, frequencies(), "13a");
              }).find("none: 0 sources"),
              std::string::npos);
}

} // namespace
} // namespace nmt
