#include "nmt/experiments/report.hpp"

#include "nmt/base/error.hpp"
#include "nmt/base/files.hpp"
#include "tests/base/test_support.hpp"

#include <gtest/gtest.h>

namespace nmt {
namespace {

RunResult a_run(std::uint64_t seed, double bleu) {
    RunResult run;
    run.seed = seed;
    run.threads = 2;
    run.precision = "f32";
    run.parameters = 1234;
    run.training_minutes = 1.5 * static_cast<double>(seed);
    run.training_minutes_in_all = 4;
    run.target_tokens_per_second = 1000;
    run.sentences_per_second = 50;
    run.training_memory_mib = 100 + static_cast<double>(seed);
    run.translation_memory_mib = 80;
    run.tests.push_back({"test", bleu, "nrefs:1", {{"idiom", bleu / 2}, {"plain", 99.95}}});
    run.examples = {fmt::format("Hello {}", seed)};
    return run;
}

Results some_results(const std::vector<std::uint64_t>& seeds) {
    Results results{"tiny", "A title", "AVX-512", "2.6.3", 2, 5, {}, {"Bonjour"}};
    ModelResult dictionary{"dictionary", {}}, rnn{"rnn", {}};
    for (const std::uint64_t seed : seeds) {
        dictionary.runs.push_back(a_run(seed, 10));
        dictionary.runs.back().target_tokens_per_second = 0;
        rnn.runs.push_back(a_run(seed, 20 + 2 * static_cast<double>(seed)));
    }
    results.models = {dictionary, rnn};
    return results;
}

TEST(Report, TableOfOneSeed) {
    EXPECT_EQ(format_results(some_results({1})), R"(# A title

| model      | parameters | BLEU test | training min | in all | target tokens/s | sentences/s | MiB training | MiB translating |
|------------|-----------:|----------:|-------------:|-------:|----------------:|------------:|-------------:|----------------:|
| dictionary |       1234 |      10.0 |          1.5 |    4.0 |               - |          50 |          101 |              80 |
| rnn        |       1234 |      22.0 |          1.5 |    4.0 |            1000 |          50 |          101 |              80 |

| BLEU by phenomenon | dictionary |   rnn |
|--------------------|-----------:|------:|
| idiom              |        5.0 |  11.0 |
| plain              |      100.0 | 100.0 |

BLEU: nrefs:1; beam 5; one run, seed 1. Training minutes: updates alone, and in all with validation.
Memory: the peak of the process that trained, and of the one that translated. 2 threads, AVX-512, oneDNN 2.6.3, training in f32.

Some sentences (first seed):

    source      Bonjour
    dictionary  Hello 1
    rnn         Hello 1
)");
}

TEST(Report, ThreeSeedsGiveMeanAndDeviation) {
    const std::string text = format_results(some_results({1, 2, 3}));
    // BLEU 22, 24, 26: mean 24, deviation of the sample 2; minutes 1.5, 3, 4.5; the highest memory.
    EXPECT_NE(text.find("| rnn        |       1234 | 24.0 ± 2.0 |          3.0 |    4.0 |            1000 |          50 |          103 |   "
                        "           80 |"),
              std::string::npos)
        << text;
    EXPECT_NE(text.find("| dictionary |       1234 | 10.0 ± 0.0 |"), std::string::npos) << text;
    EXPECT_NE(text.find("| idiom              |        5.0 |  12.0 |"), std::string::npos) << text;
    EXPECT_NE(text.find("mean ± standard deviation over seeds 1, 2, 3"), std::string::npos) << text;
}

TEST(Report, WithoutPhenomenaAndExamplesTheyAreLeftOut) {
    Results results = some_results({1});
    results.title.clear();
    results.examples.clear();
    for (ModelResult& model : results.models) model.runs[0].tests[0].by_phenomenon.clear();
    const std::string text = format_results(results);
    EXPECT_TRUE(text.starts_with("# tiny\n")) << text;
    EXPECT_EQ(text.find("phenomenon"), std::string::npos);
    EXPECT_EQ(text.find("Some sentences"), std::string::npos);
}

TEST(Report, JsonHasThePromisedKeys) {
    const nlohmann::ordered_json json = results_json(some_results({1, 3}));
    EXPECT_EQ(json.at("recipe"), "tiny");
    EXPECT_EQ(json.at("threads"), 2);
    ASSERT_EQ(json.at("models").size(), 2u);
    const auto& rnn = json["models"][1];
    EXPECT_EQ(rnn.at("name"), "rnn");
    EXPECT_EQ(rnn.at("parameters"), 1234);
    EXPECT_EQ(rnn.at("precision"), "f32");
    EXPECT_DOUBLE_EQ(rnn.at("training_minutes").get<double>(), 3);
    EXPECT_DOUBLE_EQ(rnn.at("target_tokens_per_second").get<double>(), 1000);
    EXPECT_DOUBLE_EQ(rnn.at("translation_sentences_per_second").get<double>(), 50);
    EXPECT_DOUBLE_EQ(rnn.at("peak_memory_mib").get<double>(), 103);
    const auto& test = rnn.at("tests").at("test");
    EXPECT_DOUBLE_EQ(test.at("bleu").get<double>(), 24);
    EXPECT_DOUBLE_EQ(test.at("bleu_by_seed").at("3").get<double>(), 26);
    EXPECT_EQ(test.at("signature"), "nrefs:1");
    EXPECT_DOUBLE_EQ(test.at("by_phenomenon").at("idiom").get<double>(), 12);
}

TEST(Report, EvaluatesByPhenomenon) {
    TemporaryFolder folder;
    write_file(folder / "h", "the big cat sat on the mat\na b c d e\nthe red dog ran far away\n");
    write_file(folder / "r", "the big cat sat on the mat\nv w x y z\nthe red dog ran far away\n");
    write_file(folder / "l", "plain\nidiom\nplain\n");
    const TestResult result = evaluate_test("test", folder / "h", folder / "r", folder / "l");
    EXPECT_EQ(result.name, "test");
    ASSERT_EQ(result.by_phenomenon.size(), 2u);
    EXPECT_EQ(result.by_phenomenon[0].first, "idiom");
    EXPECT_LT(result.by_phenomenon[0].second, 20);
    EXPECT_EQ(result.by_phenomenon[1].first, "plain");
    EXPECT_NEAR(result.by_phenomenon[1].second, 100, 1e-9);
    EXPECT_GT(result.bleu, 20);
    EXPECT_LT(result.bleu, 99);
    EXPECT_TRUE(evaluate_test("test", folder / "h", folder / "r", {}).by_phenomenon.empty());
    write_file(folder / "l", "plain\nidiom\n");
    EXPECT_NE(message_of<Error>([&] { evaluate_test("t", folder / "h", folder / "r", folder / "l"); }).find("2 labels for 3"),
              std::string::npos);
    EXPECT_NE(message_of<Error>([&] { evaluate_test("t", folder / "h", folder / "l", {}); }), "");
}

} // namespace
} // namespace nmt
