#include "nmt/training/trainer.hpp"

#include "nmt/base/checksum.hpp"
#include "nmt/base/folder_lock.hpp"
#include "nmt/base/input_file.hpp"
#include "nmt/base/paths.hpp"
#include "nmt/models/model_folder.hpp"
#include "nmt/tensor/context.hpp"
#include "nmt/training/average.hpp"
#include "nmt/training/event_log.hpp"
#include "nmt/training/validation.hpp"
#include "tests/training/toy_training.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <set>
#include <sstream>

namespace nmt {
namespace {

namespace fs = std::filesystem;

// The counters without the times.
Progression counters(const fs::path& folder) {
    Progression p = read_progression(folder);
    p.update_seconds = p.total_seconds = p.peak_memory_mib = 0;
    return p;
}

std::set<std::string> snapshots_of(const fs::path& folder) {
    std::set<std::string> names;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder / "training"))
        if (entry.path().filename().string().starts_with("snapshot-")) names.insert(entry.path().filename().string());
    return names;
}

void expect_equal_trainings(const fs::path& a, const fs::path& b) {
    EXPECT_EQ(counters(a), counters(b));
    EXPECT_TRUE(latest_tensors(a) == latest_tensors(b)) << "weights, moments or averages differ";
    EXPECT_TRUE(tensors_of(a / "model.safetensors") == tensors_of(b / "model.safetensors")) << "the best weights differ";
    const std::set<std::string> files = snapshots_of(a);
    EXPECT_EQ(files, snapshots_of(b));
    for (const std::string& file : files) EXPECT_TRUE(tensors_of(a / "training" / file) == tensors_of(b / "training" / file)) << file;
}

class Training : public testing::Test {
  protected:
    // Trains once without a stop, and once with a signal at every update and during every validation.
    void expect_resume_equals(const TrainingSetup& setup) {
        const fs::path whole = toy_.folder.path() / "whole", pieces = toy_.folder.path() / "pieces";
        ASSERT_EQ(train_in_child(setup, whole, false, false), 0);
        std::int64_t before = -1;
        int stops = 0, validations_stopped = 0, status = 0;
        while ((status = train_in_child(setup, pieces, stops > 0, true)) != 0) {
            ASSERT_EQ(status, 128 + SIGTERM);
            ASSERT_LT(++stops, 100);
            const Progression p = read_progression(pieces);
            EXPECT_FALSE(p.finished);
            if (p.updates == before) { // the signal came during a validation
                ++validations_stopped;
                TrainingSetup until_here = setup;
                until_here.training.max_minutes = 1e-9; // ends after the validation
                ASSERT_EQ(train_in_child(until_here, pieces, true, false), 0);
            }
            before = p.updates;
        }
        EXPECT_GE(stops, setup.training.max_updates > 0 ? 6 : 2);
        EXPECT_EQ(validations_stopped > 0, !setup.data.valid_source.empty());
        expect_equal_trainings(whole, pieces);
    }

    // Half of the updates, and on with the other half, in one process.
    void expect_halves_equal(TrainingSetup setup) {
        const fs::path whole = toy_.folder.path() / "whole", halves = toy_.folder.path() / "halves";
        const Progression all = train(setup, whole, false, 1);
        const int updates = std::exchange(setup.training.max_updates, setup.training.max_updates / 2);
        const Progression half = train(setup, halves, false, 1);
        EXPECT_EQ(half.updates, updates / 2);
        EXPECT_FALSE(latest_tensors(whole) == latest_tensors(halves)); // else the comparison would say nothing
        setup.training.max_updates = updates;
        const Progression rest = train(setup, halves, true, 1);
        EXPECT_EQ(rest.updates, all.updates);
        EXPECT_EQ(rest.target_tokens, all.target_tokens);
        expect_equal_trainings(whole, halves);
    }

    std::string failure(const TrainingSetup& setup, const std::string& folder = "model", bool resume = false) {
        const std::string message = message_of<Error>([&] { train(setup, toy_.folder.path() / folder, resume, 1); });
        EXPECT_EQ(message.find('\n'), std::string::npos) << message;
        return message;
    }

    ToyTraining toy_;
};

TEST_F(Training, EveryArchitectureTrainsIntoAFolder) {
    for (const std::string architecture : {"dictionary", "word-by-word", "rnn", "rnn-attention"}) {
        SCOPED_TRACE(architecture);
        const fs::path folder = toy_.folder.path() / architecture;
        const TrainingSetup setup = toy_.validated(toy_.setup(architecture));
        const Progression p = train(setup, folder, false, 1);
        EXPECT_TRUE(p.finished);
        EXPECT_EQ(p.updates, architecture == "dictionary" ? 0 : 6);
        EXPECT_EQ(p.validations, 1);
        EXPECT_EQ(p, read_progression(folder));
        EXPECT_EQ(read_file(folder / "config.ini"), setup.format());
        Context context(1);
        const LoadedModel loaded = load_model(context, folder);
        EXPECT_EQ(loaded.metadata.at("architecture"), architecture);
        EXPECT_EQ(p.parameters, loaded.model->parameters().count());
        const std::vector<EventLog::Json> events = EventLog::read(folder / "log.jsonl");
        EXPECT_EQ(events.front().at("event"), "start");
        EXPECT_EQ(events.front().at("training_pairs"), 60);
        EXPECT_EQ(events.front().at("sha256").at(setup.data.train_source), sha256_of_file(setup.data.train_source));
        EXPECT_EQ(events.back().at("event"), "end");
        EXPECT_EQ(events.back().at("updates"), p.updates);
    }
}

TEST_F(Training, SaysHowWellItsShapesRepeat) {
    TrainingSetup setup = toy_.setup();
    setup.training.max_updates = 0;
    setup.training.max_epochs = 4;
    train(setup, toy_.folder.path() / "model", false, 1);
    const EventLog::Json end = EventLog::read(toy_.folder.path() / "model" / "log.jsonl").back();
    EXPECT_GT(end.at("primitive_misses"), 0);
    EXPECT_GT(end.at("primitive_hit_rate"), 0.9); // most shapes have been seen in the first epoch
    EXPECT_LE(end.at("primitive_hit_rate"), 1);
    EXPECT_GE(end.at("padding"), 0);
    EXPECT_LT(end.at("padding"), 0.2);
}

