#include "nmt/training/rescoring.hpp"

#include "tests/base/test_support.hpp"

#include <gtest/gtest.h>

namespace nmt {
namespace {

using Names = std::vector<std::string>;

TEST(NBestEntry, IsReadFromBothEnds) {
    const std::string line = "17 ||| a ||| b ||| lm= -1.5 2 tm= +3e-2 ||| -7.25";
    const NBestEntry entry = parse_n_best_line(line, "x");
    EXPECT_EQ(entry.source_line, 17u);
    EXPECT_EQ(entry.text, "a ||| b");
    EXPECT_EQ(entry.features, "lm= -1.5 2 tm= +3e-2");
    EXPECT_EQ(entry.feature_names, (Names{"lm", "tm"}));
    EXPECT_TRUE(entry.has_feature("tm"));
    EXPECT_FALSE(entry.has_feature("t"));
    EXPECT_EQ(with_feature(line, entry, "F0", -0.5), "17 ||| a ||| b ||| lm= -1.5 2 tm= +3e-2 F0= -0.500000 ||| -7.25");
}

TEST(NBestEntry, AnAlignmentAndWordScoresAreNotText) {
    for (const std::string extra : {"", " ||| 0-0 1-12", " ||| WordScores= -0.1 -2", " ||| 0-0 ||| WordScores= -0.1", " ||| ", " ||| WordScores="}) {
        const std::string line = "4 ||| a ||| b" + extra + " ||| F0= -1 ||| -0.5";
        const NBestEntry entry = parse_n_best_line(line, "x");
        EXPECT_EQ(entry.text, "a ||| b") << extra;
        EXPECT_EQ(entry.feature_names, (Names{"F0"})) << extra;
    }
    EXPECT_EQ(parse_n_best_line("4 |||  |||  ||| WordScores= ||| F0= 0 ||| 0", "x").text, "");
    EXPECT_EQ(parse_n_best_line("4 ||| a ||| 0-x ||| F0= 0 ||| 0", "x").text, "a ||| 0-x");
    EXPECT_EQ(parse_n_best_line("4 ||| a ||| F0=-1.5 G=2 ||| 0", "x").feature_names, (Names{"F0", "G"})); // as Marian writes them
    EXPECT_NE(message_of<Error>([] { parse_n_best_line("4 ||| a ||| F0=x ||| 0", "x"); }).find("'F0=x' among the features"), std::string::npos);
}

TEST(NBestEntry, TextAndFeaturesMayBeEmpty) {
    for (const std::string line : {"0 |||  ||| F0= 1 ||| 2", "0 ||| ||| F0= 1 ||| 2"}) {
        const NBestEntry entry = parse_n_best_line(line, "x");
        EXPECT_EQ(entry.text, "") << line;
        EXPECT_EQ(entry.feature_names, (Names{"F0"})) << line;
    }
    for (const std::string line : {"0 ||| a |||  ||| 2", "0 ||| a ||| ||| 2"}) {
        const NBestEntry entry = parse_n_best_line(line, "x");
        EXPECT_EQ(entry.text, "a") << line;
        EXPECT_TRUE(entry.feature_names.empty()) << line;
        EXPECT_EQ(with_feature(line, entry, "F0", 1), "0 ||| a ||| F0= 1.000000 ||| 2");
    }
}

TEST(NBestEntry, TheRestOfTheLineStaysAsItIs) {
    const std::string line = "3 |||   a\tb  |||  F0=   1  |||  2 \r";
    const NBestEntry entry = parse_n_best_line(line, "x");
    EXPECT_EQ(entry.text, "  a\tb ");
    EXPECT_EQ(with_feature(line, entry, "G", 2), "3 |||   a\tb  |||  F0=   1 G= 2.000000 |||  2 \r");
}

TEST(NBestEntry, TheFirstFreeNameIsFound) {
    const auto free_name = [](const std::string& features) {
        return free_feature_name(parse_n_best_line("0 ||| a ||| " + features + " ||| 2", "x"));
    };
    EXPECT_EQ(free_name("lm= 1"), "F0");
    EXPECT_EQ(free_name("F0= 1"), "F1");
    EXPECT_EQ(free_name("F0= 1 F2= 4 F1= 2"), "F3");
    EXPECT_EQ(free_name("F1= 1"), "F0");
}

TEST(NBestEntry, OtherFormsAreErrors) {
    const auto message = [](const std::string& line) { return message_of<Error>([&] { parse_n_best_line(line, "'list', line 7"); }); };
    for (const std::string line : {"", "|||", " ||| ", "0 ||| a", "0 ||| a ||| 1", "0 ||| a ||| F0= 1", " ||| a ||| F0= 1 ||| 1",
                                   "0x ||| a ||| F0= 1 ||| 1", "0 ||| a ||| F0= 1 ||| ", "0 ||| a ||| F0 1 ||| 1", "0 ||| a ||| = 1 ||| 1",
                                   "0 ||| a ||| F0= 1x ||| 1", "0 ||| a ||| F0= 1 ||| 1 ||| 0-0"}) {
        EXPECT_TRUE(message(line).starts_with("'list', line 7: ")) << line << ": " << message(line);
        EXPECT_NE(message(line).find("expected LINE ||| TEXT"), std::string::npos) << line;
    }
    EXPECT_NE(message("0 ||| a ||| F0= 1 F0= 2 ||| 1").find("twice"), std::string::npos);
}

} // namespace
} // namespace nmt
