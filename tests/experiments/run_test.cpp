// A whole recipe in miniature: every architecture, two seeds, from data to report.
#include "nmt/experiments/run.hpp"

#include "nmt/base/checksum.hpp"
#include "nmt/base/error.hpp"
#include "nmt/base/folder_lock.hpp"
#include "nmt/base/input_file.hpp"
#include "nmt/base/line_reader.hpp"
#include "nmt/base/log.hpp"
#include "nmt/base/output_file.hpp"
#include "nmt/base/paths.hpp"
#include "nmt/base/random.hpp"
#include "nmt/models/model_folder.hpp"
#include "nmt/tensor/context.hpp"
#include "tests/base/test_support.hpp"
#include "tests/training/toy_training.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <map>
#include <thread>

namespace nmt {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr const char* kModels = R"(
[tokenizer]
type = word
joint = false
vocab-size = 4000
exact = false
[training]
batch-tokens = 400
learning-rate = 0.01
warmup = 10
max-epochs = 2
patience = 0
[search]
beam = 2
[model.dictionary]
architecture = dictionary
[model.word-by-word]
architecture = word-by-word
embedding-size = 12
hidden-size = 16
decoder-layers = 1
[model.rnn]
architecture = rnn
embedding-size = 12
hidden-size = 16
decoder-layers = 1
[model.rnn-attention]
architecture = rnn-attention
embedding-size = 12
hidden-size = 16
attention-size = 12
decoder-layers = 1
[examples]
1 = le chat dort
)";

class Run : public testing::Test {
  protected:
    Run() {
        set_quiet(true);
        const std::vector<std::pair<std::string, std::string>> nouns = {{"le chat", "the cat"},
                                                                        {"la souris", "the mouse"},
                                                                        {"le chien", "the dog"}},
                                                               verbs = {{"dort", "sleeps"}, {"mange", "eats"}, {"court", "runs"}};
        Random random(4);
        const auto write = [&](const std::string& name, int lines) {
            std::string source, target;
            for (int i = 0; i < lines; ++i) {
                const auto &a = nouns[random.below(3)], &b = nouns[random.below(3)], &verb = verbs[random.below(3)];
                source += a.first + " et " + b.first + " " + verb.first + "\n";
                target += a.second + " and " + b.second + " " + verb.second + "\n";
            }
            make_folder(folder_ / "data");
            write_file(folder_ / ("data/" + name + ".fr"), source);
            write_file(folder_ / ("data/" + name + ".en"), target);
        };
        write("train", 200);
        write("valid", 15);
        write("easy", 10);
        write("hard", 12);
    }

    std::string text(const std::string& seeds = "1 2") const {
        return "[recipe]\nname = tiny\nseeds = " + seeds +
               "\n[data]\nsource = fr\ntarget = en\ntrain = train\nvalid = valid\ntests = easy hard\n" + kModels;
    }

    std::string run(const std::string& recipe, const std::string& work) {
        return run_recipe(Recipe::parse(recipe, "tiny.ini", folder_.path()), {folder_ / "data", folder_ / work, 1}).text;
    }

    Json results(const std::string& work) { return Json::parse(read_file(folder_ / (work + "/results.json"))); }

    // What a run has left that does not depend on time: weights, translations, scores.
    std::map<std::string, std::string> outcome(const std::string& work) {
        std::map<std::string, std::string> found;
        for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder_ / work)) {
            const std::string name = entry.path().filename().string();
            if (name == "model.safetensors" || name.ends_with(".hypotheses"))
                found[fs::relative(entry.path(), folder_ / work).string()] = read_file(entry.path());
        }
        const Json json = results(work);
        for (const Json& model : json.at("models")) found[model.at("name").get<std::string>() + " scores"] = model.at("tests").dump();
        return found;
    }

    std::map<std::string, fs::file_time_type> times(const std::string& work) {
        std::map<std::string, fs::file_time_type> found;
        for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder_ / work))
            if (const std::string name = entry.path().filename().string();
                entry.is_regular_file() && !name.starts_with("results.") && name != "report.html" && name != "lock")
                found[entry.path().string()] = entry.last_write_time();
        return found;
    }

    TemporaryFolder folder_;
};

