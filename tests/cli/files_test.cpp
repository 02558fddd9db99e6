// What the program reads and writes besides plain text in UTF-8: compressed files, other encodings, links, mounts, odd configurations.
#include "tests/cli/program.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>

namespace nmt::cli {
namespace {

namespace fs = std::filesystem;

class Files : public testing::Test {
  protected:
    Files() {
        std::string content;
        for (int i = 0; i < 50; ++i) content += fmt::format("das Haus {} und der Baum {}\n", i % 7, i % 3);
        folder_.write("text", content);
        const Outcome trained = run(
            fmt::format("tokenizer train -i {} -m {} --type bpe --vocab-size 290 --byte-fallback", text(), quoted(folder_.file("model"))));
        EXPECT_EQ(trained.status, 0) << trained.errors;
        expected_ = run(encode() + "-i " + text()).output;
        EXPECT_NE(expected_, "");
    }

    Outcome run(const std::string& arguments, std::string_view input = {}) { return nmt(folder_, arguments, input); }
    std::string text() const { return quoted(folder_.file("text")); }
    std::string encode() const { return "tokenizer encode -m " + quoted(folder_.file("model")) + " "; }
    Outcome sh(const std::string& command) { return shell(folder_, "cd " + quoted(folder_.file("")) + "\n" + command); }

