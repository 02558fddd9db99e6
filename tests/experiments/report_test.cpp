#include "nmt/experiments/report.hpp"

#include "nmt/base/error.hpp"
#include "nmt/base/output_file.hpp"
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
    run.tests.push_back({"test", bleu, "nrefs:1", {{"idiom", bleu / 2}, {"plain", 99.95}}, 2 * bleu, "nc:6"});
    run.examples = {fmt::format("Hello {}", seed)};
    return run;
}

Results some_results(const std::vector<std::uint64_t>& seeds) {
    Results results{"tiny", "A title", "AVX-512", "2.6.3", 5, {}, {"Bonjour"}};
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

| model      | parameters | BLEU test | chrF2 | training min | in all | target tokens/s | sentences/s | MiB training | MiB translating |
|------------|-----------:|----------:|------:|-------------:|-------:|----------------:|------------:|-------------:|----------------:|
| dictionary |       1234 |      10.0 |  20.0 |          1.5 |    4.0 |               - |          50 |          101 |              80 |
| rnn        |       1234 |      22.0 |  44.0 |          1.5 |    4.0 |            1000 |          50 |          101 |              80 |

| BLEU by phenomenon | dictionary |   rnn |
|--------------------|-----------:|------:|
| idiom              |        5.0 |  11.0 |
| plain              |      100.0 | 100.0 |

BLEU: nrefs:1
chrF2: nc:6
Beam 5; one run, seed 1. Training minutes: updates alone, and in all with validation.
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
    EXPECT_NE(text.find("| rnn        |       1234 | 24.0 ± 2.0 | 48.0 ± 4.0 |          3.0 |    4.0 |            1000 |          50 |     "
                        "     103 |   "
                        "           80 |"),
              std::string::npos)
        << text;
    EXPECT_NE(text.find("| dictionary |       1234 | 10.0 ± 0.0 |"), std::string::npos) << text;
    EXPECT_NE(text.find("| idiom              |        5.0 |  12.0 |"), std::string::npos) << text;
    EXPECT_NE(text.find("mean ± standard deviation over seeds 1, 2, 3"), std::string::npos) << text;
}

TestComparison a_comparison(std::optional<double> p_by_seeds, double smallest) {
    return {"test", {{9, 11}, {21.5, 26}}, {{18, 22}, {40, 49.96}}, {{0, 1, 14, 0.0625, p_by_seeds, smallest}}, 1, {true, false}};
}

TEST(Report, SaysHowSureDifferencesAre) {
    Results results = some_results({1, 2, 3});
    for (ModelResult& model : results.models)
        for (RunResult& run : model.runs) run.tests[0].by_phenomenon.clear();
    results.comparisons = {a_comparison(0.1, 0.1)};
    const std::string text = format_results(results);
    const std::string expected = R"(
| model      | parameters |    BLEU test |      chrF2 | training min | in all | target tokens/s | sentences/s | MiB training | MiB translating |
|------------|-----------:|-------------:|-----------:|-------------:|-------:|----------------:|------------:|-------------:|----------------:|
| dictionary |       1234 | 10.0 ± 0.0 ≈ | 20.0 ± 0.0 |          3.0 |    4.0 |               - |          50 |          103 |              80 |
| rnn        |       1234 | 24.0 ± 2.0   | 48.0 ± 4.0 |          3.0 |    4.0 |            1000 |          50 |          103 |              80 |

| test       |       BLEU | 95 % interval |      chrF2 | 95 % interval |
|------------|-----------:|--------------:|-----------:|--------------:|
| dictionary | 10.0 ± 0.0 |   9.0 to 11.0 | 20.0 ± 0.0 |  18.0 to 22.0 |
| rnn        | 24.0 ± 2.0 |  21.5 to 26.0 | 48.0 ± 4.0 |  40.0 to 50.0 |

| difference on test |  BLEU | p by sentences | p by seeds |
|--------------------|------:|---------------:|-----------:|
| rnn - dictionary   | +14.0 |         0.0625 |     0.1000 |

≈ not significantly different from the column's best BLEU: p >= 0.05 by sentences.
95 % interval: bootstrap over sentences, 1000 test sets drawn once for all models; of the mean over the seeds.
p by sentences: paired approximate randomization, 10000 trials, two-sided, of the difference in mean BLEU; all seeds'
translations of a sentence change sides together.
p by seeds: exact permutation test of the seeds' BLEU, two-sided; with 3 seeds a model it is 0.1 at the least.
p-values are those of single comparisons, not corrected for their number.
BLEU: nrefs:1
)";
    EXPECT_NE(text.find(expected), std::string::npos) << text;
    results.comparisons = {a_comparison(0.06, 0.02)};
    EXPECT_NE(format_results(results).find("p >= 0.05 by sentences, or by seeds."), std::string::npos);
    results.comparisons[0].like_best = {false, false};
    EXPECT_EQ(format_results(results).find("≈"), std::string::npos);
}

