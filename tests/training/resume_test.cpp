// Trainings that go on otherwise than they began.
#include "nmt/base/input_file.hpp"
#include "nmt/base/paths.hpp"
#include "nmt/models/model_folder.hpp"
#include "nmt/tensor/context.hpp"
#include "nmt/training/event_log.hpp"
#include "nmt/training/model_selection.hpp"
#include "nmt/training/trainer.hpp"
#include "tests/training/toy_training.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdlib>
#include <functional>

namespace nmt {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

class Resume : public testing::Test {
  protected:
    Progression resume(const TrainingSetup& setup, const std::string& name = "model") { return train(setup, path(name), true, 1); }

    std::string failure(const TrainingSetup& setup) {
        const std::string message = message_of<Error>([&] { resume(setup); });
        EXPECT_EQ(message.find('\n'), std::string::npos) << message;
        return message;
    }

    fs::path path(const std::string& name = "model") const { return toy_.folder.path() / name; }

    std::int64_t tokens_of_an_epoch(TrainingSetup setup) const {
        setup.training.max_updates = 0;
        setup.training.max_epochs = 1;
        return train(setup, path("whole"), false, 1).target_tokens;
    }

    // The keys of the log's last event "changed".
    std::vector<std::string> changed_keys(const std::string& name = "model") const {
        std::vector<std::string> keys;
        for (const EventLog::Json& event : EventLog::read(path(name) / "log.jsonl")) {
            if (event.at("event") != "changed") continue;
            keys.clear();
            for (const EventLog::Json& change : event.at("changes")) keys.push_back(change.at("key"));
        }
        return keys;
    }

    // Writes the latest checkpoint's progression anew, as `change` has it, in the state's metadata alone.
    void rewrite_progression(const std::function<void(Json&)>& change) {
        const fs::path step = path() / "training" / read_lines((path() / "training" / "latest").string()).at(0);
        Json json = Json::parse(read_file(step / "progression.json"));
        fs::remove(step / "progression.json");
        change(json);
        const SafetensorsFile file(step / "state.safetensors");
        write_safetensors(step / "state.safetensors", file.entries(), {{"progression", json.dump()}});
    }