TEST_F(Run, FromDataToReportAndNothingTwice) {
    const std::string table = run(text(), "work");
    EXPECT_EQ(read_file(folder_ / "work/results.md"), table);
    for (const std::string part : {"BLEU easy", "BLEU hard", "chrF2", "95 % interval", "rnn - dictionary", "word-by-word", "±", "1 threads",
                                   "seeds 1, 2", "le chat dort"})
        EXPECT_NE(table.find(part), std::string::npos) << part << "\n" << table;
    const Json json = results("work");
    EXPECT_EQ(json.at("recipe"), "tiny");
    EXPECT_EQ(json.at("threads"), 1);
    std::vector<std::string> names;
    for (const Json& model : json.at("models")) {
        names.push_back(model.at("name"));
        EXPECT_GT(model.at("parameters").get<int>(), 0);
        EXPECT_GT(model.at("training_minutes").get<double>(), 0);
        EXPECT_GE(model.at("target_tokens_per_second").get<double>(), 0);
        EXPECT_GT(model.at("translation_sentences_per_second").get<double>(), 0);
        EXPECT_GT(model.at("peak_memory_mib").get<double>(), 1);
        for (const std::string test : {"easy", "hard"}) {
            EXPECT_GE(model.at("tests").at(test).at("bleu").get<double>(), 0);
            EXPECT_TRUE(model.at("tests").at(test).at("signature").get<std::string>().starts_with("nrefs:1|"));
            EXPECT_EQ(model.at("tests").at(test).at("bleu_by_seed").size(), 2u);
            EXPECT_TRUE(model.at("tests").at(test).at("by_phenomenon").empty());
            EXPECT_GT(model.at("tests").at(test).at("chrf").get<double>(), 0);
            EXPECT_LE(model.at("tests").at(test).at("bleu_interval")[0].get<double>(),
                      model.at("tests").at(test).at("bleu_interval")[1].get<double>());
        }
    }
    EXPECT_EQ(json.at("comparisons").size(), 2u * 6); // each two of four models on two test sets
    EXPECT_EQ(json["comparisons"][0].at("first"), "dictionary");
    EXPECT_NEAR(json["comparisons"][0].at("smallest_p_by_seeds").get<double>(), 1.0 / 3, 1e-9);
    EXPECT_EQ(names, (std::vector<std::string>{"dictionary", "word-by-word", "rnn", "rnn-attention"}));
    EXPECT_GT(json["models"][0]["tests"]["easy"]["bleu"].get<double>(), 5);
    EXPECT_EQ(read_lines(folder_ / "work/rnn/seed-2/hard.hypotheses").size(), 12u);

    const auto before = times("work");
    EXPECT_EQ(run(text(), "work"), table);
    EXPECT_TRUE(times("work") == before) << "the second run has written something";

    // Other text or options than those of the finished models are refused; other search options are searched with.
    std::string changed = text();
    changed.replace(changed.find("hidden-size = 16"), 16, "hidden-size = 20");
    EXPECT_NE(message_of<Error>([&] { run(changed, "work"); }).find("word-by-word"), std::string::npos);
    const std::string train = read_file(folder_ / "data/train.en");
    write_file(folder_ / "data/train.en", train.substr(0, train.size() - 2) + "!\n");
    EXPECT_NE(message_of<Error>([&] { run(text(), "work"); }).find("other text"), std::string::npos);
    write_file(folder_ / "data/train.en", train);
    changed = text();
    changed.replace(changed.find("beam = 2"), 8, "beam = 1");
    run(changed, "work");
    EXPECT_EQ(results("work").at("beam"), 1);
    const std::string hypotheses = folder_ / "work/rnn/seed-1/easy.hypotheses", weights = folder_ / "work/rnn/seed-1/model.safetensors";
    EXPECT_NE(times("work").at(hypotheses), before.at(hypotheses));
    EXPECT_EQ(times("work").at(weights), before.at(weights));
}

