// Architectures by name, and options as a configuration file gives them.
#include "nmt/models/registry.hpp"

#include "nmt/tensor/context.hpp"
#include "tests/base/test_support.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace nmt {
namespace {

ModelOptions read_options(const std::string& text) {
    Configuration configuration = Configuration::parse(text, "config.ini");
    ModelOptions options = read_model_options(configuration);
    configuration.check_all_used();
    return options;
}

std::string reading_error(const std::string& text) {
    return message_of<Error>([&] { read_options(text); });
}

TEST(RegistryTest, NamesAreUniqueAndFindTheirArchitecture) {
    std::set<std::string> names;
    for (const Architecture& architecture : architectures()) {
        EXPECT_TRUE(names.insert(architecture.name).second) << architecture.name;
        EXPECT_FALSE(architecture.summary.empty());
        EXPECT_EQ(&find_architecture(architecture.name), &architecture);
    }
    for (const char* const name : {"dictionary", "word-by-word", "rnn", "rnn-attention", "transformer", "transformer-rnn", "rnn-transformer"})
        EXPECT_TRUE(names.contains(name)) << name;
}

TEST(RegistryTest, AnUnknownArchitectureNamesTheNearest) {
    const std::string message = message_of<Error>([] { find_architecture("rnn-atention"); });
    EXPECT_NE(message.find("'rnn-atention'"), std::string::npos) << message;
    EXPECT_NE(message.find("dictionary, word-by-word, rnn, rnn-attention"), std::string::npos) << message;
    EXPECT_NE(message.find("did you mean 'rnn-attention'?"), std::string::npos) << message;
    EXPECT_NE(reading_error("[model]\narchitecture = word-to-word\n").find("did you mean 'word-by-word'?"), std::string::npos);
    EXPECT_EQ(message_of<Error>([] { find_architecture("perceptron-of-1958"); }).find("did you mean"), std::string::npos);
}

TEST(RegistryTest, AnUnknownOptionNamesTheNearest) {
    EXPECT_EQ(reading_error("[model]\narchitecture = rnn\nhiden-size = 5\n"),
              "'config.ini': unknown key 'hiden-size' in [model] (did you mean 'hidden-size'?)");
    const std::string value = reading_error("[model]\narchitecture = rnn\ncell = lstn\n");
    EXPECT_NE(value.find("model.cell = 'lstn': expected one of lstm, gru, tanh (did you mean 'lstm'?)"), std::string::npos) << value;
}

TEST(RegistryTest, OptionsOfAnotherArchitectureAreRefused) {
    const auto refused = [](const std::string& architecture, const std::string& option) {
        const std::string key = option.substr(0, option.find(' '));
        const std::string message = reading_error("[model]\narchitecture = " + architecture + "\n" + option + "\n");
        EXPECT_NE(message.find("unknown key '" + key + "'"), std::string::npos) << architecture << ", " << option << ": " << message;
    };
    for (const char* const option : {"attention = dot", "attention-size = 4", "wiring = input-feeding", "lookahead = 2"})
        refused("rnn", option);
    for (const char* const option : {"encoder-layers = 2", "bidirectional = false", "reversed = true", "attention = dot"})
        refused("word-by-word", option);
    refused("rnn-attention", "lookahead = 2");
    for (const char* const option : {"hidden-size = 4", "dropout = 0.1", "cell = gru", "lookahead = 1"}) refused("dictionary", option);
    // One embedding for both sides is nothing that word-by-word can do.
    EXPECT_NE(reading_error("[model]\narchitecture = word-by-word\ntied-embeddings = all\n").find("expected one of none, decoder"),
              std::string::npos);
}

TEST(RegistryTest, ValuesOutOfRangeAreRefused) {
    for (const char* const line : {"dropout = 1", "dropout = -0.1", "hidden-size = 0", "decoder-layers = 0", "encoder-layers = 0",
                                   "embedding-size = 0", "residual = maybe", "hidden-size = 1.5"}) {
        const std::string message = reading_error(std::string("[model]\narchitecture = rnn\n") + line + "\n");
        EXPECT_TRUE(message.starts_with("'config.ini': model.")) << line << ": " << message;
    }
    EXPECT_FALSE(reading_error("[model]\narchitecture = word-by-word\nlookahead = 0\n").empty());
}

TEST(RegistryTest, PresetsSetSizesThatSingleOptionsOverride) {
    const ModelOptions tiny = read_options("[model]\narchitecture = transformer\npreset = tiny\nheads = 8\n");
    EXPECT_EQ(tiny.encoder_layers, 4);
    EXPECT_EQ(tiny.decoder_layers, 4);
    EXPECT_EQ(tiny.width, 128);
    EXPECT_EQ(tiny.feed_forward, 256);
    EXPECT_EQ(tiny.heads, 8);
    EXPECT_EQ(tiny.dropout, 0.3);
    const ModelOptions base = read_options("[model]\nwidth = 256\npreset = base\narchitecture = transformer\n"); // in any order
    EXPECT_EQ(base.width, 256);
    EXPECT_EQ(base.feed_forward, 2048);
    EXPECT_EQ(base.encoder_layers, 6);
    const ModelOptions none = read_options("[model]\narchitecture = transformer\n"), small = read_options("[model]\narchitecture = transformer\npreset = small\n");
    EXPECT_EQ(format_model_options(none), format_model_options(small)); // what is written names sizes, not presets
    EXPECT_EQ(none.encoder_layers, 3);
    EXPECT_EQ(none.decoder_layers, 3);
    EXPECT_EQ(read_options("[model]\narchitecture = transformer-rnn\n").encoder_layers, 3);
    EXPECT_EQ(read_options("[model]\narchitecture = rnn-transformer\n").decoder_layers, 3);
    const std::string written = format_model_options(small);
    EXPECT_EQ(format_model_options(read_options(written)), written);
    const std::string twice = reading_error(written.substr(0, written.find("preset = none")) + "preset = base" + written.substr(written.find("preset = none") + 13));
    EXPECT_NE(twice.find("model.preset = base has no effect"), std::string::npos) << twice;
    EXPECT_NE(reading_error("[model]\narchitecture = transformer\npreset = smal\n").find("expected one of none, tiny, small, base (did you mean 'small'?)"),
              std::string::npos);
    EXPECT_NE(reading_error("[model]\narchitecture = rnn\npreset = small\n").find("unknown key 'preset'"), std::string::npos);
}

TEST(RegistryTest, HybridsKnowTheOptionsOfBothHalves) {
    const ModelOptions options =
        read_options("[model]\narchitecture = transformer-rnn\nwidth = 64\nheads = 2\nhidden-size = 32\nwiring = input-feeding\n");
    EXPECT_EQ(options.width, 64);
    EXPECT_EQ(options.hidden_size, 32);
    EXPECT_EQ(read_options("[model]\narchitecture = rnn-transformer\nbidirectional = false\nfeed-forward = 96\n").feed_forward, 96);
    EXPECT_FALSE(reading_error("[model]\narchitecture = rnn-transformer\nattention-size = 4\n").empty());
    EXPECT_FALSE(reading_error("[model]\narchitecture = transformer-rnn\nbidirectional = false\n").empty());
}

TEST(RegistryTest, OptionsSurviveFormattingAndReading) {
    ModelOptions changed;
    changed.cell = "gru";
    changed.embedding_size = 17;
    changed.hidden_size = 18;
    changed.encoder_layers = 3;
    changed.decoder_layers = 4;
    changed.bidirectional = false;
    changed.reversed = true;
    changed.residual = true;
    changed.attention = "dot";
    changed.attention_size = 19;
    changed.wiring = "input-feeding";
    changed.lookahead = 5;
    changed.dropout = 0.1;
    changed.tied_embeddings = "none";
    changed.width = 24;
    changed.feed_forward = 33;
    changed.heads = 3;
    changed.normalization = "post";
    changed.activation = "gelu";
    changed.positions = "learned";
    changed.max_positions = 77;
    changed.attention_dropout = 0.2;
    changed.activation_dropout = 0.25;
    for (const Architecture& architecture : architectures()) {
        SCOPED_TRACE(architecture.name);
        changed.architecture = architecture.name;
        const std::string text = format_model_options(changed);
        ModelOptions read = read_options(text);
        EXPECT_EQ(read.architecture, architecture.name);
        EXPECT_EQ(format_model_options(read), text);
        // Every option that the architecture knows has come back, and no other has moved.
        const OptionTable from_read = describe_model_options(read), from_changed = describe_model_options(changed);
        ASSERT_EQ(from_read.options().size(), from_changed.options().size());
        for (std::size_t i = 0; i < from_read.options().size(); ++i)
            EXPECT_EQ(option_value(from_read.options()[i]), option_value(from_changed.options()[i])) << from_read.options()[i].name;
    }
    changed.architecture = "rnn-attention";
    const ModelOptions read = read_options(format_model_options(changed));
    EXPECT_EQ(read.lookahead, ModelOptions().lookahead); // not its option
    EXPECT_EQ(read.dropout, 0.1);
    EXPECT_EQ(read.wiring, "input-feeding");
}

TEST(RegistryTest, OptionsHaveDistinctNamesAndHelp) {
    for (const Architecture& architecture : architectures()) {
        ModelOptions options;
        options.architecture = architecture.name;
        std::set<std::string> names;
        const OptionTable table = describe_model_options(options);
        for (const OptionTable::Option& option : table.options()) {
            EXPECT_TRUE(names.insert(option.name).second) << architecture.name << ": " << option.name;
            EXPECT_FALSE(option.help.empty()) << option.name;
        }
    }
}

TEST(RegistryTest, ASectionByAnotherName) {
    Configuration configuration = Configuration::parse("[model.small]\narchitecture = rnn\nhidden-size = 9\n", "recipe.ini");
    const ModelOptions options = read_model_options(configuration, "model.small");
    EXPECT_EQ(options.hidden_size, 9);
    EXPECT_TRUE(format_model_options(options, "model.small").starts_with("[model.small]\narchitecture = rnn\n"));
}

TEST(RegistryTest, WhatCannotBeBuiltSaysWhy) {
    Context context(1);
    ModelOptions options;
    options.architecture = "rnn";
    options.embedding_size = options.hidden_size = 4;
    const auto error_with = [&](const Vocabulary& vocabulary) {
        return message_of<Error>([&] { make_model(context, options, vocabulary, 1); });
    };
    options.tied_embeddings = "all";
    EXPECT_NE(error_with({9, 9, false}).find("needs one vocabulary for both sides"), std::string::npos);
    EXPECT_EQ(error_with({9, 9, true}), "");
    options.reversed = true; // and bidirectional
    EXPECT_NE(error_with({9, 9, true}).find("bidirectional = false"), std::string::npos);
}

TEST(RegistryTest, TheSeedDecidesTheParameters) {
    Context context(1);
    ModelOptions options;
    options.embedding_size = options.hidden_size = options.attention_size = 6;
    const auto model = make_model(context, options, {9, 8, false}, 1), same = make_model(context, options, {9, 8, false}, 1),
               other = make_model(context, options, {9, 8, false}, 2);
    EXPECT_EQ(model->architecture(), "rnn-attention");
    EXPECT_EQ(model->vocabulary().source, 9);
    std::size_t differ = 0;
    for (std::size_t i = 0; i < model->parameters().all().size(); ++i) {
        const auto values = [&](Model& of) {
            const Tensor& value = of.parameters().all()[i].value();
            return std::vector<float>(value.data(), value.data() + value.size());
        };
        EXPECT_EQ(values(*model), values(*same));
        differ += values(*model) != values(*other);
    }
    EXPECT_GT(differ, 10U);
}

} // namespace
} // namespace nmt
