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
    const std::vector<double> scores = score("", source, target);
    ASSERT_EQ(scores.size(), 5u);
    for (const double value : scores) EXPECT_LT(value, 0);
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