    ToyTraining toy_;
};

TEST_F(Resume, TakesAnotherLearningRateAndSaysSo) {
    TrainingSetup setup = toy_.setup();
    setup.training.max_updates = 3;
    for (const char* const name : {"model", "same", "pieces"}) train(setup, path(name), false, 1);
    setup.training.max_updates = 6;
    resume(setup, "same");
    setup.training.optimizer.learning_rate = 0.003;
    EXPECT_EQ(resume(setup).updates, 6);
    EXPECT_FALSE(latest_tensors(path()) == latest_tensors(path("same")));
    EXPECT_EQ(read_file(path() / "config.ini"), setup.format());
    EXPECT_EQ(changed_keys(), (std::vector<std::string>{"training.learning-rate", "training.max-updates"}));
    // From there on it is a training like any other: a stop changes nothing.
    setup.training.max_updates = 5;
    resume(setup, "pieces");
    setup.training.max_updates = 6;
    resume(setup, "pieces");
    EXPECT_TRUE(latest_tensors(path()) == latest_tensors(path("pieces")));
}

TEST_F(Resume, TakesWhatMayChange) {
    const TrainingSetup setup = toy_.validated(toy_.setup());
    train(setup, path("begun"), false, 1);
    const std::vector<std::pair<std::string, std::function<void(TrainingSetup&)>>> changes{
        {"model.dropout", [](TrainingSetup& s) { s.model.dropout = 0.5; }},
        {"training.optimizer", [](TrainingSetup& s) { s.training.optimizer.name = "adamw"; }},
        {"training.schedule", [](TrainingSetup& s) { s.training.optimizer.schedule = "cosine"; }},
        {"training.warmup", [](TrainingSetup& s) { s.training.optimizer.warmup = 50; }},
        {"training.clip-norm", [](TrainingSetup& s) { s.training.optimizer.clip_norm = 0.1; }},
        {"training.batch-tokens", [](TrainingSetup& s) { s.training.batch_tokens = 17; }},
        {"training.accumulate", [](TrainingSetup& s) { s.training.accumulate = 2; }},
        {"training.label-smoothing", [](TrainingSetup& s) { s.training.label_smoothing = 0; }},
        {"training.max-epochs", [](TrainingSetup& s) { s.training.max_epochs = 9; }},
        {"training.validate-every", [](TrainingSetup& s) { s.training.validate_every = 2; }},
        {"training.patience", [](TrainingSetup& s) { s.training.patience = 3; }},
        {"training.best-by", [](TrainingSetup& s) { s.training.best_by = "loss"; }},
        {"training.valid-beam", [](TrainingSetup& s) { s.training.valid_beam = 2; }},
        {"training.keep-checkpoints", [](TrainingSetup& s) { s.training.keep_checkpoints = 1; }},
        {"training.log-every", [](TrainingSetup& s) { s.training.log_every = 1; }},
        {"data.valid-source", [](TrainingSetup& s) { s.data.valid_source = s.data.valid_target = ""; }},
    };
    for (const auto& [key, change] : changes) {
        SCOPED_TRACE(key);
        fs::remove_all(path());
        fs::copy(path("begun"), path(), fs::copy_options::recursive);
        TrainingSetup other = setup;
        other.training.max_updates = 8;
        change(other);
        EXPECT_EQ(resume(other).updates, 8);
        const std::vector<std::string> keys = changed_keys();
        EXPECT_NE(std::find(keys.begin(), keys.end(), key), keys.end());
        EXPECT_EQ(read_file(path() / "config.ini"), other.format());
    }
}

TEST_F(Resume, RefusesWhatCannotChangeAndLeavesAllAsItWas) {
    train(toy_.setup(), path(), false, 1);
    const auto before = latest_tensors(path());
    TrainingSetup other = toy_.setup();
    other.training.max_updates = 20;
    other.model.hidden_size = 16;
    const std::string message = failure(other);
    EXPECT_NE(message.find("model.hidden-size from 12 to 16: the weights were made for it"), std::string::npos) << message;
    other = toy_.setup();
    other.data.train_target = other.data.train_source;
    EXPECT_NE(failure(other).find("train.fr' is not the text that this training began with"), std::string::npos);
    EXPECT_EQ(read_file(path() / "config.ini"), toy_.setup().format());
    EXPECT_TRUE(latest_tensors(path()) == before);
}

TEST_F(Resume, OtherBatchesHoldWhatIsLeftOfTheEpoch) {
    TrainingSetup setup = toy_.setup("word-by-word");
    const std::int64_t epoch = tokens_of_an_epoch(setup);
    setup.training.max_updates = 3; // within the epoch
    train(setup, path(), false, 1);
    fs::copy(path(), path("pieces"), fs::copy_options::recursive);
    setup.training.max_updates = 0;
    setup.training.max_epochs = 2;
    setup.training.batch_tokens = 15;
    const Progression p = resume(setup);
    EXPECT_EQ(p.target_tokens, 2 * epoch); // each pair once in each epoch
    EXPECT_TRUE(p.read_parts.empty());
    // The same in pieces.
    TrainingSetup piece = setup;
    piece.training.max_epochs = 0;
    for (const int updates : {4, 5, 7, 20}) {
        piece.training.max_updates = updates;
        const Progression here = resume(piece, "pieces");
        if (updates < 8) { // still within the epoch
            EXPECT_EQ(here.read_parts, (std::vector<EpochPart>{{40, 3}})) << updates;
        }
    }
    EXPECT_EQ(resume(setup, "pieces").target_tokens, 2 * epoch);
    EXPECT_TRUE(latest_tensors(path()) == latest_tensors(path("pieces")));
}

TEST_F(Resume, AnEpochMayBeCutMoreThanOnce) {
    TrainingSetup setup = toy_.setup("word-by-word");
    const std::int64_t epoch = tokens_of_an_epoch(setup);
    int updates = 0;
    for (const int batch_tokens : {40, 20, 30}) {
        setup.training.batch_tokens = batch_tokens;
        setup.training.max_updates = updates += 2;
        const Progression p = train(setup, path(), updates > 2, 1);
        EXPECT_EQ(p.next_batch, 2);
    }
    setup.training.max_updates = 0;
    setup.training.max_epochs = 1;
    setup.training.accumulate = 3;
    EXPECT_EQ(resume(setup).target_tokens, epoch);
}

TEST_F(Resume, FindsTextThatMovedByItsChecksum) {
    TrainingSetup setup = toy_.validated(toy_.setup());
    setup.training.max_updates = 9;
    train(setup, path("whole"), false, 1);
    setup.training.max_updates = 4;
    train(setup, path(), false, 1);
    for (std::string* const file :
         {&setup.data.train_source, &setup.data.train_target, &setup.data.valid_source, &setup.data.valid_target}) {
        fs::rename(*file, *file + ".moved");
        *file += ".moved";
    }
    ASSERT_EQ(std::system(("gzip " + setup.data.train_source).c_str()), 0); // and was packed
    setup.data.train_source += ".gz";
    setup.training.max_updates = 9;
    resume(setup);
    EXPECT_TRUE(latest_tensors(path()) == latest_tensors(path("whole")));
    EXPECT_EQ(changed_keys(), (std::vector<std::string>{"training.max-updates", "data.train-source", "data.train-target",
                                                        "data.valid-source", "data.valid-target"}));
    write_file(setup.data.train_target, "another " + read_file(setup.data.train_target));
    EXPECT_NE(failure(setup).find("is not the text that this training began with"), std::string::npos);
}

TEST_F(Resume, RefusesAnotherTokenizerOfTheSameSize) {
    TrainingSetup setup = toy_.setup();
    train(setup, path(), false, 1);
    const fs::path ours = TokenizerPair::target_file(path());
    const std::string kept = read_file(ours);
    write_toy_pairs(toy_.folder / "more.fr", toy_.folder / "more.en", 60, 5); // the same words, otherwise frequent
    Tokenizer::train({toy_.folder / "more.en"}, setup.tokenizer, ours);
    ASSERT_NE(read_file(ours), kept);
    ASSERT_EQ(Tokenizer(ours).vocabulary_size(), Tokenizer(TokenizerPair::source_file(path())).vocabulary_size());
    setup.training.max_updates = 8;
    EXPECT_NE(failure(setup).find("tokenizer in '" + path().string() + "' is not the one"), std::string::npos);
    write_file(ours, kept);
    EXPECT_EQ(resume(setup).updates, 8);
}

TEST_F(Resume, AGivenTokenizerMayMoveButNotChange) {
    TrainingSetup setup = toy_.setup();
    setup.data.source_tokenizer = toy_.folder / "fr.model";
    setup.data.target_tokenizer = toy_.folder / "en.model";
    Tokenizer::train({setup.data.train_source}, setup.tokenizer, setup.data.source_tokenizer);
    Tokenizer::train({setup.data.train_target}, setup.tokenizer, setup.data.target_tokenizer);
    train(setup, path(), false, 1);
    setup.training.max_updates = 8;
    fs::rename(setup.data.source_tokenizer, toy_.folder / "moved.model");
    write_toy_pairs(toy_.folder / "more.fr", toy_.folder / "more.en", 60, 5);
    Tokenizer::train({toy_.folder / "more.fr"}, setup.tokenizer, setup.data.source_tokenizer);
    EXPECT_NE(failure(setup).find("fr.model' is another tokenizer than"), std::string::npos);
    setup.data.source_tokenizer = toy_.folder / "moved.model";
    EXPECT_EQ(resume(setup).updates, 8);
}

double loss_of_model(const fs::path& folder, const TrainingSetup& setup) {
    Context context(1);
    const LoadedModel loaded = load_model(context, folder);
    const ParallelCorpus set = load_validation_set({setup.data.valid_source, setup.data.valid_target}, loaded.tokenizers->source(),
                                                   loaded.tokenizers->target(), *loaded.model);
    return validate(*loaded.model, *loaded.tokenizers, set).loss;
}

TEST_F(Resume, AnotherMeasureJudgesTheModelAgainFirst) {
    TrainingSetup setup = toy_.validated(toy_.setup());
    setup.training.precision = "f32"; // as the test computes
    setup.training.validate_every = 2;
    setup.training.max_updates = 4;
    train(setup, path(), false, 1);
    setup.training.best_by = "loss";
    resume(setup); // it has ended, and yet is judged
    EXPECT_EQ(read_progression(path()).best, -loss_of_model(path(), setup));
    write_toy_pairs(setup.data.valid_source, setup.data.valid_target, 20, 9); // other text under the same name
    setup.training.max_updates = 5;
    setup.training.optimizer.learning_rate = 1e-30; // what comes is no better
    resume(setup);
    EXPECT_EQ(read_progression(path()).best, -loss_of_model(path(), setup));
    EXPECT_EQ(read_progression(path()).without_improvement, read_progression(path()).best_update == 5 ? 0 : 1);
}

TEST_F(Resume, AValidationThatFailsCostsTheValidationAlone) {
    TrainingSetup setup = toy_.validated(toy_.setup());
    setup.training.validate_every = 3;
    train(setup, path("whole"), false, 1);
    make_folder(path());
    fs::create_symlink(toy_.folder / "nowhere/model", path() / "model.safetensors"); // the best weights cannot be written
    EXPECT_NE(message_of<Error>([&] { train(setup, path(), false, 1); }), "");
    EXPECT_EQ(read_progression(path()).updates, 3);
    EXPECT_EQ(read_progression(path()).validations, 0);
    fs::remove(path() / "model.safetensors");
    resume(setup);
    EXPECT_TRUE(latest_tensors(path()) == latest_tensors(path("whole")));
    EXPECT_EQ(read_progression(path()).validations, read_progression(path("whole")).validations);
    EXPECT_EQ(read_progression(path()).best, read_progression(path("whole")).best);
    EXPECT_TRUE(tensors_of(path() / "model.safetensors") == tensors_of(path("whole") / "model.safetensors"));
}

TEST_F(Resume, ATrainingThatHasEndedStaysAsItIs) {
    const TrainingSetup setup = toy_.validated(toy_.setup());
    const Progression ended = train(setup, path(), false, 1);
    EXPECT_TRUE(resume(setup) == ended);
    EXPECT_EQ(read_progression(path()), ended);
    EXPECT_EQ(EventLog::read(path() / "log.jsonl").back().at("event"), "resume");
    const TrainingSetup dictionary = toy_.validated(toy_.setup("dictionary"));
    const Progression estimated = train(dictionary, path("dictionary"), false, 1);
    EXPECT_EQ(to_json(resume(dictionary, "dictionary")), to_json(estimated));
}

TEST_F(Resume, APlaceThatCannotBeIsAnError) {
    TrainingSetup setup = toy_.setup();
    setup.training.max_updates = 3;
    train(setup, path(), false, 1);
    setup.training.max_updates = 8;
    rewrite_progression([](Json& json) { json["next_batch"] = 256; });
    EXPECT_NE(failure(setup).find("256 batches that were read of epoch 1"), std::string::npos);
}

TEST_F(Resume, ACheckpointOfAnOlderVersionGoesOnToTheSameWeights) {
    TrainingSetup setup = toy_.validated(toy_.setup());
    train(setup, path("whole"), false, 1);
    setup.training.max_updates = 3;
    train(setup, path(), false, 1);
    rewrite_progression([](Json& json) {
        for (const char* const field : {"batch_tokens", "read_parts", "tokenizers", "validated_by"}) json.erase(field);
    });
    setup.training.max_updates = 6;
    resume(setup);
    EXPECT_TRUE(latest_tensors(path()) == latest_tensors(path("whole")));
    EXPECT_EQ(read_progression(path()).tokenizers, read_progression(path("whole")).tokenizers);
    EXPECT_EQ(read_progression(path()).validated_by, read_progression(path("whole")).validated_by);
}

} // namespace
} // namespace nmt
