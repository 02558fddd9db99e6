#include "nmt/base/terminal.hpp"

#include "nmt/base/table.hpp"
#include "nmt/base/utf8.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <sstream>

namespace nmt {
namespace {

std::size_t widest(const std::string& text) {
    std::istringstream stream(text);
    std::size_t widest = 0;
    for (std::string line; std::getline(stream, line);) widest = std::max(widest, display_width(line));
    return widest;
}

TEST(Terminal, LinesBreakAtBlanksAndStandBelowTheirText) {
    EXPECT_EQ(fit_text("one two three\n\n  four five six\n", 9), "one two\nthree\n\n  four\n  five\n  six\n");
    EXPECT_EQ(fit_text("ab  one two three\n", 12), "ab  one two\n    three\n");
    EXPECT_EQ(fit_text("a-long-name  one two three", 16), "a-long-name\n  one two three");
    EXPECT_EQ(fit_text("# one two three\nkey = value", 9), "# one two\n# three\nkey =\nvalue");
    EXPECT_EQ(fit_text("größe größe", 11), "größe größe") << "columns, not bytes";
    EXPECT_EQ(fit_text("", 9), "");
}

TEST(Terminal, LongWordsArePartedBehindBarsOnly) {
    EXPECT_EQ(fit_text("nrefs:1|case:mixed|eff:no|tok:13a", 19), "nrefs:1|case:mixed|\neff:no|tok:13a");
    EXPECT_EQ(fit_text("train|encode a-word-that-is-far-too-long x", 9), "train|encode\na-word-that-is-far-too-long\nx");
}

TEST(Terminal, CommandsInQuotesStayWhole) {
    EXPECT_EQ(wrap_words("go on with 'nmt train --model x --resume', or not", 20, 0),
              "go on with\n'nmt train --model x --resume',\nor not");
    EXPECT_EQ(wrap_words("the model's weights 'unended quote", 12, 2), "the model's\n  weights\n  'unended\n  quote");
}

TEST(Terminal, AWideTableBecomesSeveral) {
    const std::string table =
        format_table({{"system", "BLEU", "p ", "chrF2"}, {"a|b", "9.5", "-", "72.1"}, {"other", "10.25", "0.0312*", "6.0"}});
    EXPECT_EQ(fit_text(table, 80), table);
    const std::string narrow = fit_text("before\n" + table + "behind", 26);
    EXPECT_EQ(narrow, "before\n"
                      "| system |  BLEU |\n"
                      "|--------|------:|\n"
                      "| a\\|b   |   9.5 |\n"
                      "| other  | 10.25 |\n"
                      "\n"
                      "| system |      p  |\n"
                      "|--------|--------:|\n"
                      "| a\\|b   |       - |\n"
                      "| other  | 0.0312* |\n"
                      "\n"
                      "| system | chrF2 |\n"
                      "|--------|------:|\n"
                      "| a\\|b   |  72.1 |\n"
                      "| other  |   6.0 |\n"
                      "behind");
    const std::string list = fit_text(table, 18);
    EXPECT_NE(list.find("  other\n    BLEU: 10.25\n    p: 0.0312*\n"), std::string::npos) << list;
    EXPECT_LE(widest(list), 18u);
}

TEST(Terminal, WhatOnlyLooksLikeATableStays) {
    EXPECT_EQ(fit_text("| a", 2), "| a");
    EXPECT_EQ(fit_text("| a |\n||\n| b | c |", 4), "| a |\n||\n| b | c |");
}

TEST(Terminal, ColumnsAreWhatTheEnvironmentSays) {
    for (const auto& [value, columns] :
         {std::pair("40", 40u), {"100", 100u}, {"3", 20u}, {"0", 80u}, {"wide", 80u}, {"-1", 80u}, {"", 80u}}) {
        setenv("COLUMNS", value, 1);
        const std::size_t found = text_columns();
        if (columns != 80) EXPECT_EQ(found, columns) << value;
        else EXPECT_GE(found, 20u) << value; // 80, or the width of the terminal where the tests run
    }
    unsetenv("COLUMNS");
}

} // namespace
} // namespace nmt
