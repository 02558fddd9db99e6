// nmt average: the mean of models, or of the checkpoints of one training, is a model.
#include "tests/cli/tiny_model.hpp"

namespace nmt::cli {
namespace {

class AverageCommand : public WithTinyModel {
  protected:
    // A short training with the tiny model's tokenizers.
    std::string trained(const std::string& name, const std::string& settings) {
        const std::string folder = quoted(folder_.file(name));
        const Outcome outcome = run("train -t 1 --config " + tiny_.config() + " --model " + folder +
                                    " --set training.average-decay=0 training.max-updates=12 training.validate-every=4 " + settings);
        EXPECT_EQ(outcome.status, 0) << outcome.errors;
        return folder;
    }

    std::map<std::string, std::string> weights(const std::string& name) { return tensors_of(folder_.file(name + "/model.safetensors")); }

    void expect_translates(const std::string& name) {
        const Outcome outcome = run("translate -t 1 -q --model " + quoted(folder_.file(name)) + " -i " + tiny_.quoted_file("test.fr"));
        EXPECT_EQ(outcome.status, 0) << outcome.errors;
        EXPECT_EQ(lines_of(outcome.output), 150u);
    }
};

TEST_F(AverageCommand, TheMeanOfModelsTranslates) {
    const std::string a = trained("a", "training.seed=1"), b = trained("b", "training.seed=2"), out = quoted(folder_.file("out"));
    const Outcome outcome = run("average --model " + a + " --model " + b + " --output " + out);
    EXPECT_EQ(outcome.status, 0) << outcome.errors;
    EXPECT_EQ(outcome.output, "");
    EXPECT_TRUE(outcome.errors.starts_with("'" + folder_.file("out") + "' holds the mean")) << outcome.errors;
    EXPECT_EQ(lines_of(outcome.errors), 1u) << outcome.errors;
    for (const auto& [name, bytes] : weights("out")) {
        const auto values = [](const std::string& text) { return reinterpret_cast<const float*>(text.data()); };
        const std::string of_a = weights("a").at(name), of_b = weights("b").at(name);
        for (std::size_t k = 0; k < bytes.size() / sizeof(float); ++k)
            ASSERT_EQ(values(bytes)[k], static_cast<float>((static_cast<double>(values(of_a)[k]) + values(of_b)[k]) / 2)) << name;
    }
    EXPECT_FALSE(weights("a") == weights("b"));
    expect_translates("out");
    EXPECT_NE(run("inspect --model " + out).output.find("floats, the mean of 2 models\n"), std::string::npos);
    expect_failure(run("average -m " + a + " " + b + " -o " + out), 1, "holds a model.safetensors already");
    expect_failure(run("average -m " + a + " " + b + " -o " + a), 1, "holds a model.safetensors already");
}

TEST_F(AverageCommand, TheMeanOfCheckpointsIsWhatTheTrainingWrote) {
    const std::string a = trained("a", "training.average-checkpoints=3");
    const auto average = [&](const std::string& choice, const std::string& name) {
        return run("average --model " + a + " --checkpoints " + choice + " --output " + quoted(folder_.file(name)));
    };
    const Outcome outcome = average("last:3", "last");
    EXPECT_EQ(outcome.status, 0) << outcome.errors;
    EXPECT_TRUE(weights("last") == weights("a"));
    expect_translates("last");
    EXPECT_EQ(average("best:1", "best").status, 0);
    EXPECT_FALSE(weights("best") == weights("a"));
    expect_failure(average("last:4", "more"), 1, "kept the weights of 3 validations, not 4");
    for (const std::string bad : {"last", "last:", "last:0", "best:-1", "worst:2", "last:2x", "2"})
        expect_failure(average(bad, "bad"), 2, "expected last:N or best:N");
    EXPECT_NE(run("inspect --model " + a).output.find("floats, the mean of the weights after 4, 8 and 12 updates\n"), std::string::npos);
}

TEST_F(AverageCommand, Mistakes) {
    const std::string a = trained("a", "training.seed=1"), wide = trained("wide", "model.hidden-size=20"),
                      out = quoted(folder_.file("out"));
    expect_failure(run("average -m " + a + " " + wide + " -o " + out), 1, "model.hidden-size = 16 is not 20");
    expect_failure(run("average -m " + a + " /nowhere/model -o " + out), 1, "/nowhere/model");
    expect_failure(run("average -m " + a + " -o " + out), 2, "--model");
    expect_failure(run("average -o " + out), 2, "--model DIR is missing");
    expect_failure(run("average -m " + a + " " + a), 2, "--output DIR is missing");
    expect_failure(run("average -m " + a + " " + a + " -o " + out), 2, "--model names '" + folder_.file("a") + "' twice");
    expect_failure(run("average -m " + a + " " + wide + " --checkpoints last:1 -o " + out), 2, "--checkpoints");
    expect_failure(run("average -m " + a + " " + trained("b", "training.seed=2") + " -o /proc/out"), 1, "/proc/out");
    EXPECT_FALSE(std::filesystem::exists(folder_.file("out")));
}

} // namespace
} // namespace nmt::cli
