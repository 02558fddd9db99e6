// A tiny model that the built program has trained, once for each test program: a source tokenizer that knows every byte, and a target
// tokenizer of words, so that a translation's text has one reading alone.
#pragma once

#include "tests/base/test_support.hpp"
#include "tests/cli/program.hpp"
#include "tests/training/toy_training.hpp"

#include <algorithm>
#include <string>

namespace nmt::cli {

inline std::size_t lines_of(const std::string& text) { return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')); }

// Text, tokenizers and a configuration in a folder; and, at first use, a model.
class TinyModel {
  public:
    // `scratch` is used for running the program.
    static TinyModel& shared(const Folder& scratch) {
        static TinyModel model(scratch);
        return model;
    }

    std::string file(const std::string& name) const { return folder_ / name; }
    // For the shell.
    std::string quoted_file(const std::string& name) const { return quoted(file(name)); }

    // The folder of the trained model, for the shell.
    std::string model(const Folder& scratch) {
        if (!std::filesystem::exists(file("model/model.safetensors"))) {
            const Outcome trained = nmt(scratch, "train -t 1 --config " + quoted_file("config.ini") + " --model " + quoted_file("model"));
            EXPECT_EQ(trained.status, 0) << trained.errors;
            EXPECT_EQ(trained.output, "");
        }
        return quoted_file("model");
    }

    // 300 updates, with a validation and a checkpoint every 40 of them.
    std::string config() const { return quoted_file("config.ini"); }

  private:
    explicit TinyModel(const Folder& scratch) {
        write_toy_pairs(file("train.fr"), file("train.en"), 80, 1);
        write_toy_pairs(file("valid.fr"), file("valid.en"), 10, 2);
        write_toy_pairs(file("test.fr"), file("test.en"), 150, 3);
        const auto tokenizer = [&](const std::string& language, const std::string& options) {
            const Outcome trained = nmt(scratch, "tokenizer train -i " + quoted_file("train." + language) + " -m " +
                                                     quoted_file(language + ".model") + " " + options);
            EXPECT_EQ(trained.status, 0) << trained.errors;
        };
        tokenizer("fr", "--type bpe --vocab-size 300 --byte-fallback --no-exact");
        tokenizer("en", "--type word --vocab-size 50 --no-exact");
        write_file(file("config.ini"),
                   fmt::format("[model]\narchitecture = rnn-attention\nembedding-size = 12\nhidden-size = 16\nattention-size = 12\n"
                               "decoder-layers = 1\ndropout = 0.1\n"
                               "[training]\nbatch-tokens = 60\nlearning-rate = 0.01\nwarmup = 10\nmax-updates = 300\npatience = 0\n"
                               "validate-every = 40\naverage-decay = 0.9\nlog-every = 5\n"
                               "[data]\ntrain-source = {0}/train.fr\ntrain-target = {0}/train.en\nvalid-source = {0}/valid.fr\n"
                               "valid-target = {0}/valid.en\nsource-tokenizer = {0}/fr.model\ntarget-tokenizer = {0}/en.model\n",
                               folder_.path().string()));
    }

    TemporaryFolder folder_;
};

// Runs the program beside the tiny model.
class WithTinyModel : public testing::Test {
  protected:
    Outcome run(const std::string& arguments, std::string_view input = {}) { return nmt(folder_, arguments, input); }
    std::string model() { return tiny_.model(folder_); }

    Folder folder_;
    TinyModel& tiny_ = TinyModel::shared(folder_);
};

} // namespace nmt::cli
