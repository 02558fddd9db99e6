// nmt audit: parallel text before training.
#include "tests/cli/tiny_model.hpp"

#include <nlohmann/json.hpp>

namespace nmt::cli {
namespace {

class AuditCommand : public WithTinyModel {
  protected:
    AuditCommand() {
        source_ = quoted(folder_.write("train.fr", "un chat\nun chat\n\nun grand chien vert deux\ncaf\xe9\nchat\n"));
        target_ = quoted(folder_.write("train.en", "a cat\na cat\nx\ndog\ncoffee\nchat\n"));
    }
    Outcome audit(const std::string& more = "") { return run("audit --source " + source_ + " --target " + target_ + " " + more); }

    std::string source_, target_;
};

TEST_F(AuditCommand, ReportsWhatItFinds) {
    const Outcome outcome = audit();
    EXPECT_EQ(outcome.status, 0) << outcome.errors;
    EXPECT_EQ(outcome.errors, "");
    const std::string expected = "train.fr': 6 lines, 11 words, 46 characters\n";
    EXPECT_NE(outcome.output.find(expected), std::string::npos) << outcome.output;
    EXPECT_NE(outcome.output.find("train.en': 6 lines, 8 words, 24 characters\n"
                                  "        1  empty lines (source)\n"
                                  "           line 3\n"
                                  "        1  pairs with one side more than 3 times as long as the other\n"
                                  "           line 4 (5 and 1 words)\n"
                                  "        1  pairs whose source equals the target\n"
                                  "           line 6\n"
                                  "        1  duplicate pairs\n"
                                  "           line 2 (as 1)\n"
                                  "        1  lines with invalid UTF-8 (source)\n"
                                  "           line 5 (byte 0xE9)\n"),
              std::string::npos)
        << outcome.output;
    const Outcome clean = run("audit --source " + tiny_.quoted_file("valid.fr") + " --target " + tiny_.quoted_file("valid.fr") +
                              " --test-source " + tiny_.quoted_file("config.ini"));
    EXPECT_NE(clean.output.find("       10  pairs whose source equals the target\n"), std::string::npos) << clean.output;
    EXPECT_EQ(run("audit --source /dev/null --target /dev/null").output,
              "source '/dev/null': 0 lines, 0 words, 0 characters\ntarget '/dev/null': 0 lines, 0 words, 0 characters\nnothing found\n");
}

TEST_F(AuditCommand, ReadsSeveralFilesAndTsv) {
    const std::string tsv = quoted(folder_.write("a.tsv", "un chat\ta cat\nchat\t\n")), more = quoted(folder_.write("b.tsv", "\tx\n"));
    const Outcome outcome = run("audit --tsv " + tsv + " " + more);
    EXPECT_EQ(outcome.status, 0) << outcome.errors;
    EXPECT_NE(outcome.output.find("b.tsv': 3 lines, 3 words, 11 characters\n"), std::string::npos) << outcome.output;
    EXPECT_NE(outcome.output.find("b.tsv', line 1)\n"), std::string::npos) << outcome.output;
    EXPECT_NE(outcome.output.find("a.tsv', line 2)\n"), std::string::npos) << outcome.output;
    const Outcome pairs = run("audit --source " + source_ + " " + source_ + " --target " + target_ + " " + target_);
    EXPECT_NE(pairs.output.find("train.en': 12 lines, 16 words"), std::string::npos) << pairs.output;
}

TEST_F(AuditCommand, OptionsSetTheLimits) {
    EXPECT_EQ(audit("--max-ratio 5").output.find("times as long"), std::string::npos);
    EXPECT_NE(audit("--max-length 4").output.find("lines of more than 4 words (source)\n           line 4 (5 words)\n"), std::string::npos);
    EXPECT_NE(audit("--max-length 20 --unit character").output.find("line 4 (24 characters)"), std::string::npos);
    EXPECT_EQ(audit("--list 0").output.find("line "), std::string::npos);
    const Outcome test = audit("--test-source " + quoted(folder_.write("test.fr", "nouveau\nun chat\n")) + " --test-target " +
                               quoted(folder_.write("test.en", "new\nthe cat\n")));
    EXPECT_NE(test.output.find("        1  sources that stand in the training text, too ("), std::string::npos) << test.output;
    EXPECT_NE(test.output.find("           line 2 (as 1)\n"), std::string::npos) << test.output;
    EXPECT_EQ(test.output.find("targets that stand"), std::string::npos) << test.output;
}

TEST_F(AuditCommand, JsonHoldsEveryKind) {
    const Outcome outcome = audit("--json --test-source " + source_);
    ASSERT_EQ(outcome.status, 0) << outcome.errors;
    const nlohmann::json json = nlohmann::json::parse(outcome.output);
    EXPECT_EQ(json.at("pairs"), 6);
    EXPECT_EQ(json.at("source").at("words"), 11);
    EXPECT_FALSE(json.at("source").contains("pieces"));
    EXPECT_EQ(json.at("options"), (nlohmann::json{{"unit", "word"}, {"max_length", 100}, {"max_ratio", 3.0}}));
    std::map<std::string, nlohmann::json> by_kind;
    for (const nlohmann::json& finding : json.at("findings")) {
        const std::string whose = finding.contains("test") ? "test" : finding.value("side", "");
        by_kind[finding.at("kind").get<std::string>() + " " + whose] = finding;
    }
    EXPECT_EQ(by_kind.at("duplicate_pair ").at("lines"), nlohmann::json::parse(R"([{"line": 2, "same_as": 1}])"));
    EXPECT_EQ(by_kind.at("invalid_utf8 source").at("lines"), nlohmann::json::parse(R"([{"line": 5, "detail": "byte 0xE9"}])"));
    EXPECT_EQ(by_kind.at("nul target").at("count"), 0);
    EXPECT_EQ(by_kind.at("held_out_source test").at("count"), 5); // all but the empty one
    EXPECT_FALSE(by_kind.contains("held_out_pair test"));
}

TEST_F(AuditCommand, AsksTokenizers) {
    const std::string trained = run("audit --source " + tiny_.quoted_file("train.fr") + " --target " + tiny_.quoted_file("train.en") +
                                    " --model " + model() + " --json")
                                    .output;
    const nlohmann::json known = nlohmann::json::parse(trained);
    EXPECT_GT(known.at("source").at("pieces").get<int>(), 80);
    EXPECT_EQ(known.at("target").at("unknown_pieces"), 0);
    const std::string sides =
        "--source-tokenizer " + tiny_.quoted_file("fr.model") + " --target-tokenizer " + tiny_.quoted_file("en.model");
    const nlohmann::json unknown = nlohmann::json::parse(audit("--json " + sides).output);
    EXPECT_GT(unknown.at("target").at("unknown_pieces").get<int>(), 3);
    EXPECT_NE(
        audit("--tokenizer " + tiny_.quoted_file("en.model")).output.find("lines with pieces that the tokenizer does not know (target)"),
        std::string::npos);
    EXPECT_NE(audit("--unit piece --max-length 6 " + sides).output.find(" pieces)"), std::string::npos);
}

TEST_F(AuditCommand, Mistakes) {
    const std::string shorter = quoted(folder_.write("short", "x\n"));
    const Outcome unequal = run("audit --source " + source_ + " --target " + shorter);
    expect_failure(unequal, 1, "train.fr' has 6 lines and");
    expect_failure(unequal, 1, "short' has 1;");
    expect_failure(run("audit --source - --target " + shorter, "a\nb\n"), 1, "'standard input' has 2 lines");
    expect_failure(run("audit --source /nowhere/text --target " + target_), 1, "/nowhere/text");
    expect_failure(run("audit --source " + source_), 2, "--target FILE is missing");
    expect_failure(run("audit"), 2, "or --tsv FILE");
    expect_failure(audit("--tsv " + shorter), 2, "or --tsv FILE");
    expect_failure(run("audit --source a b --target c"), 2, "1 files of --target for 2 of --source");
    expect_failure(run("audit --tsv " + shorter), 1, "short', line 1: found no TAB");
    expect_failure(run("audit --source - --target -"), 2, "cannot both be standard input");
    expect_failure(audit("--unit piece"), 2, "wants a tokenizer");
    expect_failure(audit("--unit words"), 2, "word, character, piece");
    expect_failure(audit("--max-ratio 0.5"), 2, "at least 1");
    expect_failure(audit("--unit character --max-length 0 --max-ratio 0"), 2, "no effect");
    expect_failure(audit("--test-target " + target_), 2, "1 files of --test-target for 0 of --test-source");
    expect_failure(audit("--source-tokenizer x"), 2, "belong together");
    expect_failure(audit("--model x --tokenizer y"), 2, "exclude each other");
    expect_failure(audit("--model /nowhere"), 1, "/nowhere");
    expect_failure(audit("> /dev/full"), 1, "standard output");
}

} // namespace
} // namespace nmt::cli
