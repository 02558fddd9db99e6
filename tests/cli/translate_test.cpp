// nmt translate: lines in are lines out, whatever they hold and however they are batched.
#include "tests/cli/tiny_model.hpp"

#include "nmt/base/random.hpp"

#include <sstream>

namespace nmt::cli {
namespace {

namespace fs = std::filesystem;

class TranslateCommand : public WithTinyModel {
  protected:
    std::string translate() { return "translate -t 1 --model " + model() + " "; }

    std::vector<std::string> split(const std::string& text) {
        std::vector<std::string> lines;
        std::istringstream stream(text);
        for (std::string line; std::getline(stream, line);) lines.push_back(line);
        return lines;
    }
};

TEST_F(TranslateCommand, LinesInAreLinesOut) {
    const std::string odd = std::string("un\0chat\n", 8) + "\n   \n\xff\xfe\x80\nun chat\r\n\r\nun\xe2\x80\xa8" + "chat\xc2\x85vert\n" +
                            std::string(100'000, 'x') + "\n</s> <unk> <0x0A> ||| \n\t\nun chat";
    const std::string quick = translate() + "-b 1 --max-length-factor 0.1 --quiet";
    for (const std::string& input :
         {odd, odd + "\n", std::string("\n"), std::string(), std::string("un"), std::string("\n\nun chat\n\n")}) {
        const Outcome outcome = run(quick, input);
        EXPECT_EQ(outcome.status, 0) << outcome.errors;
        EXPECT_EQ(outcome.errors, "");
        EXPECT_EQ(lines_of(outcome.output), lines_of(input) + (!input.empty() && input.back() != '\n' ? 1 : 0));
        EXPECT_TRUE(outcome.output.empty() || outcome.output.back() == '\n');
    }
    const std::vector<std::string> lines = split(run(quick, odd).output);
    ASSERT_EQ(lines.size(), 11u);
    for (const std::size_t blank : {1, 2, 5, 9}) EXPECT_EQ(lines[blank], "") << blank;
    const std::string plain = split(run(quick, "un chat\n").output).at(0);
    EXPECT_NE(plain, "");
    EXPECT_EQ(lines[4], plain);  // a CR at the end is not text
    EXPECT_EQ(lines[10], plain); // nor does a missing LF matter
}

TEST_F(TranslateCommand, BatchesAndThreadsDoNotMatter) {
    std::vector<std::string> lines = read_lines(tiny_.file("test.fr"));
    lines.insert(lines.end(), {"", "\xc3\xa9t\xc3\xa9", "un"});
    Random(7).shuffle(lines);
    const std::string input = fmt::format("{}\n", fmt::join(lines, "\n"));
    const std::string expected = run(translate() + "--batch-size 64", input).output;
    EXPECT_EQ(lines_of(expected), lines.size());
    for (const std::string options :
         {"--batch-size 1 -t 1", "--batch-size 7 -t 1", "--batch-size 7 -t 2", "--batch-size 64 -t 2", "--batch-size 7 --window 9 -t 1"})
        EXPECT_EQ(run("translate --model " + model() + " " + options, input).output, expected) << options;
    // Each line alone, among other neighbours.
    std::reverse(lines.begin(), lines.end());
    std::vector<std::string> reversed = split(run(translate(), fmt::format("{}\n", fmt::join(lines, "\n"))).output);
    std::reverse(reversed.begin(), reversed.end());
    EXPECT_EQ(reversed, split(expected));
}

TEST_F(TranslateCommand, TextAloneGoesToStdout) {
    const Outcome loud = run(translate(), "un chat\n"), quiet = run(translate() + "--quiet", "un chat\n");
    EXPECT_EQ(loud.output, quiet.output);
    EXPECT_EQ(lines_of(loud.output), 1u);
    EXPECT_EQ(quiet.errors, "");
    EXPECT_NE(loud.errors.find("1 lines in"), std::string::npos) << loud.errors;
}

// The program that starts it may have been larger.
TEST_F(TranslateCommand, PeakMemoryIsItsOwn) {
    const std::string command = "exec " + quoted(NMT_PROGRAM) + " " + translate();
    const std::vector<char> large(std::size_t{700} << 20, 1);
    const Outcome outcome = shell(folder_, command, "un chat\n");
    const std::size_t at = outcome.errors.find("peak memory ");
    ASSERT_NE(at, std::string::npos) << outcome.errors;
    const double peak = std::stod(outcome.errors.substr(at + std::string("peak memory ").size()));
    EXPECT_GT(peak, 1);
    EXPECT_LT(peak, 600);
    EXPECT_EQ(large.back(), 1); // it is there until now
}

TEST_F(TranslateCommand, NBestIsInTheFormatOfMoses) {
    const Outcome outcome = run(translate() + "--n-best 3 --beam 4", "un chat\n\ngrand chien vert\n");
    ASSERT_EQ(outcome.status, 0) << outcome.errors;
    const std::vector<std::string> lines = split(outcome.output),
                                   best = split(run(translate() + "--beam 4", "un chat\n\ngrand chien vert\n").output);
    ASSERT_EQ(lines.size(), 7u);
    const std::vector<std::size_t> numbers = {0, 0, 0, 1, 2, 2, 2};
    double previous = 0;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const std::size_t first = lines[i].find(" ||| "), features = lines[i].rfind(" ||| F0= "), score = lines[i].rfind(" ||| ");
        ASSERT_NE(features, std::string::npos) << lines[i];
        EXPECT_EQ(lines[i].substr(0, first), std::to_string(numbers[i]));
        const std::string text = lines[i].substr(first + 5, features > first + 5 ? features - first - 5 : 0);
        const double log_probability = std::stod(lines[i].substr(features + 9)), normalized = std::stod(lines[i].substr(score + 5));
        EXPECT_LE(log_probability, normalized + 1e-6);
        if (i == 0 || numbers[i] != numbers[i - 1]) {
            EXPECT_EQ(text, best[numbers[i]]);
        } else {
            EXPECT_LE(normalized, previous);
        }
        previous = normalized;
    }
    EXPECT_EQ(lines[3], "1 |||  ||| F0= 0.000000 ||| 0.000000");
}

TEST_F(TranslateCommand, FilesAndGzipAreReadAndWritten) {
    const std::string text = tiny_.quoted_file("test.fr"), zipped = quoted(folder_.file("test.gz")),
                      output = quoted(folder_.file("output"));
    const std::string expected = run(translate(), read_file(tiny_.file("test.fr"))).output;
    ASSERT_EQ(shell(folder_, "gzip -c " + text + " > " + zipped).status, 0);
    for (const std::string& input : {text, zipped}) {
        const Outcome written = run(translate() + "-i " + input + " -o " + output);
        EXPECT_EQ(written.status, 0) << written.errors;
        EXPECT_EQ(written.output, "");
        EXPECT_EQ(read_file(folder_.file("output")), expected);
    }
}

TEST_F(TranslateCommand, FailureLeavesTheOutputAsItWas) {
    folder_.write("output", "precious\n");
    const std::string output = quoted(folder_.file("output"));
    ASSERT_EQ(shell(folder_, "gzip -c " + tiny_.quoted_file("test.fr") + " | head -c 300 > " + quoted(folder_.file("cut.gz"))).status, 0);
    expect_failure(run(translate() + "-q -i " + quoted(folder_.file("cut.gz")) + " -o " + output), 1, "cut.gz");
    expect_failure(run(translate() + "-q -i /nowhere/text -o " + output), 1, "/nowhere/text");
    expect_failure(run("translate -q --model /nowhere/model -o " + output, "un\n"), 1, "/nowhere/model");
    EXPECT_EQ(read_file(folder_.file("output")), "precious\n");
    for (const fs::directory_entry& entry : fs::directory_iterator(fs::path(folder_.file("output")).parent_path()))
        EXPECT_EQ(entry.path().string().find(".tmp-"), std::string::npos) << entry.path();
}

TEST_F(TranslateCommand, FailedWritesAreFailures) {
    expect_failure(run(translate() + "-q -o /dev/full", "un chat\n"), 1, "/dev/full");
    expect_failure(run(translate() + "-q > /dev/full", "un chat\n"), 1, "standard output");
    expect_failure(run(translate() + "-q -o /nowhere/text", "un\n"), 1, "/nowhere/text");
    expect_failure(run(translate() + "-q -o " + tiny_.quoted_file("test.fr/text"), "un\n"), 1, "test.fr/text");
}

TEST_F(TranslateCommand, BrokenModelsAreNamed) {
    const auto with = [&](const std::string& change) {
        const std::string copy = folder_.file("copy");
        fs::remove_all(copy);
        EXPECT_EQ(shell(folder_, "cp -r " + model() + " " + quoted(copy) + " && cd " + quoted(copy) + " && " + change).status, 0);
        return run("translate -q -t 1 --model " + quoted(copy), "un\n");
    };
    EXPECT_EQ(with("true").status, 0);
    EXPECT_EQ(with("rm -r training log.jsonl").status, 0); // not needed to translate
    expect_failure(with("rm model.safetensors"), 1, "has no model.safetensors");
    expect_failure(with("rm config.ini"), 1, "has no config.ini");
    expect_failure(with("rm target.model"), 1, "tokenizer");
    expect_failure(with("truncate -s -100 model.safetensors"), 1, "truncated");
    expect_failure(with("truncate -s 0 model.safetensors"), 1, "model.safetensors");
    expect_failure(with("echo 'This is a foreign file.' > model.safetensors"), 1, "no safetensors file");
    expect_failure(with("head -c 100 /dev/zero > target.model"), 1, "target.model");
    expect_failure(with("cp source.model target.model"), 1, "target.model' is not the tokenizer");
    expect_failure(with("sed -i 's/hidden-size = 16/hidden-size = 20/' config.ini"), 1, "config.ini");
    expect_failure(with("sed -i 's/rnn-attention/transfomer/' config.ini"), 1, "unknown architecture");
    expect_failure(run("translate -q --model " + tiny_.quoted_file("test.fr"), "un\n"), 1, "no model folder");
}

TEST_F(TranslateCommand, WrongUsage) {
    expect_failure(run("translate"), 2, "--model DIR is missing");
    expect_failure(run("translate --modle x"), 2, "did you mean '--model'?");
    expect_failure(run("translate --model x --bean 3"), 2, "did you mean '--beam'?");
    expect_failure(run("translate --model x --beam 0"), 2, "--beam");
    expect_failure(run("translate --model x --n-best 3 --beam 2"), 2, "n-best = 3 is more than beam = 2");
    expect_failure(run("translate --model x --quiet text stray"), 2, "stray");
}

TEST_F(TranslateCommand, AStopWritesWhatIsDone) {
    const Outcome stopped = shell(folder_, R"(
exec 4>&1
mkfifo )" + quoted(folder_.file("pipe")) + "\n" +
                                               quoted(NMT_PROGRAM) + " " + translate() + "-i " + quoted(folder_.file("pipe")) + R"( >&4 &
pid=$!
exec 5> )" + quoted(folder_.file("pipe")) + R"(
echo 'un chat' >&5
for i in $(seq 1000); do [ -s )" + quoted(folder_.file("stdout")) +
                                               R"( ] && break; sleep 0.02; done
kill -TERM $pid; wait $pid; exit $?)");
    EXPECT_EQ(stopped.status, 143) << stopped.errors;
    EXPECT_EQ(lines_of(stopped.output), 1u);
    EXPECT_NE(stopped.errors.find("stopped by signal 15 after 1 lines"), std::string::npos) << stopped.errors;
}

} // namespace
} // namespace nmt::cli
