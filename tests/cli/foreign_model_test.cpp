// Models whose parts come from elsewhere, or were damaged: each command that loads one says what is wrong.
#include "tests/cli/tiny_model.hpp"

#include <filesystem>

namespace nmt::cli {
namespace {

class ForeignModel : public WithTinyModel {
  protected:
    // A copy of the tiny model, to be broken.
    std::string copy(const std::string& name) {
        model();
        std::filesystem::copy(tiny_.file("model"), folder_.file(name), std::filesystem::copy_options::recursive);
        return folder_.file(name);
    }

    // Each command that reads a model's weights or tokenizers, with this one.
    std::vector<std::string> commands(const std::string& model) {
        const std::string source = tiny_.quoted_file("test.fr"), target = tiny_.quoted_file("test.en"), out = quoted(folder_.file("out"));
        return {"translate -t 1 -q -m " + model + " -i " + source,
                "translate -t 1 -q -m " + this->model() + " " + model + " -i " + source,
                "score -t 1 -m " + model + " --source " + source + " --target " + target,
                "gradient-flow -t 1 -m " + model + " --source " + source + " --target " + target,
                "inspect -m " + model,
                "quantize -m " + model + " -o " + out,
                "average -m " + model + " " + this->model() + " -o " + out,
                "average -m " + this->model() + " " + model + " -o " + out};
    }
};

// The same model with a word of another spelling: as many pieces, and as many bytes.
void respell(const std::string& tokenizer, const std::string& word, const std::string& other) {
    std::string bytes = read_file(tokenizer);
    const std::size_t at = bytes.find(word);
    ASSERT_NE(at, std::string::npos);
    write_file(tokenizer, bytes.replace(at, word.size(), other));
}

TEST_F(ForeignModel, AnotherTokenizerOfTheSameSizeIsRefused) {
    const std::string other = copy("other");
    respell(other + "/target.model", "green", "brown");
    std::vector<std::string> refused = commands(quoted(other));
    refused.push_back("audit -m " + quoted(other) + " --source " + tiny_.quoted_file("test.fr"));
    for (const std::string& arguments : refused)
        expect_failure(run(arguments), 1, "'" + other + "/target.model' is not the tokenizer that the weights");
    std::filesystem::copy_file(other + "/target.model", other + "/tokenizer.model"); // one for both sides
    expect_failure(run(refused.front()), 1, "'" + other + "/tokenizer.model' is not the tokenizer that the weights");
}

TEST_F(ForeignModel, CopiesKeepTheRecordOfTheirTokenizers) {
    const std::string made = copy("made"), int8 = folder_.file("int8"), mean = folder_.file("mean");
    ASSERT_EQ(run("quantize -m " + quoted(made) + " -o " + quoted(int8)).status, 0);
    ASSERT_EQ(run("average -m " + quoted(made) + " " + model() + " -o " + quoted(mean)).status, 0);
    for (const std::string& folder : {int8, mean}) {
        const std::string translate = "translate -t 1 -q -m " + quoted(folder) + " -i " + tiny_.quoted_file("test.fr");
        EXPECT_EQ(run(translate).status, 0);
        respell(folder + "/source.model", "chien", "niche");
        expect_failure(run(translate), 1, "'" + folder + "/source.model' is not the tokenizer that the weights");
    }
}

} // namespace
} // namespace nmt::cli