TEST_F(Training, SaysHowFarItIs) {
    const auto lines = [&](const TrainingSetup& setup, const std::string& folder) {
        testing::internal::CaptureStderr();
        set_quiet(false);
        train(setup, toy_.folder.path() / folder, false, 1, {"[1/2] it", "", 0});
        set_quiet(true);
        std::vector<std::string> found;
        std::istringstream stream(testing::internal::GetCapturedStderr());
        for (std::string line; std::getline(stream, line);)
            if (line.starts_with("[1/2] it: ")) found.push_back(line);
        return found;
    };
    const std::vector<std::string> by_updates = lines(toy_.setup(), "updates");
    ASSERT_EQ(by_updates.size(), 6u);
    EXPECT_TRUE(by_updates[0].starts_with("[1/2] it: 1 of 6 updates (17 %), ")) << by_updates[0];
    EXPECT_TRUE(by_updates[5].starts_with("[1/2] it: 6 of 6 updates (100 %), epoch 1, ")) << by_updates[5];
    TrainingSetup setup = toy_.setup();
    setup.training.max_updates = 0;
    setup.training.max_epochs = 2;
    const std::vector<std::string> by_epochs = lines(setup, "epochs");
    const std::string last = fmt::format(" of {} updates", by_epochs.size());
    for (const std::string& line : by_epochs) EXPECT_NE(line.find(last), std::string::npos) << line;
    setup.training.max_epochs = 0;
    setup.training.max_minutes = 0.002;
    for (const std::string& line : lines(setup, "minutes")) EXPECT_NE(line.find(" updates ("), std::string::npos) << line;
    // Patience alone: the end is not known.
    setup = toy_.validated(setup);
    setup.training.max_minutes = 0;
    setup.training.patience = 1;
    setup.training.optimizer.learning_rate = 1e-9;
    const std::vector<std::string> open = lines(setup, "patience");
    ASSERT_FALSE(open.empty());
    EXPECT_TRUE(open[0].starts_with("[1/2] it: 1 updates, epoch 1, ")) << open[0];
}

TEST_F(Training, LearnsTheToyLanguage) {
    TrainingSetup setup = toy_.setup();
    setup.training.max_updates = 0;
    setup.training.max_epochs = 20;
    setup.training.log_every = 1;
    setup.training.label_smoothing = 0;
    setup.training.optimizer.learning_rate = 0.03;
    setup.model.dropout = 0;
    const Progression p = train(setup, toy_.folder.path() / "model", false, 1);
    EXPECT_EQ(p.epoch, 21);
    std::vector<double> losses;
    for (const EventLog::Json& event : EventLog::read(toy_.folder.path() / "model" / "log.jsonl"))
        if (event.at("event") == "training") losses.push_back(event.at("loss").get<double>());
    ASSERT_EQ(std::ssize(losses), p.updates);
    EXPECT_LT(losses.back(), 0.6 * losses.front());
}

TEST_F(Training, SameSeedSameWeights) {
    TrainingSetup setup = toy_.setup();
    train(setup, toy_.folder.path() / "a", false, 1);
    train(setup, toy_.folder.path() / "b", false, 1);
    expect_equal_trainings(toy_.folder.path() / "a", toy_.folder.path() / "b");
    setup.training.seed = 2;
    train(setup, toy_.folder.path() / "c", false, 1);
    EXPECT_FALSE(latest_tensors(toy_.folder.path() / "a") == latest_tensors(toy_.folder.path() / "c"));
}

TEST_F(Training, HalvesEqualTheWhole) { expect_halves_equal(toy_.setup()); }

TEST_F(Training, HalvesEqualTheWholeAcrossEpochs) {
    TrainingSetup setup = toy_.setup("word-by-word");
    setup.training.max_updates = 22;
    setup.training.optimizer.name = "sgd";
    expect_halves_equal(setup);
}

TEST_F(Training, ResumesAfterAStopAtEveryUpdate) {
    TrainingSetup setup = toy_.setup("rnn");
    setup.training.max_updates = 11; // beyond an epoch
    expect_resume_equals(setup);
}

TEST_F(Training, ResumesAcrossValidationsWithAccumulationAndAverage) {
    TrainingSetup setup = toy_.validated(toy_.setup());
    setup.training.max_updates = 7;
    setup.training.accumulate = 2;
    setup.training.validate_every = 3;
    setup.training.best_by = "loss";
    setup.training.optimizer.average_decay = 0.9;
    expect_resume_equals(setup);
}

TEST_F(Training, ResumesToTheSameEarlyStop) {
    TrainingSetup setup = toy_.validated(toy_.setup("word-by-word"));
    setup.training.max_updates = 0;
    setup.training.validate_every = 2;
    setup.training.patience = 2;
    setup.training.optimizer.learning_rate = 1e-30; // no progress
    expect_resume_equals(setup);
    const Progression p = read_progression(toy_.folder.path() / "pieces");
    EXPECT_EQ(p.updates, 6);
    EXPECT_EQ(p.validations, 3);
    EXPECT_EQ(p.without_improvement, 2);
    EXPECT_EQ(p.best_update, 2);
}

std::vector<double> learning_rates(const fs::path& folder) {
    std::vector<double> rates;
    for (const EventLog::Json& event : EventLog::read(folder / "log.jsonl"))
        if (event.at("event") == "training") rates.push_back(event.at("learning_rate").get<double>());
    return rates;
}

TEST_F(Training, LinearAndCosineEndWithTheUpdatesOrTheEpochs) {
    for (const std::string schedule : {"linear", "cosine"}) {
        SCOPED_TRACE(schedule);
        TrainingSetup setup = toy_.setup("rnn");
        setup.training.optimizer.schedule = schedule;
        setup.training.optimizer.learning_rate = 0.01;
        setup.training.log_every = 1;
        setup.training.accumulate = 3; // the last update of an epoch has fewer batches
        setup.training.max_updates = 0;
        setup.training.max_epochs = 3;
        const fs::path by_epochs = toy_.folder.path() / (schedule + "-epochs"), by_updates = toy_.folder.path() / (schedule + "-updates");
        const Progression p = train(setup, by_epochs, false, 1);
        setup.training.max_epochs = 0;
        setup.training.max_updates = static_cast<int>(p.updates);
        train(setup, by_updates, false, 1);
        const std::vector<double> epochs = learning_rates(by_epochs), updates = learning_rates(by_updates);
        ASSERT_EQ(std::ssize(epochs), p.updates);
        ASSERT_EQ(epochs.size(), updates.size());
        for (std::size_t i = 0; i < epochs.size(); ++i) {
            EXPECT_NEAR(epochs[i], updates[i], 1e-12);
            EXPECT_DOUBLE_EQ(updates[i],
                             learning_rate_at(setup.training.optimizer, static_cast<std::int64_t>(i) + 1, static_cast<double>(p.updates)));
        }
        EXPECT_LT(updates.back(), 0.25 * 0.01);
        setup.training.max_epochs = 100; // the end that comes first counts
        train(setup, toy_.folder.path() / (schedule + "-both"), false, 1);
        EXPECT_EQ(learning_rates(toy_.folder.path() / (schedule + "-both")), updates);
    }
}