TEST_F(Run, ATokenizerOfOtherOptionsOrTextIsNotTaken) {
    std::string recipe = text("1");
    recipe.resize(recipe.find("[model.word-by-word]"));
    run(recipe, "work");
    std::string smaller = recipe;
    smaller.replace(smaller.find("vocab-size = 4000"), 17, "vocab-size = 12");
    fs::remove_all(folder_ / "work/dictionary"); // its tokenizer stays
    EXPECT_NE(message_of<Error>([&] { run(smaller, "work"); }).find("tokenizer' was made with other options"), std::string::npos);
    write_file(folder_ / "data/train.fr", "le chien\n" + read_file(folder_ / "data/train.fr"));
    write_file(folder_ / "data/train.en", "the dog\n" + read_file(folder_ / "data/train.en"));
    EXPECT_NE(message_of<Error>([&] { run(recipe, "work"); }).find("or from other text"), std::string::npos);
    fs::remove_all(folder_ / "work/tokenizer");
    EXPECT_NO_THROW(run(smaller, "work"));
}

TEST_F(Run, GoesOnAfterItsOutputsAreGone) {
    run(text("5"), "work");
    const auto whole = outcome("work");
    EXPECT_EQ(whole.size(), 4u * 5);
    fs::remove_all(folder_ / "work/rnn");
    fs::remove(folder_ / "work/word-by-word/hard.hypotheses");
    fs::remove(folder_ / "work/results.json");
    const auto weights = fs::last_write_time(folder_ / "work/word-by-word/model.safetensors");
    run(text("5"), "work");
    EXPECT_TRUE(outcome("work") == whole);
    EXPECT_EQ(fs::last_write_time(folder_ / "work/word-by-word/model.safetensors"), weights);
}

TEST_F(Run, GoesOnWhereItsTextHasMoved) {
    run(text("1"), "whole");
    std::string first = text("1");
    first.resize(first.find("[model.rnn-attention]"));
    run(first, "work");
    fs::remove(folder_ / "work/rnn/steps.json"); // as if it had been killed just before
    fs::rename(folder_ / "data", folder_ / "elsewhere");
    run_recipe(Recipe::parse(text("1"), "tiny.ini", folder_.path()), {folder_ / "elsewhere", folder_ / "work", 1});
    EXPECT_TRUE(outcome("work") == outcome("whole"));
}

TEST_F(Run, WhatChangesMidwayIsNotComparedInSilence) {
    std::string first = text("1");
    first.resize(first.find("[model.rnn-attention]"));
    run(first, "work");
    const auto refused = [&](const std::string& recipe) { return message_of<Error>([&] { run(recipe, "work"); }); };
    const std::string tokenizer = folder_ / "work/tokenizer/target.model", valid = folder_ / "data/valid.en",
                      weights = folder_ / "work/rnn/model.safetensors";
    for (const std::string& file : {tokenizer, valid}) {
        const std::string content = read_file(file);
        write_file(file, file == valid ? "the cat\n" + content.substr(content.find('\n') + 1)
                                       : read_file(folder_ / "work/tokenizer/source.model"));
        EXPECT_NE(refused(text("1")).find("not those that this run began with"), std::string::npos) << file;
        write_file(file, content);
    }
    const std::string own = read_file(weights);
    write_file(weights, read_file(folder_ / "work/word-by-word/model.safetensors"));
    EXPECT_NE(refused(text("1")).find("rnn/model.safetensors' is not what its training wrote"), std::string::npos);
    write_file(weights, own);
    // One that has begun counts as well as one that has ended.
    fs::remove(folder_ / "work/rnn/steps.json");
    std::string changed = first;
    changed.replace(changed.find("learning-rate = 0.01"), 20, "learning-rate = 0.02");
    EXPECT_NE(
        refused(changed).find("dictionary' was trained with other options than the recipe 'tiny' says now (training.learning-rate from "
                              "0.01 to 0.02)"),
        std::string::npos)
        << refused(changed);
    EXPECT_EQ(refused(text("1")), "");
}

