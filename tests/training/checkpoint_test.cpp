#include "nmt/training/checkpoint.hpp"

#include "nmt/base/input_file.hpp"
#include "nmt/base/paths.hpp"
#include "nmt/models/registry.hpp"
#include "nmt/tensor/context.hpp"
#include "tests/training/toy_training.hpp"

#include <gtest/gtest.h>

#include <set>

namespace nmt {
namespace {

namespace fs = std::filesystem;

// A tiny model with an optimizer, both with pseudo-random content after some updates.
struct Subject {
    explicit Subject(std::uint64_t seed, int hidden = 6) : context(1) {
        ModelOptions options;
        options.architecture = "word-by-word";
        options.embedding_size = 4;
        options.hidden_size = hidden;
        options.decoder_layers = 1;
        model = make_model(context, options, {9, 9, false}, seed);
        OptimizerOptions optimizer_options;
        optimizer_options.average_decay = 0.5;
        optimizer = std::make_unique<Optimizer>(model->parameters(), optimizer_options);
    }

    void update(int times) {
        for (int i = 0; i < times; ++i) {
            for (Parameter& p : model->parameters().all())
                for (std::int64_t k = 0; k < p.value().size(); ++k) p.variable().gradient().data()[k] = static_cast<float>(random.normal());
            optimizer->update(optimizer->gradient_norm());
        }
    }

    std::map<std::string, std::string> bytes() {
        std::map<std::string, std::string> all;
        const auto add = [&](const std::string& name, const Tensor& t) {
            all[name].assign(reinterpret_cast<const char*>(t.data()), static_cast<std::size_t>(t.size()) * sizeof(float));
        };
        for (Parameter& p : model->parameters().all()) add("weights." + p.name(), p.value());
        for (const Optimizer::NamedTensor& state : optimizer->state()) add(state.name, state.tensor);
        return all;
    }

    Context context;
    std::unique_ptr<Model> model;
    std::unique_ptr<Optimizer> optimizer;
    Random random{5};
};

class Checkpoint : public testing::Test {
  protected:
    void save(Subject& subject, std::int64_t updates, int keep = 2) {
        Progression p;
        p.updates = updates;
        save_checkpoint(folder_.path(), *subject.model, *subject.optimizer, p, keep);
    }

    std::set<std::string> names() {
        std::set<std::string> found;
        for (const fs::directory_entry& entry : fs::directory_iterator(folder_.path() / "training"))
            found.insert(entry.path().filename().string());
        return found;
    }

    std::string failure() {
        Subject other(2);
        const std::string message = message_of<Error>([&] { load_checkpoint(folder_.path(), *other.model, *other.optimizer); });
        EXPECT_NE(message.find(folder_.path().string()), std::string::npos) << message;
        EXPECT_EQ(message.find('\n'), std::string::npos) << message;
        return message;
    }