TEST_F(Training, ResumesWithALinearScheduleOverEpochs) {
    TrainingSetup setup = toy_.setup("word-by-word");
    setup.training.optimizer.schedule = "linear";
    setup.training.max_updates = 0;
    setup.training.max_epochs = 2;
    setup.training.accumulate = 2;
    expect_resume_equals(setup);
}

TEST_F(Training, SchedulesWithAnEndNeedOneAndFallTowardsANewOne) {
    TrainingSetup setup = toy_.setup("rnn");
    setup.training.optimizer.schedule = "linear";
    setup.training.max_updates = 0;
    EXPECT_NE(failure(setup).find("schedule = linear falls to 0"), std::string::npos);
    setup.training.log_every = 1;
    setup.training.max_updates = 6;
    const fs::path folder = toy_.folder.path() / "model";
    train(setup, folder, false, 1);
    setup.training.max_updates = 9;
    train(setup, folder, true, 1);
    const std::vector<double> rates = learning_rates(folder);
    ASSERT_EQ(rates.size(), 9u);
    for (std::size_t i = 0; i < rates.size(); ++i)
        EXPECT_DOUBLE_EQ(rates[i], learning_rate_at(setup.training.optimizer, static_cast<std::int64_t>(i) + 1, i < 6 ? 6 : 9)) << i;
}

// The end is foreseen from the updates so far; the log holds the time that each of them has taken.
TEST_F(Training, LinearAndCosineEndWithTheMinutesWhereNothingElseIsSet) {
    for (const std::string schedule : {"linear", "cosine"}) {
        TrainingSetup setup = toy_.setup("rnn");
        setup.training.optimizer.schedule = schedule;
        setup.training.optimizer.warmup = 1;
        setup.training.log_every = 1;
        setup.training.max_updates = 0;
        setup.training.max_minutes = 5e-3;
        train(setup, toy_.folder.path() / schedule, false, 1);
        double updates = 0, seconds = 0;
        for (const EventLog::Json& event : EventLog::read(toy_.folder.path() / schedule / "log.jsonl")) {
            if (event.at("event") != "training") continue;
            const double last = seconds > 0 ? std::max(updates * 0.3 / seconds, updates + 1) : 1e9;
            EXPECT_NEAR(event.at("learning_rate").get<double>(),
                        learning_rate_at(setup.training.optimizer, event.at("updates").get<std::int64_t>(), last),
                        1e-6 * setup.training.optimizer.learning_rate);
            updates = event.at("updates").get<double>();
            seconds = event.at("update_seconds").get<double>();
        }
        EXPECT_GT(updates, 1);
    }
}

// As TrainingSetup setup(), with subwords.
TrainingSetup with_subwords(TrainingSetup setup, const std::string& type) {
    setup.tokenizer.type = type;
    setup.tokenizer.vocabulary_size = 48;
    setup.training.subword_sampling = 0.3;
    return setup;
}

TEST_F(Training, SubwordSamplingChangesTheTrainingAndNothingElse) {
    for (const std::string type : {"unigram", "bpe"}) {
        SCOPED_TRACE(type);
        TrainingSetup setup = toy_.validated(with_subwords(toy_.setup("rnn"), type));
        const auto trained = [&](const std::string& name, double alpha, const std::string& sides) {
            setup.training.subword_sampling = alpha;
            setup.training.subword_sampling_sides = sides;
            train(setup, toy_.folder.path() / (type + name), false, 1);
            return latest_tensors(toy_.folder.path() / (type + name));
        };
        const auto plain = trained("plain", 0, "both"), both = trained("both", 0.3, "both"), again = trained("again", 0.3, "both"),
                   source = trained("source", 0.3, "source"), target = trained("target", 0.3, "target");
        EXPECT_TRUE(both == again);
        EXPECT_FALSE(both == plain);
        EXPECT_FALSE(source == plain);
        EXPECT_FALSE(target == plain);
        EXPECT_FALSE(source == both);
        EXPECT_FALSE(source == target);
        // Nothing is sampled in the validation: the logged loss is that of plain encodings.
        const fs::path folder = toy_.folder.path() / (type + "both");
        Context context(1, products_from_name(setup.training.precision));
        const LoadedModel loaded = load_model(context, folder);
        const ParallelCorpus set = load_validation_set({setup.data.valid_source, setup.data.valid_target}, loaded.tokenizers->source(),
                                                       loaded.tokenizers->target(), *loaded.model);
        const std::vector<EventLog::Json> events = EventLog::read(folder / "log.jsonl");
        const auto found = std::find_if(events.begin(), events.end(), [](const auto& event) { return event.at("event") == "validation"; });
        ASSERT_NE(found, events.end());
        EXPECT_EQ(validate(*loaded.model, *loaded.tokenizers, set).loss, found->at("loss"));
    }
}

TEST_F(Training, ResumesWithSubwordSamplingAndSnapshots) {
    TrainingSetup setup = toy_.validated(with_subwords(toy_.setup("rnn"), "unigram"));
    setup.training.max_updates = 0;
    setup.training.max_epochs = 2;
    setup.training.accumulate = 4;
    setup.training.validate_every = 2;
    setup.training.average_checkpoints = 2;
    setup.training.optimizer.schedule = "cosine";
    setup.training.patience = 0;
    expect_resume_equals(setup);
}

