// Models whose parts come from elsewhere, or were damaged: each command that loads one says what is wrong.
#include "tests/cli/tiny_model.hpp"

#include <cstring>
#include <filesystem>
#include <limits>
#include <map>

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
                "translate -t 1 -q -m " + this->model() + " -m " + model + " -i " + source,
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
    refused.push_back("audit -m " + quoted(other) + " --source " + tiny_.quoted_file("test.fr") + " --target " +
                      tiny_.quoted_file("test.en"));
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

// Writes the model's weights again, after `change` has seen each tensor's name, dtype and bytes.
template <typename Change>
void rewrite_weights(const std::string& model, const Change& change) {
    std::vector<SafetensorsEntry> entries;
    std::map<std::string, std::string> bytes;
    const SafetensorsFile file(model + "/model.safetensors");
    for (SafetensorsEntry entry : file.entries()) {
        std::string& content = bytes[entry.name];
        content.assign(static_cast<const char*>(entry.data), size_in_bytes(entry));
        change(entry, content, entries);
        entry.data = content.data();
        entries.push_back(entry);
    }
    write_safetensors(model + "/model.safetensors", entries, file.metadata());
}

TEST_F(ForeignModel, WeightsThatAreNoNumbersAreRefused) {
    for (const std::string tensor : {"encoder.embedding.weight", "decoder.output.bias"}) {
        for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
            const std::string broken = copy("broken");
            rewrite_weights(broken, [&](const SafetensorsEntry& entry, std::string& bytes, auto&) {
                if (entry.name == tensor) std::memcpy(bytes.data() + bytes.size() - sizeof(bad), &bad, sizeof(bad));
            });
            for (const std::string& arguments : commands(quoted(broken)))
                expect_failure(run(arguments), 1,
                               broken + "/model.safetensors': tensor '" + tensor + "' holds values that are no finite numbers");
            std::filesystem::remove_all(broken);
        }
    }
    EXPECT_FALSE(std::filesystem::exists(folder_.file("out")));
}

TEST_F(ForeignModel, AScaleMakesABiasNoIntegers) {
    for (const std::string tensor : {"decoder.output.bias", "decoder.attention.v"}) {
        const std::string broken = copy("broken");
        const std::vector<float> scales(1, 1.0F);
        bool found = false;
        rewrite_weights(broken, [&](SafetensorsEntry& entry, std::string& bytes, std::vector<SafetensorsEntry>& entries) {
            if (entry.name != tensor) return;
            found = true;
            entry.dtype = "I8";
            bytes.resize(bytes.size() / sizeof(float));
            entries.push_back({tensor + ".scale", "F32", {1}, scales.data()});
        });
        EXPECT_TRUE(found) << tensor;
        for (const std::string& arguments : commands(quoted(broken)))
            expect_failure(run(arguments), 1, "the model cannot read '" + tensor + "' as 8-bit integers");
        std::filesystem::remove_all(broken);
    }
}

// Starts a translation of a slow text, and `changes` the model after the first line's translation is there.
Outcome translate_meanwhile(const Folder& folder, const std::string& model, const std::string& change) {
    return shell(folder,
                 fmt::format("cd {0}; rm -f in; mkfifo in; {1} translate -t 1 -q -m {2} -i in > out & pid=$!\n"
                             "exec 3<> in; echo 'un chat' >&3\n"
                             "for i in $(seq 600); do [ -s out ] && break; sleep 0.1; done\n"
                             "cat out; {3}\n"
                             "echo 'deux chien' >&3; exec 3>&-; wait $pid; status=$?; [ $(wc -l < out) = 1 ] || cat out; exit $status",
                             quoted(folder.file(".")), quoted(NMT_PROGRAM), model, change));
}

TEST_F(ForeignModel, WritingIntoWeightsInUseIsAnError) {
    const std::string served = copy("served"), weights = quoted(served + "/model.safetensors"),
                      other = quoted(copy("other") + "/model.safetensors");
    const std::string expected = "/served/model.safetensors' was written to while it was in use";
    for (const std::string& change : {"cp " + other + " " + weights, "truncate -s 100 " + weights, ": > " + weights}) {
        const Outcome outcome = translate_meanwhile(folder_, quoted(served), change);
        EXPECT_EQ(outcome.status, 1) << change << outcome.errors;
        EXPECT_EQ(lines_of(outcome.output), 1u) << change; // the line that was done before
        EXPECT_TRUE(outcome.errors.starts_with("nmt: error: '")) << outcome.errors;
        EXPECT_NE(outcome.errors.find(expected), std::string::npos) << change << outcome.errors;
        EXPECT_EQ(lines_of(outcome.errors), 1u) << outcome.errors;
        std::filesystem::copy_file(folder_.file("other/model.safetensors"), served + "/model.safetensors",
                                   std::filesystem::copy_options::overwrite_existing);
    }
    const Outcome renamed = translate_meanwhile(folder_, quoted(served), "cp " + other + " new; mv new " + weights);
    EXPECT_EQ(renamed.status, 0) << renamed.errors;
    EXPECT_EQ(lines_of(renamed.output), 3u) << renamed.output; // the first line, and both at the end
}

} // namespace
} // namespace nmt::cli
