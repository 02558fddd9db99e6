#include "nmt/base/config.hpp"

#include "nmt/base/error.hpp"
#include "nmt/base/output_file.hpp"
#include "tests/base/test_support.hpp"

#include <gtest/gtest.h>

namespace nmt {
namespace {

struct Options {
    bool tied = false;
    int layers = 2;
    std::int64_t updates = 100;
    std::uint64_t seed = 1;
    double dropout = 0.1;
    std::string optimizer = "adam", note;
    std::vector<std::string> metrics = {"bleu"};

    void describe(OptionTable& table) {
        table.add("tied", tied, "tie embeddings");
        table.add("layers", layers, "how many layers", 1, 64);
        table.add("updates", updates, "how many updates");
        table.add("seed", seed, "random seed");
        table.add("dropout", dropout, "dropout", 0, 1);
        table.add("optimizer", optimizer, "which optimizer", {"adam", "sgd"});
        table.add("note", note, "free text");
        table.add("metrics", metrics, "which metrics");
    }
    OptionTable table() {
        OptionTable table;
        describe(table);
        return table;
    }
};

// Reads `text` as the section [train] of an INI file.
Options read_options(const std::string& text) {
    Options options;
    Configuration configuration = Configuration::parse("[train]\n" + text, "test.ini");
    configuration.read("train", options.table());
    configuration.check_all_used();
    return options;
}

std::string error_of(const std::string& text) {
    return message_of<Error>([&] { read_options(text); });
}

std::string parse_error(const std::string& text) {
    return message_of<Error>([&] { Configuration::parse(text, "test.ini"); });
}

TEST(ConfigurationTest, ReadsEveryKindOfField) {
    const Options options = read_options("tied = true\nlayers=6 # deep\n\n  updates = 5000000000\r\nseed = 18446744073709551615\n"
                                         "dropout = 2.5e-1\noptimizer = sgd\nnote = a b = c\nmetrics =  bleu \t chrf \n");
    EXPECT_TRUE(options.tied);
    EXPECT_EQ(options.layers, 6);
    EXPECT_EQ(options.updates, 5'000'000'000);
    EXPECT_EQ(options.seed, 18446744073709551615ULL);
    EXPECT_EQ(options.dropout, 0.25);
    EXPECT_EQ(options.optimizer, "sgd");
    EXPECT_EQ(options.note, "a b = c");
    EXPECT_EQ(options.metrics, (std::vector<std::string>{"bleu", "chrf"}));
}

TEST(ConfigurationTest, KeepsDefaultsOfWhatIsNotSaid) {
    const Options options = read_options("");
    EXPECT_EQ(options.layers, 2);
    EXPECT_EQ(options.optimizer, "adam");
    EXPECT_TRUE(read_options("metrics =\n").metrics.empty());
}

TEST(ConfigurationTest, AnUnknownKeyNamesTheNearestKnownOne) {
    EXPECT_EQ(error_of("layer = 3"), "'test.ini': unknown key 'layer' in [train] (did you mean 'layers'?)");
    EXPECT_EQ(error_of("zzzzzzzz = 3"), "'test.ini': unknown key 'zzzzzzzz' in [train]");
}

TEST(ConfigurationTest, RefusesBadNumbers) {
    EXPECT_EQ(error_of("layers = many"), "'test.ini': train.layers = 'many': expected a whole number");
    EXPECT_EQ(error_of("layers = 2.5"), "'test.ini': train.layers = '2.5': expected a whole number");
    EXPECT_EQ(error_of("layers ="), "'test.ini': train.layers = '': expected a whole number");
    EXPECT_EQ(error_of("seed = -1"), "'test.ini': train.seed = '-1': expected a whole number");
    EXPECT_EQ(error_of("dropout = 0,1"), "'test.ini': train.dropout = '0,1': expected a number");
    EXPECT_EQ(error_of("tied = maybe"), "'test.ini': train.tied = 'maybe': expected true or false");
}

TEST(ConfigurationTest, RefusesNumbersOutOfRange) {
    EXPECT_EQ(error_of("layers = 0"), "'test.ini': train.layers = 0: expected a number from 1 to 64");
    EXPECT_EQ(error_of("layers = 65"), "'test.ini': train.layers = 65: expected a number from 1 to 64");
    EXPECT_EQ(error_of("layers = 99999999999"), "'test.ini': train.layers = 99999999999: expected a number from 1 to 64");
    EXPECT_EQ(error_of("updates = -1"), "'test.ini': train.updates = -1: expected a number from 0 to 1e+18");
    EXPECT_EQ(error_of("dropout = 1.5"), "'test.ini': train.dropout = 1.5: expected a number from 0 to 1");
    EXPECT_EQ(error_of("dropout = nan"), "'test.ini': train.dropout = nan: expected a number from 0 to 1");
}

TEST(ConfigurationTest, RefusesWhatIsNoChoice) {
    EXPECT_EQ(error_of("optimizer = adem"), "'test.ini': train.optimizer = 'adem': expected one of adam, sgd (did you mean 'adam'?)");
}

TEST(ConfigurationTest, FormatAndReadRoundTrip) {
    Options written;
    written.tied = true;
    written.layers = 7;
    written.updates = 999'999'999'999;
    written.seed = 18446744073709551615ULL;
    written.dropout = 0.1 + 0.2;
    written.optimizer = "sgd";
    written.note = "[ein] = 'Satz' mit Ümläuten; \"und\" mehr";
    written.metrics = {"bleu", "chrf", "ter"};
    Options read;
    Configuration configuration = Configuration::parse(format_section("model.rnn", written.table()), "test.ini");
    configuration.read("model.rnn", read.table());
    EXPECT_EQ(format_section("model.rnn", read.table()), format_section("model.rnn", written.table()));
    EXPECT_EQ(read.dropout, written.dropout);
    EXPECT_EQ(read.note, written.note);
    EXPECT_EQ(read.metrics, written.metrics);
}

TEST(ConfigurationTest, FormatRefusesWhatAnIniFileCannotHold) {
    for (const char* note : {"data #2", "#2", "tab\t#", "two\nlines", " blank", "blank "}) {
        Options options;
        options.note = note;
        EXPECT_THROW(format_section("train", options.table()), Error) << note;
    }
}

TEST(ConfigurationTest, SectionsMayHoldDotsAndMayBeEmpty) {
    Configuration configuration =
        Configuration::parse("[data]\nsource = fr\n[model.dictionary]\n[ model.odd ]\n[model.rnn]\ncell = lstm\n", "test.ini");
    EXPECT_EQ(configuration.sections(), (std::vector<std::string>{"data", "model.dictionary", " model.odd ", "model.rnn"}));
    EXPECT_TRUE(configuration.has_section("model.dictionary"));
    EXPECT_FALSE(configuration.has_section("model"));
    EXPECT_TRUE(configuration.keys("model.dictionary").empty());
    EXPECT_EQ(configuration.keys("model.rnn"), (std::vector<std::string>{"cell"}));
    EXPECT_EQ(configuration.get("model.rnn.cell"), "lstm");
}

TEST(ConfigurationTest, AByteOrderMarkIsNoText) {
    Configuration configuration = Configuration::parse("\xef\xbb\xbf[a]\nx = 1\n", "file.ini");
    EXPECT_EQ(configuration.sections(), (std::vector<std::string>{"a"}));
    EXPECT_EQ(configuration.get("a.x"), "1");
}

TEST(ConfigurationTest, UnknownSectionsAreNamedAlsoWithoutKeys) {
    const Configuration configuration = Configuration::parse("[model]\n[model.a]\n[trainig]\n", "file.ini");
    EXPECT_NO_THROW(configuration.check_sections({"model", "trainig"}, {"model."}));
    EXPECT_EQ(message_of<Error>([&] {
                  configuration.check_sections({"model", "training"}, {"model."});
              }),
              "'file.ini': unknown section [trainig] (did you mean 'training'?)");
    EXPECT_THROW(configuration.check_sections({"model", "trainig"}), Error);
    EXPECT_THROW(Configuration::parse("[model.]\n", "x").check_sections({"model"}, {"model."}), Error);
}

TEST(ConfigurationTest, RefusesDuplicatesAndWhatIsNoIniFile) {
    EXPECT_EQ(parse_error("[a]\nx = 1\n[b]\nx = 1\n[a]\nx = 2\n"), "'test.ini': 'a.x' is given twice; keep one");
    EXPECT_EQ(parse_error("x = 1\n"), "'test.ini': 'x' stands outside a section; put it under a [section]");
    EXPECT_EQ(parse_error("[]\nx = 1\n"), "'test.ini', line 1: '[]' has no name; expected [section]");
    EXPECT_EQ(parse_error("[a]\n = 1\n"), "'test.ini': a line of [a] has no key before its '='");
    EXPECT_EQ(parse_error("[a]\njust words\n"), "'test.ini', line 2: expected '[section]' or 'key = value', found 'just words'");
    for (const char* const name : {"invalid_line", "value", "canonical_option", "prefix", "option"})
        EXPECT_NE(parse_error(fmt::format("%%{0}%% %{0}%\n", name)).find("line 1: expected"), std::string::npos) << name;
    EXPECT_EQ(parse_error("# nothing\n\n"), "");
}

TEST(ConfigurationTest, SetOverridesAndAdds) {
    Configuration configuration = Configuration::parse("[train]\nlayers = 2\n", "test.ini");
    configuration.set_assignment("train.layers=4");
    configuration.set_assignment("train.note=a=b");
    configuration.set("model.rnn.cell", "gru");
    EXPECT_EQ(configuration.get("train.layers"), "4");
    EXPECT_EQ(configuration.get("train.note"), "a=b");
    EXPECT_EQ(configuration.sections(), (std::vector<std::string>{"train", "model.rnn"}));
    EXPECT_EQ(configuration.keys("train"), (std::vector<std::string>{"layers", "note"}));
    for (const char* wrong : {"train.layers", "layers=4", ".layers=4", "train.=4", "=4", ""})
        EXPECT_THROW(configuration.set_assignment(wrong), UsageError) << wrong;
}

TEST(ConfigurationTest, GetAndCheckAllUsed) {
    Configuration configuration = Configuration::parse("[a]\nx = 1\ny = 2\n", "test.ini");
    EXPECT_TRUE(configuration.has("a.x"));
    EXPECT_FALSE(configuration.has("a.z"));
    EXPECT_EQ(configuration.get("a.x"), "1");
    EXPECT_EQ(configuration.get("a.z", "otherwise"), "otherwise");
    EXPECT_EQ(message_of<Error>([&] { configuration.get("a.z"); }), "'test.ini' has no value for a.z");
    EXPECT_EQ(message_of<Error>([&] { configuration.check_all_used(); }), "'test.ini': unknown key 'y' in [a]");
    EXPECT_EQ(configuration.get("a.y"), "2");
    EXPECT_NO_THROW(configuration.check_all_used());
}

TEST(ConfigurationTest, ReadLeavesAloneWhatWasReadByHand) {
    Options options;
    Configuration configuration = Configuration::parse("[train]\nextends = base\nlayers = 3\n", "test.ini");
    EXPECT_EQ(configuration.get("train.extends"), "base");
    configuration.read("train", options.table());
    EXPECT_EQ(options.layers, 3);
}

TEST(ConfigurationTest, LoadsAFileAndNamesIt) {
    const TemporaryFolder folder;
    write_file(folder / "a.ini", "[a]\nx = 1\n");
    Configuration configuration = Configuration::load(folder / "a.ini");
    EXPECT_EQ(configuration.name(), folder / "a.ini");
    EXPECT_EQ(configuration.get("a.x"), "1");
    EXPECT_NE(message_of<Error>([&] { Configuration::load(folder / "b.ini"); }).find("b.ini"), std::string::npos);
}

TEST(NearestNameTest, FindsTheNearestAndNothingFarAway) {
    const std::vector<std::string> known = {"beam-size", "batch-size", "layers"};
    EXPECT_EQ(nearest_name("batchsize", known), "batch-size");
    EXPECT_EQ(nearest_name("layers", known), "layers");
    EXPECT_EQ(nearest_name("optimizer", known), "");
    EXPECT_EQ(nearest_name("anything", {}), "");
    EXPECT_EQ(did_you_mean("beamsize", known), " (did you mean 'beam-size'?)");
    EXPECT_EQ(did_you_mean("optimizer", known), "");
    EXPECT_EQ(nearest_name("--beam-width", {"--input", "--beam"}), "--beam");
    EXPECT_EQ(nearest_name("--out", {"--input", "--output"}), "--output");
    EXPECT_EQ(nearest_name("--b", {"--input", "--batch-tokens"}), "");
}

TEST(ConfigurationTest, ANumberSignBeginsACommentBehindABlankAlone) {
    EXPECT_EQ(read_options("note = data#2.de # the second\n").note, "data#2.de");
    EXPECT_EQ(read_options("note = a#\t#b\n  # note = c\n#layers = 0\n").note, "a#");
    EXPECT_EQ(error_of("\nnote = # nothing\n"), "'test.ini', line 3: a comment stands where the value should; put it on a line of its own");
    Options written, read;
    written.note = "C# and a#b";
    Configuration configuration = Configuration::parse(format_section("train", written.table()), "test.ini");
    configuration.read("train", read.table());
    EXPECT_EQ(read.note, written.note);
}

} // namespace
} // namespace nmt