TEST_F(Training, SubwordSamplingThatHasNoEffectIsRefused) {
    TrainingSetup setup = toy_.setup("rnn");
    setup.training.subword_sampling = 0.1;
    EXPECT_NE(failure(setup).find("of type word"), std::string::npos);
    setup.training.subword_sampling = 0;
    setup.training.subword_sampling_sides = "source";
    EXPECT_NE(failure(setup).find("no effect while training.subword-sampling is 0"), std::string::npos);
    EXPECT_FALSE(fs::exists(toy_.folder.path() / "model"));
    // Given tokenizers: one side of words, the other of subwords.
    set_quiet(true);
    TokenizerOptions options = toy_.setup().tokenizer;
    Tokenizer::train({toy_.folder / "train.fr"}, options, toy_.folder / "word.model");
    options.type = "bpe";
    Tokenizer::train({toy_.folder / "train.en"}, options, toy_.folder / "bpe.model");
    setup.data.source_tokenizer = toy_.folder / "word.model";
    setup.data.target_tokenizer = toy_.folder / "bpe.model";
    setup.training.subword_sampling = 0.1;
    EXPECT_NE(failure(setup).find("no effect on the source side"), std::string::npos);
    setup.training.subword_sampling_sides = "target";
    EXPECT_EQ(train(setup, toy_.folder.path() / "model", false, 1).updates, 6);
}

TEST_F(Training, AResumedFinishedTrainingChangesNothing) {
    const TrainingSetup setup = toy_.validated(toy_.setup());
    const fs::path folder = toy_.folder.path() / "model";
    train(setup, folder, false, 1);
    const Progression before = counters(folder);
    const auto tensors = latest_tensors(folder);
    train(setup, folder, true, 1);
    EXPECT_EQ(counters(folder), before);
    EXPECT_TRUE(latest_tensors(folder) == tensors);
}

// Its place among the batches would mean nothing, and with fewer of them it would never come to an end.
TEST_F(Training, OtherTextIsNotGoneOnWith) {
    TrainingSetup setup = toy_.setup();
    train(setup, toy_.folder.path() / "model", false, 1);
    setup.training.max_updates = 7;
    for (const std::string& file : {setup.data.train_source, setup.data.train_target}) {
        const std::string text = read_file(file);
        write_file(file, "un " + text);
        EXPECT_NE(failure(setup, "model", true).find("'" + file + "' is not the text that this training began with"), std::string::npos);
        write_file(file, text);
    }
    EXPECT_EQ(train(setup, toy_.folder.path() / "model", true, 1).updates, 7);
}

TEST_F(Training, SeveralFilesTrainAsTheOneTextThatTheyAre) {
    const TrainingSetup whole = toy_.setup();
    TrainingSetup parted = whole;
    for (std::string* value : {&parted.data.train_source, &parted.data.train_target}) {
        const std::vector<std::string> lines = read_lines(*value);
        std::string first, rest;
        for (std::size_t i = 0; i < lines.size(); ++i) (i < 25 ? first : rest) += lines[i] + "\n";
        const std::string with_blank = *value + " first", other = *value + ".rest";
        write_file(with_blank, first);
        write_file(other, rest);
        *value = fmt::format("\"{}\"  {}", with_blank, other);
    }
    const fs::path folder = toy_.folder.path() / "parted";
    train(whole, toy_.folder.path() / "whole", false, 1);
    EXPECT_EQ(train_in_child(parted, folder, false, true), 128 + SIGTERM);
    EXPECT_EQ(train_in_child(parted, folder, true, false), 0);
    EXPECT_TRUE(latest_tensors(folder) == latest_tensors(toy_.folder.path() / "whole"));
    Configuration saved = Configuration::load(folder / "config.ini");
    EXPECT_EQ(TrainingSetup::read(saved).data.training_text().files(Side::source), parted.data.training_text().files(Side::source));
}

// The validation at an epoch's end belongs to that epoch, as the updates before it do.
TEST_F(Training, EpochsInTheLogAreThoseOfTheUpdates) {
    TrainingSetup setup = toy_.validated(toy_.setup());
    setup.training.max_updates = 0;
    setup.training.max_epochs = 2;
    setup.training.log_every = 1;
    train(setup, toy_.folder.path() / "model", false, 1);
    int epoch = 0, validations = 0;
    for (const EventLog::Json& event : EventLog::read(toy_.folder.path() / "model" / "log.jsonl")) {
        if (event.at("event") == "training") epoch = event.at("epoch");
        if (event.at("event") != "validation") continue;
        EXPECT_EQ(event.at("epoch"), epoch);
        EXPECT_EQ(epoch, ++validations);
    }
    EXPECT_EQ(validations, 2);
    EXPECT_EQ(read_progression(toy_.folder.path() / "model").last_epoch(), 2);
}

