#include "nmt/training/average.hpp"

#include "nmt/base/input_file.hpp"
#include "nmt/base/paths.hpp"
#include "nmt/models/model_folder.hpp"
#include "nmt/tensor/context.hpp"
#include "tests/training/toy_training.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace nmt {
namespace {

namespace fs = std::filesystem;

class Average : public testing::Test {
  protected:
    // A model of one parameter of three values.
    struct Tiny {
        Tiny() : context(1), model("tiny", {}, std::make_unique<ParameterStore>(context, 1)) {
            model.parameters().add_constant("w", {3}, 9);
        }
        const float* values() { return model.parameters().find("w")->value().data(); }
        Context context;
        Model model;
    };

    fs::path weights(const std::string& name, std::vector<float> values, const std::string& tensor = "w") {
        write_safetensors(toy_.folder / name, {{tensor, "F32", {static_cast<std::int64_t>(values.size())}, values.data()}});
        return toy_.folder / name;
    }

    void train_model(const std::string& name, const TrainingSetup& setup) { train(setup, toy_.folder.path() / name, false, 1); }

    // Tries to average two models and returns the message, which must be one line; the output must not appear.
    std::string failure(const std::string& first, const std::string& second) {
        const std::string message = message_of<Error>([&] {
            average_models({toy_.folder.path() / first, toy_.folder.path() / second}, toy_.folder.path() / "out");
        });
        EXPECT_EQ(message.find('\n'), std::string::npos) << message;
        EXPECT_FALSE(fs::exists(toy_.folder.path() / "out"));
        return message;
    }

