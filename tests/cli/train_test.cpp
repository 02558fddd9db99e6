// nmt train: stopped in any way and resumed, it ends with the weights of a training that was never stopped.
#include "tests/cli/tiny_model.hpp"

#include "nmt/base/random.hpp"

namespace nmt::cli {
namespace {

class TrainCommand : public WithTinyModel {
  protected:
    std::string train(const std::string& name, const std::string& more = "") {
        return "train -t 1 --config " + tiny_.config() + " --model " + quoted(folder_.file(name)) + " " + more;
    }

    // Starts a training, waits until `condition` holds, sends the signal and returns how it ended.
    Outcome stop(const std::string& arguments, const std::string& condition, const std::string& signal) {
        // With job control, without which a shell has its background jobs ignore SIGINT.
        return shell(folder_, "set -m\n" + quoted(NMT_PROGRAM) + " " + arguments + " &\npid=$!\nuntil " + condition +
                                  "; do kill -0 $pid 2>/dev/null || break; sleep 0.01; done\nkill -" + signal + " $pid\nwait $pid\n");
    }

    std::string contains(const std::string& name, const std::string& text) {
        return "grep -qs '" + text + "' " + quoted(folder_.file(name + "/log.jsonl"));
    }

    // Kills a training five times, a moment after it has begun or come to some update, and then lets it come to its end.
    void kill_at_random_moments(const std::string& name, const std::string& settings) {
        Random random(12);
        int killed = 0;
        std::string resume;
        for (int i = 0; i < 5; ++i) {
            // Before config.ini is there, nothing has begun and nothing can be resumed.
            const std::string begun = "[ -e " + quoted(folder_.file(name + "/config.ini")) + " ]";
            const std::string come = i == 0 ? begun : contains(name, fmt::format("\"updates\":{},", 50 * i - 5 * random.below(6)));
            const Outcome outcome =
                stop(train(name, settings + resume), fmt::format("{} && sleep 0.{:03}", come, random.below(20)), "KILL");
            EXPECT_EQ(outcome.output, "");
            if (outcome.status == 0) break;
            EXPECT_EQ(outcome.status, 137) << outcome.errors;
            ++killed;
            resume = " --resume";
        }
        EXPECT_GE(killed, 1);
        const Outcome resumed = run(train(name, settings + " --resume"));
        EXPECT_EQ(resumed.status, 0) << resumed.errors;
        const Outcome leftovers = shell(folder_, "find " + quoted(folder_.file(name)) + " -name '*.tmp-*'");
        EXPECT_EQ(leftovers.output, "");
    }