// What fine-tuning wants: the first set decides, and every set is told of.
TEST_F(Training, SeveralValidationSetsAreReportedSideBySide) {
    TrainingSetup setup = toy_.validated(toy_.setup());
    setup.training.validate_every = 1;
    setup.training.max_updates = 5;
    setup.training.best_by = "loss";
    const fs::path alone = toy_.folder.path() / "alone", both = toy_.folder.path() / "both";
    train(setup, alone, false, 1);
    write_toy_pairs(toy_.folder / "other.fr", toy_.folder / "other.en", 9, 7);
    setup.data.valid_source += " " + (toy_.folder / "other.fr");
    setup.data.valid_target += " " + (toy_.folder / "other.en");
    testing::internal::CaptureStderr();
    set_quiet(false);
    train(setup, both, false, 1);
    set_quiet(true);
    const std::string said = testing::internal::GetCapturedStderr();
    EXPECT_NE(said.find("9 pairs of other.fr"), std::string::npos) << said;
    EXPECT_NE(said.find(": valid.fr: loss "), std::string::npos) << said;
    EXPECT_NE(said.find("; other.fr: loss "), std::string::npos) << said;
    std::vector<EventLog::Json> expected = EventLog::read(alone / "log.jsonl"), found = EventLog::read(both / "log.jsonl");
    for (auto* const events : {&expected, &found})
        std::erase_if(*events, [](const auto& event) { return event.at("event") != "validation"; });
    ASSERT_EQ(found.size(), 5u);
    ASSERT_EQ(expected.size(), 5u);
    for (std::size_t i = 0; i < found.size(); ++i) {
        for (const char* const key : {"updates", "loss", "bleu", "best"}) EXPECT_EQ(found[i].at(key), expected[i].at(key)) << key;
        EXPECT_FALSE(expected[i].contains("sets"));
        const EventLog::Json& sets = found[i].at("sets");
        ASSERT_EQ(sets.size(), 2u);
        EXPECT_EQ(sets[0], EventLog::Json({{"name", "valid.fr"}, {"loss", found[i].at("loss")}, {"bleu", found[i].at("bleu")}}));
        EXPECT_EQ(sets[1].at("name"), "other.fr");
        EXPECT_NE(sets[1].at("loss"), sets[0].at("loss"));
    }
    EXPECT_EQ(read_progression(both).best, read_progression(alone).best);
    // Files of one name are told apart by their folders.
    make_folder(toy_.folder.path() / "old");
    for (const std::string language : {"fr", "en"}) fs::copy(toy_.folder / ("valid." + language), toy_.folder / ("old/valid." + language));
    setup.data.valid_source = (toy_.folder / "valid.fr") + " " + (toy_.folder / "old/valid.fr");
    setup.data.valid_target = (toy_.folder / "valid.en") + " " + (toy_.folder / "old/valid.en");
    train(setup, toy_.folder.path() / "same", false, 1);
    const std::vector<EventLog::Json> events = EventLog::read(toy_.folder.path() / "same" / "log.jsonl");
    const auto last = std::find_if(events.rbegin(), events.rend(), [](const auto& event) { return event.at("event") == "validation"; });
    ASSERT_NE(last, events.rend());
    EXPECT_EQ(last->at("sets")[1].at("name"), toy_.folder / "old/valid.fr");
    setup.data.valid_target = toy_.folder / "valid.en";
    EXPECT_FALSE(failure(setup).empty());
}

TEST_F(Training, TheBestWeightsAreTheAveragedOnes) {
    TrainingSetup setup = toy_.setup("rnn");
    setup.training.optimizer.average_decay = 0.9;
    const fs::path folder = toy_.folder.path() / "model";
    train(setup, folder, false, 1);
    const auto state = latest_tensors(folder);
    for (const auto& [name, bytes] : tensors_of(folder / "model.safetensors")) {
        EXPECT_EQ(bytes, state.at("average." + name)) << name;
        EXPECT_NE(bytes, state.at("weights." + name)) << name;
    }
}

// The mean of some files, value by value.
std::map<std::string, std::string> mean_of(const std::vector<fs::path>& files) {
    std::map<std::string, std::string> mean = tensors_of(files.front());
    std::vector<std::map<std::string, std::string>> all;
    for (const fs::path& file : files) all.push_back(tensors_of(file));
    for (auto& [name, bytes] : mean)
        for (std::size_t k = 0; k < bytes.size(); k += sizeof(float)) {
            double sum = 0;
            for (auto& tensors : all) {
                float value = 0;
                std::memcpy(&value, tensors.at(name).data() + k, sizeof value);
                sum += value;
            }
            const auto rounded = static_cast<float>(sum / static_cast<double>(files.size()));
            std::memcpy(bytes.data() + k, &rounded, sizeof rounded);
        }
    return mean;
}

TEST_F(Training, TheMeanOfTheLastCheckpointsIsTheModel) {
    TrainingSetup setup = toy_.validated(toy_.setup("rnn"));
    setup.training.validate_every = 2;
    setup.training.max_updates = 7;
    setup.training.average_checkpoints = 3;
    const fs::path folder = toy_.folder.path() / "model";
    const Progression p = train(setup, folder, false, 1);
    std::vector<std::int64_t> updates;
    for (const Snapshot& snapshot : p.snapshots) updates.push_back(snapshot.updates);
    EXPECT_EQ(updates, (std::vector<std::int64_t>{4, 6, 7})); // the last weights had a validation, too
    EXPECT_EQ(snapshots_of(folder).size(), 3u);
    EXPECT_TRUE(tensors_of(folder / "model.safetensors") == mean_of(snapshot_files(folder, p.snapshots)));
    const auto state = latest_tensors(folder); // the training's own weights are not the mean
    for (const auto& [name, bytes] : tensors_of(snapshot_file(folder, 7))) EXPECT_EQ(bytes, state.at("weights." + name)) << name;
    const std::vector<EventLog::Json> events = EventLog::read(folder / "log.jsonl");
    const auto found = std::find_if(events.begin(), events.end(), [](const auto& event) { return event.at("event") == "average"; });
    ASSERT_NE(found, events.end());
    EXPECT_EQ(found->at("of"), EventLog::Json({4, 6, 7}));
    EXPECT_EQ(found->at("bleu"), p.average_score);
    EXPECT_EQ(p.model_score(), p.average_score);
    EXPECT_EQ(p.validations, 4); // that of the mean is not one of early stopping
    // What the event says is what a validation of the written model says.
    Context context(1, products_from_name(setup.training.precision));
    const LoadedModel loaded = load_model(context, folder);
    EXPECT_EQ(loaded.metadata.at("mean_of"), "the weights after 4, 6 and 7 updates");
    const ParallelCorpus set = load_validation_set({setup.data.valid_source, setup.data.valid_target}, loaded.tokenizers->source(),
                                                   loaded.tokenizers->target(), *loaded.model);
    EXPECT_EQ(validate(*loaded.model, *loaded.tokenizers, set).loss, found->at("loss"));
    // Resumed, there is nothing to do.
    train(setup, folder, true, 1);
    EXPECT_EQ(counters(folder).snapshots, p.snapshots);
    EXPECT_TRUE(tensors_of(folder / "model.safetensors") == mean_of(snapshot_files(folder, p.snapshots)));
}

TEST_F(Training, TheBestCheckpointsAreThoseOfTheBestScores) {
    TrainingSetup setup = toy_.validated(toy_.setup("rnn"));
    setup.training.validate_every = 1;
    setup.training.max_updates = 9;
    setup.training.patience = 0;
    setup.training.best_by = "loss";
    setup.training.average_checkpoints = 2;
    setup.training.average_of = "best";
    setup.training.optimizer.learning_rate = 0.7; // now better, now worse
    const fs::path folder = toy_.folder.path() / "model";
    const Progression p = train(setup, folder, false, 1);
    std::vector<Snapshot> all;
    for (const EventLog::Json& event : EventLog::read(folder / "log.jsonl"))
        if (event.at("event") == "validation") all.push_back({event.at("updates").get<std::int64_t>(), -event.at("loss").get<double>()});
    ASSERT_EQ(all.size(), 9u);
    EXPECT_EQ(p.snapshots, select_snapshots(all, 2, true));
    EXPECT_NE(p.snapshots, select_snapshots(all, 2, false)); // else the comparison would say nothing
    EXPECT_TRUE(tensors_of(folder / "model.safetensors") == mean_of(snapshot_files(folder, p.snapshots)));
}

