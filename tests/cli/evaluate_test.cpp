// nmt evaluate: metrics, several systems and references, sentences, tests of significance, and what it refuses. The expected
// scores are those of sacreBLEU 2.6.
#include "tests/cli/program.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace nmt::cli {
namespace {

using nlohmann::json;

std::size_t lines_of(const std::string& text) { return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')); }

class Evaluate : public testing::Test {
  protected:
    Outcome run(const std::string& options, std::string_view input = {}) { return nmt(folder_, "evaluate " + options, input); }

    // What --json prints.
    json results(const std::string& options) {
        const Outcome outcome = run(options + " --json");
        EXPECT_EQ(outcome.status, 0) << outcome.errors;
        return json::parse(outcome.output);
    }

    std::string file(const std::string& name, std::string_view content) { return quoted(folder_.write(name, content)); }

    Folder folder_;
    const std::string a_ = file("a", "the cat sat on a mat.\nHello, small world!\nIt cost 1,000.50 euros .\nSTRASSE und Wald\n");
    const std::string b_ = file("b", "The cat sat on the mat.\nHello, big big world\nIt costs 1,000.5 euro.\nStraße und Feld\n");
    const std::string first_ = file("first", "The cat sat on the mat.\nHello, big world!\nIt cost 1,000.50 euros.\nStraße und Wald\n");
    const std::string second_ =
        file("second", "A cat was sitting on the mat.\nHello, small world!\nIt cost 1000.50 euros.\nStraße & Wald\n");
    const std::string one_ = "-i " + a_ + " -r " + first_ + " ";
    const std::string two_ = "-i " + a_ + " " + b_ + " -r " + first_ + " ";
};

TEST_F(Evaluate, PrintsScoreAndSignature) {
    const std::string references = quoted(folder_.write("references", "The cat sat on the mat.\nHello, big world!\n"));
    const std::string hypotheses = quoted(folder_.write("hypotheses", "the cat sat on the mat.\nHello, small world!\n"));
    const Outcome perfect = run("--hypotheses - --references " + references, "The cat sat on the mat.\nHello, big world!\n");
    EXPECT_EQ(perfect.status, 0) << perfect.errors;
    EXPECT_NE(perfect.output.find("BLEU|nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:"), std::string::npos) << perfect.output;
    EXPECT_NE(perfect.output.find("= 100.00 "), std::string::npos) << perfect.output;
    EXPECT_EQ(lines_of(perfect.output), 1u);

    const std::string both = "--hypotheses " + hypotheses + " --references " + references;
    const auto score = [&](const std::string& options) { return nlohmann::json::parse(run(both + " --json " + options).output); };
    const nlohmann::json mixed = score("");
    ASSERT_EQ(mixed.size(), 1u);
    EXPECT_EQ(mixed[0]["name"], "BLEU");
    EXPECT_NE(mixed[0]["signature"].get<std::string>().find("case:mixed"), std::string::npos);
    EXPECT_GT(score("--lowercase")[0]["score"].get<double>(), mixed[0]["score"].get<double>());
    EXPECT_NE(score("--lowercase")[0]["signature"].get<std::string>().find("case:lc"), std::string::npos);
    EXPECT_NE(score("--tokenize none")[0]["score"].get<double>(), mixed[0]["score"].get<double>());
    EXPECT_NE(score("--tokenize none")[0]["signature"].get<std::string>().find("tok:none"), std::string::npos);
    const double unrounded = mixed[0]["score"].get<double>();
    EXPECT_NE(unrounded, std::round(unrounded * 100) / 100);
    EXPECT_NE(run(both).output.find(fmt::format("= {:.2f} ", unrounded)), std::string::npos);
}

TEST_F(Evaluate, RefusesWhatItCannotCompare) {
    const std::string references = quoted(folder_.write("references", "one\ntwo\nthree\n"));
    const Outcome unequal = run("--references " + references, "one\ntwo\n");
    expect_failure(unequal, 1, "'standard input' has 2 lines");
    expect_failure(unequal, 1, "/references' has 3");
    expect_failure(run("--hypotheses " + quoted(folder_.write("empty", "")) + " --references " + quoted(folder_.file("empty"))), 1,
                   "no lines");
    expect_failure(run("--references -"), 2, "standard input");
    expect_failure(run(""), 2, "--references FILE is missing");
    expect_failure(run("--metrics blue --references " + references), 2, "did you mean 'bleu'?");
    expect_failure(run("--references /nowhere/references"), 1, "/nowhere/references");
}

TEST_F(Evaluate, EveryMetricEqualsSacrebleu) {
    const Outcome lines = run(one_ + "-m bleu chrf ter");
    EXPECT_EQ(lines.status, 0) << lines.errors;
    EXPECT_EQ(
        lines.output,
        "        BLEU|nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:nmt-0.1.0 = 45.87 85.0/62.5/33.3/25.0 (BP = 1.000 ratio = 1.000 "
        "hyp_len = 20 ref_len = 20)\n"
        "      chrF2|nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no|version:nmt-0.1.0 = 67.78\n"
        "TER|nrefs:1|case:lc|tok:tercom|norm:no|punct:yes|asian:no|version:nmt-0.1.0 = 31.25\n");
    const json found = results(one_ + "-m bleu chrf ter");
    ASSERT_EQ(found.size(), 3u);
    const std::pair<std::string, double> expected[] = {{"BLEU", 45.87007225659706}, {"chrF2", 67.78497698158809}, {"TER", 31.25}};
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_EQ(found[i]["name"], expected[i].first);
        EXPECT_NEAR(found[i]["score"].get<double>(), expected[i].second, 1e-9);
        EXPECT_FALSE(found[i].contains("system"));
    }
    EXPECT_EQ(found[0]["verbose_score"], "85.0/62.5/33.3/25.0 (BP = 1.000 ratio = 1.000 hyp_len = 20 ref_len = 20)");
}

TEST_F(Evaluate, OptionsEqualSacrebleus) {
    const auto score = [&](const std::string& options) { return results(one_ + options)[0]["score"].get<double>(); };
    EXPECT_NEAR(score("--tokenize intl --lowercase"), 54.97027549874926, 1e-9);
    EXPECT_NEAR(score("-tok intl -lc"), 54.97027549874926, 1e-9);
    EXPECT_NEAR(score("--tokenize char"), 72.95798016465984, 1e-9);
    EXPECT_NEAR(score("--smooth-method add-k --smooth-value 2"), 55.82808334428041, 1e-9);
    EXPECT_NEAR(score("-s add-k -sv 2"), 55.82808334428041, 1e-9);
    EXPECT_NEAR(score("-m chrf --chrf-word-order 2"), 69.27690951348933, 1e-9);
    EXPECT_NEAR(score("-m chrf --chrf-word-order 2 --chrf-char-order 4 --chrf-beta 3 --chrf-whitespace --chrf-lowercase"),
                80.54099462216146, 1e-9);
    EXPECT_NEAR(score("-m chrf -cw 2 -cc 4 --chrf-beta 3 --chrf-whitespace --chrf-lowercase"), 80.54099462216146, 1e-9);
    EXPECT_NEAR(score("-m chrf --chrf-eps-smoothing"), 67.78492657738606, 1e-9);
    EXPECT_NEAR(score("-m ter --ter-normalized"), 15, 1e-9);
    EXPECT_NEAR(score("-m ter --ter-normalized --ter-no-punct --ter-asian-support --ter-case-sensitive"), 25, 1e-9);
    EXPECT_EQ(results(one_ + "--smooth-method floor")[0]["signature"],
              "nrefs:1|case:mixed|eff:no|tok:13a|smooth:floor[0.10]|version:nmt-0.1.0");
    EXPECT_EQ(results(one_ + "-m chrf -cw 2")[0]["name"], "chrF2++");
}

TEST_F(Evaluate, SeveralReferencesEqualSacrebleu) {
    const json found = results("-i " + a_ + " --references " + first_ + " " + second_ + " -m bleu chrf ter");
    EXPECT_NEAR(found[0]["score"].get<double>(), 66.61125908827059, 1e-9);
    EXPECT_NEAR(found[1]["score"].get<double>(), 79.43748697982191, 1e-9);
    EXPECT_NEAR(found[2]["score"].get<double>(), 24.242424242424242, 1e-9);
    for (const json& entry : found) EXPECT_TRUE(entry["signature"].get<std::string>().starts_with("nrefs:2|"));
}

TEST_F(Evaluate, RoundsAsItIsTold) {
    EXPECT_EQ(run(one_ + "-b").output, "45.87\n");
    EXPECT_EQ(run(one_ + "--score-only --width 4 -m bleu chrf").output, "45.8701\n67.7850\n");
    EXPECT_EQ(run(one_ + "-w 0 -b -m ter").output, "31\n");
    EXPECT_EQ(run(two_ + "-b -m bleu ter").output, "45.87\t31.25\n58.51\t37.50\n");
    EXPECT_NE(run(one_ + "-w 1").output.find(" = 45.9 85.0/"), std::string::npos);
}

TEST_F(Evaluate, IgnoresWhiteSpaceAtTheEndsOfLines) {
    const std::string padded =
        file("padded", "the cat sat on a mat. \r\nHello, small world!\t\nIt cost 1,000.50 euros .\u3000\nSTRASSE und Wald");
    EXPECT_EQ(run("-i " + padded + " -r " + first_ + " -m bleu chrf ter --chrf-whitespace").output,
              run(one_ + "-m bleu chrf ter --chrf-whitespace").output);
}

TEST_F(Evaluate, ReadsGzip) {
    ASSERT_EQ(shell(folder_, "gzip -k " + a_ + " " + first_).status, 0);
    const Outcome zipped = run("-i " + quoted(folder_.file("a.gz")) + " -r " + quoted(folder_.file("first.gz")));
    EXPECT_EQ(zipped.output, run(one_).output);
    EXPECT_EQ(zipped.status, 0) << zipped.errors;
}

TEST_F(Evaluate, ReadsOtherEncodings) {
    ASSERT_EQ(shell(folder_, fmt::format("for i in {} {}; do iconv -f UTF-8 -t ISO-8859-1 $i > $i.latin; done", b_, first_)).status, 0);
    const std::string latin = "-i " + quoted(folder_.file("b.latin")) + " -r " + quoted(folder_.file("first.latin"));
    const Outcome read = run(latin + " --encoding ISO-8859-1 -m bleu chrf");
    EXPECT_EQ(read.output, run("-i " + b_ + " -r " + first_ + " -m bleu chrf").output);
    EXPECT_EQ(read.status, 0) << read.errors;
    EXPECT_EQ(run(latin + " --encoding UTF-8").status, 1);
}

TEST_F(Evaluate, SentencesHaveALineEach) {
    EXPECT_EQ(run(one_ + "--sentence-level -b").output, "32.17\n30.21\n100.00\n55.03\n");
    EXPECT_EQ(run(one_ + "-sl -b -m chrf -cw 2").output, "63.58\n55.01\n100.00\n45.93\n");
    EXPECT_EQ(run(one_ + "-sl -b -m ter --ter-normalized").output, "14.29\n20.00\n0.00\n33.33\n");
    EXPECT_EQ(run(one_ + "-sl -b --smooth-method floor --smooth-value 0.5 -w 6").output, "32.172944\n35.930411\n100.000000\n55.032121\n");
    const Outcome lines = run(one_ + "-sl");
    EXPECT_EQ(lines_of(lines.output), 4u);
    EXPECT_TRUE(lines.output.starts_with("BLEU|nrefs:1|case:mixed|eff:yes|tok:13a|smooth:exp|version:nmt-0.1.0 = 32.17 85.7/50.0/20.0/12.5 "
                                         "(BP = 1.000 ratio = 1.000 hyp_len = 7 ref_len = 7)\n"))
        << lines.output;
    const json found = results(one_ + "-sl");
    ASSERT_EQ(found.size(), 4u);
    EXPECT_EQ(found[2]["line"], 3);
    EXPECT_EQ(found[2]["name"], "BLEU");
    EXPECT_NEAR(found[2]["score"].get<double>(), 100, 1e-9);
    EXPECT_EQ(found[2]["signature"], "nrefs:1|case:mixed|eff:yes|tok:13a|smooth:exp|version:nmt-0.1.0");
}

TEST_F(Evaluate, SystemsStandInATable) {
    const Outcome outcome = run("-i a b -r first -m bleu chrf", "");
    expect_failure(outcome, 1, "'first'"); // not in this folder
    const Outcome table =
        shell(folder_, "cd " + quoted(folder_.file("")) + " && " + quoted(NMT_PROGRAM) + " evaluate -i a b -r first -m bleu ter");
    EXPECT_EQ(table.status, 0) << table.errors;
    EXPECT_EQ(table.output, "| system |  BLEU |   TER |\n"
                            "|--------|------:|------:|\n"
                            "| a      | 45.87 | 31.25 |\n"
                            "| b      | 58.51 | 37.50 |\n"
                            "\n"
                            "BLEU  nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:nmt-0.1.0\n"
                            "TER   nrefs:1|case:lc|tok:tercom|norm:no|punct:yes|asian:no|version:nmt-0.1.0\n");
    const json found = results(two_ + "-m bleu ter");
    ASSERT_EQ(found.size(), 4u);
    EXPECT_EQ(found[0]["system"], folder_.file("a"));
    EXPECT_EQ(found[1]["name"], "TER");
    EXPECT_EQ(found[2]["system"], folder_.file("b"));
    EXPECT_NEAR(found[2]["score"].get<double>(), 58.5086829830179, 1e-9);
}

TEST_F(Evaluate, OneSystemMayBeStdin) {
    const Outcome outcome = run("-i - " + b_ + " -r " + first_ + " -b", read_file(folder_.file("a")));
    EXPECT_EQ(outcome.output, "45.87\n58.51\n");
    EXPECT_EQ(run("-i " + a_ + " -r - -b", read_file(folder_.file("first"))).output, "45.87\n");
}

TEST_F(Evaluate, ConfidenceGivesAnInterval) {
    const json found = results(one_ + "--confidence --confidence-n 500 --seed 7 -m bleu ter");
    EXPECT_EQ(found[0]["signature"], "nrefs:1|bs:500|seed:7|case:mixed|eff:no|tok:13a|smooth:exp|version:nmt-0.1.0");
    for (const json& entry : found) {
        EXPECT_NEAR(entry["confidence_mean"].get<double>(), entry["score"].get<double>(), 15);
        EXPECT_GT(entry["confidence_var"].get<double>(), 1);
        EXPECT_FALSE(entry.contains("p_value"));
    }
    EXPECT_NE(run(one_ + "-ci").output.find("|bs:1000|seed:12345|"), std::string::npos);
    EXPECT_NE(run(one_ + "-ci").output.find(" = 45.87 (μ = "), std::string::npos);
    EXPECT_NE(run(two_ + "-ci -cin 100").output.find(" BLEU (μ ± 95 %) |"), std::string::npos);
    EXPECT_NE(found, results(one_ + "--confidence --confidence-n 500 --seed 8 -m bleu ter"));
    EXPECT_EQ(found, results(one_ + "--confidence --confidence-n 500 --seed 7 -m bleu ter --threads 1"));
}

// Systems that differ in nothing, in lines as good as each other, and in quality.
TEST_F(Evaluate, PairedTestsTellSystemsApart) {
    std::string reference, equal, similar, worse;
    for (int i = 0; i < 120; ++i) {
        const std::string line = fmt::format("the {} cats of house number {} sat on mat {} today", i % 11, i, i % 5);
        reference += line + "\n";
        equal += (i % 3 == 0 ? "yes " : "") + line + "\n";
        similar += (i % 3 == 1 ? "yes " : "") + line + "\n";
        worse += fmt::format("the {} dogs of house number {} lay on a mat today\n", i % 11, i);
    }
    const std::string files = "-i " + file("baseline", equal) + " " + file("equal", equal) + " " + file("similar", similar) + " " +
                              file("worse", worse) + " -r " + file("reference", reference) + " -m bleu chrf ter ";
    const std::pair<std::string, std::string> tests[] = {{"--paired-bs --paired-bs-n 500", "bs:500|seed:12345"},
                                                         {"--paired-ar --paired-ar-n 500", "ar:500|seed:12345"}};
    for (const auto& [options, signature] : tests) {
        SCOPED_TRACE(options);
        const json found = results(files + options);
        ASSERT_EQ(found.size(), 12u);
        for (std::size_t i = 0; i < 12; ++i) {
            EXPECT_NE(found[i]["signature"].get<std::string>().find(signature), std::string::npos);
            EXPECT_EQ(found[i].contains("confidence_mean"), options.starts_with("--paired-bs"));
            if (i < 3) EXPECT_FALSE(found[i].contains("p_value"));
            else if (i < 6 || i >= 9) EXPECT_DOUBLE_EQ(found[i]["p_value"].get<double>(), 1.0 / 501);
            else EXPECT_GT(found[i]["p_value"].get<double>(), 0.05);
        }
        EXPECT_EQ(found, results(files + options + " -t 1"));
        const Outcome table = run(files + options),
                      same = run("-i " + a_ + " " + file("copy", read_file(folder_.file("a"))) + " -r " + first_ + " " + options);
        EXPECT_NE(same.output.find(" same "), std::string::npos) << same.output;
        EXPECT_EQ(same.output.find("0*"), std::string::npos) << same.output;
        EXPECT_NE(table.output.find("| baseline: "), std::string::npos) << table.output;
        EXPECT_NE(table.output.find(" 0.0020* |"), std::string::npos);
        EXPECT_NE(table.output.find(options.starts_with("--paired-bs") ? "paired bootstrap resampling, 500 samples"
                                                                       : "paired approximate randomization, 500 trials"),
                  std::string::npos);
    }
}

TEST_F(Evaluate, RefusesFilesThatDoNotMatch) {
    const std::string shorter = file("shorter", "one\ntwo\nthree\n");
    expect_failure(run("-i " + a_ + " " + shorter + " -r " + first_), 1, "/shorter' has 3 lines and '");
    expect_failure(run("-i " + a_ + " " + shorter + " -r " + first_), 1, "/first' has 4;");
    expect_failure(run("-i " + a_ + " -r " + first_ + " " + shorter), 1, "/shorter' has 3 lines and '");
    expect_failure(run("-i " + a_ + " -r " + first_ + " " + file("empty", "")), 1, "/empty' has no lines");
    expect_failure(run("-i " + file("empty", "") + " -r " + first_), 1, "/empty' has no lines");
    expect_failure(run("-i " + quoted(folder_.file("nothing")) + " -r " + first_), 1, "/nothing'");
}

TEST_F(Evaluate, RefusesOptionsWithoutEffect) {
    const std::pair<std::string, std::string> wrong[] = {
        {one_ + "--chrf-word-order 2", "--chrf-word-order has no effect without --metrics chrf"},
        {one_ + "--ter-normalized -m bleu chrf", "--ter-normalized has no effect without --metrics ter"},
        {one_ + "-m chrf --lowercase", "--lowercase has no effect without --metrics bleu"},
        {one_ + "-m chrf -tok intl", "--tokenize has no effect without --metrics bleu"},
        {one_ + "--smooth-value 1", "--smooth-value has no effect without --smooth-method floor or add-k"},
        {one_ + "-m ter --ter-asian-support", "--ter-asian-support has no effect without"},
        {one_ + "--confidence-n 10", "--confidence-n has no effect without --confidence"},
        {two_ + "--paired-bs --paired-ar-n 10", "--paired-ar-n has no effect without --paired-ar"},
        {one_ + "--seed 1", "--seed has no effect without"},
        {one_ + "--paired-bs", "--paired-bs has no effect without a second system"},
        {one_ + "--paired-ar", "--paired-ar has no effect without a second system"},
        {two_ + "--paired-bs --paired-ar", "exclude each other"},
        {two_ + "--paired-bs --confidence", "--confidence has no effect with --paired-bs"},
        {two_ + "--paired-bs -b", "--score-only has no effect with a paired test"},
        {one_ + "--json --width 3", "--width has no effect with --json"},
        {one_ + "--json -b", "--score-only has no effect with --json"},
        {one_ + "--sentence-level --confidence", "--sentence-level has no intervals"},
        {two_ + "--sentence-level", "--sentence-level takes one system"},
        {one_ + "--sentence-level -m bleu ter", "--sentence-level takes one system and one metric"},
    };
    for (const auto& [options, message] : wrong) expect_failure(run(options), 2, message);
}

TEST_F(Evaluate, RefusesNamesItDoesNotKnow) {
    expect_failure(run(one_ + "-m bleu blue"), 2, "did you mean 'bleu'?");
    expect_failure(run(one_ + "-m bleu bleu"), 2, "--metrics names 'bleu' twice");
    expect_failure(run(one_ + "--tokenize ja_mecab"), 2, "did you mean 'ja-mecab'?");
    expect_failure(run(one_ + "--tokenize ko-mecab"), 2, "Korean dictionary");
    expect_failure(run(one_ + "--tokenize spm"), 2, "expected spm:FILE");
    expect_failure(run(one_ + "--tokenize spm:" + a_), 1, "SentencePiece");
    expect_failure(run(one_ + "--smooth-method flor"), 2, "did you mean 'floor'?");
    expect_failure(run(one_ + "--smooth-method floor --smooth-value -1"), 2, "--smooth-value");
    expect_failure(run(one_ + "-m chrf --chrf-char-order 0"), 2, "--chrf-char-order");
    expect_failure(run("-i " + a_ + " " + a_ + " -r " + first_), 2, "twice");
    expect_failure(run("-i - -r -"), 2, "standard input");
    expect_failure(run(one_ + "-xy"), 2, "-x");
}

TEST_F(Evaluate, ReadsSeveralReferencesFromOneFile) {
    const std::string hypotheses = folder_.write("h", "the cat sat on the mat\na dog lay there now\n");
    const std::string both =
        folder_.write("both", "the cat sat on a mat\tthe cat sat on the mat\na dog lay there\tone dog lay there now\n");
    folder_.write("first", "the cat sat on a mat\na dog lay there\n");
    folder_.write("second", "the cat sat on the mat\none dog lay there now\n");
    const std::string text = "-i " + hypotheses + " -m bleu chrf ter -r ";
    const Outcome one_file = run(text + both + " --num-refs 2");
    EXPECT_EQ(one_file.output, run(text + folder_.file("first") + " " + folder_.file("second")).output);
    EXPECT_NE(one_file.output.find("nrefs:2"), std::string::npos) << one_file.output << one_file.errors;
    // Figures of sacreBLEU with None in place of what is missing.
    const std::string varying = folder_.write("varying", "the cat sat on a mat\tthe cat sat on the mat\n\tone dog lay there now\n");
    const json found = results(text + varying + " -nr 2");
    EXPECT_EQ(found[0]["signature"], "nrefs:var|case:mixed|eff:no|tok:13a|smooth:exp|version:nmt-0.1.0");
    EXPECT_NEAR(found[0]["score"].get<double>(), 86.27788640890412, 1e-9);
    EXPECT_NEAR(found[1]["score"].get<double>(), 90.77725396350782, 1e-9);
    EXPECT_NEAR(found[2]["score"].get<double>(), 9.090909090909092, 1e-9);
    expect_failure(run(text + folder_.write("none", "a\tb\n\t\n") + " -nr 2"), 1, "line 2: no reference");
    expect_failure(run(text + folder_.write("three", "a\tb\tc\nd\n") + " -nr 2"), 1, "line 1: 3 references");
    expect_failure(run(text + both + " " + varying + " -nr 2"), 2, "--num-refs takes one file");
}

TEST_F(Evaluate, WarnsOfTextThatLooksTokenized) {
    std::string lines;
    for (int i = 0; i < 100; ++i) lines += "the man is here .\n";
    const std::string tokenized = folder_.write("tokenized", lines), text = "-i " + tokenized + " -r " + tokenized;
    const Outcome warned = run(text);
    EXPECT_EQ(warned.status, 0);
    EXPECT_NE(warned.errors.find("looks tokenized: 100 lines"), std::string::npos) << warned.errors;
    for (const char* option : {" --force", " --tokenize none", " -m chrf"}) EXPECT_EQ(run(text + option).errors, "") << option;
    lines.resize(lines.size() - 2);
    const std::string fewer = folder_.write("fewer", lines + "\n");
    EXPECT_EQ(run("-i " + fewer + " -r " + fewer).errors, "");
}

TEST_F(Evaluate, HelpShowsShortNames) {
    const std::string help = run("--help").output;
    for (const std::string option :
         {"-i, --hypotheses FILE ...", "-m, --metrics NAME ...", "-sl, --sentence-level", "-pbsn, --paired-bs-n N"})
        EXPECT_NE(help.find(option), std::string::npos) << option;
}

} // namespace
} // namespace nmt::cli
