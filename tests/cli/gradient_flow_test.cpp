// nmt gradient-flow: how far back the loss reaches in a model.
#include "tests/cli/tiny_model.hpp"

#include <nlohmann/json.hpp>

namespace nmt::cli {
namespace {

class GradientFlowCommand : public WithTinyModel {
  protected:
    GradientFlowCommand() {
        source_ = quoted(folder_.write("a", "un deux trois\n\nchat\n"));
        target_ = quoted(folder_.write("b", "three two one\nx\ncat\n"));
    }
    Outcome flow(const std::string& more = "") {
        return run("gradient-flow -t 1 --model " + model() + " --source " + source_ + " --target " + target_ + " " + more);
    }

    std::string source_, target_;
};

TEST_F(GradientFlowCommand, PrintsATableAndWhatItLeftOut) {
    const Outcome outcome = flow();
    EXPECT_EQ(outcome.status, 0) << outcome.errors;
    EXPECT_EQ(outcome.errors, "2 pairs, 1 dropped: 1 with an empty side\n");
    EXPECT_TRUE(outcome.output.starts_with("2 pairs, mean loss ")) << outcome.output;
    EXPECT_NE(outcome.output.find("\n| distance |   decoder | pairs |   encoder | pairs |\n"), std::string::npos) << outcome.output;
    // "three two one </s>" has four states, "cat </s>" two.
    EXPECT_NE(outcome.output.find("\n| 1        |"), std::string::npos) << outcome.output;
    EXPECT_NE(outcome.output.find("\n| 3        |"), std::string::npos) << outcome.output;
}

TEST_F(GradientFlowCommand, EndsWithAVerdict) {
    const std::string output = flow().output;
    EXPECT_NE(output.find("\n\nDecoder: the gradient "), std::string::npos) << output;
    EXPECT_NE(output.find("\nEncoder: the gradient "), std::string::npos) << output;
}

TEST_F(GradientFlowCommand, LongLinesAreNamedBeforeTheWork) {
    expect_failure(flow("--max-length 3"), 1, "line 1: ");
    expect_failure(flow("--max-length 3"), 1, "more than the 3 of --max-length");
    EXPECT_EQ(flow("--max-length 40").status, 0);
}

TEST_F(GradientFlowCommand, JsonHoldsACurveForEachLayer) {
    const nlohmann::json json = nlohmann::json::parse(flow("--json").output);
    EXPECT_EQ(json.at("architecture"), "rnn-attention");
    EXPECT_EQ(json.at("pairs"), 2);
    EXPECT_EQ(json.at("loss"), "last");
    EXPECT_EQ(json.at("decoder").at("pairs"), nlohmann::json::parse("[2, 2, 1, 1]"));
    EXPECT_EQ(json.at("layers").size(), 3u); // two directions of the encoder, one layer of the decoder
    EXPECT_EQ(json.at("layers").at("decoder.first.0"), json.at("decoder"));
    const nlohmann::json all = nlohmann::json::parse(flow("--json --loss all").output);
    EXPECT_EQ(all.at("loss"), "all");
    EXPECT_NE(all.at("mean_loss"), json.at("mean_loss"));
    const Outcome score = run("score -t 1 --normalize --model " + model() + " --source " + quoted(folder_.write("c", "chat\n")) +
                              " --target " + quoted(folder_.write("d", "cat\n")));
    const Outcome same = run("gradient-flow -t 1 --json --loss all --model " + model() + " --source " + quoted(folder_.file("c")) +
                             " --target " + quoted(folder_.file("d")));
    EXPECT_NEAR(nlohmann::json::parse(same.output).at("mean_loss").get<double>(), -std::stod(score.output), 1e-4);
}

TEST_F(GradientFlowCommand, Mistakes) {
    expect_failure(flow("--loss first"), 2, "last, all");
    expect_failure(run("gradient-flow --model m --source -"), 2, "--target FILE is missing");
    expect_failure(run("gradient-flow --model m --source - --target -"), 2, "cannot both be standard input");
    expect_failure(run("gradient-flow --model /nowhere/m --source " + source_ + " --target " + target_), 1, "/nowhere/m");
    expect_failure(run("gradient-flow -t 1 --model " + model() + " --source " + source_ + " --target " + quoted(folder_.write("e", "x\n"))),
                   1, "has 3 lines and");
}

} // namespace
} // namespace nmt::cli
