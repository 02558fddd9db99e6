#include "nmt/decoding/workers.hpp"

#include "nmt/base/output_file.hpp"
#include "nmt/models/model_folder.hpp"
#include "tests/base/test_support.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

namespace nmt {
namespace {

namespace fs = std::filesystem;

class Workers : public testing::Test {
  protected:
    // The folder of an untrained model that is used to so many sentences, with a tokenizer of the characters of `text`.
    std::string model(const std::string& name, int usual_sentences, const std::string& text = "a b c\n") {
        const fs::path folder = folder_ / name;
        fs::create_directory(folder);
        write_file(folder / "text", text);
        TokenizerOptions tokenizer;
        tokenizer.type = "char";
        tokenizer.exact = false;
        Tokenizer::train({(folder / "text").string()}, tokenizer, TokenizerPair::joint_file(folder));
        ModelOptions options;
        options.architecture = "rnn";
        options.embedding_size = 5;
        options.hidden_size = 6;
        write_file(folder / "config.ini", format_model_options(options));
        Context context(1);
        const TokenizerPair tokenizers(folder);
        Metadata metadata = tokenizers.record();
        set_usual_sentences(metadata, usual_sentences);
        save_weights(*make_model(context, options, tokenizers.vocabulary(), 1), folder / "model.safetensors", metadata);
        return folder.string();
    }

    TemporaryFolder folder_;
};

TEST_F(Workers, HaveModelsOfTheirOwnOverTheSameWeights) {
    const std::string a = model("a", 1), b = model("b", 1);
    const TranslationWorkers workers({a, b}, 3, {3, 1});
    ASSERT_EQ(workers.ensembles().size(), 3u);
    const auto weight = [&](std::size_t worker, std::size_t m) {
        return workers.ensembles()[worker].model(m).parameters().find("encoder.embedding.weight")->value().data();
    };
    for (std::size_t worker = 0; worker < 3; ++worker) {
        const Ensemble& ensemble = workers.ensembles()[worker];
        ASSERT_EQ(ensemble.size(), 2u);
        EXPECT_DOUBLE_EQ(ensemble.weight(0), 0.75);
        for (std::size_t m = 0; m < 2; ++m) {
            EXPECT_EQ(weight(worker, m), weight(0, m)) << "one copy serves all";
            EXPECT_EQ(ensemble.model(m).context().threads(), 1);
            for (std::size_t other = 0; other < worker; ++other)
                EXPECT_NE(&ensemble.model(m).context(), &workers.ensembles()[other].model(m).context());
        }
    }
    EXPECT_NE(weight(0, 0), weight(0, 1));
    EXPECT_GE(TranslationWorkers({a}, 0).ensembles().size(), 1u);
}

TEST_F(Workers, AreUsedToAsManySentencesAsAnyOfTheirModels) {
    const std::string one = model("one", 1), four = model("four", 4), untold = model("untold", 0);
    EXPECT_EQ(TranslationWorkers({one}, 1).usual_sentences(), 1);
    EXPECT_EQ(TranslationWorkers({one, four}, 1).usual_sentences(), 4);
    EXPECT_EQ(TranslationWorkers({untold}, 1).usual_sentences(), 0);
    EXPECT_EQ(TranslationWorkers({four, untold, one}, 1).usual_sentences(), 0) << "nothing is known of one of them";
}

TEST_F(Workers, ReadOneTokenizer) {
    const std::string a = model("a", 1), b = model("b", 1, "a b c c c c\n"), c = model("c", 1, "x y\n");
    for (const std::string& other : {b, c}) {
        const std::string message = message_of<Error>([&] { TranslationWorkers({a, other}, 1); });
        EXPECT_NE(message.find("are different source tokenizers; models of an ensemble need the same ones"), std::string::npos) << message;
        EXPECT_NE(message.find(other), std::string::npos) << message;
    }
    EXPECT_NE(message_of<Error>([&] { TranslationWorkers({a, folder_ / "none"}, 1); }).find("there is no model folder"), std::string::npos);
}

} // namespace
} // namespace nmt
