// What is told of a training's text before anything is learned from it, and what becomes of text that can be read only once.
#include "nmt/training/training_text.hpp"

#include "nmt/base/input_file.hpp"
#include "tests/training/toy_training.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <thread>

namespace nmt {
namespace {

namespace fs = std::filesystem;

class TrainingText : public testing::Test {
  protected:
    std::string write(const std::string& name, const std::string& content) const {
        write_file(toy_.folder / name, content);
        return toy_.folder / name;
    }

    // The warnings, or the error.
    static std::string said(const DataOptions& data) {
        testing::internal::CaptureStderr();
        std::string error;
        try {
            check_training_text(data);
        } catch (const Error& e) {
            error = e.what();
        }
        return testing::internal::GetCapturedStderr() + error;
    }

    static bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

    ToyTraining toy_;
    DataOptions data_ = toy_.validated(toy_.setup()).data;
};

TEST_F(TrainingText, OfWhichNothingIsToBeSaid) {
    EXPECT_EQ(said(data_), "");
    EXPECT_EQ(check_training_text(data_).pairs, 60u);
    EXPECT_EQ(check_training_text(data_).source, read_lines(data_.train_source));
    data_.valid_source = data_.valid_target = "";
    EXPECT_EQ(said(data_), "");
}

TEST_F(TrainingText, FaultsNameTheFiles) {
    for (std::string DataOptions::*key : {&DataOptions::valid_source, &DataOptions::train_target}) {
        DataOptions missing = data_, longer = data_;
        missing.*key = "/nowhere/text";
        EXPECT_TRUE(holds(said(missing), "'/nowhere/text'")) << said(missing);
        longer.*key = write("longer", read_file(longer.*key) + "un\n");
        EXPECT_TRUE(holds(said(longer), "/longer' has ")) << said(longer);
    }
    data_.valid_source = data_.valid_target = write("empty", "");
    EXPECT_TRUE(holds(said(data_), "the validation text is empty: '")) << said(data_);
    data_.valid_source = data_.valid_target = write("blank", " \n\n");
    EXPECT_TRUE(holds(said(data_), "the validation text holds no pair with text on both sides")) << said(data_);
    data_.valid_source = data_.valid_target = "";
    data_.valid_tsv = write("valid.tsv", "un\tone\ndeux\n");
    EXPECT_TRUE(holds(said(data_), "valid.tsv', line 2: found no TAB")) << said(data_);
}

TEST_F(TrainingText, ATargetThatIsTheSource) {
    DataOptions copied = data_;
    copied.train_target = copied.train_source;
    EXPECT_TRUE(holds(said(copied), "nmt: warning: 60 of 60 pairs of the training text have the source for a target")) << said(copied);
    copied = data_;
    copied.valid_target = write("other-name", read_file(copied.valid_source));
    EXPECT_TRUE(holds(said(copied), "12 of 12 pairs of the validation text have the source for a target")) << said(copied);
}

TEST_F(TrainingText, ValidationPairsThatAreTrainedOn) {
    data_.train_source += " " + write("copy.fr", read_file(data_.valid_source));
    data_.train_target += " " + write("copy.en", read_file(data_.valid_target));
    EXPECT_TRUE(holds(said(data_), "nmt: warning: 12 of 12 validation pairs in '")) << said(data_);
}

TEST_F(TrainingText, SidesThatAreExchanged) {
    DataOptions swapped = data_;
    std::swap(swapped.valid_source, swapped.valid_target);
    EXPECT_TRUE(holds(said(swapped), "are they exchanged?")) << said(swapped);
    swapped = data_;
    swapped.valid_target = write("again.en", read_file(data_.train_target) + "a dog\n");
    swapped.valid_source = write("more.en", "the dog\n" + read_file(data_.train_target));
    EXPECT_TRUE(holds(said(swapped), "is it in the source language?")) << said(swapped);
    EXPECT_FALSE(holds(said(swapped), "exchanged"));
    // Two samples of one language say nothing.
    DataOptions same = data_;
    same.train_target = toy_.folder / "same.fr";
    write_toy_pairs(same.train_target, toy_.folder / "unused", 60, 7);
    write_toy_pairs(toy_.folder / "valid.same", toy_.folder / "unused", 12, 8);
    same.valid_target = toy_.folder / "valid.same";
    EXPECT_EQ(said(same), "");
}

TEST_F(TrainingText, NormalizationIsShownWithItsKey) {
    write_file(data_.train_source, "un chat 10\u00b2\nun chien\nun chat 5\u00b2 \u2026\n");
    write_file(data_.train_target, "a cat\na dog\na cat\n");
    data_.valid_source = data_.valid_target = "";
    TokenizerOptions options;
    options.type = "char";
    const TextSample sample = check_training_text(data_);
    const auto logged = [&](const std::string& normalization) {
        options.normalization = normalization;
        Tokenizer::train({data_.train_source, data_.train_target}, options, TokenizerPair::joint_file(toy_.folder.path()));
        set_quiet(false);
        testing::internal::CaptureStderr();
        log_normalization(sample, TokenizerPair(toy_.folder.path()));
        set_quiet(true);
        return testing::internal::GetCapturedStderr();
    };
    EXPECT_EQ(logged("nmt_nfkc"), "source: normalization nmt_nfkc changes 2 of 3 lines beyond white space: \u00b2 to 2 (2 times), \u2026 "
                                  "to ... (1 times); tokenizer.normalization = identity changes none\n");
    EXPECT_EQ(logged("identity"), "");
}

// Two pipes that one program fills in turn, each with more than a pipe holds.
TEST_F(TrainingText, PipesAreCopiedIntoTheFolder) {
    DataOptions piped = data_;
    std::string source, target;
    for (int i = 0; i < 20000; ++i) source += "un chat " + std::to_string(i) + "\n", target += "a cat " + std::to_string(i) + "\n";
    piped.train_source = toy_.folder / "pipe.fr";
    piped.train_target = toy_.folder / "pipe.en";
    ASSERT_EQ(mkfifo(piped.train_source.c_str(), 0600), 0);
    ASSERT_EQ(mkfifo(piped.train_target.c_str(), 0600), 0);
    EXPECT_FALSE(reads_once(data_));
    EXPECT_TRUE(reads_once(piped));
    std::thread producer([&] {
        std::FILE* const first = std::fopen(piped.train_source.c_str(), "wb");
        std::FILE* const second = std::fopen(piped.train_target.c_str(), "wb");
        for (std::size_t at = 0; at < source.size(); at += 4096) {
            std::fwrite(source.data() + at, 1, std::min<std::size_t>(4096, source.size() - at), first);
            if (at < target.size()) std::fwrite(target.data() + at, 1, std::min<std::size_t>(4096, target.size() - at), second);
        }
        std::fclose(first);
        std::fclose(second);
    });
    const DataOptions kept = keep_text(piped, toy_.folder.path() / "model");
    producer.join();
    EXPECT_FALSE(reads_once(kept));
    EXPECT_EQ(read_file(kept.train_source), source);
    EXPECT_EQ(read_file(kept.train_target), target);
    EXPECT_EQ(kept.valid_source, data_.valid_source);
    EXPECT_TRUE(kept.train_source.starts_with((toy_.folder.path() / "model").string()));
    remove_kept_text(toy_.folder.path() / "model");
    EXPECT_FALSE(fs::exists(kept.train_source));
    piped.train_source = piped.train_target = "-";
    EXPECT_THROW(keep_text(piped, toy_.folder.path() / "model"), Error);
}

} // namespace
} // namespace nmt
