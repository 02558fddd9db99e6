// nmt inspect: what a model is.
#include "tests/cli/tiny_model.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <map>
#include <sstream>

namespace nmt::cli {
namespace {

using InspectCommand = WithTinyModel;

TEST_F(InspectCommand, PrintsOptionsVocabulariesParametersAndTraining) {
    const Outcome outcome = run("inspect --model " + model());
    EXPECT_EQ(outcome.status, 0) << outcome.errors;
    EXPECT_EQ(outcome.errors, "");
    for (const std::string part :
         {"architecture   rnn-attention\n", "languages      fr to en", "vocabulary     ", " of the target\n", "on disk        0.0 MiB\n",
          "weights        floats, after ", "validation     BLEU ", "training       300 updates in ", "; finished\n",
          "\n  hidden-size          16\n", "\n  source_tokenizer_sha256    "})
        EXPECT_NE(outcome.output.find(part), std::string::npos) << part << "\n" << outcome.output;
    // The sizes of the parameters add up to their number, which is what is on disk.
    const nlohmann::json json = nlohmann::json::parse(run("inspect --json --model " + model()).output);
    std::istringstream lines(outcome.output.substr(outcome.output.find("\nParameters ") + 1));
    long sum = 0;
    std::size_t count = 0;
    std::string line;
    std::getline(lines, line); // the heads
    for (const std::size_t width = line.size(); std::getline(lines, line); ++count) {
        EXPECT_EQ(line.size(), width) << line;
        EXPECT_LE(width, 80u);
        std::string values = line.substr(line.rfind(' '));
        values.erase(std::remove(values.begin(), values.end(), ','), values.end());
        sum += std::stol(values);
    }
    EXPECT_GT(sum, 1000);
    EXPECT_EQ(sum, json.at("parameters"));
    std::size_t bytes = 0;
    for (const auto& [name, content] : tensors_of(tiny_.file("model/model.safetensors"))) {
        bytes += content.size();
        EXPECT_NE(outcome.output.find("\n  " + name + " "), std::string::npos) << name;
    }
    EXPECT_EQ(bytes, static_cast<std::size_t>(sum) * 4);
    EXPECT_EQ(json.at("tensors").size(), count);
}

TEST_F(InspectCommand, JsonHoldsTheSame) {
    const Outcome outcome = run("inspect --json --model " + model());
    EXPECT_EQ(outcome.status, 0) << outcome.errors;
    const nlohmann::json json = nlohmann::json::parse(outcome.output);
    EXPECT_EQ(json.at("architecture"), "rnn-attention");
    EXPECT_EQ(json.at("languages"), nlohmann::json::parse(R"(["fr", "en"])"));
    EXPECT_EQ(json.at("options").at("hidden-size"), "16");
    EXPECT_EQ(json.at("quantized"), false);
    EXPECT_EQ(json.at("training").at("updates"), 300);
    EXPECT_EQ(json.at("bytes"), std::filesystem::file_size(tiny_.file("model/model.safetensors")));
    // The BLEU is that of the best validation.
    double best = -1;
    for (const std::string& line : read_lines(tiny_.file("model/log.jsonl"))) {
        const nlohmann::json event = nlohmann::json::parse(line);
        if (event.at("event") == "validation" && event.at("best") == true) best = event.at("bleu");
    }
    EXPECT_EQ(json.at("validation").at("bleu"), best);
}

TEST_F(InspectCommand, WhatAForeignFileHoldsNeverReachesATerminalRaw) {
    model();
    std::filesystem::copy(tiny_.file("model"), folder_.file("foreign"), std::filesystem::copy_options::recursive);
    const std::string weights = folder_.file("foreign/model.safetensors");
    const SafetensorsFile file(weights);
    std::map<std::string, std::string> metadata = file.metadata();
    metadata["mean_of"] = "\x1b[2J\x1b]0;title\x07 models";
    metadata["\x1b[31mkey"] = "a\nb";
    write_safetensors(weights, file.entries(), metadata);
    write_file(folder_.file("foreign/log.jsonl"),
               "{\"event\":5,\"best\":\"x\"}\n{\"event\":\"validation\",\"best\":true,\"bleu\":\"x\"}\n[]\n");
    for (const char* format : {"", " --json"}) {
        const Outcome outcome = run("inspect --model " + quoted(folder_.file("foreign")) + format);
        EXPECT_EQ(outcome.status, 0) << outcome.errors;
        EXPECT_EQ(outcome.output.find_first_of("\x1b\x07"), std::string::npos) << outcome.output;
    }
}

TEST_F(InspectCommand, Mistakes) {
    expect_failure(run("inspect"), 2, "--model DIR is missing");
    expect_failure(run("inspect --model /nowhere/model"), 1, "/nowhere/model");
    expect_failure(run("inspect --model " + quoted(folder_.file("."))), 1, "is no trained model");
    expect_failure(run("inspect --model " + model() + " > /dev/full"), 1, "standard output");
}

} // namespace
} // namespace nmt::cli