    TemporaryFolder folder_;
};

TEST_F(Checkpoint, ComesBackBitForBit) {
    Subject saved(1), loaded(2);
    saved.update(3);
    Progression p;
    p.updates = 3;
    p.best = -2.0 / 3;
    p.snapshots = {{2, -1.0 / 3}, {3, 1e-300}};
    EXPECT_FALSE(has_checkpoint(folder_.path()));
    save_checkpoint(folder_.path(), *saved.model, *saved.optimizer, p, 2);
    EXPECT_TRUE(has_checkpoint(folder_.path()));
    EXPECT_FALSE(saved.bytes() == loaded.bytes());
    EXPECT_EQ(load_checkpoint(folder_.path(), *loaded.model, *loaded.optimizer), p);
    EXPECT_EQ(read_progression(folder_.path()), p);
    EXPECT_TRUE(saved.bytes() == loaded.bytes());
    EXPECT_EQ(loaded.optimizer->updates(), 3);
    saved.update(2);
    loaded.random = Random(5);
    Subject skipped(1);
    skipped.update(3);
    loaded.random = skipped.random;
    loaded.update(2);
    EXPECT_TRUE(saved.bytes() == loaded.bytes()); // they also go on alike
}

TEST_F(Checkpoint, WhatAValidationChangesIsWrittenWithoutTheWeights) {
    Subject subject(1);
    subject.update(3);
    Progression p;
    p.updates = 3;
    save_checkpoint(folder_.path(), *subject.model, *subject.optimizer, p, 2);
    const fs::path state = folder_.path() / "training" / "step-3" / "state.safetensors";
    const fs::file_time_type written = fs::last_write_time(state);
    make_folder(folder_.path() / "training");
    for (const int updates : {1, 3}) write_file(snapshot_file(folder_.path(), updates), "");
    p.last_validation = 3;
    p.best = 17.5;
    p.snapshots = {{3, 17.5}};
    save_progression(folder_.path(), p);
    EXPECT_EQ(read_progression(folder_.path()), p);
    Subject loaded(2);
    EXPECT_EQ(load_checkpoint(folder_.path(), *loaded.model, *loaded.optimizer), p);
    EXPECT_TRUE(subject.bytes() == loaded.bytes());
    EXPECT_EQ(fs::last_write_time(state), written);
    EXPECT_EQ(names(), (std::set<std::string>{"latest", "step-3", "snapshot-3.safetensors"}));
    // A training that comes to the same update again, after a kill: nothing of the first time counts.
    Progression again;
    again.updates = 3;
    save_checkpoint(folder_.path(), *subject.model, *subject.optimizer, again, 2);
    EXPECT_EQ(read_progression(folder_.path()), again);
}

TEST_F(Checkpoint, APlaceThatWasTamperedWithIsRefused) {
    Subject subject(1);
    save(subject, 3);
    const fs::path step = folder_.path() / "training" / "step-3";
    Progression other;
    other.updates = 3;
    other.next_batch = 256;
    write_file(step / "progression.json", to_json(other));
    EXPECT_NE(failure().find("different places"), std::string::npos);
    write_file(step / "progression.json", "{\"updates\": 3}");
    EXPECT_NE(failure().find("progression.json' is no checkpoint of this version: it lacks epoch"), std::string::npos);
    fs::remove(step / "progression.json");
    const float one = 1;
    other.updates = 7; // not those of the folder's name
    write_safetensors(step / "state.safetensors", {{"x", "F32", {1}, &one}}, {{"progression", to_json(other)}});
    EXPECT_NE(message_of<Error>([&] { read_progression(folder_.path()); }).find("tells of 7 updates"), std::string::npos);
    write_file(folder_.path() / "training" / "latest", "step-../../elsewhere");
    EXPECT_NE(failure().find("there is no"), std::string::npos);
}

TEST_F(Checkpoint, KeepsTheLastOnes) {
    Subject subject(1);
    for (const int step : {2, 9, 10, 11}) save(subject, step, 2); // in the order of numbers, not of names
    EXPECT_EQ(names(), (std::set<std::string>{"latest", "step-10", "step-11"}));
    EXPECT_EQ(read_file(folder_.path() / "training" / "latest"), "step-11\n");
    save(subject, 12, 1);
    EXPECT_EQ(names(), (std::set<std::string>{"latest", "step-12"}));
    save(subject, 12, 3);
    EXPECT_EQ(names(), (std::set<std::string>{"latest", "step-12"}));
}

TEST_F(Checkpoint, LatestStaysUntilTheNextIsComplete) {
    if (geteuid() == 0 && access("/dev/full", W_OK) != 0) GTEST_SKIP() << "needs /dev/full";
    Subject subject(1);
    save(subject, 1);
    // The next state cannot be written: its place is taken by a device that is full.
    make_folder(folder_.path() / "training" / "step-2");
    fs::create_symlink("/dev/full", folder_.path() / "training" / "step-2" / "state.safetensors");
    EXPECT_NE(message_of<Error>([&] { save(subject, 2); }), "");
    EXPECT_EQ(read_progression(folder_.path()).updates, 1);
    EXPECT_EQ(read_file(folder_.path() / "training" / "latest"), "step-1\n");
}

TEST_F(Checkpoint, RemovesWhatAKilledSaveHasLeft) {
    Subject subject(1);
    save(subject, 3);
    const fs::path training = folder_.path() / "training";
    for (const std::string name : {"step-5/state.safetensors", "step-4/state.safetensors.tmp-77", "latest.tmp-77",
                                   "../model.safetensors.tmp-77", "step-notes/text"}) {
        make_folder((training / name).parent_path());
        write_file(training / name, "half");
    }
    save(subject, 4);
    EXPECT_EQ(names(), (std::set<std::string>{"latest", "step-3", "step-4", "step-notes"})); // what is none of ours stays
    EXPECT_FALSE(fs::exists(training / "step-4" / "state.safetensors.tmp-77"));
    EXPECT_FALSE(fs::exists(folder_.path() / "model.safetensors.tmp-77"));
    EXPECT_EQ(read_progression(folder_.path()).updates, 4);
}

TEST_F(Checkpoint, SnapshotsThatItDoesNotNameAreRemoved) {
    Subject subject(1);
    make_folder(folder_.path() / "training");
    for (const int updates : {1, 2, 7}) write_file(snapshot_file(folder_.path(), updates), "");
    Progression p;
    p.updates = 4;
    p.snapshots = {{1, 0}, {2, 0}};
    save_checkpoint(folder_.path(), *subject.model, *subject.optimizer, p, 2);
    EXPECT_EQ(names(), (std::set<std::string>{"latest", "step-4", "snapshot-1.safetensors", "snapshot-2.safetensors"}));
    EXPECT_EQ(read_progression(folder_.path()).snapshots, p.snapshots);
    EXPECT_EQ(read_progression(folder_.path()).model_score(), p.best); // no mean was made
}

TEST_F(Checkpoint, BrokenOnesAreOneLineErrors) {
    EXPECT_NE(failure().find("no checkpoint to resume from"), std::string::npos);
    Subject subject(1);
    save(subject, 3);
    const fs::path training = folder_.path() / "training", state = training / "step-3" / "state.safetensors";
    const std::string whole = read_file(state);
    write_file(training / "latest", "step-8\n");
    EXPECT_NE(failure().find("'step-8'"), std::string::npos);
    write_file(training / "latest", "");
    EXPECT_NE(failure().find("latest"), std::string::npos);
    write_file(training / "latest", "step-3\n");
    for (const std::size_t length : {std::size_t{0}, std::size_t{5}, whole.size() / 4, whole.size() - 1}) {
        write_file(state, std::string_view(whole).substr(0, length));
        EXPECT_NE(failure().find("state.safetensors"), std::string::npos);
    }
    write_file(state, "This is no safetensors file at all, but long enough.");
    EXPECT_NE(failure().find("no safetensors file"), std::string::npos);
    fs::remove(state);
    EXPECT_NE(failure().find("there is no"), std::string::npos);
}

TEST_F(Checkpoint, ForeignOnesAreRefused) {
    Subject larger(1, 8);
    save(larger, 3);
    EXPECT_NE(failure().find("weights."), std::string::npos); // another shape
    const float one = 1;
    write_safetensors(folder_.path() / "training" / "step-3" / "state.safetensors", {{"x", "F32", {1}, &one}});
    EXPECT_NE(failure().find("has no tensor"), std::string::npos);
    EXPECT_NE(message_of<Error>([&] { read_progression(folder_.path()); }).find("no progression"), std::string::npos);
    write_safetensors(folder_.path() / "training" / "step-3" / "state.safetensors", {{"x", "F32", {1}, &one}},
                      {{"progression", "{\"updates\": 3}"}});
    EXPECT_NE(message_of<Error>([&] { read_progression(folder_.path()); }).find("no checkpoint of this version"), std::string::npos);
    Subject plain(1);
    Optimizer without_average(plain.model->parameters(), OptimizerOptions());
    Progression p;
    p.updates = 3;
    save_checkpoint(folder_.path(), *plain.model, without_average, p, 2);
    EXPECT_NE(failure().find("average."), std::string::npos);
}

} // namespace
} // namespace nmt