TEST_F(Run, AModelBeginsWithThatOfItsSeedOrOfAFolder) {
    std::string recipe = text("1 2");
    recipe.resize(recipe.find("[model.word-by-word]"));
    recipe += "[model.rnn]\narchitecture = rnn\nembedding-size = 12\nhidden-size = 16\ndecoder-layers = 1\n";
    run(recipe, "before");
    const std::string longer =
        recipe + "[model.tuned]\n[training.tuned]\nfrom = rnn\nmax-epochs = 1\nfreeze = encoder\naverage-checkpoints = 1\n";
    run(longer, "work");
    EXPECT_EQ(read_file(folder_ / "work/rnn/seed-2/model.safetensors"), read_file(folder_ / "before/rnn/seed-2/model.safetensors"));
    for (const std::string seed : {"seed-1", "seed-2"}) {
        const auto tuned = tensors_of(folder_ / ("work/tuned/" + seed + "/model.safetensors")),
                   rnn = tensors_of(folder_ / ("work/rnn/" + seed + "/model.safetensors"));
        const auto same = [&](const std::string& name) { return tuned.at(name) == rnn.at(name); };
        EXPECT_TRUE(same("encoder.embedding.weight")) << seed;
        EXPECT_FALSE(same("decoder.embedding.weight")) << seed;
        EXPECT_EQ(Json::parse(read_file(folder_ / ("work/tuned/" + seed + "/steps.json"))).at("start"),
                  sha256_of_file(folder_ / ("work/rnn/" + seed + "/model.safetensors")));
    }
    const auto times_before = times("work");
    run(longer, "work");
    EXPECT_TRUE(times("work") == times_before) << "the second run has written something";
    // A folder beside the recipe, whatever it was trained in; and what was begun with is not exchanged.
    std::string other = longer;
    other.replace(other.find("from = rnn"), 10, "from = before/rnn/seed-1");
    run(other, "other");
    EXPECT_TRUE(fs::exists(folder_ / "other/tuned/seed-2/model.safetensors"));
    fs::remove_all(folder_ / "before/rnn/seed-1");
    fs::copy(folder_ / "before/rnn/seed-2", folder_ / "before/rnn/seed-1", fs::copy_options::recursive);
    EXPECT_NE(message_of<Error>([&] { run(other, "other"); }).find("began with other weights"), std::string::npos);
    // One that goes on counts as well: its steps are told only at its end.
    Json steps = Json::parse(read_file(folder_ / "other/tuned/seed-1/steps.json"));
    steps.erase("training");
    write_file(folder_ / "other/tuned/seed-1/steps.json", steps.dump());
    EXPECT_NE(message_of<Error>([&] { run(other, "other"); }).find("began with other weights"), std::string::npos);
    fs::remove(folder_ / "before/rnn/seed-1/model.safetensors"); // not needed any more
    EXPECT_EQ(message_of<Error>([&] { run(other, "other"); }), "");
}

TEST_F(Run, GoesOnAfterBeingKilled) {
    run(text("1"), "whole");
    Random random(8);
    int killed = 0;
    for (bool done = false; !done;) {
        const pid_t child = fork();
        if (child == 0) {
            try {
                run(text("1"), "killed");
            } catch (const std::exception& error) {
                log_line(error.what());
                _exit(1);
            }
            _exit(0);
        }
        if (killed < 6) std::this_thread::sleep_for(std::chrono::milliseconds(50 + random.below(400)));
        int status = 0;
        if (killed < 6) kill(child, SIGKILL);
        waitpid(child, &status, 0);
        done = WIFEXITED(status);
        if (!done) ++killed;
        ASSERT_EQ(done ? WEXITSTATUS(status) : 0, 0);
    }
    EXPECT_GT(killed, 0);
    EXPECT_TRUE(outcome("killed") == outcome("whole"));
}

TEST_F(Run, GoesOnWhereWeightsCameBeforeTheFirstCheckpoint) {
    run(text("1"), "work");
    const auto whole = outcome("work");
    fs::remove_all(folder_ / "work/rnn/training"); // as if it had been killed between the two
    const std::string log = folder_ / "work/rnn/log.jsonl", events = read_file(log);
    write_file(log, std::string_view(events).substr(0, events.rfind("\n{", events.size() - 2) + 1)); // without its end
    fs::remove(folder_ / "work/rnn/steps.json");
    run(text("1"), "work");
    EXPECT_TRUE(outcome("work") == whole);
}

TEST_F(Run, AveragedCheckpointsReportTheFigureOfTheirMean) {
    std::string recipe = text("1");
    recipe.replace(recipe.find("patience = 0"), 12, "patience = 0\naverage-checkpoints = 2\nbest-by = loss");
    run(recipe, "work");
    std::string event;
    for (const std::string& line : read_lines(folder_ / "work/rnn/log.jsonl"))
        if (line.find("\"event\":\"average\"") != std::string::npos) event = line;
    ASSERT_NE(event, "");
    const Json steps = Json::parse(read_file(folder_ / "work/rnn/steps.json"));
    EXPECT_EQ(steps.at("training").at("validation_best").get<double>(), -Json::parse(event).at("loss").get<double>());
    EXPECT_FALSE(fs::exists(folder_ / "work/dictionary/training/snapshot-0.safetensors"));
}