TEST(Report, OneSeedHasNoValueBySeeds) {
    Results results = some_results({1});
    results.comparisons = {a_comparison({}, 1)};
    const std::string text = format_results(results);
    EXPECT_NE(text.find("| rnn - dictionary   | +14.0 |         0.0625 |          - |"), std::string::npos) << text;
    EXPECT_NE(text.find("p by seeds: needs more than one seed"), std::string::npos) << text;
    EXPECT_EQ(text.find("mean BLEU"), std::string::npos) << text;
    EXPECT_TRUE(results_json(results).at("comparisons")[0].at("p_by_seeds").is_null());
}

TEST(Report, SaysTheBudgetAndWhoIsExempt) {
    Results results = some_results({1});
    results.budget = {1000000, 2.5};
    results.models[0].exempt = true;
    const std::string text = format_results(results);
    EXPECT_NE(text.find("\nBudget: 1000000 parameters, to which each model's widths are scaled within 2 %; dictionary has no widths and is "
                        "exempt.\nBudget: 2.5 minutes of updates for each training.\n"),
              std::string::npos)
        << text;
    const nlohmann::ordered_json json = results_json(results);
    EXPECT_EQ(json.at("budget").at("parameters"), 1000000);
    EXPECT_EQ(json.at("budget").at("minutes"), 2.5);
    EXPECT_EQ(json["models"][0].at("exempt_from_parameter_budget"), true);
    EXPECT_EQ(json["models"][1].at("exempt_from_parameter_budget"), false);
    EXPECT_FALSE(results_json(some_results({1})).contains("budget"));
}

TEST(Report, JsonHasTheComparison) {
    Results results = some_results({1, 2, 3});
    results.comparisons = {a_comparison(0.1, 0.1)};
    const nlohmann::ordered_json json = results_json(results);
    const auto &first = json["models"][0]["tests"]["test"], &second = json["models"][1]["tests"]["test"];
    EXPECT_EQ(first.at("bleu_interval"), (std::vector<double>{9, 11}));
    EXPECT_EQ(second.at("chrf_interval"), (std::vector<double>{40, 49.96}));
    EXPECT_EQ(second.at("best"), true);
    EXPECT_EQ(first.at("best"), false);
    EXPECT_EQ(first.at("like_best"), true);
    EXPECT_EQ(second.at("chrf"), 48);
    EXPECT_EQ(second.at("chrf_by_seed").at("2"), 48);
    EXPECT_EQ(second.at("chrf_signature"), "nc:6");
    ASSERT_EQ(json.at("comparisons").size(), 1u);
    const auto& pair = json["comparisons"][0];
    EXPECT_EQ(pair.at("test"), "test");
    EXPECT_EQ(pair.at("first"), "dictionary");
    EXPECT_EQ(pair.at("second"), "rnn");
    EXPECT_EQ(pair.at("difference"), 14);
    EXPECT_EQ(pair.at("p_by_sentences"), 0.0625);
    EXPECT_EQ(pair.at("p_by_seeds"), 0.1);
    EXPECT_EQ(pair.at("smallest_p_by_seeds"), 0.1);
    EXPECT_EQ(json.at("statistics").at("randomization_trials"), 10000);
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

// A run that was resumed with another number of threads must not pass for one.
TEST(Report, SeveralNumbersOfThreadsAreAllNamed) {
    Results results = some_results({1, 2});
    results.models[1].runs[0].threads = 1;
    EXPECT_NE(format_results(results).find(". 1 and 2 threads, "), std::string::npos);
    EXPECT_EQ(results_json(results).at("threads"), nlohmann::ordered_json({1, 2}));
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
    const TestSet test{"test", {}, folder / "r", folder / "l"};
    const TestResult result = evaluate_test(test, folder / "h");
    EXPECT_EQ(result.name, "test");
    ASSERT_EQ(result.by_phenomenon.size(), 2u);
    EXPECT_EQ(result.by_phenomenon[0].first, "idiom");
    EXPECT_LT(result.by_phenomenon[0].second, 20);
    EXPECT_EQ(result.by_phenomenon[1].first, "plain");
    EXPECT_NEAR(result.by_phenomenon[1].second, 100, 1e-9);
    EXPECT_GT(result.bleu, 20);
    EXPECT_LT(result.bleu, 99);
    EXPECT_GT(result.chrf, 20);
    EXPECT_LT(result.chrf, 99);
    EXPECT_NE(result.chrf_signature.find("nc:6"), std::string::npos);
    EXPECT_EQ(result.bleu_statistics.size(), 3u);
    EXPECT_TRUE(evaluate_test({"test", {}, folder / "r", {}}, folder / "h").by_phenomenon.empty());
    write_file(folder / "l", "plain\nidiom\n");
    EXPECT_NE(message_of<Error>([&] { evaluate_test(test, folder / "h"); }).find("2 labels for 3"), std::string::npos);
    EXPECT_NE(message_of<Error>([&] {
                  evaluate_test({"t", {}, folder / "l", {}}, folder / "h");
              }).find("has 3 lines and"),
              std::string::npos);
}

} // namespace
} // namespace nmt