    void expect_same_weights(const std::string& name) {
        model();
        EXPECT_TRUE(read_file(folder_.file(name + "/model.safetensors")) == read_file(tiny_.file("model/model.safetensors")));
        EXPECT_TRUE(latest_tensors(folder_.file(name)) == latest_tensors(tiny_.file("model")));
    }
};

TEST_F(TrainCommand, SignalsSaveACheckpointToGoOnFrom) {
    for (const auto& [signal, status] : {std::pair("INT", 130), std::pair("TERM", 143), std::pair("HUP", 129)}) {
        SCOPED_TRACE(signal);
        const Outcome stopped = stop(train(signal), contains(signal, "\"updates\":95"), signal);
        EXPECT_EQ(stopped.status, status) << stopped.errors;
        EXPECT_EQ(stopped.output, "");
        EXPECT_NE(stopped.errors.find("go on with 'nmt train --model " + folder_.file(signal) + " --resume'"), std::string::npos)
            << stopped.errors;
        const Progression p = read_progression(folder_.file(signal));
        EXPECT_GE(p.updates, 95);
        EXPECT_LT(p.updates, 300);
        const Outcome resumed = run(train(signal, "--resume"));
        EXPECT_EQ(resumed.status, 0) << resumed.errors;
        expect_same_weights(signal);
    }
}

TEST_F(TrainCommand, ASignalThatIsIgnoredAtTheStartStaysSo) {
    for (const std::string signal : {"INT", "HUP"}) {
        const Outcome done = shell(folder_, "trap '' " + signal + "\n" + quoted(NMT_PROGRAM) + " " + train("spared" + signal) +
                                                " &\npid=$!\nuntil " + contains("spared" + signal, "\"updates\":95") +
                                                "; do sleep 0.01; done\nkill -" + signal + " $pid\nwait $pid\n");
        EXPECT_EQ(done.status, 0) << done.errors;
        expect_same_weights("spared" + signal);
    }
}

TEST_F(TrainCommand, BeforeTheFirstValidationTheOneCommandIsSaid) {
    const std::string folder = folder_.file("m"), go_on = "'nmt train --model " + folder + " --resume'";
    const std::string unvalidated = train("m", "--set training.validate-every=200");
    const Outcome stopped = stop(unvalidated, contains("m", "\"updates\":50"), "INT");
    EXPECT_EQ(stopped.status, 130) << stopped.errors;
    EXPECT_NE(stopped.errors.find("go on with " + go_on), std::string::npos) << stopped.errors;
    expect_failure(run("translate --model " + quoted(folder), "un chat\n"), 1, "go on with " + go_on);
    expect_failure(run("train --model " + quoted(folder)), 1, "go on with " + go_on);
    EXPECT_EQ(run("train -t 1 --resume --set training.max-updates=200 --model " + quoted(folder)).status, 0);
    EXPECT_EQ(run("translate --model " + quoted(folder), "un chat\n").status, 0);
}

TEST_F(TrainCommand, WhatChangesOnResumingIsSaidAndWrittenDown) {
    const std::string quick = "--set training.max-updates=5 training.log-every=1 ";
    ASSERT_EQ(run(train("m", quick)).status, 0);
    const std::string resume = "train -t 1 --resume --model " + quoted(folder_.file("m"));
    const Outcome changed = run(resume + " --set training.learning-rate=0.0004 training.max-updates=7");
    EXPECT_EQ(changed.status, 0) << changed.errors;
    EXPECT_NE(changed.errors.find("changed: training.learning-rate from 0.01 to 0.0004; training.max-updates from 5 to 7\n"),
              std::string::npos)
        << changed.errors;
    EXPECT_NE(read_file(folder_.file("m/config.ini")).find("\nlearning-rate = 0.0004\n"), std::string::npos);
    EXPECT_NE(read_file(folder_.file("m/log.jsonl")).find("{\"key\":\"training.learning-rate\",\"before\":\"0.01\",\"after\":\"0.0004\"}"),
              std::string::npos);
    const Outcome ended = run(resume); // from its own configuration
    EXPECT_EQ(ended.status, 0) << ended.errors;
    EXPECT_NE(ended.errors.find("ended after 7 updates, by training.max-updates; to go on, raise it: 'nmt train --model " +
                                folder_.file("m") + " --resume --set training.max-updates=N'\n"),
              std::string::npos)
        << ended.errors;
    expect_failure(run(resume + " --seed 9"), 1, "cannot change training.seed from 1 to 9: the first weights");
}

TEST_F(TrainCommand, WithoutAValidationSetItSaysWhatThatMeans) {
    const Outcome trained = run(train("m", "--set training.max-updates=2 data.valid-source= data.valid-target="));
    EXPECT_EQ(trained.status, 0) << trained.errors;
    EXPECT_NE(trained.errors.find("no validation set: the last weights become the model"), std::string::npos) << trained.errors;
    EXPECT_EQ(trained.errors.find("primitive"), std::string::npos) << trained.errors;
}

TEST_F(TrainCommand, TheSeedDecidesTheWeights) {
    const std::string few = "--set training.max-updates=3 ";
    for (const auto& [name, option] :
         {std::pair("one", "--seed 7"), std::pair("two", "--set training.seed=7"), std::pair("three", "--seed 8")}) {
        const Outcome outcome = run(train(name, few + option));
        EXPECT_EQ(outcome.status, 0) << outcome.errors;
    }
    const auto weights = [&](const std::string& name) { return read_file(folder_.file(name + "/model.safetensors")); };
    EXPECT_TRUE(weights("one") == weights("two"));
    EXPECT_FALSE(weights("one") == weights("three"));
}

TEST_F(TrainCommand, KilledAtRandomMomentsItGoesOn) {
    kill_at_random_moments("killed", "");
    expect_same_weights("killed");
}

TEST_F(TrainCommand, KilledAtRandomMomentsItKeepsItsSnapshotsAndSamples) {
    const std::string settings =
        "--set training.average-decay=0 training.average-checkpoints=3 training.average-of=best training.validate-every=20 "
        "training.subword-sampling=0.2 training.subword-sampling-sides=source";
    ASSERT_EQ(run(train("whole", settings)).status, 0);
    kill_at_random_moments("killed", settings);
    EXPECT_TRUE(tensors_of(folder_.file("killed/model.safetensors")) == tensors_of(folder_.file("whole/model.safetensors")));
    EXPECT_TRUE(latest_tensors(folder_.file("killed")) == latest_tensors(folder_.file("whole")));
    const std::vector<Snapshot> snapshots = read_progression(folder_.file("killed")).snapshots;
    EXPECT_EQ(snapshots, read_progression(folder_.file("whole")).snapshots);
    ASSERT_EQ(snapshots.size(), 3u);
    for (const Snapshot& snapshot : snapshots)
        EXPECT_TRUE(tensors_of(snapshot_file(folder_.file("killed"), snapshot.updates)) ==
                    tensors_of(snapshot_file(folder_.file("whole"), snapshot.updates)));
    EXPECT_EQ(shell(folder_, "ls " + quoted(folder_.file("killed/training")) + " | grep -c snapshot-").output, "3\n");
}

TEST_F(TrainCommand, ResumeNeedsATrainingAndATrainingNeedsResume) {
    expect_failure(run("train -t 1 --config " + tiny_.config() + " --model " + model()), 1, "--resume");
    expect_failure(run(train("nothing", "--resume")), 1, "holds no training to resume");
    expect_failure(run("train --resume --model " + quoted(folder_.file("nothing"))), 1, "holds no training to resume");
    const Outcome other = run("train -t 1 --config " + tiny_.config() + " --set model.hidden-size=20 --resume --model " + model());
    expect_failure(other, 1, "model.hidden-size from 16 to 20");
    // Its own configuration is the default, and its limits may be raised.
    ASSERT_EQ(shell(folder_, "cp -r " + model() + " " + quoted(folder_.file("longer"))).status, 0);
    const Outcome longer = run("train -t 1 --resume --set training.max-updates=310 --model " + quoted(folder_.file("longer")));
    EXPECT_EQ(longer.status, 0) << longer.errors;
    EXPECT_EQ(read_progression(folder_.file("longer")).updates, 310);
}

TEST_F(TrainCommand, BeginsWithAnotherModel) {
    const std::string general = model();
    write_toy_pairs(folder_.file("new.fr"), folder_.file("new.en"), 40, 9);
    const std::string data = fmt::format("[data]\ntrain-source = {0}/new.fr\ntrain-target = {0}/new.en\n", folder_.file("")),
                      fine = quoted(folder_.write("fine.ini", "[training]\nmax-updates = 12\nbatch-tokens = 60\n" + data));
    ASSERT_EQ(shell(folder_, "cp -r " + general + " " + quoted(folder_.file("general"))).status, 0);
    const std::string begin = "train -t 1 --config " + fine + " --from " + quoted(folder_.file("general"));
    const Outcome trained = run(begin + " --model " + quoted(folder_.file("special")));
    EXPECT_EQ(trained.status, 0) << trained.errors;
    EXPECT_NE(trained.errors.find("begins with the weights of '" + folder_.file("general")), std::string::npos) << trained.errors;
    EXPECT_EQ(read_file(folder_.file("special/source.model")), read_file(tiny_.file("model/source.model")));
    EXPECT_NE(read_file(folder_.file("special/config.ini")).find("hidden-size = 16"), std::string::npos);
    // Half of it, and the rest without the model that it began with.
    const std::string half = begin + " --model " + quoted(folder_.file("half"));
    ASSERT_EQ(run(half + " --set training.max-updates=6").status, 0);
    ASSERT_EQ(shell(folder_, "rm -r " + quoted(folder_.file("general"))).status, 0);
    const Outcome resumed = run(half + " --resume");
    EXPECT_EQ(resumed.status, 0) << resumed.errors;
    EXPECT_TRUE(latest_tensors(folder_.file("half")) == latest_tensors(folder_.file("special")));
    const Outcome translated = run("translate --model " + quoted(folder_.file("half")), "un chat\n");
    EXPECT_EQ(translated.status, 0) << translated.errors;
    EXPECT_EQ(lines_of(translated.output), 1u);
    // What cannot be.
    expect_failure(run(begin + " --model " + quoted(folder_.file("other"))), 1, "is no model folder");
    expect_failure(run("train -t 1 --config " + fine + " --from elsewhere --resume --model " + quoted(folder_.file("half"))), 1,
                   "began with '" + folder_.file("general"));
    expect_failure(
        run("train -t 1 --config " + fine + " --from " + general + " --set model.hidden-size=20 --model " + quoted(folder_.file("other"))),
        1, "model.hidden-size = 20 does not fit");
    expect_failure(run("train -t 1 --config " + fine + " --from " + general + " --set training.freeze=encoder.embeding --model " +
                       quoted(folder_.file("other"))),
                   1, "did you mean 'encoder.embedding'?");
    expect_failure(run("train --keys --from " + general), 2, "--from has no effect");
}

TEST_F(TrainCommand, KeysAreAReadableConfiguration) {
    const Outcome keys = run("train --keys");
    EXPECT_EQ(keys.status, 0);
    EXPECT_EQ(keys.errors, "");
    const std::string file = quoted(folder_.write("keys.ini", keys.output));
    Configuration configuration = Configuration::parse(keys.output, "keys.ini");
    EXPECT_EQ(TrainingSetup::read(configuration).format(), TrainingSetup().format()); // the defaults, all of them
    configuration.check_all_used();
    expect_failure(run("train --config " + file + " --model " + quoted(folder_.file("m"))), 1, "no training data");
    const Outcome trained =
        run("train -t 1 --config " + file + " --model " + quoted(folder_.file("m")) +
            " --set model.hidden-size=8 model.embedding-size=8 model.attention-size=8 tokenizer.type=word tokenizer.exact=false "
            "--set training.max-updates=1 data.train-source=" +
            tiny_.quoted_file("train.fr") + " data.train-target=" + tiny_.quoted_file("train.en"));
    EXPECT_EQ(trained.status, 0) << trained.errors;
    EXPECT_EQ(run("train --config " + quoted(folder_.file("m/config.ini")) + " --resume --model " + quoted(folder_.file("m"))).status, 0);
}

TEST_F(TrainCommand, ArchitecturesAreListedInColumns) {
    for (const std::string option : {"--help", "--keys"}) {
        const Outcome outcome = run("train " + option);
        EXPECT_EQ(outcome.status, 0);
        const std::string indent = option == "--keys" ? "#   " : "  ";
        for (const std::string line : {"dictionary       each token", "transformer-rnn  transformer encoder", "rnn              recurrent"})
            EXPECT_NE(outcome.output.find("\n" + indent + line), std::string::npos) << outcome.output;
    }
}

TEST_F(TrainCommand, MistakesNameTheNearest) {
    expect_failure(run(train("m", "--set training.learning-rat=1")), 1, "did you mean 'learning-rate'?");
    expect_failure(run(train("m", "--set trainig.seed=1")), 1, "trainig");
    expect_failure(run(train("m", "--set model.architecture=rnn-atention")), 1, "did you mean 'rnn-attention'?");
    expect_failure(run(train("m", "--set training.max-updates=x")), 1, "training.max-updates");
    expect_failure(run(train("m", "--set training.max-updates")), 2, "expected section.key=value");
    expect_failure(run(train("m", "--set seed=1")), 2, "section.key");
    expect_failure(run(train("m", "--resumee")), 2, "did you mean '--resume'?");
    expect_failure(run("train --config " + tiny_.config()), 2, "--model DIR is missing");
    expect_failure(run("train --config /nowhere/x.ini --model m"), 1, "/nowhere/x.ini");
    expect_failure(run("train --config " + tiny_.quoted_file("train.fr") + " --model m"), 1, "train.fr");
    EXPECT_FALSE(std::filesystem::exists(folder_.file("m")));
}

TEST_F(TrainCommand, DataErrorsAreOneLine) {
    const std::string three = quoted(folder_.write("three", "un\ndeux\ntrois\n")), two = quoted(folder_.write("two", "one\ntwo\n"));
    const std::string quiet = "--set data.train-source=" + three + " data.train-target=";
    const Outcome unequal = run(train("m", quiet + two));
    expect_failure(unequal, 1, "/three' has 3 lines");
    expect_failure(unequal, 1, "/two' has 2");
    expect_failure(run(train("m2", quiet + "/nowhere/text")), 1, "/nowhere/text");
    expect_failure(run(train("m3", "--set data.source-tokenizer=" + three)), 1, "/three' is no SentencePiece model");
    expect_failure(run("train --config " + tiny_.config() + " --model " + tiny_.quoted_file("train.fr")), 1, "train.fr");
    expect_failure(run("train --config " + tiny_.config() + " --model /proc/m"), 1, "/proc/m");
}

// Of what cannot be read nothing is learned, and nothing stays.
TEST_F(TrainCommand, FaultsOfTheTextAreToldBeforeAnythingIsLearned) {
    const std::string three = quoted(folder_.write("three", "un\ndeux\ntrois\n"));
    const std::string learned = "--set data.source-tokenizer= data.target-tokenizer= ";
    expect_failure(run(train("m", learned + "data.valid-source=/nowhere/v.fr")), 1, "/nowhere/v.fr");
    expect_failure(run(train("m", learned + "data.valid-target=" + three)), 1, "/three' has 3");
    const std::string none = quoted(folder_.write("none", ""));
    expect_failure(run(train("m", learned + "data.valid-source=" + none + " data.valid-target=" + none)), 1,
                   "the validation text is empty");
    EXPECT_FALSE(std::filesystem::exists(folder_.file("m")));
    const Outcome piped = run(train("m", learned + "data.train-source=- data.valid-target=" + three), "un\n");
    EXPECT_EQ(piped.status, 1);
    EXPECT_FALSE(std::filesystem::exists(folder_.file("m/text")));
    expect_failure(run(train("m2", learned + "data.train-source=/nowhere/t.fr")), 1, "/nowhere/t.fr");
    EXPECT_FALSE(std::filesystem::exists(folder_.file("m2")));
    expect_failure(run(train("m2", "--set data.train-tsv=" + three)), 1, "data.train-source and data.train-target have no effect");
    EXPECT_FALSE(std::filesystem::exists(folder_.file("m2")));
}

TEST_F(TrainCommand, TextFromPipesIsCopiedAndResumedFrom) {
    const std::string settings = "training.max-updates=45 data.source-tokenizer= data.target-tokenizer= tokenizer.type=word "
                                 "tokenizer.exact=false ";
    const std::string substituted = fmt::format("data.train-source=<(cat {}) data.train-target=<(cat {})", tiny_.quoted_file("train.fr"),
                                                tiny_.quoted_file("train.en"));
    EXPECT_EQ(run(train("files", "--set " + settings)).status, 0);
    const Outcome piped = run(train("piped", "--set " + settings + substituted));
    EXPECT_EQ(piped.status, 0) << piped.errors;
    EXPECT_NE(piped.errors.find("can be read only once: copied to '"), std::string::npos) << piped.errors;
    EXPECT_TRUE(read_file(folder_.file("piped/model.safetensors")) == read_file(folder_.file("files/model.safetensors")));
    const Outcome stopped =
        run(train("stopped", "--set " + settings + "training.max-updates=20 data.train-source=-"), read_file(tiny_.file("train.fr")));
    EXPECT_EQ(stopped.status, 0) << stopped.errors;
    const Outcome resumed = run("train -t 1 --resume --model " + quoted(folder_.file("stopped")) + " --set training.max-updates=45");
    EXPECT_EQ(resumed.status, 0) << resumed.errors;
    EXPECT_TRUE(latest_tensors(folder_.file("stopped")) == latest_tensors(folder_.file("files")));
    expect_failure(run(train("stopped", "--resume --set data.train-source=-")), 1, "not with a pipe");
    const std::string tsv = quoted(folder_.file("both.tsv"));
    shell(folder_, "paste " + tiny_.quoted_file("train.fr") + " " + tiny_.quoted_file("train.en") + " > " + tsv);
    const Outcome both = run(train("both", "--set " + settings + "data.train-source= data.train-target= data.train-tsv=" + tsv));
    EXPECT_EQ(both.status, 0) << both.errors;
    EXPECT_TRUE(latest_tensors(folder_.file("both")) == latest_tensors(folder_.file("files")));
}

TEST_F(TrainCommand, DivergenceIsAFailure) {
    const Outcome diverged =
        run(train("m", "--set training.optimizer=sgd training.learning-rate=1000 training.clip-norm=0 training.average-decay=0"));
    EXPECT_EQ(diverged.status, 1);
    EXPECT_NE(diverged.errors.find("nmt: error: the training diverged at update "), std::string::npos) << diverged.errors;
    EXPECT_EQ(diverged.errors.find("nmt: error: "), diverged.errors.rfind('\n', diverged.errors.size() - 2) + 1) << "it is the last line";
}

} // namespace
} // namespace nmt::cli