TEST_F(Training, WithoutValidationTheMeanIsOfTheLastEpochs) {
    TrainingSetup setup = toy_.setup("rnn");
    setup.training.max_updates = 0;
    setup.training.max_epochs = 3;
    setup.training.average_checkpoints = 2;
    const fs::path folder = toy_.folder.path() / "model";
    const Progression p = train(setup, folder, false, 1);
    ASSERT_EQ(p.snapshots.size(), 2u);
    EXPECT_EQ(p.snapshots[1].updates, p.updates);
    EXPECT_EQ(p.snapshots[0].updates * 3, p.updates * 2);
    EXPECT_TRUE(tensors_of(folder / "model.safetensors") == mean_of(snapshot_files(folder, p.snapshots)));
    const EventLog::Json event = EventLog::read(folder / "log.jsonl").rbegin()[1];
    EXPECT_EQ(event.at("event"), "average");
    EXPECT_FALSE(event.contains("bleu"));
}

TEST_F(Training, ResumesWithTheSameSnapshots) {
    TrainingSetup setup = toy_.validated(toy_.setup("rnn"));
    setup.training.max_updates = 9;
    setup.training.validate_every = 2;
    setup.training.average_checkpoints = 3;
    expect_resume_equals(setup);
    EXPECT_EQ(snapshots_of(toy_.folder.path() / "pieces").size(), 3u);
}

TEST_F(Training, ResumesWithTheSameBestSnapshotsToTheSameEarlyStop) {
    TrainingSetup setup = toy_.validated(toy_.setup("word-by-word"));
    setup.training.max_updates = 0;
    setup.training.validate_every = 2;
    setup.training.patience = 2;
    setup.training.average_checkpoints = 2;
    setup.training.average_of = "best";
    setup.training.optimizer.learning_rate = 1e-30; // all alike: the later ones stay
    expect_resume_equals(setup);
    const Progression p = read_progression(toy_.folder.path() / "pieces");
    ASSERT_EQ(p.snapshots.size(), 2u);
    EXPECT_EQ(p.snapshots[1].updates, 6);
}

TEST_F(Training, LeftoversOfAKilledTrainingAreRemovedAndMissingSnapshotsTold) {
    TrainingSetup setup = toy_.validated(toy_.setup("rnn"));
    setup.training.validate_every = 2;
    setup.training.max_updates = 4;
    setup.training.average_checkpoints = 2;
    const fs::path folder = toy_.folder.path() / "model";
    train(setup, folder, false, 1);
    // As killed between a snapshot and its checkpoint, and within one.
    write_file(snapshot_file(folder, 6), "half");
    write_file(folder / "training" / "snapshot-6.safetensors.tmp-77", "half");
    write_file(snapshot_file(folder, 999), "old");
    setup.training.max_updates = 6;
    train(setup, folder, true, 1);
    EXPECT_EQ(snapshots_of(folder), (std::set<std::string>{"snapshot-4.safetensors", "snapshot-6.safetensors"}));
    EXPECT_TRUE(tensors_of(folder / "model.safetensors") == mean_of({snapshot_file(folder, 4), snapshot_file(folder, 6)}));
    fs::remove(snapshot_file(folder, 4));
    EXPECT_NE(failure(setup, "model", true).find("snapshot-4.safetensors' is missing"), std::string::npos);
}

TEST_F(Training, AveragesThatCannotBeAreRefused) {
    TrainingSetup setup = toy_.setup();
    setup.training.average_checkpoints = 2;
    setup.training.optimizer.average_decay = 0.9;
    EXPECT_NE(failure(setup).find("average-decay"), std::string::npos);
    setup.training.optimizer.average_decay = 0;
    setup.training.average_of = "best";
    EXPECT_NE(failure(setup).find("needs a validation set"), std::string::npos);
    setup = toy_.validated(setup);
    setup.training.average_checkpoints = 0;
    EXPECT_NE(failure(setup).find("no effect"), std::string::npos);
    EXPECT_FALSE(fs::exists(toy_.folder.path() / "model"));
}

TEST_F(Training, ADictionarySaysThatItIsNotAveraged) {
    TrainingSetup setup = toy_.setup("dictionary");
    setup.training.average_checkpoints = 2;
    set_quiet(false);
    testing::internal::CaptureStderr();
    train(setup, toy_.folder / "model", false, 1);
    const std::string log = testing::internal::GetCapturedStderr();
    set_quiet(true);
    EXPECT_NE(log.find("average-checkpoints has no effect"), std::string::npos) << log;
    EXPECT_TRUE(snapshots_of(toy_.folder.path() / "model").empty());
}

TEST_F(Training, ADictionaryKeepsItsEstimateWhereOtherModelsAreAveraged) {
    TrainingSetup setup = toy_.validated(toy_.setup("dictionary"));
    train(setup, toy_.folder / "plain", false, 1);
    setup.training.optimizer.average_decay = 0.99;
    train(setup, toy_.folder / "averaged", false, 1);
    const auto plain = tensors_of(toy_.folder / "plain/model.safetensors"),
               averaged = tensors_of(toy_.folder / "averaged/model.safetensors");
    EXPECT_EQ(plain, averaged);
    EXPECT_NE(plain.at("dictionary.log_probabilities"), std::string(plain.at("dictionary.log_probabilities").size(), '\0'));
}

