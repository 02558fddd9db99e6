// nmt quantize: a model of 8-bit integers that translates, is a quarter of the size, and compares itself on a development set.
#include "tests/cli/tiny_model.hpp"

#include <filesystem>
#include <sstream>

namespace nmt::cli {
namespace {

class QuantizeCommand : public WithTinyModel {};

TEST_F(QuantizeCommand, WritesAModelThatTranslates) {
    const std::string model = tiny_.model(folder_), out = quoted(folder_.file("int8"));
    const Outcome outcome = run("quantize --model " + model + " --output " + out + " --dev " + tiny_.quoted_file("valid.fr") + " " +
                                tiny_.quoted_file("valid.en") + " -t 1 --beam 2");
    EXPECT_EQ(outcome.status, 0) << outcome.errors;
    EXPECT_EQ(lines_of(outcome.output), 6u) << outcome.output; // a table of four rows, and how BLEU was computed
    for (const char* part : {"weights", "float", "int8", "BLEU", "sentences/s", "nrefs:1|case:mixed"})
        EXPECT_NE(outcome.output.find(part), std::string::npos) << part << " in " << outcome.output;

    const Outcome exact = run("translate -t 1 -q -m " + model + " -i " + tiny_.quoted_file("test.fr")),
                  quantized = run("translate -t 2 -q -m " + out + " -i " + tiny_.quoted_file("test.fr"));
    EXPECT_EQ(quantized.status, 0) << quantized.errors;
    EXPECT_EQ(lines_of(quantized.output), 150u);
    const auto differing = [](const std::string& a, const std::string& b) {
        std::istringstream left(a), right(b);
        int count = 0;
        for (std::string x, y; std::getline(left, x) && std::getline(right, y);) count += x != y ? 1 : 0;
        return count;
    };
    EXPECT_LE(differing(exact.output, quantized.output), 30);
    const auto size = [&](const std::string& file) { return std::filesystem::file_size(file); };
    EXPECT_LT(size(folder_.file("int8/model.safetensors")), size(tiny_.file("model/model.safetensors")) / 2);
    EXPECT_FALSE(std::filesystem::exists(folder_.file("int8/training")));

    EXPECT_EQ(
        run("score -t 1 --summary -m " + out + " --source " + tiny_.quoted_file("test.fr") + " --target " + tiny_.quoted_file("test.en"))
            .status,
        0);
    EXPECT_NE(run("inspect -m " + out).output.find("weights        8-bit integers, after "), std::string::npos);
    expect_failure(run("quantize -m " + out + " -o " + quoted(folder_.file("again"))), 1, "the model is quantized already");
    expect_failure(run("quantize -m " + model + " -o " + out), 1, "holds a model.safetensors already");
    expect_failure(run("average -m " + out + " " + model + " -o " + quoted(folder_.file("mean"))), 1, "it is quantized");
    const std::string before = read_file(folder_.file("int8/model.safetensors"));
    expect_failure(run("train --resume -t 1 -m " + out), 1, "was not trained there");
    EXPECT_TRUE(read_file(folder_.file("int8/model.safetensors")) == before);
    EXPECT_FALSE(std::filesystem::exists(folder_.file("again")));
}

TEST_F(QuantizeCommand, OfTwoIntoOneFolderOneIsRefused) {
    const std::string out = quoted(folder_.file("int8"));
    const std::string one = quoted(NMT_PROGRAM) + " quantize -m " + model() + " -o " + out;
    const Outcome both =
        shell(folder_, "for i in 1 2; do (" + one + " 2> " + quoted(folder_.file("said")) + "$i; echo $?) & done | sort; wait");
    EXPECT_EQ(both.output, "0\n1\n") << read_file(folder_.file("said1")) << read_file(folder_.file("said2"));
    EXPECT_EQ(run("translate -t 1 -q -m " + out, "un chat\n").status, 0);
}

TEST_F(QuantizeCommand, Mistakes) {
    const std::string model = tiny_.model(folder_), out = quoted(folder_.file("int8"));
    expect_failure(run("quantize -o " + out), 2, "--model DIR is missing");
    expect_failure(run("quantize -m " + model), 2, "--output DIR is missing");
    expect_failure(run("quantize -m /nowhere/model -o " + out), 1, "/nowhere/model");
    expect_failure(run("quantize -m " + model + " -o " + out + " --beam 2"), 2, "--beam has no effect without --dev");
    expect_failure(run("quantize -m " + model + " -o " + out + " --dev " + tiny_.quoted_file("valid.fr")), 2,
                   "--dev takes a source and a reference");
    expect_failure(
        run("quantize -m " + model + " -o " + out + " --dev " + tiny_.quoted_file("valid.fr") + " " + tiny_.quoted_file("test.en")), 1,
        "has 10 lines and");
    expect_failure(run("quantize -m " + model + " -o /proc/int8"), 1, "/proc/int8");
    EXPECT_FALSE(std::filesystem::exists(folder_.file("int8")));
}

} // namespace
} // namespace nmt::cli
