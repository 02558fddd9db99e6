// The frame of the command line, and a command that needs no model: tokenizer.
#include "tests/cli/program.hpp"

#include <algorithm>

namespace nmt::cli {
namespace {

std::size_t lines_of(const std::string& text) { return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')); }

class CommandLine : public testing::Test {
  protected:
    Outcome run(const std::string& arguments, std::string_view input = {}) { return nmt(folder_, arguments, input); }

    // A BPE model with bytes; its path, quoted for the shell.
    std::string model() {
        if (std::filesystem::exists(folder_.file("model"))) return quoted(folder_.file("model"));
        std::string text;
        for (int i = 0; i < 50; ++i) text += fmt::format("the {} house and the {} car\n", i % 7, i % 3);
        folder_.write("text", text);
        const Outcome trained = run(fmt::format("tokenizer train -i {} -m {} --type bpe --vocab-size 290 --byte-fallback",
                                                quoted(folder_.file("text")), quoted(folder_.file("model"))));
        EXPECT_EQ(trained.status, 0) << trained.errors;
        EXPECT_EQ(trained.output, "");
        return quoted(folder_.file("model"));
    }

    Folder folder_;
};

TEST_F(CommandLine, HelpGoesToStdout) {
    const Outcome help = run("--help");
    EXPECT_EQ(help.status, 0);
    EXPECT_EQ(help.errors, "");
    for (const std::string command : {"tokenizer", "train", "translate", "score", "evaluate", "run", "average", "inspect"})
        EXPECT_NE(help.output.find("\n  " + command + " "), std::string::npos) << command;
    EXPECT_EQ(run("-h").output, help.output);
    EXPECT_EQ(run("help").output, help.output);
}

TEST_F(CommandLine, EveryCommandExplainsItself) {
    for (const std::string command : {"tokenizer", "tokenizer train", "tokenizer encode", "tokenizer decode", "evaluate", "average"}) {
        SCOPED_TRACE(command);
        const Outcome help = run(command + " --help");
        EXPECT_EQ(help.status, 0);
        EXPECT_TRUE(help.output.starts_with("Usage: nmt " + command)) << help.output;
        EXPECT_NE(help.output.find("Exit status:"), std::string::npos);
        EXPECT_EQ(run("help " + command).output, help.output);
        EXPECT_EQ(run(command + " -h").output, help.output);
    }
    const std::string train = run("tokenizer train --help").output;
    EXPECT_NE(train.find("--vocab-size N"), std::string::npos);
    EXPECT_NE(train.find("(default: 8000)"), std::string::npos);
    EXPECT_NE(train.find("Examples:"), std::string::npos);
}

TEST_F(CommandLine, VersionNamesTheLibraries) {
    const Outcome version = run("--version");
    EXPECT_EQ(version.status, 0);
    EXPECT_TRUE(version.output.starts_with("nmt ")) << version.output;
    EXPECT_NE(version.output.find("\nSentencePiece "), std::string::npos);
    EXPECT_NE(version.output.find("\noneDNN "), std::string::npos);
    expect_failure(run("--version please"), 2, "'please'");
}

TEST_F(CommandLine, WrongUsageNamesTheNearestRightOne) {
    expect_failure(run(""), 2, "no command given");
    expect_failure(run("evalaute"), 2, "did you mean 'evaluate'?");
    expect_failure(run("--verison"), 2, "unknown option '--verison'");
    expect_failure(run("help nonsense-without-neighbour"), 2, "unknown command");
    expect_failure(run("tokenizer"), 2, "no command given");
    expect_failure(run("tokenizer encoed"), 2, "did you mean 'encode'?");
    expect_failure(run("tokenizer encode --modle x"), 2, "did you mean '--model'?");
    expect_failure(run("tokenizer encode -x"), 2, "-x");
    expect_failure(run("tokenizer encode --mod x"), 2, "unknown option '--mod'"); // no guessing of abbreviations
    expect_failure(run("tokenizer encode"), 2, "--model FILE is missing");
    expect_failure(run("tokenizer encode --model"), 2, "--model");
    expect_failure(run("tokenizer encode --model a --model b"), 2, "--model is given twice");
    expect_failure(run("tokenizer encode --model a text stray"), 2, "unexpected argument 'stray'");
    expect_failure(run("tokenizer encode --model a text -- stray"), 2, "unexpected argument 'stray'");
    expect_failure(run("tokenizer encode --model a --output-format ids"), 2, "did you mean 'id'?");
    expect_failure(run("tokenizer train --input a --model b --vocab-size many"), 2, "--vocab-size");
    expect_failure(run("tokenizer train --input a --model b --character-coverage 2"), 2, "--character-coverage");
    expect_failure(run("tokenizer train --input a --model b --byte-fallback=no"), 2, "--byte-fallback");
}

TEST_F(CommandLine, FailuresNameTheFile) {
    expect_failure(run("tokenizer encode --model /nowhere/model"), 1, "/nowhere/model");
    expect_failure(run("tokenizer encode --input /nowhere/text --model " + model()), 1, "/nowhere/text");
    expect_failure(run("tokenizer encode --output /nowhere/text --model " + model()), 1, "/nowhere/text");
    expect_failure(run("tokenizer train -i " + quoted(folder_.file("text")) + " -m /nowhere/model"), 1, "/nowhere");
    expect_failure(run("tokenizer train -i " + quoted(folder_.file("text")) + " -m " + quoted(folder_.file("text") + "/model")), 1,
                   "/text'");
    if (geteuid() == 0) return; // root may write anywhere
    make_folder(folder_.file("locked"));
    std::filesystem::permissions(folder_.file("locked"), std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
    expect_failure(run("tokenizer train -i " + quoted(folder_.file("text")) + " -m " + quoted(folder_.file("locked/model"))), 1, "locked");
}

TEST_F(CommandLine, FailedWritesAreFailures) {
    expect_failure(run("--help > /dev/full"), 1, "standard output");
    expect_failure(run("--version > /dev/full"), 1, "standard output");
    expect_failure(run("tokenizer encode -m " + model() + " > /dev/full", "a\nb\n"), 1, "standard output");
    expect_failure(run("tokenizer encode -m " + model() + " -o /dev/full", "a\nb\n"), 1, "/dev/full");
    expect_failure(run("tokenizer encode -m " + model() + " >&-", "a\nb\n"), 1, "standard output");
}

TEST_F(CommandLine, ClosedPipesEndQuietly) {
    const Outcome cut = shell(folder_, "yes 'the house' | head -n 300000 | " + quoted(NMT_PROGRAM) + " tokenizer encode -m " + model() +
                                           " | head -n 1 | wc -l; echo ${PIPESTATUS[2]}");
    EXPECT_EQ(cut.output, "1\n141\n");
    EXPECT_EQ(cut.errors, "");
}

TEST_F(CommandLine, EncodeAndDecodeAreInverse) {
    const std::string text = "the house\nthe 5 car\n\nand \xc3\xa9\xe2\x98\x83\n";
    for (const std::string format : {"piece", "id"}) {
        const Outcome encoded = run("tokenizer encode -m " + model() + " --output-format " + format, text);
        ASSERT_EQ(encoded.status, 0) << encoded.errors;
        EXPECT_EQ(encoded.errors, "");
        EXPECT_NE(encoded.output, text);
        EXPECT_EQ(encoded.output.find_first_not_of("0123456789 \n") == std::string::npos, format == "id");
        const Outcome decoded = run("tokenizer decode -m " + model() + " --input-format " + format, encoded.output);
        EXPECT_EQ(decoded.status, 0) << decoded.errors;
        EXPECT_EQ(decoded.output, text);
    }
}

TEST_F(CommandLine, LinesInAreLinesOut) {
    const std::string trained = model();
    const std::string odd = std::string("a\0b\n", 4) + "\n   \n\xff\xfe\x80\ncrlf\r\n\r\nline\xe2\x80\xa8separator\xc2\x85next\n" +
                            std::string(100'000, 'x') + "\n" + "</s> <unk> <0x0A>\n\t\nno final newline";
    for (const std::string& input : {odd, std::string("\n"), std::string(), std::string("x"), odd + "\n"}) {
        const std::size_t expected = lines_of(input) + (!input.empty() && input.back() != '\n' ? 1 : 0);
        for (const std::string format : {"piece", "id"}) {
            const Outcome encoded = run("tokenizer encode -m " + trained + " --output-format " + format, input);
            EXPECT_EQ(encoded.status, 0) << encoded.errors;
            EXPECT_EQ(lines_of(encoded.output), expected);
            const Outcome decoded = run("tokenizer decode -m " + trained + " --input-format " + format, encoded.output);
            EXPECT_EQ(decoded.status, 0) << decoded.errors;
            EXPECT_EQ(lines_of(decoded.output), expected);
        }
        EXPECT_EQ(lines_of(run("tokenizer decode -m " + trained, input).output), expected); // no pieces at all
    }
}

TEST_F(CommandLine, FilesAndGzipAreRead) {
    const std::string trained = model(), text = quoted(folder_.file("text")), zipped = quoted(folder_.file("text.gz"));
    const std::string expected = run("tokenizer encode -m " + trained, read_file(folder_.file("text"))).output;
    EXPECT_EQ(lines_of(expected), 50u);
    ASSERT_EQ(shell(folder_, "gzip -c " + text + " > " + zipped).status, 0);
    EXPECT_EQ(run("tokenizer encode -m " + trained + " -i " + text).output, expected);
    EXPECT_EQ(run("tokenizer encode -m " + trained + " -i " + zipped).output, expected);
    EXPECT_EQ(run("tokenizer encode -m " + trained + " -i - < " + zipped).output, expected);
    const Outcome written = run("tokenizer encode -m " + trained + " -i " + zipped + " -o " + quoted(folder_.file("pieces")));
    EXPECT_EQ(written.output, "");
    EXPECT_EQ(read_file(folder_.file("pieces")), expected);
}

TEST_F(CommandLine, EncodeAnswersALineAtATime) {
    // The second line is sent only when the answer to the first has been read.
    const Outcome dialogue = shell(folder_, "coproc " + quoted(NMT_PROGRAM) + " tokenizer encode -m " + model() + R"(
echo the house >&${COPROC[1]}; read -t 60 -r first <&${COPROC[0]} || exit 9
echo the car >&${COPROC[1]}; read -t 60 -r second <&${COPROC[0]} || exit 9
echo "$first / $second")");
    EXPECT_EQ(dialogue.status, 0) << dialogue.errors;
    EXPECT_NE(dialogue.output.find(" / "), std::string::npos);
    EXPECT_GT(dialogue.output.size(), 10u);
}

TEST_F(CommandLine, BadIdsNameFileAndLine) {
    const std::string decode = "tokenizer decode --input-format id -m " + model() + " -o " + quoted(folder_.file("text.out"));
    for (const std::string bad : {"5 x", "-1", "290", "99999999999", "3.5", "5,6"})
        expect_failure(run(decode, "5 6\n\n" + bad + "\n7\n"), 1, "'standard input', line 3: ");
    expect_failure(run(decode + " -i " + quoted(folder_.write("ids", "1\n+1\n"))), 1, "/ids', line 2: '+1'");
    EXPECT_FALSE(std::filesystem::exists(folder_.file("text.out")));
    EXPECT_EQ(run("tokenizer decode --input-format id -m " + model(), "5\t6 \r\n").status, 0);
}

TEST_F(CommandLine, TooLargeVocabularyTellsTheLimit) {
    const std::string train = "tokenizer train -i " + quoted(folder_.write("tiny", "a b c\n")) + " -m " + quoted(folder_.file("model"));
    expect_failure(run(train), 1, "vocab-size = 8000 is too large");
    EXPECT_FALSE(std::filesystem::exists(folder_.file("model")));
    const Outcome smaller = run(train + " --no-exact");
    EXPECT_EQ(smaller.status, 0) << smaller.errors;
    EXPECT_TRUE(std::filesystem::exists(folder_.file("model")));
    EXPECT_EQ(lines_of(smaller.errors), 2u) << smaller.errors;
    EXPECT_NE(smaller.errors.find("'nmt train --set data.source-tokenizer=" + folder_.file("model")), std::string::npos) << smaller.errors;
}

TEST_F(CommandLine, SymbolsAreOnePiece) {
    const std::string arguments =
        "tokenizer train -i - -m " + quoted(folder_.file("model")) + " --type char --user-defined-symbols '<a>' '<b>'";
    ASSERT_EQ(run(arguments, "some text\n").status, 0);
    const std::string pieces = run("tokenizer encode -m " + quoted(folder_.file("model")), "t<a>e<b>x\n").output;
    EXPECT_EQ(pieces, "\xe2\x96\x81 t <a> e <b> x\n");
}

} // namespace
} // namespace nmt::cli