TEST_F(Training, RefusesAFolderThatHoldsATraining) {
    train(toy_.setup("dictionary"), toy_.folder.path() / "model", false, 1);
    EXPECT_NE(failure(toy_.setup("dictionary")).find("--resume"), std::string::npos);
    fs::remove_all(toy_.folder.path() / "model" / "training"); // its weights alone count, too
    for (const bool resume : {false, true})
        EXPECT_NE(failure(toy_.setup("dictionary"), "model", resume).find("checkpoints are gone"), std::string::npos);
    fs::remove(toy_.folder.path() / "model" / "log.jsonl"); // as of a model that is quantized
    for (const bool resume : {false, true})
        EXPECT_NE(failure(toy_.setup("dictionary"), "model", resume).find("was not trained there"), std::string::npos);
    EXPECT_NE(failure(toy_.setup(), "nothing", true).find("holds no training"), std::string::npos);
    EXPECT_FALSE(fs::exists(toy_.folder.path() / "nothing"));
}

TEST_F(Training, AFolderIsOneTrainingsAtATime) {
    const fs::path training = toy_.folder.path() / "model" / "training";
    fs::create_directories(training);
    {
        const FolderLock other(training);
        EXPECT_NE(failure(toy_.setup()).find("works in"), std::string::npos);
        EXPECT_FALSE(fs::exists(toy_.folder.path() / "model" / "config.ini"));
    }
    EXPECT_NO_THROW(train(toy_.setup(), toy_.folder.path() / "model", false, 1));
}

TEST_F(Training, FilesOfOthersBesideTheModelStay) {
    train(toy_.setup(), toy_.folder.path() / "model", false, 1);
    const fs::path translation = toy_.folder.path() / "model" / "test.en.tmp-77", half = toy_.folder.path() / "model" / "config.ini.tmp-77";
    write_file(translation, "a cat\n");
    write_file(half, "[mod");
    TrainingSetup longer = toy_.setup();
    longer.training.max_updates = 8;
    train(longer, toy_.folder.path() / "model", true, 1);
    EXPECT_TRUE(fs::exists(translation));
    EXPECT_FALSE(fs::exists(half));
}

// Where BLEU stays as it is, the loss says which validation is the best.
TEST_F(Training, EqualBleuLeavesTheChoiceToTheLoss) {
    TrainingSetup setup = toy_.validated(toy_.setup("word-by-word"));
    setup.training.validate_every = 2;
    setup.training.optimizer.learning_rate = 1e-4; // too low to change a word
    train(setup, toy_.folder.path() / "model", false, 1);
    std::vector<EventLog::Json> validations;
    for (const EventLog::Json& event : EventLog::read(toy_.folder.path() / "model" / "log.jsonl"))
        if (event.at("event") == "validation") validations.push_back(event);
    ASSERT_EQ(validations.size(), 3u);
    for (std::size_t i = 1; i < 3; ++i) {
        ASSERT_EQ(validations[i].at("bleu"), validations[0].at("bleu"));
        ASSERT_LT(validations[i].at("loss").get<double>(), validations[i - 1].at("loss").get<double>());
        EXPECT_TRUE(validations[i].at("best").get<bool>());
    }
    EXPECT_EQ(read_progression(toy_.folder.path() / "model").best_update, 6);
}

// What a training that diverges has left: it says so, and the checkpoint before that can be loaded.
void expect_divergence(const fs::path& folder, const std::string& message) {
    EXPECT_NE(message.find("diverged at update"), std::string::npos) << message;
    EXPECT_NE(message.find("is intact"), std::string::npos) << message;
    EXPECT_NE(message.find("lower learning-rate"), std::string::npos) << message;
    const EventLog::Json event = EventLog::read(folder / "log.jsonl").back();
    EXPECT_EQ(event.at("event"), "diverged");
    EXPECT_LT(read_progression(folder).updates, event.at("updates").get<std::int64_t>());
    Context context(1);
    EXPECT_NO_THROW(load_model(context, folder)); // the best by its validation
    for (const auto& [name, bytes] : latest_tensors(folder))
        for (std::size_t i = 0; i + sizeof(float) <= bytes.size(); i += sizeof(float)) {
            float value = 0;
            std::memcpy(&value, bytes.data() + i, sizeof value);
            ASSERT_TRUE(std::isfinite(value)) << name;
        }
}

TEST_F(Training, ALossThatIsNoNumberStopsAtOnce) {
    TrainingSetup setup = toy_.setup();
    setup.training.optimizer.name = "sgd";
    setup.training.optimizer.learning_rate = 1000;
    setup.training.optimizer.clip_norm = 0;
    setup.training.optimizer.warmup = 20; // a good start
    setup.training.optimizer.schedule = "constant";
    setup.training.max_updates = 400;
    setup.training.validate_every = 1;
    const std::string message = failure(setup);
    expect_divergence(toy_.folder.path() / "model", message);
}

// A loss far above a blind guess's, for a hundred updates: the weights are numbers, and mean nothing.
TEST_F(Training, AHopelessLossStopsAfterAWhileAndKeepsTheCheckpointFromBefore) {
    TrainingSetup setup = toy_.setup("word-by-word");
    setup.training.optimizer.learning_rate = 30;
    setup.training.optimizer.warmup = 2;
    setup.training.optimizer.schedule = "constant";
    setup.training.max_updates = 400;
    setup.training.validate_every = 1;
    const std::string message = failure(setup);
    EXPECT_NE(message.find("for 100 updates above"), std::string::npos) << message;
    const fs::path folder = toy_.folder.path() / "model";
    const Progression p = read_progression(folder);
    EXPECT_EQ(p.updates + 100, EventLog::read(folder / "log.jsonl").back().at("updates").get<std::int64_t>());
}

// Few words and a high rate: the loss leaps to several times that of a blind guess, and falls again.
TEST_F(Training, ALossThatRecoversIsNoDivergence) {
    TrainingSetup setup = toy_.setup("word-by-word");
    setup.tokenizer.vocabulary_size = 5;
    setup.model.dropout = 0;
    setup.training.optimizer.learning_rate = 1;
    setup.training.optimizer.warmup = 1;
    setup.training.max_updates = 150;
    setup.training.log_every = 1;
    const fs::path folder = toy_.folder.path() / "model";
    train(setup, folder, false, 1);
    double highest = 0, last = 0;
    for (const EventLog::Json& event : EventLog::read(folder / "log.jsonl"))
        if (event.at("event") == "training") highest = std::max(highest, last = event.at("loss").get<double>());
    const double blind = std::log(static_cast<double>(TokenizerPair(folder).target().vocabulary_size()));
    EXPECT_GT(highest, 3 * blind); // else it shows nothing
    EXPECT_LT(last, blind);
}

