// nmt score: log-probabilities of given pairs, in agreement with those that the search reports.
#include "tests/cli/tiny_model.hpp"

#include <cmath>
#include <sstream>

namespace nmt::cli {
namespace {

class ScoreCommand : public WithTinyModel {
  protected:
    std::vector<double> score(const std::string& options, const std::string& source, const std::string& target) {
        const Outcome outcome =
            run("score -t 1 --model " + model() + " --source " + quoted(source) + " --target " + quoted(target) + " " + options);
        EXPECT_EQ(outcome.status, 0) << outcome.errors;
        EXPECT_EQ(outcome.errors, "");
        std::vector<double> scores;
        std::istringstream lines(outcome.output);
        for (double value = 0; lines >> value;) scores.push_back(value);
        EXPECT_EQ(lines_of(outcome.output), scores.size());
        return scores;
    }
};

TEST_F(ScoreCommand, EqualsWhatTheSearchReports) {
    const Outcome n_best = run("translate -t 1 -q --n-best 4 --beam 4 --model " + model() + " -i " + tiny_.quoted_file("test.fr"));
    ASSERT_EQ(n_best.status, 0) << n_best.errors;
    const std::vector<std::string> sentences = read_lines(tiny_.file("test.fr"));
    std::string source, target;
    std::vector<double> reported;
    std::istringstream lines(n_best.output);
    for (std::string line; std::getline(lines, line);) {
        const std::size_t first = line.find(" ||| "), features = line.rfind(" ||| F0= ");
        ASSERT_NE(features, std::string::npos) << line;
        if (features < first + 5 || line.find("\xe2\x81\x87") != std::string::npos)
            continue; // empty, or with <unk>, which has no text of its own
        source += sentences.at(std::stoul(line)) + "\n";
        target += line.substr(first + 5, features - first - 5) + "\n";
        reported.push_back(std::stod(line.substr(features + 9)));
    }
    ASSERT_GT(reported.size(), 300u);
    const std::vector<double> scores = score("", folder_.write("source", source), folder_.write("target", target));
    ASSERT_EQ(scores.size(), reported.size());
    std::size_t finished = 0;
    for (std::size_t i = 0; i < scores.size(); ++i) {
        EXPECT_LE(scores[i], reported[i] + 1e-3) << i; // a translation cut at the greatest length has no </s>
        if (scores[i] > reported[i] - 1e-3) ++finished;
    }
    EXPECT_GT(finished, reported.size() * 9 / 10);
}

TEST_F(ScoreCommand, NormalizesAndSumsUp) {
    const std::string source = tiny_.file("test.fr"), target = tiny_.file("test.en");
    const std::vector<double> plain = score("", source, target), normalized = score("--normalize", source, target),
                              small = score("--batch-tokens 7", source, target);
    const std::vector<std::string> references = read_lines(target);
    ASSERT_EQ(plain.size(), references.size());
    double sum = 0, tokens = 0;
    for (std::size_t i = 0; i < plain.size(); ++i) {
        const double length = static_cast<double>(std::count(references[i].begin(), references[i].end(), ' ')) + 2; // words and </s>
        EXPECT_NEAR(normalized[i] * length, plain[i], 1e-4);
        EXPECT_NEAR(small[i], plain[i], 1e-3);
        sum += plain[i];
        tokens += length;
    }
    const Outcome summary = run("score -t 1 --summary --model " + model() + " --source " + quoted(source) + " --target " + quoted(target));
    double entropy = 0, perplexity = 0, counted = 0;
    ASSERT_EQ(std::sscanf(summary.output.c_str(), "cross-entropy %lf perplexity %lf tokens %lf", &entropy, &perplexity, &counted), 3)
        << summary.output;
    EXPECT_NEAR(entropy, -sum / tokens, 1e-4);
    EXPECT_NEAR(perplexity, std::exp(entropy), 1e-3);
    EXPECT_EQ(counted, tokens);
}

TEST_F(ScoreCommand, OddLinesHaveAScoreEach) {
    const std::string source = folder_.write("source", std::string("un\0chat\n", 8) + "\n\xff\xfe\n" + std::string(3000, 'x') + "\nun\n");
    const std::string target = folder_.write("target", "one cat\n\n\xff\none\n\n");
    const std::vector<double> scores = score("--max-length 4000", source, target);
    ASSERT_EQ(scores.size(), 5u);
    for (const double value : scores) EXPECT_LT(value, 0);
}

TEST_F(ScoreCommand, LongLinesAreNamedBeforeTheWork) {
    const auto words = [](std::size_t count) {
        std::string line = "one";
        while (--count > 0) line += " two";
        return line;
    };
    const std::string three = quoted(folder_.write("three", "un\ndeux\ntrois\n")),
                      longer = quoted(folder_.write("long", "one\n" + words(1000) + "\nthree\n"));
    const std::string base = "score -t 1 --model " + model() + " ";
    expect_failure(run(base + "--source " + three + " --target " + longer), 1,
                   "/long', line 2: 1001 tokens, more than the 1000 of --max-length");
    expect_failure(run(base + "--source " + longer + " --target " + three), 1, "/long', line 2: ");
    expect_failure(run(base + "--source " + three + " --target " + longer + " --max-length 1000 --summary"), 1, "/long', line 2: ");
    EXPECT_EQ(run(base + "--source " + three + " --target " + longer + " --max-length 1001").status, 0);
    expect_failure(run(base + "--source " + three + " --target " + three + " --max-length 0"), 2, "--max-length");
    const std::string list = "0 ||| one ||| F0= 1 ||| 1\n1 ||| " + words(1000) + " ||| F0= 1 ||| 1\n";
    expect_failure(run(base + "--source " + three + " --n-best -", list), 1, "'standard input', line 2: 1001 tokens");
    EXPECT_EQ(lines_of(run(base + "--source " + three + " --max-length 2000 --n-best -", list).output), 2u);
}

TEST_F(ScoreCommand, AddsAFeatureToAnNBestList) {
    const std::string source = tiny_.file("test.fr");
    const Outcome n_best = run("translate -t 1 -q --n-best 3 --beam 3 --model " + model() + " -i " + quoted(source));
    ASSERT_EQ(n_best.status, 0) << n_best.errors;
    const std::string list = folder_.write("list", n_best.output);
    const Outcome rescored = run("score -t 1 --model " + model() + " --source " + quoted(source) + " --n-best " + quoted(list));
    ASSERT_EQ(rescored.status, 0) << rescored.errors;
    EXPECT_EQ(rescored.errors, "");
    // The same as the scores of the pairs, in the same order; without the new feature the list is what it was.
    const std::vector<std::string> sentences = read_lines(source);
    std::string sources, targets, rest;
    std::vector<double> found;
    std::istringstream lines(rescored.output);
    for (std::string line; std::getline(lines, line);) {
        const std::size_t feature = line.rfind(" F1= "), score = line.rfind(" ||| "), first = line.find(" ||| ") + 5;
        ASSERT_NE(feature, std::string::npos) << line;
        const std::string before = line.substr(0, feature);
        found.push_back(std::stod(line.substr(feature + 5)));
        rest += before + line.substr(score) + "\n";
        sources += sentences.at(std::stoul(line)) + "\n";
        targets += before.substr(first, std::max(before.rfind(" ||| "), first) - first) + "\n";
    }
    EXPECT_EQ(rest, n_best.output);
    const std::vector<double> expected = score("", folder_.write("source", sources), folder_.write("target", targets));
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], expected[i], 1e-3) << i;
    // A second model's feature, by name, and normalized.
    const std::string again = "score -t 1 --model " + model() + " --source " + quoted(source) + " --n-best - --feature Again --normalize";
    const Outcome twice = run(again, rescored.output);
    EXPECT_EQ(twice.status, 0) << twice.errors;
    EXPECT_EQ(lines_of(twice.output), found.size());
    EXPECT_NE(twice.output.find(" F1= "), std::string::npos);
    EXPECT_NE(twice.output.find(" Again= "), std::string::npos);
    expect_failure(run(again, twice.output), 1, "'standard input', line 1: has a feature 'Again' already");
}

