// nmt run: a recipe file, from data to report.
#include "tests/cli/tiny_model.hpp"

#include <nlohmann/json.hpp>

#include <sstream>

namespace nmt::cli {
namespace {

class RunCommand : public testing::Test {
  protected:
    RunCommand() {
        for (const auto& [name, pairs] : {std::pair("train", 60), std::pair("valid", 8), std::pair("test", 20)})
            write_toy_pairs(folder_.file(fmt::format("{}.fr", name)), folder_.file(fmt::format("{}.en", name)), pairs,
                            static_cast<std::uint64_t>(pairs));
    }

    std::string recipe(const std::string& more = "") {
        return folder_.write("recipe.ini",
                             "[recipe]\nname = tiny\n[data]\nsource = fr\ntarget = en\ntrain = train\nvalid = valid\ntests = test\n"
                             "[tokenizer]\ntype = word\njoint = false\nexact = false\n"
                             "[training]\nbatch-tokens = 60\nmax-epochs = 1\n"
                             "[model.dictionary]\narchitecture = dictionary\n"
                             "[model.rnn]\narchitecture = rnn\nembedding-size = 8\nhidden-size = 8\ndecoder-layers = 1\n" +
                                 more);
    }

    Outcome run(const std::string& arguments) { return nmt(folder_, "run " + arguments); }

