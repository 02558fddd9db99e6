// Fine-tuning: what a training begins with, what of it stays frozen, and that it comes to the same weights however often it is stopped.
#include "nmt/training/start.hpp"

#include "nmt/base/input_file.hpp"
#include "nmt/base/strings.hpp"
#include "nmt/models/quantize.hpp"
#include "nmt/tensor/context.hpp"
#include "nmt/training/average.hpp"
#include "nmt/training/event_log.hpp"
#include "tests/training/toy_training.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>

namespace nmt {
namespace {

namespace fs = std::filesystem;

std::vector<EventLog::Json> events_of(const fs::path& folder, const std::string& kind) {
    std::vector<EventLog::Json> events = EventLog::read(folder / "log.jsonl");
    std::erase_if(events, [&](const EventLog::Json& event) { return event.at("event") != kind; });
    return events;
}

class Start : public testing::Test {
  protected:
    Start() {
        // The same language with two words more in place of one.
        for (const auto& [language, old, fox, otter] :
             {std::array{"fr", "chat", "renard", "loutre"}, std::array{"en", "cat", "fox", "otter"}}) {
            std::string text;
            for (const std::string& line : read_lines(toy_.folder / (std::string("train.") + language))) {
                std::string changed = line;
                replace_all(changed, old, text.size() % 3 == 0 ? fox : otter);
                text += line + "\n" + changed + "\n";
            }
            write_file(toy_.folder / (std::string("new.") + language), text);
        }
    }

    fs::path at(const std::string& name) const { return toy_.folder.path() / name; }

    // A model to begin with, trained once.
    fs::path general(const TrainingSetup& setup, const std::string& name = "general") {
        train(setup, at(name), false, 1);
        return at(name);
    }

    // The same training from that model, on the new text.
    TrainingSetup from(TrainingSetup setup, const fs::path& start) const {
        setup.training.from = start.string();
        setup.data.train_source = toy_.folder / "new.fr";
        setup.data.train_target = toy_.folder / "new.en";
        setup.training.seed = 5;
        return setup;
    }

    // One that changes nothing, so that what it begins with can be seen.
    static TrainingSetup idle(TrainingSetup setup) {
        setup.training.optimizer.learning_rate = 0;
        setup.training.max_updates = 1;
        return setup;
    }

    std::string failure(const TrainingSetup& setup) {
        const std::string message = message_of<Error>([&] { train(setup, at("refused"), false, 1); });
        EXPECT_EQ(message.find('\n'), std::string::npos) << message;
        EXPECT_FALSE(fs::exists(at("refused"))) << message;
        return message;
    }