TEST_F(ScoreCommand, ListsMayBeInAnyOrderAndHoldAnything) {
    const std::string source = quoted(folder_.write("source", "un\ndeux\n\n"));
    const std::string base = "score -t 1 --model " + model() + " --source " + source + " --n-best ";
    const std::string list =
        std::string("1 ||| two ||| lm= -1 -2.5e1 tm= 3 ||| -7\n0 ||| a ||| b ||| F0= 1 ||| +1\n2 |||  ||| F0= 0 ||| 0\n") +
        std::string("1 ||| a\0b \xff ||| d= 1 ||| 2 \n", 28) + "2 ||| ||| d= 1 ||| 2\n0 ||| one |||  ||| -1";
    const Outcome outcome = run(base + "- --feature X", list);
    EXPECT_EQ(outcome.status, 0) << outcome.errors;
    EXPECT_EQ(lines_of(outcome.output), 6u);
    const std::size_t tail = outcome.output.find(" ||| -7\n");
    EXPECT_TRUE(outcome.output.starts_with("1 ||| two ||| lm= -1 -2.5e1 tm= 3 X= -")) << outcome.output;
    EXPECT_NE(tail, std::string::npos);
    EXPECT_NE(outcome.output.find("\n0 ||| a ||| b ||| F0= 1 X= -"), std::string::npos) << outcome.output;
    EXPECT_NE(outcome.output.find("\n0 ||| one ||| X= -"), std::string::npos) << outcome.output;
    EXPECT_EQ(run(base + "-", "").status, 0);
}

