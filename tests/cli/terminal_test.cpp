// What people see: the widths of help and reports, prompts, and words given without the option's name.
#include "nmt/base/utf8.hpp"
#include "tests/cli/tiny_model.hpp"

#include <sstream>

namespace nmt::cli {
namespace {

// The widest of the lines, with an end of its own or of a terminal's.
std::size_t widest(const std::string& text) {
    std::istringstream stream(text);
    std::size_t columns = 0;
    for (std::string line; std::getline(stream, line);) columns = std::max(columns, display_width(line));
    return columns;
}

class Terminal : public WithTinyModel {
  protected:
    // The screen of a terminal of so many columns on which `command` runs and `typed` is typed, a line after each prompt.
    Outcome on_screen(int columns, const std::string& command, const std::string& typed = "") {
        const std::string inside = folder_.write("inside.sh", fmt::format("stty cols {} rows 50 -echo\n{}\n", columns, command));
        const std::string ended = "; sleep 1; printf '\\004'"; // Ctrl-D once the line is read
        const std::string keys = typed.empty() ? "true" : "sleep 1; printf " + quoted(typed) + ended;
        return shell(folder_, "unset COLUMNS; (" + keys + "; sleep 1) | script -qec " + quoted("bash " + inside) + " /dev/null");
    }
};

TEST_F(Terminal, HelpFits) {
    for (const std::string command : {"", "audit", "tokenizer", "tokenizer train", "tokenizer encode", "tokenizer decode", "train",
                                      "translate", "score", "evaluate", "run", "average", "quantize", "inspect", "gradient-flow"}) {
        SCOPED_TRACE(command);
        const std::string program = quoted(NMT_PROGRAM) + " " + command + " --help";
        const std::string wide = shell(folder_, "COLUMNS=80 " + program).output, narrow = shell(folder_, "COLUMNS=40 " + program).output;
        EXPECT_EQ(shell(folder_, "unset COLUMNS; " + program).output, wide) << "a pipe has 80 columns";
        EXPECT_LE(widest(wide), 80u) << wide;
        EXPECT_GT(widest(wide), 60u) << wide;
        EXPECT_LE(widest(narrow), 40u) << narrow;
        EXPECT_LT(narrow.size(), wide.size());
        EXPECT_NE(narrow.find("--help"), std::string::npos) << "says where the rest is";
    }
    EXPECT_LE(widest(on_screen(50, quoted(NMT_PROGRAM) + " translate --help").output), 51u); // CR and LF end its lines
}

TEST_F(Terminal, KeysFitAndCanBeReadBack) {
    for (const std::string command : {"train --keys", "run --keys"}) {
        const std::string keys = shell(folder_, "COLUMNS=60 " + quoted(NMT_PROGRAM) + " " + command).output;
        EXPECT_LE(widest(keys), 60u) << keys;
    }
    const std::string keys = shell(folder_, "COLUMNS=60 " + quoted(NMT_PROGRAM) + " train --keys").output;
    EXPECT_EQ(run("train --keys " + quoted(folder_.write("keys.ini", keys))).output, run("train --keys").output);
}

TEST_F(Terminal, TablesFitATerminalAndStayWholeInAPipe) {
    folder_.write("reference", "a house and a car\nthe house is small\n");
    for (const std::string name : {"first-system", "second-system"}) folder_.write(name, "a house and a " + name + "\nthe house is\n");
    const std::string command = "cd " + quoted(folder_.file("")) + "; " + quoted(NMT_PROGRAM) +
                                " evaluate -i first-system second-system -r reference -m bleu chrf ter --paired-bs --paired-bs-n 10";
    const std::string whole = shell(folder_, command).output;
    EXPECT_GT(widest(whole), 110u);
    for (const int columns : {80, 40}) {
        const std::string screen = on_screen(columns, command).output;
        EXPECT_LE(widest(screen), static_cast<std::size_t>(columns) + 1) << screen;
        for (const std::string part : {"BLEU", "chrF2", "TER", "second-system", "seed:12345|"})
            EXPECT_NE(screen.find(part), std::string::npos) << part;
    }
    const std::string json = on_screen(40, command + " --json").output;
    EXPECT_GT(widest(json), 60u) << "not for people: not broken";
}

TEST_F(Terminal, WhoTypesIsPromptedAndNotDisturbed) {
    const std::string command = quoted(NMT_PROGRAM) + " translate -t 1 -m " + model();
    const std::string screen = on_screen(80, command, "un\\n").output;
    const std::size_t told = screen.find("Ctrl-D"), prompt = screen.find("> "), summary = screen.find("1 lines in ");
    EXPECT_LT(told, prompt) << screen;
    EXPECT_LT(prompt, summary) << screen;
    ASSERT_NE(summary, std::string::npos) << screen;
    EXPECT_EQ(screen.find("translating"), std::string::npos) << "no progress: " << screen;
    EXPECT_EQ(on_screen(80, command + " -q", "un\\n").output.find("> "), std::string::npos);
    EXPECT_EQ(run("translate -t 1 -m " + model(), "un\n").errors.find("Ctrl-D"), std::string::npos);
}

TEST_F(Terminal, WhatIsMeantMayGoWithoutItsName) {
    const std::string text = quoted(folder_.write("text", "un deux\ntrois\n"));
    const std::string expected = run("translate -q -t 1 -m " + model() + " --input " + text).output;
    EXPECT_EQ(lines_of(expected), 2u);
    EXPECT_EQ(run("translate -q -t 1 -m " + model() + " " + text).output, expected);
    EXPECT_EQ(run("translate -q -t 1 " + text + " -m " + model()).output, expected);
    EXPECT_EQ(run("inspect " + model()).output, run("inspect --model " + model()).output);
    const Outcome trained =
        run("train -t 1 " + tiny_.config() + " --model " + quoted(folder_.file("model")) + " --set training.max-updates=1");
    EXPECT_EQ(trained.status, 0) << trained.errors;
    EXPECT_NE(trained.errors.find("'nmt translate --model " + folder_.file("model") + " FILE'"), std::string::npos) << trained.errors;
}

TEST_F(Terminal, WhatCannotBeMeantSaysWhatMayBe) {
    const std::string folder = tiny_.file("model"), text = folder_.write("text", "un\n");
    model();
    expect_failure(run("translate " + quoted(text)), 2, "--model DIR is missing");
    expect_failure(run("translate " + quoted(folder) + " " + quoted(text)), 2, "did you mean --model " + folder + "?");
    const std::string other = folder_.file("other");
    std::filesystem::copy(folder, other, std::filesystem::copy_options::recursive);
    const std::string of_two = run("translate -t 1 -q -m " + quoted(folder) + " -m " + quoted(other) + " -i " + quoted(text)).output;
    EXPECT_NE(of_two, "");
    EXPECT_EQ(run("translate -t 1 -q -m " + quoted(folder) + " " + quoted(other) + " " + quoted(text)).output, of_two);
    expect_failure(run("train " + quoted(folder) + " --resume"), 2, "did you mean --model " + folder + "?");
    expect_failure(run("train " + tiny_.config()), 2, "as in 'nmt train " + tiny_.file("config.ini") + " --model config'");
    expect_failure(run("train --model x -s training.max-updates=1 " + tiny_.config()), 2, "say --config " + tiny_.file("config.ini"));
    expect_failure(run("score -m " + quoted(folder) + " " + quoted(text)), 2, "did you mean --source " + text + "?");
    expect_failure(run("translate -m " + quoted(folder) + " --beam-size 3"), 2, "did you mean '--beam'?");
    expect_failure(run("translate -m " + quoted(folder) + " --out x"), 2, "did you mean '--output'?");
    expect_failure(run("--versoin"), 2, "did you mean '--version'?");
}

} // namespace
} // namespace nmt::cli
