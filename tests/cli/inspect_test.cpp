// nmt inspect: what a model is.
#include "tests/cli/tiny_model.hpp"

#include <sstream>

namespace nmt::cli {
namespace {

using InspectCommand = WithTinyModel;

TEST_F(InspectCommand, PrintsOptionsVocabulariesParametersAndTraining) {
    const Outcome outcome = run("inspect --model " + model());
    EXPECT_EQ(outcome.status, 0) << outcome.errors;
    EXPECT_EQ(outcome.errors, "");
    for (const std::string part :
         {"architecture = rnn-attention\n", "hidden-size = 16\n", "vocabulary: source ", "training: 300 updates", "; finished"})
        EXPECT_NE(outcome.output.find(part), std::string::npos) << part << "\n" << outcome.output;
    // The sizes of the parameters add up to their number.
    std::istringstream lines(outcome.output);
    long total = 0, sum = 0;
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("parameters: ")) total = std::stol(line.substr(12));
        else if (line.starts_with("  ")) sum += std::stol(line.substr(line.rfind(' ')));
    }
    EXPECT_GT(total, 1000);
    EXPECT_EQ(sum, total);
    std::size_t bytes = 0;
    for (const auto& [name, content] : tensors_of(tiny_.file("model/model.safetensors"))) {
        bytes += content.size();
        EXPECT_NE(outcome.output.find("  " + name + " "), std::string::npos) << name;
    }
    EXPECT_EQ(bytes, static_cast<std::size_t>(total) * 4);
}

TEST_F(InspectCommand, Mistakes) {
    expect_failure(run("inspect"), 2, "--model DIR is missing");
    expect_failure(run("inspect --model /nowhere/model"), 1, "/nowhere/model");
    expect_failure(run("inspect --model " + quoted(folder_.file("."))), 1, "is no trained model");
    expect_failure(run("inspect --model " + model() + " > /dev/full"), 1, "standard output");
}

} // namespace
} // namespace nmt::cli