TEST_F(ScoreCommand, BrokenListsNameFileAndLine) {
    const std::string source = quoted(folder_.write("source", "un\ndeux\n"));
    const std::string base =
        "score -t 1 --model " + model() + " --source " + source + " -o " + quoted(folder_.write("kept", "kept\n")) + " --n-best ";
    const std::string good = "0 ||| one ||| F0= 1 ||| 1\n";
    for (const std::string bad :
         {"", "one", "0 ||| one ||| F0= 1", "x ||| one ||| F0= 1 ||| 1", "-1 ||| one ||| F0= 1 ||| 1", "0 ||| one ||| F0= 1 ||| x",
          "0 ||| one ||| F0= ||| 1", "0 ||| one ||| 1 ||| 1", "0 ||| one ||| F0= y ||| 1", "0 ||| one ||| F0= 1 F0= 2 ||| 1",
          "0 ||| one ||| F0= 1 ||| 1 2", "99999999999999999999999 ||| one ||| F0= 1 ||| 1"})
        expect_failure(run(base + quoted(folder_.write("list", good + good + bad + "\n" + good))), 1, "/list', line 3: ");
    expect_failure(run(base + "-", good + "2 ||| one ||| F0= 1 ||| 1\n"), 1, "line 2: names the source line 2 (from 0), but");
    expect_failure(run(base + "-", good + "0 ||| one ||| F1= 1 ||| 1\n"), 1, "line 2: has a feature 'F1' already");
    EXPECT_EQ(read_file(folder_.file("kept")), "kept\n");
    expect_failure(run(base + "- --target " + source), 2, "exclude each other");
    expect_failure(run(base + "- --summary"), 2, "--summary");
    expect_failure(run(base + "- --feature 'a b'"), 2, "'a b'");
    expect_failure(run(base + "- --feature a="), 2, "'a='");
    expect_failure(run("score --model m --source - --n-best -"), 2, "standard input");
    expect_failure(run("score --model m --source a --target b --feature x"), 2, "--feature has no effect");
}

TEST_F(ScoreCommand, Mistakes) {
    const std::string base = "score -t 1 --model " + model() + " ";
    const std::string three = quoted(folder_.write("three", "un\ndeux\ntrois\n")), two = quoted(folder_.write("two", "one\ntwo\n"));
    const Outcome unequal = run(base + "--source " + three + " --target " + two + " -o " + quoted(folder_.write("kept", "kept\n")));
    expect_failure(unequal, 1, "/three' has 3 lines");
    expect_failure(unequal, 1, "/two' has 2");
    EXPECT_EQ(read_file(folder_.file("kept")), "kept\n");
    expect_failure(run(base + "--source " + three), 2, "--target FILE is missing");
    expect_failure(run(base + "--source - --target -"), 2, "standard input");
    expect_failure(run(base + "--source " + three + " --target " + three + " --normalize --summary"), 2, "--normalize");
    expect_failure(run(base + "--source /nowhere/x --target " + two), 1, "/nowhere/x");
    expect_failure(run(base + "--source " + two + " --target " + two + " -o /nowhere/x"), 1, "/nowhere/x");
    expect_failure(run(base + "--source " + two + " --target " + two + " -o /dev/full"), 1, "/dev/full");
    expect_failure(run(base + "--sorce " + two), 2, "did you mean '--source'?");
}

} // namespace
} // namespace nmt::cli
