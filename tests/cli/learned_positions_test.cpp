// What commands say of lines that are longer than a model's learned positions.
#include "tests/cli/tiny_model.hpp"

namespace nmt::cli {
namespace {

class LearnedPositions : public WithTinyModel {
  protected:
    LearnedPositions() {
        const std::string data =
            fmt::format("[data]\ntrain-source = {0}\ntrain-target = {1}\nsource-tokenizer = {2}\ntarget-tokenizer = {3}\n",
                        tiny_.file("train.fr"), tiny_.file("train.en"), tiny_.file("fr.model"), tiny_.file("en.model"));
        const std::string config =
            folder_.write("config.ini", "[model]\narchitecture = transformer\nwidth = 8\nfeed-forward = 16\nheads = 2\nencoder-layers = 1\n"
                                        "decoder-layers = 1\npositions = learned\nmax-positions = 20\n[training]\nmax-updates = 1\n" +
                                            data);
        const Outcome trained = run("train -t 1 --config " + quoted(config) + " --model " + model_);
        EXPECT_EQ(trained.status, 0) << trained.errors;
    }

    static std::string repeated(const std::string& word, int times) {
        std::string line = word;
        for (int i = 1; i < times; ++i) line += " " + word;
        return line;
    }

    const std::string model_ = quoted(folder_.file("model"));
    const std::string source_ = quoted(folder_.write("source", "un\n" + repeated("un", 30) + "\n"));
};

TEST_F(LearnedPositions, TranslatingNamesTheLimitThatItKeeps) {
    const Outcome outcome = run("translate -t 1 --model " + model_ + " -i " + source_);
    EXPECT_EQ(outcome.status, 0) << outcome.errors;
    EXPECT_NE(outcome.errors.find("1 lines were longer than 20 tokens and were split"), std::string::npos) << outcome.errors;
}

TEST_F(LearnedPositions, ScoringNamesFileAndLine) {
    const std::string score = "score -t 1 --model " + model_ + " --source " + source_;
    const std::string target = quoted(folder_.write("target", "one\none\n"));
    expect_failure(run(score + " --target " + target), 1, "/source', line 2: 31 tokens, but the model has 20 positions");
    expect_failure(run(score + " --n-best -", "0 ||| one ||| F0= 1 ||| 1\n1 ||| one ||| F0= 1 ||| 1\n"), 1,
                   "/source', line 2: 31 tokens, but the model has 20 positions");
    expect_failure(run(score + " --n-best -", "0 ||| one ||| F0= 1 ||| 1\n0 ||| " + repeated("one", 30) + " ||| F0= 1 ||| 1\n"), 1,
                   "'standard input', line 2: 31 tokens, but the model has 20 positions");
}

TEST_F(LearnedPositions, GradientFlowNamesFileAndLine) {
    const std::string flow = "gradient-flow -t 1 --model " + model_ + " --source " + source_ + " --target ";
    expect_failure(run(flow + quoted(folder_.write("target", "one\none\n"))), 1,
                   "/source', line 2: 31 tokens, but the model has 20 positions");
}

} // namespace
} // namespace nmt::cli