    ToyTraining toy_;
};

TEST_F(Average, IsTheMeanByHand) {
    Tiny tiny;
    average_weights(tiny.model, {weights("a", {1, -2, 0.5f}), weights("b", {2, 2, 0.25f}), weights("c", {6, 3, 0})});
    EXPECT_EQ(tiny.values()[0], 3);
    EXPECT_EQ(tiny.values()[1], 1);
    EXPECT_EQ(tiny.values()[2], 0.25f);
}

TEST_F(Average, SumsInDoublePrecisionAndRoundsOnce) {
    Tiny tiny;
    // In single precision 1e8 + 1 is 1e8, and the sum would be 0.
    average_weights(tiny.model, {weights("a", {1e8f, 0.1f, 1}), weights("b", {1, 0.1f, 1}), weights("c", {-1e8f, 0.1f, 0})});
    EXPECT_EQ(tiny.values()[0], static_cast<float>(1.0 / 3));
    EXPECT_EQ(tiny.values()[1], 0.1f); // equal ones stay what they are
    EXPECT_EQ(tiny.values()[2], static_cast<float>(2.0 / 3));
    average_weights(tiny.model, {toy_.folder / "b"});
    EXPECT_EQ(tiny.values()[1], 0.1f);
    EXPECT_EQ(tiny.values()[0], 1);
}

TEST_F(Average, ForeignWeightsAreRefused) {
    Tiny tiny;
    const fs::path good = weights("good", {1, 2, 3});
    const auto with = [&](const fs::path& bad) { return message_of<Error>([&] { average_weights(tiny.model, {good, bad}); }); };
    EXPECT_NE(with(weights("short", {1, 2})).find("short"), std::string::npos);
    EXPECT_NE(with(weights("other", {1, 2, 3}, "v")).find("holds a tensor 'v'"), std::string::npos);
    EXPECT_NE(with(toy_.folder / "missing").find("missing"), std::string::npos);
    EXPECT_NE(message_of<Error>([&] { average_weights(tiny.model, {}); }), "");
}

TEST_F(Average, OfModelsIsAModel) {
    TrainingSetup setup = toy_.setup("rnn");
    train_model("a", setup);
    setup.data.source_tokenizer = toy_.folder / "a/source.model";
    setup.data.target_tokenizer = toy_.folder / "a/target.model";
    setup.training.seed = 2;
    setup.model.dropout = 0; // of training alone
    train_model("b", setup);
    const fs::path a = toy_.folder.path() / "a", b = toy_.folder.path() / "b", out = toy_.folder.path() / "out";
    average_models({a, b, b}, out);
    const auto of_a = tensors_of(a / "model.safetensors"), of_b = tensors_of(b / "model.safetensors"),
               found = tensors_of(out / "model.safetensors");
    ASSERT_EQ(found.size(), of_a.size());
    bool different = false;
    for (const auto& [name, bytes] : found) {
        const auto values = [](const std::string& text) { return reinterpret_cast<const float*>(text.data()); };
        for (std::size_t k = 0; k < bytes.size() / sizeof(float); ++k) {
            const double x = values(of_a.at(name))[k], y = values(of_b.at(name))[k];
            EXPECT_EQ(values(bytes)[k], static_cast<float>((x + y + y) / 3)) << name;
            different = different || x != y;
        }
    }
    EXPECT_TRUE(different);
    EXPECT_EQ(read_file(out / "config.ini"), read_file(a / "config.ini"));
    Context context(1);
    EXPECT_EQ(load_model(context, out).metadata.at("mean_of"), "3 models");
    // It is no training to go on with.
    EXPECT_NE(message_of<Error>([&] { train(toy_.setup("rnn"), out, true, 1); }).find("was not trained there"), std::string::npos);
    EXPECT_TRUE(tensors_of(out / "model.safetensors") == found);
}

TEST_F(Average, IsUsedToAsManySentencesAsAnyOfTheModels) {
    const TrainingSetup setup = toy_.setup("rnn");
    train_model("a", setup);
    const fs::path a = toy_.folder.path() / "a";
    Context context(1);
    const LoadedModel loaded = load_model(context, a);
    const auto copy_used_to = [&](int sentences) {
        Metadata metadata = loaded.metadata;
        set_usual_sentences(metadata, sentences);
        const fs::path copy = toy_.folder / fmt::format("used-to-{}", sentences);
        fs::create_directory(copy);
        for (const fs::path& file : TokenizerPair::files(a)) fs::copy(file, copy);
        fs::copy(a / "config.ini", copy);
        save_weights(*loaded.model, copy / "model.safetensors", metadata);
        return copy;
    };
    const fs::path one = copy_used_to(1), four = copy_used_to(4), two = copy_used_to(2), untold = copy_used_to(0);
    const auto of = [&](const std::string& name, const std::vector<fs::path>& folders) {
        average_models(folders, toy_.folder / name);
        return usual_sentences(load_model(context, toy_.folder / name).metadata);
    };
    EXPECT_EQ(of("larger", {one, four, two}), 4);
    EXPECT_EQ(of("equal", {two, two}), 2);
    EXPECT_EQ(of("not-told", {four, untold}), 0);
    EXPECT_EQ(of("not-told-first", {untold, four}), 0);
}

TEST_F(Average, RefusesUnequalModelsNamingTheFirstDifference) {
    const TrainingSetup setup = toy_.setup("rnn");
    train_model("a", setup);
    train_model("attention", toy_.setup());
    EXPECT_NE(failure("a", "attention").find("model.architecture = rnn is not rnn-attention"), std::string::npos);
    TrainingSetup other = setup;
    other.model.hidden_size = 16;
    train_model("wide", other);
    EXPECT_NE(failure("a", "wide").find("model.hidden-size = 12 is not 16"), std::string::npos);
    other = setup;
    other.tokenizer.joint = true;
    train_model("joint", other);
    EXPECT_NE(failure("a", "joint").find("are different source tokenizers"), std::string::npos);
    write_toy_pairs(toy_.folder / "more.fr", toy_.folder / "more.en", 60, 5); // the same words, otherwise frequent
    other = setup;
    other.data.train_source = toy_.folder / "more.fr";
    train_model("tokenizer", other);
    EXPECT_NE(failure("a", "tokenizer").find("are different source tokenizers"), std::string::npos) << failure("a", "tokenizer");
    train_model("dictionary", toy_.setup("dictionary"));
    EXPECT_NE(failure("dictionary", "dictionary").find("is estimated"), std::string::npos);
    EXPECT_NE(failure("a", "nothing").find("no model folder"), std::string::npos);
    EXPECT_NE(message_of<Error>([&] { average_models({toy_.folder.path() / "a"}, toy_.folder.path() / "out"); }).find("at least 2"),
              std::string::npos);
}

TEST_F(Average, NeverWritesOverAModel) {
    train_model("a", toy_.setup("rnn"));
    const auto before = tensors_of(toy_.folder / "a/model.safetensors");
    const fs::path a = toy_.folder.path() / "a";
    EXPECT_NE(message_of<Error>([&] { average_models({a, a}, a); }).find("holds a model.safetensors already"), std::string::npos);
    EXPECT_TRUE(tensors_of(a / "model.safetensors") == before);
    make_folder(toy_.folder.path() / "half");
    write_file(toy_.folder / "half/tokenizer.model", "mine");
    EXPECT_NE(message_of<Error>([&] { average_models({a, a}, toy_.folder.path() / "half"); }).find("tokenizer.model"), std::string::npos);
    EXPECT_EQ(read_file(toy_.folder / "half/tokenizer.model"), "mine");
}

TEST_F(Average, OfSnapshotsTakesTheLastOrTheBest) {
    TrainingSetup setup = toy_.validated(toy_.setup("rnn"));
    setup.training.validate_every = 1;
    setup.training.best_by = "loss";
    setup.training.patience = 0;
    setup.training.average_checkpoints = 4;
    setup.training.optimizer.learning_rate = 0.2; // now better, now worse
    train_model("a", setup);
    const fs::path a = toy_.folder.path() / "a";
    const Progression p = read_progression(a);
    ASSERT_EQ(p.snapshots.size(), 4u);
    const auto mean = [&](const std::vector<Snapshot>& snapshots) {
        Context context(1);
        const LoadedModel loaded = load_model(context, a);
        average_weights(*loaded.model, snapshot_files(a, snapshots));
        save_weights(*loaded.model, toy_.folder / "mean");
        return tensors_of(toy_.folder / "mean");
    };
    average_snapshots(a, 2, false, toy_.folder.path() / "last");
    EXPECT_TRUE(tensors_of(toy_.folder / "last/model.safetensors") == mean({p.snapshots[2], p.snapshots[3]}));
    average_snapshots(a, 1, true, toy_.folder.path() / "best");
    const auto best =
        *std::max_element(p.snapshots.begin(), p.snapshots.end(), [](const Snapshot& x, const Snapshot& y) { return x.score < y.score; });
    EXPECT_TRUE(tensors_of(toy_.folder / "best/model.safetensors") == mean({best}));
    const auto message = [&](const std::string& name, int count, bool of_best) {
        return message_of<Error>([&] { average_snapshots(toy_.folder.path() / name, count, of_best, toy_.folder.path() / "out"); });
    };
    EXPECT_NE(message("a", 5, false).find("kept the weights of 4 validations, not 5"), std::string::npos);
    setup = toy_.setup("rnn");
    setup.training.average_checkpoints = 1;
    train_model("unvalidated", setup);
    EXPECT_NE(message("unvalidated", 1, true).find("without a validation set"), std::string::npos);
    EXPECT_NE(message("last", 1, false).find("holds no training"), std::string::npos);
    fs::remove(snapshot_file(a, p.snapshots[1].updates));
    EXPECT_NE(message("a", 4, false).find("is missing"), std::string::npos);
}

} // namespace
} // namespace nmt