TEST_F(Run, ModelsOfAVersionWithFewerOptionsCount) {
    run(text("1"), "work");
    const std::string path = folder_ / "work/rnn/config.ini", config = read_file(path), line = "subword-sampling = 0\n";
    const std::size_t at = config.find(line);
    ASSERT_NE(at, std::string::npos);
    write_file(path, config.substr(0, at) + config.substr(at + line.size()));
    const auto before = times("work");
    run(text("1"), "work");
    EXPECT_TRUE(times("work") == before) << "the second run has written something";
}

TEST_F(Run, ABudgetMakesModelsEqual) {
    std::string recipe = text("1") + "[budget]\nparameters = 20000\nminutes = 0.01\n";
    recipe.erase(recipe.find("max-epochs = 2\n"), 15);
    const std::string table = run(recipe, "work");
    EXPECT_NE(table.find("Budget: 20000 parameters"), std::string::npos) << table;
    EXPECT_NE(table.find("dictionary has no widths and is exempt"), std::string::npos) << table;
    const Json found = results("work");
    for (const Json& model : found.at("models")) {
        const bool exempt = model.at("name") == "dictionary";
        EXPECT_EQ(model.at("exempt_from_parameter_budget"), exempt);
        if (exempt) continue;
        EXPECT_NEAR(model.at("parameters").get<double>(), 20000, 400) << model.at("name");
        EXPECT_GE(model.at("training_minutes").get<double>(), 0.01);
        // The sizes are those of the model's own configuration, and of its weights.
        const fs::path folder = folder_.path() / "work" / model.at("name").get<std::string>();
        EXPECT_EQ(read_file(folder / "config.ini").find("embedding-size = 12\n"), std::string::npos);
        Context context(1);
        EXPECT_EQ(load_model(context, folder).model->parameters().count(), model.at("parameters").get<std::int64_t>());
    }
    const auto before = times("work");
    run(recipe, "work");
    EXPECT_TRUE(times("work") == before) << "the second run has written something";
    std::string other = recipe;
    other.replace(other.find("20000"), 5, "30000");
    EXPECT_NE(message_of<Error>([&] { run(other, "work"); }).find("other options"), std::string::npos);
    other.replace(other.find("30000"), 5, "10");
    const std::string message = message_of<Error>([&] { run(other, "other"); });
    EXPECT_TRUE(message.starts_with("[model.word-by-word]: no widths of this word-by-word give it 10 parameters")) << message;
    EXPECT_FALSE(fs::exists(folder_ / "other/word-by-word"));
}

TEST_F(Run, StepsOfAnOlderVersionAndNonsense) {
    run(text("1"), "work");
    const auto whole = outcome("work");
    const fs::path path = folder_ / "work/rnn/steps.json";
    const std::string steps = read_file(path);
    const Json json = Json::parse(steps);
    for (const char* const key : {"threads", "data", "parameters"}) { // without the last the step is done again
        Json older = json;
        older["training"].erase(key);
        write_file(path, older.dump());
        run(text("1"), "work");
        EXPECT_TRUE(outcome("work") == whole) << key;
    }
    Json older = json;
    older["translation"]["easy"].erase("seconds");
    write_file(path, older.dump());
    run(text("1"), "work");
    EXPECT_TRUE(outcome("work") == whole);
    for (const std::string nonsense : {"{\"training\": 7}", "{\"training\": {\"parameters\": \"many\"}}", "{\"translation\": [1]}", "{"}) {
        write_file(path, nonsense);
        const std::string message = message_of<Error>([&] { run(text("1"), "work"); });
        EXPECT_NE(message.find(path.string()), std::string::npos) << nonsense << "\n" << message;
        EXPECT_EQ(message.find('\n'), std::string::npos) << message;
    }
    // As the message says.
    fs::remove(path);
    run(text("1"), "work");
    EXPECT_TRUE(outcome("work") == whole);
    // Outputs cut short.
    write_file(folder_ / "work/rnn/examples.hypotheses", "");
    run(text("1"), "work");
    EXPECT_TRUE(outcome("work") == whole);
    write_file(folder_ / "work/rnn/hard.hypotheses", "one line\n");
    EXPECT_NE(message_of<Error>([&] { run(text("1"), "work"); }).find("rnn/hard.hypotheses' has 1 lines"), std::string::npos);
    fs::remove(folder_ / "work/rnn/hard.hypotheses");
    run(text("1"), "work");
    EXPECT_TRUE(outcome("work") == whole);
}