// They would take memory without end; the others' figures are those of a set without them.
TEST_F(Training, ValidationLeavesEndlessLinesOut) {
    TrainingSetup setup = toy_.validated(toy_.setup());
    const auto loss_and_bleu = [&](const std::string& name) {
        train(setup, toy_.folder.path() / name, false, 1);
        for (const EventLog::Json& event : EventLog::read(toy_.folder.path() / name / "log.jsonl"))
            if (event.at("event") == "validation") return std::pair(event.at("loss").get<double>(), event.at("bleu").get<double>());
        return std::pair(0.0, 0.0);
    };
    const auto without = loss_and_bleu("without");
    std::string source, target;
    for (int i = 0; i < 3000; ++i) source += "chat ", target += "cat ";
    const std::string valid_source = read_file(setup.data.valid_source), valid_target = read_file(setup.data.valid_target);
    setup.data.valid_source = toy_.folder / "long.fr";
    setup.data.valid_target = toy_.folder / "long.en";
    write_file(setup.data.valid_source, "un chat\n" + source + "\n" + source + "\n" + valid_source);
    write_file(setup.data.valid_target, target + "\n" + target + "\na cat\n" + valid_target);
    testing::internal::CaptureStderr();
    EXPECT_EQ(loss_and_bleu("with"), without);
    const std::string said = testing::internal::GetCapturedStderr();
    EXPECT_NE(said.find("12 pairs, 3 dropped: 3 longer than 1000 tokens (the first: '" + setup.data.valid_target + "', line 1)"),
              std::string::npos)
        << said;
    setup.training.max_length = 5000; // what is trained on is validated, too
    testing::internal::CaptureStderr();
    train(setup, toy_.folder.path() / "longer", false, 1);
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST_F(Training, DataErrorsNameTheFiles) {
    TrainingSetup setup = toy_.setup();
    const auto with = [&](const std::string& source, const std::string& target) {
        write_file(toy_.folder / "bad.fr", source);
        write_file(toy_.folder / "bad.en", target);
        setup.data.train_source = toy_.folder / "bad.fr";
        setup.data.train_target = toy_.folder / "bad.en";
        fs::remove_all(toy_.folder.path() / "model");
        return failure(setup);
    };
    std::string message = with("un chat\ndeux\ntrois\n", "a cat\ntwo\n");
    EXPECT_NE(message.find("bad.fr' has 3 lines"), std::string::npos) << message;
    EXPECT_NE(message.find("bad.en' has 2"), std::string::npos) << message;
    EXPECT_NE(with("", "").find("the training text is empty: '"), std::string::npos) << with("", "");
    message = with("\nchat\n", "cat\n\n");
    EXPECT_NE(message.find("holds no pair with text on both sides"), std::string::npos) << message;
    setup.training.max_length = 2;
    message = with("un chat vert\n", "a green cat\n");
    EXPECT_NE(message.find("1 longer than 2 tokens"), std::string::npos) << message;
    setup.training.max_length = 100;
    setup.tokenizer.exact = true;
    setup.tokenizer.type = "unigram";
    message = with("un chat\n", "a cat\n");
    EXPECT_NE(message.find("vocab-size = 30 is too large"), std::string::npos) << message;
}

TEST_F(Training, SetupsThatCannotBeAreRefused) {
    TrainingSetup setup = toy_.setup();
    setup.training.max_updates = 0;
    EXPECT_NE(failure(setup).find("never end"), std::string::npos);
    setup = toy_.setup();
    setup.data.valid_source = setup.data.train_source;
    EXPECT_NE(failure(setup).find("valid-target"), std::string::npos);
    setup = toy_.setup();
    setup.data.source_tokenizer = toy_.folder / "train.fr";
    EXPECT_NE(failure(setup).find("target-tokenizer"), std::string::npos);
    setup.data.target_tokenizer = setup.data.source_tokenizer;
    EXPECT_NE(failure(setup).find("no SentencePiece model"), std::string::npos);
    setup = toy_.setup();
    setup.data.train_source.clear();
    EXPECT_NE(failure(setup).find("data.train-source"), std::string::npos);
    const auto expect = [&](const std::string& part, const std::function<void(TrainingSetup&)>& change) {
        TrainingSetup changed = toy_.setup("transformer");
        change(changed);
        const std::string message = failure(changed);
        EXPECT_NE(message.find(part), std::string::npos) << message;
    };
    expect("weight-decay", [](TrainingSetup& s) { s.training.optimizer.weight_decay = 0.1; });
    expect("beta1", [](TrainingSetup& s) {
        s.training.optimizer.name = "sgd";
        s.training.optimizer.beta1 = 0.5;
    });
    expect("without a validation set", [](TrainingSetup& s) { s.training.valid_beam = 5; });
    expect("max-positions has no effect", [](TrainingSetup& s) { s.model.max_positions = 7; });
    expect("heads", [](TrainingSetup& s) {
        s.model.width = 16;
        s.model.heads = 3;
    });
    EXPECT_FALSE(fs::exists(toy_.folder.path() / "model" / "source.model")); // no tokenizer was learned for nothing
    EXPECT_FALSE(has_checkpoint(toy_.folder.path() / "model"));
}

TEST_F(Training, SentencesBeyondTheModelsPositionsAreNamed) {
    TrainingSetup setup = toy_.validated(toy_.setup("transformer"));
    setup.model.positions = "learned";
    setup.model.max_positions = 9;
    const std::string fr = setup.data.train_source, en = setup.data.train_target;
    write_file(fr, "un deux un deux un deux un deux un\n" + read_file(fr));
    write_file(en, "one\n" + read_file(en));
    const std::string message = failure(setup);
    EXPECT_NE(message.find("train.fr', line 1: 10 tokens, but the model has 9 positions"), std::string::npos) << message;
}

TEST_F(Training, AnotherTrainingsTokenizerIsNotTakenInSilence) {
    TrainingSetup setup = toy_.setup();
    setup.tokenizer.joint = true;
    setup.training.max_length = 1; // fails once the tokenizer is there
    EXPECT_NE(failure(setup).find("longer than 1 tokens"), std::string::npos);
    EXPECT_NE(failure(toy_.setup()).find("tokenizer.model' is in the way"), std::string::npos);
}

} // namespace
} // namespace nmt