    ToyTraining toy_;
};

TEST_F(Start, TheWeightsAndTokenizersAreThoseOfTheOtherModel) {
    for (const std::string architecture : {"word-by-word", "rnn", "rnn-attention"}) {
        SCOPED_TRACE(architecture);
        const fs::path start = general(toy_.setup(architecture), "general-" + architecture), folder = at("special-" + architecture);
        const Progression p = train(idle(from(toy_.setup(architecture), start)), folder, false, 1);
        EXPECT_EQ(p.updates, 1);
        EXPECT_TRUE(tensors_of(folder / "model.safetensors") == tensors_of(start / "model.safetensors"));
        for (const fs::path& file : TokenizerPair::files(start)) EXPECT_EQ(read_file(folder / file.filename()), read_file(file));
        EXPECT_EQ(TokenizerPair::files(folder).size(), 2u);
        const EventLog::Json begun = events_of(folder, "start").at(0).at("from");
        EXPECT_EQ(begun.at("folder"), start.string());
        EXPECT_EQ(begun.at("source_pieces").at(0), begun.at("source_pieces").at(1));
        // Moments are fresh: only one update's gradient is in them.
        EXPECT_FALSE(latest_tensors(folder) == latest_tensors(start));
    }
}

TEST_F(Start, WhatItBeginsWithIsValidatedFirst) {
    const TrainingSetup setup = toy_.validated(toy_.setup());
    const fs::path start = general(setup), folder = at("special");
    train(from(setup, start), folder, false, 1);
    const std::vector<EventLog::Json> before = events_of(start, "validation"), after = events_of(folder, "validation");
    ASSERT_EQ(after.size(), 2u);
    EXPECT_EQ(after[0].at("updates"), 0);
    EXPECT_EQ(after[0].at("loss"), before.back().at("loss")); // the model there is that of its one validation
    EXPECT_EQ(after[0].at("bleu"), before.back().at("bleu"));
    EXPECT_EQ(after[1].at("updates"), 6);
    EXPECT_NE(after[1].at("loss"), after[0].at("loss"));
}

TEST_F(Start, WhatItBeginsWithIsNoSnapshot) {
    TrainingSetup setup = toy_.validated(toy_.setup());
    const fs::path start = general(setup);
    setup.training.average_checkpoints = 3;
    setup.training.validate_every = 3;
    const Progression p = train(from(setup, start), at("special"), false, 1);
    EXPECT_EQ(p.validations, 3);
    ASSERT_EQ(p.snapshots.size(), 2u);
    EXPECT_EQ(p.snapshots.front().updates, 3);
}

// Stopped after every update, and without the model that it began with after the first.
TEST_F(Start, ResumesToTheSameWeightsWithoutItsStart) {
    TrainingSetup setup = toy_.setup();
    setup.training.optimizer.average_decay = 0.9;
    const fs::path start = general(setup), whole = at("whole"), pieces = at("pieces");
    setup = from(setup, start);
    ASSERT_EQ(train_in_child(setup, whole, false, false), 0);
    int stops = 0, status = 0;
    while ((status = train_in_child(setup, pieces, stops > 0, true)) != 0) {
        ASSERT_EQ(status, 128 + SIGTERM);
        ASSERT_LT(++stops, 20);
        fs::remove_all(start);
    }
    EXPECT_GE(stops, 6);
    EXPECT_TRUE(latest_tensors(whole) == latest_tensors(pieces));
    EXPECT_TRUE(tensors_of(whole / "model.safetensors") == tensors_of(pieces / "model.safetensors"));
}

// A signal during the validation before the first update.
TEST_F(Start, ResumesBeforeItsFirstUpdate) {
    const TrainingSetup setup = toy_.validated(toy_.setup());
    const fs::path start = general(setup), whole = at("whole"), pieces = at("pieces");
    ASSERT_EQ(train_in_child(from(setup, start), whole, false, false), 0);
    ASSERT_EQ(train_in_child(from(setup, start), pieces, false, true), 128 + SIGTERM);
    EXPECT_EQ(read_progression(pieces).updates, 0);
    EXPECT_EQ(read_progression(pieces).validations, 0);
    fs::remove_all(start);
    ASSERT_EQ(train_in_child(from(setup, start), pieces, true, false), 0);
    EXPECT_EQ(events_of(pieces, "validation").size(), 2u);
    EXPECT_TRUE(latest_tensors(whole) == latest_tensors(pieces));
}

// The rows of a parameter: those of the pieces that both vocabularies have, and the others.
void expect_carried(const fs::path& folder, const fs::path& start, const fs::path& drawn, const std::string& name, bool source) {
    SCOPED_TRACE(name);
    const TokenizerPair mine(folder), its(start);
    const Tokenizer &tokenizer = source ? mine.source() : mine.target(), &other = source ? its.source() : its.target();
    const std::string now = tensors_of(folder / "model.safetensors").at(name), before = tensors_of(start / "model.safetensors").at(name),
                      fresh = tensors_of(drawn / "model.safetensors").at(name);
    const std::size_t row = now.size() / static_cast<std::size_t>(tokenizer.vocabulary_size());
    int carried = 0;
    for (int id = 0; id < tokenizer.vocabulary_size(); ++id) {
        const int old = other.id(tokenizer.piece(id));
        const bool equal = old != Tokenizer::kUnknown || id == Tokenizer::kUnknown;
        carried += equal;
        EXPECT_EQ(now.substr(static_cast<std::size_t>(id) * row, row),
                  equal ? before.substr(static_cast<std::size_t>(old) * row, row) : fresh.substr(static_cast<std::size_t>(id) * row, row))
            << tokenizer.piece(id);
    }
    EXPECT_EQ(carried, other.vocabulary_size());
    EXPECT_EQ(tokenizer.vocabulary_size(), carried + 2);
}

TEST_F(Start, EmbeddingsOfEqualPiecesAreCarriedOverToANewTokenizer) {
    for (const std::string tied : {"none", "decoder", "all"}) {
        SCOPED_TRACE(tied);
        TrainingSetup setup = toy_.setup();
        setup.model.tied_embeddings = tied;
        setup.tokenizer.joint = tied == "all";
        if (tied == "all") setup.tokenizer.vocabulary_size = 60;
        const fs::path start = general(setup, "general-" + tied), folder = at("special-" + tied), drawn = at("drawn-" + tied);
        TrainingSetup fine = idle(from(setup, start));
        fine.training.new_tokenizer = true;
        train(fine, folder, false, 1);
        fine.training.from.clear();
        fine.training.new_tokenizer = false;
        train(fine, drawn, false, 1);
        if (tied == "all") continue; // four words more in one vocabulary: below
        expect_carried(folder, start, drawn, "encoder.embedding.weight", true);
        expect_carried(folder, start, drawn, "decoder.embedding.weight", false);
        expect_carried(folder, start, drawn, "decoder.output.bias", false);
        if (tied == "none") expect_carried(folder, start, drawn, "decoder.output.weight", false);
        const auto pieces = events_of(folder, "start").at(0).at("from").at("source_pieces");
        EXPECT_EQ(pieces.at(1).get<int>(), pieces.at(0).get<int>() + 2);
        // What belongs to no piece is carried over whole.
        EXPECT_EQ(tensors_of(folder / "model.safetensors").at("decoder.readout.weight"),
                  tensors_of(start / "model.safetensors").at("decoder.readout.weight"));
    }
    const auto pieces = events_of(at("special-all"), "start").at(0).at("from").at("target_pieces");
    EXPECT_EQ(pieces.at(1).get<int>(), pieces.at(0).get<int>() + 4);
}

TEST_F(Start, GivenTokenizersAreTaken) {
    const fs::path start = general(toy_.setup());
    TrainingSetup fine = idle(from(toy_.setup(), start));
    fine.data.source_tokenizer = toy_.folder / "fr.model";
    fine.data.target_tokenizer = toy_.folder / "en.model";
    Tokenizer::train({fine.data.train_source}, fine.tokenizer, fine.data.source_tokenizer);
    Tokenizer::train({fine.data.train_target}, fine.tokenizer, fine.data.target_tokenizer);
    train(fine, at("special"), false, 1);
    EXPECT_EQ(read_file(at("special") / "source.model"), read_file(fine.data.source_tokenizer));
    fine.training.new_tokenizer = true;
    EXPECT_NE(failure(fine).find("new-tokenizer has no effect beside data.source-tokenizer"), std::string::npos);
    fine.data.source_tokenizer = fine.data.target_tokenizer = fine.training.from = "";
    EXPECT_NE(failure(fine).find("new-tokenizer has no effect without training.from"), std::string::npos);
}

TEST_F(Start, WhatCannotBeBegunWithIsRefused) {
    const TrainingSetup setup = toy_.setup();
    const fs::path start = general(setup);
    TrainingSetup other = from(setup, start);
    other.model.hidden_size = 20;
    std::string message = failure(other);
    EXPECT_NE(message.find("model.hidden-size = 20 does not fit"), std::string::npos) << message;
    EXPECT_NE(message.find("has 12"), std::string::npos) << message;
    other = from(setup, start);
    other.model.cell = "gru";
    EXPECT_NE(failure(other).find("model.cell = gru"), std::string::npos);
    other = from(toy_.setup("rnn"), start);
    message = failure(other);
    EXPECT_NE(message.find("model.architecture = rnn does not fit"), std::string::npos) << message;
    EXPECT_NE(message.find("rnn-attention"), std::string::npos) << message;
    other = from(setup, at("nowhere"));
    EXPECT_NE(failure(other).find("there is no model folder"), std::string::npos);
    other = from(setup, start);
    other.tokenizer.joint = true;
    EXPECT_NE(failure(other).find("tokenizer.joint = true"), std::string::npos);
    EXPECT_NE(failure(from(toy_.setup("dictionary"), general(toy_.setup("dictionary"), "dictionary"))).find("estimated"),
              std::string::npos);
    Context context(1);
    LoadedModel loaded = load_model(context, start);
    quantize_weights(*loaded.model);
    save_model(loaded, start, at("int8"), loaded.metadata);
    EXPECT_NE(failure(from(setup, at("int8"))).find("it is quantized"), std::string::npos);
    // Dropout decides nothing about the weights.
    other = from(setup, start);
    other.model.dropout = 0.5;
    EXPECT_EQ(train(other, at("special"), false, 1).updates, 6);
}

// The recommended way in miniature: new words get pieces of their own, and the old text is mixed in.
TEST_F(Start, NewWordsAreLearnedAndTheOldOnesKept) {
    const std::vector<std::pair<std::string, std::string>> words = {
        {"un", "one"},     {"deux", "two"}, {"trois", "three"}, {"vert", "green"}, {"grand", "big"},  {"dort", "sleeps"},
        {"court", "runs"}, {"chat", "cat"}, {"chien", "dog"},   {"loup", "wolf"},  {"renard", "fox"}, {"loutre", "otter"}};
    // Pairs of four words each, word by word; with `fresh` the last two words are among them, else they are not.
    const auto write = [&](const std::string& name, int pairs, bool fresh, std::uint64_t seed) {
        Random random(seed);
        std::string sources, targets;
        for (int i = 0; i < pairs; ++i) {
            const std::uint64_t place = random.below(4);
            for (std::uint64_t k = 0; k < 4; ++k) {
                const auto& [word, translation] = words[fresh && k == place ? 10 + random.below(2) : random.below(10)];
                sources += word + (k < 3 ? " " : "\n");
                targets += translation + (k < 3 ? " " : "\n");
            }
        }
        write_file(toy_.folder / (name + ".fr"), sources);
        write_file(toy_.folder / (name + ".en"), targets);
    };
    write("old", 200, false, 1);
    write("old-valid", 30, false, 2);
    write("new", 20, true, 3);
    write("new-valid", 20, true, 4);
    TrainingSetup setup = toy_.setup("word-by-word");
    setup.model.embedding_size = setup.model.hidden_size = 24;
    setup.model.dropout = 0;
    setup.training.optimizer.warmup = 10;
    setup.training.batch_tokens = 100;
    setup.training.max_updates = 0;
    setup.training.max_epochs = 15;
    setup.data.train_source = toy_.folder / "old.fr";
    setup.data.train_target = toy_.folder / "old.en";
    TrainingSetup fine = from(setup, general(setup));
    fine.training.new_tokenizer = true;
    fine.training.max_epochs = 8;
    const auto files = [&](const std::string& language) {
        const std::string fresh = toy_.folder / ("new." + language);
        return fresh + " " + fresh + " " + fresh + " " + (toy_.folder / ("old." + language));
    };
    fine.data.train_source = files("fr");
    fine.data.train_target = files("en");
    fine.data.valid_source = (toy_.folder / "new-valid.fr") + " " + (toy_.folder / "old-valid.fr");
    fine.data.valid_target = (toy_.folder / "new-valid.en") + " " + (toy_.folder / "old-valid.en");
    train(fine, at("special"), false, 1);
    const std::vector<EventLog::Json> validations = events_of(at("special"), "validation");
    const auto bleu = [](const EventLog::Json& event, std::size_t set) { return event.at("sets").at(set).at("bleu").get<double>(); };
    EXPECT_LT(bleu(validations.front(), 0), 30);
    EXPECT_GT(bleu(validations.front(), 1), 95);
    EXPECT_GT(bleu(validations.back(), 0), 95);
    EXPECT_GE(bleu(validations.back(), 1), bleu(validations.front(), 1) - 1);
}

// ---- Configurations ----

class StartOptions : public Start {
  protected:
    // What a configuration with this text says after it is completed.
    TrainingSetup completed(const std::string& text) {
        Configuration configuration = Configuration::parse(text, "fine.ini");
        adopt_start(configuration);
        const TrainingSetup setup = TrainingSetup::read(configuration);
        configuration.check_all_used();
        return setup;
    }
    std::string start_section() { return "[training]\nfrom = " + at("general").string() + "\n"; }
};

TEST_F(StartOptions, AreThoseOfTheStartWhereNothingIsSaid) {
    TrainingSetup setup = toy_.setup();
    setup.model.cell = "gru";
    general(setup);
    TrainingSetup found = completed(start_section() + "[model]\ndropout = 0.4\n");
    setup.model.dropout = 0.4;
    EXPECT_EQ(format_model_options(found.model), format_model_options(setup.model));
    EXPECT_EQ(format_section("tokenizer", found.tokenizer), format_section("tokenizer", setup.tokenizer));
    EXPECT_EQ(found.training.batch_tokens, TrainingOptions().batch_tokens); // the training is one of its own
    EXPECT_TRUE(found.data.train_source.empty());
    const std::string message =
        message_of<Error>([&] { completed(start_section() + "[model]\narchitecture = rnn-attention\nembedding-size = 9\n"); });
    EXPECT_NE(message.find("model.embedding-size = 9 does not fit '" + at("general").string()), std::string::npos) << message;
    EXPECT_NE(message.find("has 8"), std::string::npos) << message;
    EXPECT_NE(
        message_of<Error>([&] { completed(start_section() + "[model]\narchitecture = rnn\n"); }).find("is of architecture rnn-attention"),
        std::string::npos);
    EXPECT_NE(message_of<Error>([&] { completed("[training]\nfrom = " + at("nowhere").string() + "\n"); }).find("is no model folder"),
              std::string::npos);
}

TEST_F(StartOptions, APresetMayBeSaidAgain) {
    TrainingSetup setup = toy_.setup("transformer");
    Configuration tiny = Configuration::parse("[model]\narchitecture = transformer\npreset = tiny\n", "tiny.ini");
    setup.model = read_model_options(tiny);
    setup.training.max_updates = 1;
    general(setup);
    const std::string section = "[model]\narchitecture = transformer\npreset = ";
    EXPECT_EQ(format_model_options(completed(start_section() + section + "tiny\n").model), format_model_options(setup.model));
    EXPECT_NE(message_of<Error>([&] { completed(start_section() + section + "small\n"); }).find("does not fit"), std::string::npos);
}

TEST_F(StartOptions, TokenizerKeysCountWhereANewOneIsLearned) {
    general(toy_.setup());
    const std::string keys = "[tokenizer]\nvocab-size = 25\n";
    testing::internal::CaptureStderr();
    set_quiet(false);
    EXPECT_EQ(completed(start_section() + keys).tokenizer.vocabulary_size, 30);
    set_quiet(true);
    const std::string said = testing::internal::GetCapturedStderr();
    EXPECT_NE(said.find("[tokenizer] has no effect"), std::string::npos) << said;
    const TrainingSetup found = completed(start_section() + "new-tokenizer = true\n" + keys);
    EXPECT_EQ(found.tokenizer.vocabulary_size, 25);
    EXPECT_EQ(found.tokenizer.type, "word"); // as there
    EXPECT_FALSE(found.tokenizer.joint);
}

TEST_F(StartOptions, OfAResumedTrainingAreItsOwn) {
    const fs::path start = general(toy_.setup()), folder = at("special");
    train(from(toy_.setup(), start), folder, false, 1);
    fs::remove_all(start);
    const auto resumed = [&](const std::string& text) {
        Configuration configuration = Configuration::parse(text, "fine.ini");
        adopt_start_of(folder, configuration);
        return TrainingSetup::read(configuration);
    };
    EXPECT_EQ(format_model_options(resumed("").model), format_model_options(toy_.setup().model));
    EXPECT_EQ(resumed(start_section()).training.from, start.string());
    EXPECT_EQ(resumed("").training.from, start.string());
    EXPECT_NE(message_of<Error>([&] { resumed("[training]\nfrom = other\n"); }).find("began with '" + start.string()), std::string::npos);
}

// ---- Frozen parts ----

TEST_F(Start, FrozenPartsStayAsTheyWere) {
    const fs::path start = general(toy_.setup());
    TrainingSetup setup = from(toy_.setup(), start);
    setup.training.freeze = {"encoder", "decoder.embedding"};
    setup.training.optimizer.name = "adamw";
    setup.training.optimizer.weight_decay = 0.1;
    setup.training.optimizer.average_decay = 0.5;
    const fs::path folder = at("special");
    train(setup, folder, false, 1);
    const auto before = tensors_of(start / "model.safetensors"), after = tensors_of(folder / "model.safetensors"),
               state = latest_tensors(folder);
    std::int64_t frozen = 0;
    for (const auto& [name, bytes] : before) {
        const bool stays = name.starts_with("encoder.") || name == "decoder.embedding.weight";
        EXPECT_EQ(after.at(name) == bytes, stays) << name;
        EXPECT_EQ(state.at("weights." + name) == bytes, stays) << name;
        for (const char* const kept : {"first_moment.", "second_moment.", "average."})
            EXPECT_EQ(state.contains(kept + name), !stays) << kept << name;
        if (stays) frozen += static_cast<std::int64_t>(bytes.size() / sizeof(float));
    }
    EXPECT_EQ(events_of(folder, "start").at(0).at("frozen_parameters"), frozen);
}

TEST_F(Start, FrozenTrainingsResumeToTheSameWeights) {
    const fs::path start = general(toy_.setup()), whole = at("whole"), pieces = at("pieces");
    TrainingSetup setup = from(toy_.setup(), start);
    setup.training.freeze = {"decoder"};
    setup.training.accumulate = 2;
    ASSERT_EQ(train_in_child(setup, whole, false, false), 0);
    ASSERT_EQ(train_in_child(setup, pieces, false, true), 128 + SIGTERM);
    ASSERT_EQ(train_in_child(setup, pieces, true, false), 0);
    EXPECT_TRUE(latest_tensors(whole) == latest_tensors(pieces));
}

TEST_F(Start, UnknownPartsAreNamedBeforeAnythingIsMade) {
    TrainingSetup setup = toy_.setup();
    setup.training.freeze = {"encodr"};
    EXPECT_NE(failure(setup).find("did you mean 'encoder'?"), std::string::npos);
    setup.training.freeze = {"encoder", "decoder"};
    EXPECT_NE(failure(setup).find("nothing would be left to train"), std::string::npos);
}

} // namespace
} // namespace nmt