    Folder folder_;
    std::string expected_;
};

TEST_F(Files, CompressedOnesAreReadAndWritten) {
    for (const std::string suffix : {".gz", ".zst", ".xz", ".bz2"}) {
        const std::string packed = quoted(folder_.file("packed" + suffix)), again = quoted(folder_.file("again" + suffix));
        const Outcome written = run(encode() + "-i " + text() + " -o " + packed);
        EXPECT_EQ(written.status, 0) << written.errors;
        EXPECT_LT(fs::file_size(folder_.file("packed" + suffix)), expected_.size());
        const Outcome decoded = run("tokenizer decode -m " + quoted(folder_.file("model")) + " -i " + packed);
        EXPECT_EQ(decoded.output, read_file(folder_.file("text"))) << decoded.errors;
        ASSERT_EQ(sh("head -c 60 " + packed + " > cut").status, 0);
        expect_failure(run("tokenizer decode -m " + quoted(folder_.file("model")) + " -i " + quoted(folder_.file("cut")) + " -o " + again),
                       1, "cut': the ");
        EXPECT_FALSE(fs::exists(folder_.file("again" + suffix)));
    }
    folder_.write("zip", std::string_view("PK\x03\x04rest", 8));
    expect_failure(run(encode() + "-i " + quoted(folder_.file("zip"))), 1, "it is compressed with zip; unpack it first");
}

TEST_F(Files, ALineThatDoesNotEndIsAnErrorBeforeItFillsTheMemory) {
    ASSERT_EQ(sh("head -c 3000000 /dev/zero | tr '\\0' a | gzip > long.gz; printf 'ein Haus\\n' | gzip > short.gz; cat short.gz long.gz > "
                 "both.gz")
                  .status,
              0);
    const std::string both = quoted(folder_.file("both.gz")), model = quoted(folder_.file("model"));
    const std::string expected = "both.gz': line 2 is longer than 1048576 bytes; is it text in lines? (--max-line allows longer ones)";
    for (const std::string& command :
         {"tokenizer decode -m " + model + " -i " + both, "audit --source " + both + " --target " + both,
          "evaluate -i " + both + " -r " + both, "tokenizer train -i " + both + " -m " + quoted(folder_.file("new"))}) {
        const Outcome outcome = run(command + " --max-line 1");
        EXPECT_EQ(outcome.status, 1) << command;
        EXPECT_NE(outcome.errors.find(expected), std::string::npos) << outcome.errors;
    }
    EXPECT_EQ(run("audit --max-line 3 --source " + both + " --target " + both).status, 0);
    expect_failure(run(encode() + "--max-line 0", "das\n"), 2, "--max-line");
}

TEST_F(Files, OtherEncodingsAreRefusedToldOfOrRead) {
    const std::string utf16("\xff\xfe"
                            "d\0a\0s\0\n\0",
                            10);
    expect_failure(run(encode(), utf16), 1,
                   "standard input': it begins as UTF-16LE does, expected UTF-8; convert it with iconv -f UTF-16 -t UTF-8");
    EXPECT_EQ(run(encode() + "--encoding UTF-16", utf16).output, run(encode(), "das\n").output);
    EXPECT_EQ(run(encode() + "--encoding latin1", "Tr\xe4ume\n").output, run(encode(), "Träume\n").output);
    expect_failure(run(encode() + "--encoding UTF-61", "das\n"), 2, "unknown encoding 'UTF-61'");
    const Outcome latin = run(encode(), "Tr\xe4ume\nB\xe4ume\nR\xe4ume\n");
    EXPECT_EQ(latin.status, 0);
    EXPECT_EQ(std::count(latin.output.begin(), latin.output.end(), '\n'), 3);
    EXPECT_NE(latin.errors.find("'standard input' is not UTF-8 (3 of 3 lines beyond ASCII)"), std::string::npos) << latin.errors;
}

TEST_F(Files, LinksStayAndDanglingOnesAreFollowed) {
    const Outcome made = sh("mkdir disk; ln -s disk/out link; " + quoted(NMT_PROGRAM) + " " + encode() + "-i text -o link");
    EXPECT_EQ(made.status, 0) << made.errors;
    EXPECT_TRUE(fs::is_symlink(folder_.file("link")));
    EXPECT_EQ(read_file(folder_.file("disk/out")), expected_);
}

TEST_F(Files, AMountedFileIsWrittenOverWithAWord) {
    folder_.write("real", "older");
    folder_.write("out", "");
    const Outcome mounted =
        sh("unshare -m true 2> /dev/null || exit 77\nunshare -m sh -c 'mount --bind real out || exit 77; exec \"$@\"' sh " +
           quoted(NMT_PROGRAM) + " " + encode() + "-i text -o out");
    if (mounted.status == 77) GTEST_SKIP() << "no mounts can be made here";
    EXPECT_EQ(mounted.status, 0) << mounted.errors;
    EXPECT_EQ(read_file(folder_.file("real")), expected_);
    EXPECT_NE(mounted.errors.find("'out' is a mount point of its own"), std::string::npos) << mounted.errors;
}

TEST_F(Files, TooLargeAFileIsAnErrorOfWriting) {
    expect_failure(sh("ulimit -f 1; " + quoted(NMT_PROGRAM) + " " + encode() + "-i text -o out"), 1, "cannot write 'out': File too large");
    EXPECT_FALSE(fs::exists(folder_.file("out")));
}

TEST_F(Files, ConfigurationsAreOrdinaryFilesAndQuotedAsTheyAre) {
    const auto train = [&](const std::string& config) { return "timeout 10 " + quoted(NMT_PROGRAM) + " train -m m -c " + config; };
    for (const std::string content : {"%%invalid_line%%", "%value%", "%%%invalid_line", "[model]\n%prefix%%canonical_option%"}) {
        folder_.write("odd.ini", content);
        expect_failure(sh(train("odd.ini")), 1, "expected '[section]' or 'key = value'");
    }
    expect_failure(sh(train("/dev/zero")), 1, "'/dev/zero': it is a device or a pipe, expected an ordinary file");
    expect_failure(sh("mkfifo pipe; " + train("pipe")), 1, "'pipe': it is a device or a pipe, expected an ordinary file");
    expect_failure(sh("head -c 5000000 /dev/zero > large; " + train("large")), 1, "it has more than");
    for (const char* const option : {"--%canonical_option%=%value%", "--config", "--resume=%canonical_option%"})
        EXPECT_EQ(sh("timeout 10 " + quoted(NMT_PROGRAM) + " train " + quoted(std::string(option))).status, 2) << option;
    folder_.write("odd.ini", "[model]\n\x1b[2J\xc2\x9bx\n");
    expect_failure(sh(train("odd.ini")), 1, "found '?[2J?x'");
}

} // namespace
} // namespace nmt::cli