TEST_F(Run, AFolderIsOneRunsAtATime) {
    make_folder(folder_ / "work");
    {
        const FolderLock lock(folder_ / "work");
        const std::string message = message_of<Error>([&] { run(text("1"), "work"); });
        EXPECT_NE(message.find(fmt::format("process {}", getpid())), std::string::npos) << message;
        EXPECT_EQ(fs::directory_iterator(folder_ / "work")->path().filename(), "lock");
        EXPECT_FALSE(fs::exists(folder_ / "work/tokenizer"));
    }
    run(text("1"), "work");
}

TEST_F(Run, ThePhrasebookGivesPhenomena) {
    std::string recipe = text("1");
    const std::size_t begin = recipe.find("source = fr"),
                      end = recipe.find("tests = easy hard\n") + std::string("tests = easy hard\n").size();
    recipe.replace(begin, end - begin, "generator = phrasebook\nlines = 400\n");
    recipe.erase(recipe.find("[model.word-by-word]"), recipe.find("[model.rnn-attention]") - recipe.find("[model.word-by-word]"));
    EXPECT_NE(message_of<Error>([&] { run(recipe, "work"); }).find("--data has no effect"), std::string::npos);
    const std::string table = run_recipe(Recipe::parse(recipe, "tiny.ini", "."), {{}, folder_ / "work", 1}).text;
    EXPECT_NE(table.find("BLEU by phenomenon"), std::string::npos);
    const Json phenomena = results("work")["models"][0]["tests"]["test"]["by_phenomenon"];
    for (const std::string name : {"idiom", "clitic", "negation", "plain"}) EXPECT_TRUE(phenomena.contains(name)) << name;
    recipe.replace(recipe.find("lines = 400"), 11, "lines = 401");
    EXPECT_NE(message_of<Error>([&] {
                  run_recipe(Recipe::parse(recipe, "tiny.ini", "."), {{}, folder_ / "work", 1});
              }).find("other text"),
              std::string::npos);
}

TEST_F(Run, MistakesAreErrors) {
    EXPECT_NE(message_of<Error>([&] {
                  run_recipe(Recipe::parse(text(), "tiny.ini", "."), {{}, folder_ / "work", 1});
              }).find("needs --data"),
              std::string::npos);
    fs::remove(folder_ / "data/hard.en");
    EXPECT_NE(message_of<Error>([&] { run(text(), "work"); }).find("hard.en"), std::string::npos);
    write_file(folder_ / "data/hard.en", "");
    const std::string hard = read_file(folder_ / "data/hard.fr");
    write_file(folder_ / "data/hard.fr", "");
    EXPECT_NE(message_of<Error>([&] { run(text(), "work"); }).find("hard.en' are empty"), std::string::npos);
    write_file(folder_ / "data/hard.fr", hard);
    write_file(folder_ / "data/hard.en", "one line\n");
    std::string recipe = text();
    recipe.replace(recipe.find("tests = easy hard"), 17, "tests = easy hard\nchecksums = sums");
    write_file(folder_ / "sums", sha256("something else") + "  hard.en\n");
    EXPECT_NE(message_of<Error>([&] { run(recipe, "work"); }).find("SHA-256"), std::string::npos);
    fs::rename(folder_ / "data/hard.en", folder_ / "data/hard.en.gz"); // read as such, packed or not; its text's sum counts
    EXPECT_NE(message_of<Error>([&] { run(recipe, "work"); }).find("hard.en.gz' has the SHA-256 " + sha256("one line\n")),
              std::string::npos);
    write_file(folder_ / "sums", "not a sum\n");
    EXPECT_NE(message_of<Error>([&] { run(recipe, "work"); }).find("sums"), std::string::npos);
}

} // namespace
} // namespace nmt