    Folder folder_;
};

TEST_F(RunCommand, PrintsTheTable) {
    const std::string arguments = quoted(recipe()) + " -t 1 --data " + quoted(folder_.file("")) + " --work " + quoted(folder_.file("work"));
    const Outcome outcome = run(arguments);
    ASSERT_EQ(outcome.status, 0) << outcome.errors;
    EXPECT_EQ(outcome.output, read_file(folder_.file("work/results.md")) + "\n");
    EXPECT_TRUE(outcome.output.starts_with("# tiny\n")) << outcome.output;
    const nlohmann::json json = nlohmann::json::parse(read_file(folder_.file("work/results.json")));
    EXPECT_EQ(json.at("models").size(), 2u);
    EXPECT_EQ(json.at("models")[1].at("name"), "rnn");
    const Outcome again = run(arguments);
    EXPECT_EQ(again.output, outcome.output);
    EXPECT_NE(again.errors.find("trained already"), std::string::npos) << again.errors;
    // The model folder is one like any other.
    const Outcome translated =
        nmt(folder_, "translate -q -t 1 --model " + quoted(folder_.file("work/rnn")) + " -i " + quoted(folder_.file("test.fr")));
    EXPECT_EQ(translated.output, read_file(folder_.file("work/rnn/test.hypotheses")));
    // A folder with a recipe.ini is a recipe, too.
    EXPECT_EQ(run(quoted(folder_.file("")) + " -t 1 --data " + quoted(folder_.file("")) + " --work " + quoted(folder_.file("work"))).output,
              outcome.output);
}

TEST_F(RunCommand, SaysFirstWhatAnAuditOfTheDataFinds) {
    write_file(folder_.file("train.fr"), "un\nun\n\n" + read_file(folder_.file("train.fr")));
    write_file(folder_.file("train.en"), "one\none\nx\n" + read_file(folder_.file("train.en")));
    write_file(folder_.file("test.fr"), "un\n" + read_file(folder_.file("test.fr")));
    write_file(folder_.file("test.en"), "a\n" + read_file(folder_.file("test.en")));
    const std::string arguments = quoted(recipe()) + " -t 1 --data " + quoted(folder_.file("")) + " --work " + quoted(folder_.file("work"));
    const Outcome outcome = run(arguments);
    ASSERT_EQ(outcome.status, 0) << outcome.errors;
    EXPECT_TRUE(outcome.errors.starts_with("audit of the training text: 63 pairs; empty lines (source): 1; ")) << outcome.errors;
    EXPECT_NE(outcome.errors.find("; duplicate pairs: "), std::string::npos) << outcome.errors;
    EXPECT_NE(outcome.errors.find("\naudit of the validation text: 8 pairs"), std::string::npos) << outcome.errors;
    const std::size_t test = outcome.errors.find("\naudit of test: 21 pairs; ");
    ASSERT_NE(test, std::string::npos) << outcome.errors;
    const std::string line = outcome.errors.substr(test + 1, outcome.errors.find('\n', test + 1) - test);
    EXPECT_NE(line.find("sources that stand in the training text, too: "), std::string::npos) << line;
    EXPECT_EQ(line.find(": 0"), std::string::npos) << line;
    // Unequal files end it before anything is made of them.
    write_file(folder_.file("test.en"), read_file(folder_.file("test.en")) + "one more\n");
    std::filesystem::remove_all(folder_.file("work"));
    expect_failure(run(arguments), 1, "test.fr' has 21 lines and");
    EXPECT_FALSE(std::filesystem::exists(folder_.file("work/tokenizer")));
}

TEST_F(RunCommand, ASignalStopsItAndItGoesOn) {
    recipe();
    const std::string command = quoted(NMT_PROGRAM) + " run " + quoted(recipe("[training.rnn]\nmax-epochs = 60\n")) + " -t 1 --data " +
                                quoted(folder_.file("")) + " --work ";
    ASSERT_EQ(shell(folder_, command + quoted(folder_.file("whole"))).status, 0);
    const Outcome stopped = shell(folder_, command + quoted(folder_.file("work")) + " &\npid=$!\nuntil grep -qs validation " +
                                               quoted(folder_.file("work/rnn/log.jsonl")) +
                                               "; do kill -0 $pid 2>/dev/null || break; sleep 0.01; done\nkill -TERM $pid\nwait $pid\n");
    EXPECT_EQ(stopped.status, 143) << stopped.errors;
    EXPECT_EQ(stopped.output, "");
    EXPECT_FALSE(read_progression(folder_.file("work/rnn")).finished);
    ASSERT_EQ(shell(folder_, command + quoted(folder_.file("work"))).status, 0);
    EXPECT_TRUE(read_file(folder_.file("work/rnn/model.safetensors")) == read_file(folder_.file("whole/rnn/model.safetensors")));
    EXPECT_EQ(read_file(folder_.file("work/rnn/test.hypotheses")), read_file(folder_.file("whole/rnn/test.hypotheses")));
}

TEST_F(RunCommand, SaysInItsLogWhereItStands) {
    const std::string settings = "[training.rnn]\nmax-epochs = 3\n";
    const Outcome outcome =
        run(quoted(recipe(settings)) + " -t 1 --data " + quoted(folder_.file("")) + " --work " + quoted(folder_.file("work")));
    ASSERT_EQ(outcome.status, 0) << outcome.errors;
    // With each validation, in updates of those until the end.
    std::vector<std::string> lines;
    std::istringstream stream(outcome.errors);
    for (std::string line; std::getline(stream, line);)
        if (line.starts_with("[2/2] rnn, seed 1: training: ")) lines.push_back(line);
    ASSERT_EQ(lines.size(), 3u) << outcome.errors;
    EXPECT_NE(lines[0].find(" updates (33 %), "), std::string::npos) << lines[0];
    EXPECT_NE(lines[0].find(" left, about "), std::string::npos) << lines[0];
    EXPECT_NE(lines[0].find(" until the run's end, epoch 1 of 3, "), std::string::npos) << lines[0];
    EXPECT_TRUE(lines[0].ends_with(" target tokens/s")) << lines[0];
    EXPECT_NE(lines[2].find(" updates (100 %), "), std::string::npos) << lines[2];
}

TEST_F(RunCommand, OnATerminalItsProgressIsOneRow) {
    const std::string command = quoted(NMT_PROGRAM) + " run " + quoted(recipe("[training.rnn]\nmax-epochs = 30\n")) + " -t 1 --data " +
                                quoted(folder_.file("")) + " --work " + quoted(folder_.file("work"));
    const std::string inside = folder_.write("inside.sh", "stty cols 60\nexec " + command + "\n");
    ASSERT_EQ(shell(folder_, "script -qec " + quoted("bash " + inside) + " " + quoted(folder_.file("screen"))).status, 0);
    const std::string screen = read_file(folder_.file("screen")), clear = "\r\033[K";
    int rows = 0;
    for (std::size_t at = screen.find(" seed 1: training: "); at != std::string::npos; at = screen.find(" seed 1: training: ", at + 1)) {
        const std::size_t begin = screen.find_last_of("\nK", at) + 1, end = screen.find(clear, at);
        ASSERT_NE(end, std::string::npos);
        EXPECT_EQ(end - begin, 59u) << screen.substr(begin, end - begin);
        ++rows;
    }
    EXPECT_GT(rows, 0);
}

TEST_F(RunCommand, OneRunAFolder) {
    const std::string command = quoted(NMT_PROGRAM) + " run " + quoted(recipe("[training.rnn]\nmax-epochs = 100000\npatience = 0\n")) +
                                " -t 1 --data " + quoted(folder_.file("")) + " --work " + quoted(folder_.file("work"));
    const Outcome both = shell(folder_, command + " 2> " + quoted(folder_.file("first")) + " &\npid=$!\nuntil grep -qs validation " +
                                            quoted(folder_.file("work/rnn/log.jsonl")) + "; do kill -0 $pid || break; sleep 0.01; done\n" +
                                            command + "; echo status $? pid $pid >&2\nkill -TERM $pid\nwait $pid\n");
    EXPECT_EQ(both.status, 143) << both.errors;
    const std::size_t end = both.errors.find('\n');
    ASSERT_NE(end, std::string::npos);
    const std::string rest = both.errors.substr(end + 1);
    ASSERT_TRUE(rest.starts_with("status 1 pid ")) << both.errors;
    const std::string pid = rest.substr(13, rest.find('\n') - 13);
    EXPECT_EQ(both.errors.substr(0, end),
              "nmt: error: process " + pid + " works in '" + folder_.file("work") + "'; wait for its end, or use another folder");
}

TEST_F(RunCommand, AnEditedRecordOfStepsIsNamed) {
    const std::string arguments = quoted(recipe()) + " -t 1 --data " + quoted(folder_.file("")) + " --work " + quoted(folder_.file("work"));
    ASSERT_EQ(run(arguments).status, 0);
    write_file(folder_.file("work/rnn/steps.json"), "{\"training\": {\"parameters\": [1]}}");
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.status, 1);
    EXPECT_EQ(outcome.output, "");
    const std::size_t error =
        outcome.errors.find("nmt: error: '" + folder_.file("work/rnn/steps.json") + "' is broken: 'parameters' is not a number");
    ASSERT_NE(error, std::string::npos) << outcome.errors;
    EXPECT_EQ(outcome.errors.find('\n', error), outcome.errors.size() - 1) << outcome.errors;
}

TEST_F(RunCommand, DamagedRecordsAreMadeAgainOrPassedOver) {
    const std::string arguments = quoted(recipe()) + " -t 1 --data " + quoted(folder_.file("")) + " --work " + quoted(folder_.file("work"));
    ASSERT_EQ(run(arguments).status, 0);
    const std::string analysis = folder_.file("work/rnn/analysis.json"), whole = read_file(analysis);
    const nlohmann::ordered_json json = nlohmann::ordered_json::parse(whole);
    std::vector<nlohmann::ordered_json> spoilt = {nullptr, 3, nlohmann::ordered_json::object(), {{"how", json.at("how")}}};
    for (const char* const key : {"how", "gradient_flow", "attention"})
        for (const nlohmann::ordered_json& value : {nlohmann::ordered_json(3), nlohmann::ordered_json{{"pairs", "x"}}}) {
            spoilt.push_back(json);
            spoilt.back()[key] = value;
        }
    write_file(folder_.file("work/rnn/log.jsonl"),
               "{\"event\":1}\n{\"event\":\"validation\",\"updates\":\"many\"}\n" + read_file(folder_.file("work/rnn/log.jsonl")));
    for (const nlohmann::ordered_json& document : spoilt) {
        write_file(analysis, document.dump());
        const Outcome outcome = run(arguments);
        EXPECT_EQ(outcome.status, 0) << document << outcome.errors;
        EXPECT_EQ(read_file(analysis), whole) << document;
    }
}

TEST_F(RunCommand, NothingOutsideItsFoldersIsTouched) {
    write_file(folder_.file("victim.fr"), "mine\n");
    const std::string text = read_file(recipe());
    const auto expect = [&](const std::string& old, const std::string& replacement) {
        std::string changed = text;
        write_file(folder_.file("recipe.ini"), changed.replace(changed.find(old), old.size(), replacement));
        const Outcome outcome = run(quoted(folder_.file("recipe.ini")) + " --data " + quoted(folder_.file("")));
        expect_failure(outcome, 1, "expected a name without '/'");
        EXPECT_EQ(read_file(folder_.file("victim.fr")), "mine\n");
    };
    expect("train = train", "train = ../" + std::filesystem::path(folder_.file("victim")).filename().string());
    expect("train = train", "train = " + folder_.file("victim"));
    expect("name = tiny", "name = ../../tiny");
}

TEST_F(RunCommand, ListsRecipesAndTheirKeys) {
    const Outcome list = run("--list");
    EXPECT_EQ(list.status, 0) << list.errors;
    EXPECT_TRUE(list.output.starts_with("quickstart\n")) << list.output;
    EXPECT_NE(list.output.find("\nmulti30k/comparison\n"), std::string::npos) << list.output; // of the source tree
    const Outcome keys = run("--keys");
    EXPECT_EQ(keys.status, 0) << keys.errors;
    EXPECT_NE(keys.output.find("\n[data]\n"), std::string::npos) << keys.output;
    // Found by name: it says what it needs.
    const Outcome named = run("multi30k/twelve-minutes --data /nowhere --work " + quoted(folder_.file("work")));
    EXPECT_EQ(named.status, 1);
    EXPECT_TRUE(named.errors.starts_with("recipe: ")) << named.errors;
    EXPECT_NE(named.errors.find("nmt: error: there is no '/nowhere/train.en.gz'"), std::string::npos) << named.errors;
}

TEST_F(RunCommand, Mistakes) {
    const std::string work = " --work " + quoted(folder_.file("work"));
    expect_failure(run("/nowhere/recipe.ini" + work), 1, "/nowhere/recipe.ini");
    expect_failure(run(quoted(recipe()) + work), 1, "--data");
    expect_failure(run(quoted(recipe()) + " --data /nowhere" + work), 1, "/nowhere/train.fr");
    expect_failure(run("quickstart --data " + quoted(folder_.file("")) + work), 1, "--data");
    expect_failure(run(quoted(recipe("[model.x]\narchitecture = rnn\nhiden-size = 3\n")) + work), 1, "did you mean 'hidden-size'?");
    expect_failure(run("quikstart" + work), 1, "did you mean 'quickstart'?");
    expect_failure(run("--keys --list"), 2, "give one");
    expect_failure(run("quickstart --keys"), 2, "--recipe has no effect with --keys");
    expect_failure(run("--list --work x"), 2, "--work has no effect with --list");
    expect_failure(run("--wrok x"), 2, "did you mean '--work'?");
    expect_failure(run("a b"), 2, "unexpected argument 'b'");
}

} // namespace
} // namespace nmt::cli
