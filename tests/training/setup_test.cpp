#include "nmt/training/setup.hpp"

#include "nmt/base/error.hpp"
#include "tests/base/test_support.hpp"
#include "tests/training/toy_training.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace nmt {
namespace {

std::string message_of_read(const std::string& text) {
    return message_of<Error>([&] {
        Configuration configuration = Configuration::parse(text, "test.ini");
        TrainingSetup::read(configuration);
    });
}

TEST(TrainingSetup, FormatIsReadBack) {
    ToyTraining toy;
    for (const std::string architecture : {"dictionary", "word-by-word", "rnn", "rnn-attention"}) {
        TrainingSetup setup = toy.validated(toy.setup(architecture));
        setup.training.optimizer.epsilon = 1.25e-7;
        setup.training.optimizer.average_decay = 0.123456789012345678;
        setup.training.seed = 18446744073709551615ULL;
        setup.training.best_by = "loss";
        Configuration configuration = Configuration::parse(setup.format(), "config.ini");
        const TrainingSetup read = TrainingSetup::read(configuration);
        configuration.check_all_used();
        EXPECT_EQ(read.format(), setup.format());
        EXPECT_EQ(read.training.seed, setup.training.seed);
        EXPECT_EQ(read.training.optimizer.average_decay, setup.training.optimizer.average_decay);
        EXPECT_EQ(read.data.valid_target, setup.data.valid_target);
        EXPECT_EQ(read.model.architecture, architecture);
        EXPECT_FALSE(read.tokenizer.joint);
    }
}

TEST(TrainingSetup, DefaultsAreReadFromNothing) {
    Configuration configuration;
    EXPECT_EQ(TrainingSetup::read(configuration).format(), TrainingSetup().format());
}

TEST(TrainingSetup, UnknownKeysAndSectionsNameTheNearest) {
    EXPECT_NE(message_of_read("[training]\nbatch-token = 5\n").find("did you mean 'batch-tokens'?"), std::string::npos);
    EXPECT_NE(message_of_read("[tokenizer]\nvocabsize = 5\n").find("did you mean 'vocab-size'?"), std::string::npos);
    EXPECT_NE(message_of_read("[data]\ntrain-sorce = x\n").find("did you mean 'train-source'?"), std::string::npos);
    EXPECT_NE(message_of_read("[model]\nhiden-size = 5\n").find("did you mean 'hidden-size'?"), std::string::npos);
    EXPECT_NE(message_of_read("[model]\narchitecture = rnn\nattention = additive\n").find("unknown key 'attention'"), std::string::npos);
    EXPECT_NE(message_of_read("[model]\narchitecture = rnn-atention\n").find("did you mean 'rnn-attention'?"), std::string::npos);
    EXPECT_NE(message_of_read("[trainning]\nseed = 5\n").find("did you mean 'training'?"), std::string::npos);
    EXPECT_NE(message_of_read("[trainning]\n").find("[trainning]"), std::string::npos); // also without a key
    EXPECT_NE(message_of_read("[training]\nlabel-smoothing = 1.5\n").find("training.label-smoothing"), std::string::npos);
    EXPECT_NE(message_of_read("[training]\nwarmup = many\n").find("test.ini"), std::string::npos);
}

std::string message_of_change(const TrainingSetup& before, const TrainingSetup& after) {
    return message_of<Error>([&] { check_changes(setup_changes(before, after), "a/model"); });
}

TEST(SetupChanges, AreOfTheKeysAndNotOfTheText) {
    ToyTraining toy;
    const TrainingSetup before = toy.validated(toy.setup("transformer"));
    TrainingSetup after = before;
    after.model.preset = "tiny"; // its sizes stand there one by one
    EXPECT_TRUE(setup_changes(before, after).empty());
    after.training.optimizer.learning_rate = 0.25;
    after.data.valid_source = after.data.valid_target = "";
    const std::vector<OptionChange> changes = setup_changes(before, after);
    ASSERT_EQ(changes.size(), 3u);
    EXPECT_EQ(describe(changes[0]), "training.learning-rate from 0.01 to 0.25");
    EXPECT_EQ(describe(changes[1]), "data.valid-source from " + before.data.valid_source + " to nothing");
    EXPECT_EQ(changes[2].key, "data.valid-target");
}

TEST(SetupChanges, WhatWeightsAndPlaceDependOnStaysAndSaysWhy) {
    ToyTraining toy;
    const TrainingSetup before = toy.setup("rnn-attention");
    const auto refused = [&](const char* key, const char* values, const char* why, const std::function<void(TrainingSetup&)>& change) {
        TrainingSetup after = before;
        change(after);
        const std::string message = message_of_change(before, after);
        for (const char* const part : {key, values, why, "a/model", "another folder"})
            EXPECT_NE(message.find(part), std::string::npos) << key << ": " << message;
    };
    refused("model.architecture", "rnn-attention to rnn", "the weights", [](TrainingSetup& s) { s.model.architecture = "rnn"; });
    refused("model.hidden-size", "12 to 13", "the weights", [](TrainingSetup& s) { s.model.hidden_size = 13; });
    refused("model.cell", "lstm to gru", "the weights", [](TrainingSetup& s) { s.model.cell = "gru"; });
    refused("tokenizer.vocab-size", "30 to 31", "learned once", [](TrainingSetup& s) { s.tokenizer.vocabulary_size = 31; });
    refused("training.seed", "1 to 2", "order of the batches", [](TrainingSetup& s) { s.training.seed = 2; });
    refused("training.max-length", "100 to 50", "which pairs", [](TrainingSetup& s) { s.training.max_length = 50; });
    refused("training.subword-sampling", "0 to 0.1", "batches hold", [](TrainingSetup& s) { s.training.subword_sampling = 0.1; });
    refused("training.average-decay", "0 to 0.9", "averaged", [](TrainingSetup& s) { s.training.optimizer.average_decay = 0.9; });
    refused("training.average-checkpoints", "0 to 3", "averaged", [](TrainingSetup& s) { s.training.average_checkpoints = 3; });
    refused("training.optimizer", "adam to sgd", "moments", [](TrainingSetup& s) { s.training.optimizer.name = "sgd"; });
}

TEST(SetupChanges, WhatTheNextUpdatesDependOnMayChange) {
    ToyTraining toy;
    const TrainingSetup before = toy.setup("transformer");
    TrainingSetup after = before;
    after.model.dropout = after.model.attention_dropout = after.model.activation_dropout = 0.4;
    after.training.optimizer.name = "adamw";
    after.training.optimizer.weight_decay = 0.01;
    after.training.optimizer.schedule = "cosine";
    after.training.batch_tokens = 7;
    after.training.accumulate = 3;
    after.training.precision = "f32";
    after.data.train_source = "elsewhere";
    EXPECT_GE(setup_changes(before, after).size(), 10u);
    EXPECT_EQ(message_of_change(before, after), "");
}

} // namespace
} // namespace nmt
