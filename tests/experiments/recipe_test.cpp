#include "nmt/experiments/recipe.hpp"

#include "nmt/base/input_file.hpp"
#include "nmt/base/output_file.hpp"
#include "nmt/models/registry.hpp"
#include "tests/base/test_support.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace nmt {
namespace {

namespace fs = std::filesystem;

// The recipes of this source tree.
fs::path recipes() { return fs::path(NMT_SOURCE_DIR) / "recipes"; }

const std::string kText = R"(
[recipe]
name = tiny
title = A title
seeds = 3 1
[data]
generator = phrasebook
lines = 400
[tokenizer]
type = word
[training]
learning-rate = 0.5
max-epochs = 2
[training.second]
max-epochs = 7
[search]
beam = 3
[model.first]
architecture = dictionary
[model.second]
architecture = rnn
hidden-size = 24
[examples]
b = Bonjour .
a = Merci .
)";

Recipe parse(const std::string& text) { return Recipe::parse(text, "test.ini", "/some/folder"); }

std::string failure(const std::string& text) {
    const std::string message = message_of<Error>([&] { parse(text); });
    EXPECT_NE(message.find("test.ini"), std::string::npos) << message;
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
    return message;
}

// kText with one part replaced.
std::string with(const std::string& old, const std::string& replacement) {
    std::string text = kText;
    return text.replace(text.find(old), old.size(), replacement);
}

TEST(Recipe, AModelMayBeginAsAnother) {
    const std::string second = "[model.third]\n[training.third]\nfrom = second\n";
    Recipe recipe = parse(kText + second + "learning-rate = 0.1\n");
    ASSERT_EQ(recipe.models.size(), 3u);
    EXPECT_EQ(recipe.models[2].training.from, "second");
    EXPECT_EQ(recipe.models[2].training.optimizer.learning_rate, 0.1);
    EXPECT_EQ(format_model_options(recipe.models[2].model), format_model_options(recipe.models[1].model)); // an rnn of 24
    EXPECT_EQ(recipe.find_model("third"), &recipe.models[2]);
    EXPECT_EQ(recipe.find_model("fourth"), nullptr);
    recipe = parse(kText + "[model.third]\ndropout = 0.7\n[training.third]\nfrom = second\n");
    EXPECT_EQ(recipe.models[2].model.dropout, 0.7);
    EXPECT_EQ(recipe.models[2].model.hidden_size, 24);
    const std::string wider = failure(kText + "[model.third]\nhidden-size = 32\n[training.third]\nfrom = second\n");
    EXPECT_NE(wider.find("[model.third]: model.hidden-size = 32 does not fit 'second'"), std::string::npos) << wider;
    EXPECT_NE(failure(kText + "[training.first]\nfrom = second\n").find("must stand before it"), std::string::npos);
    EXPECT_NE(failure(kText + "[model.third]\n[training.third]\nfrom = third\n").find("must stand before it"), std::string::npos);
    EXPECT_NE(failure(kText + "[model.third]\n[training.third]\nfrom = general\n").find("no '/some/folder/general/config.ini'"),
              std::string::npos);
}

TEST(Recipe, IsRead) {
    const Recipe recipe = parse(kText);
    EXPECT_EQ(recipe.name, "tiny");
    EXPECT_EQ(recipe.title, "A title");
    EXPECT_EQ(recipe.seeds, (std::vector<std::uint64_t>{3, 1}));
    EXPECT_EQ(recipe.data.generator, "phrasebook");
    EXPECT_EQ(recipe.data.lines, 400);
    EXPECT_EQ(recipe.tokenizer.type, "word");
    EXPECT_EQ(recipe.translation.search.beam, 3);
    EXPECT_EQ(recipe.folder, "/some/folder");
    EXPECT_EQ(recipe.examples, (std::vector<std::string>{"Bonjour .", "Merci ."})); // in the order of the file
    ASSERT_EQ(recipe.models.size(), 2u);
    EXPECT_EQ(recipe.models[0].name, "first");
    EXPECT_EQ(recipe.models[0].training.max_epochs, 2);
    EXPECT_EQ(recipe.models[1].name, "second");
    EXPECT_EQ(recipe.models[1].model.hidden_size, 24);
    EXPECT_EQ(recipe.models[1].training.max_epochs, 7);
    EXPECT_EQ(recipe.models[1].training.optimizer.learning_rate, 0.5);
}

TEST(Recipe, SeedsHaveADefault) { EXPECT_EQ(parse(with("seeds = 3 1\n", "")).seeds, std::vector<std::uint64_t>{1}); }

TEST(Recipe, MistakesAreNamed) {
    const auto expect = [](const std::string& text, const std::string& part) {
        const std::string message = failure(text);
        EXPECT_NE(message.find(part), std::string::npos) << message;
    };
    expect(with("title", "titel"), "did you mean 'title'?");
    expect(with("[search]\nbeam", "[search]\nbaem"), "did you mean 'beam'?");
    expect(with("[search]", "[serch]"), "serch");
    expect(with("[training.second]", "[training.third]"), "training.third");
    expect(with("[examples]", "[exmaples]"), "exmaples");
    expect(with("[examples]", "[trainig]\n[examples]"), "unknown section [trainig] (did you mean 'training'?)");
    expect(with("[model.first]", "[model.lock]"), "[model.lock]: that name is taken");
    const std::string files = "source = en\ntarget = de\ntrain = t\nvalid = v\ntests = ";
    expect(with("generator = phrasebook\nlines = 400", files + "a b a"), "names 'a' twice");
    expect(with("hidden-size = 24", "hidden-size = 0"), "model.second.hidden-size");
    expect(with("name = tiny\n", ""), "recipe.name");
    expect(with("seeds = 3 1", "seeds = 3 x"), "'x'");
    expect(with("seeds = 3 1", "seeds = 3 -1"), "'-1'");
    expect(with("seeds = 3 1", "seeds = 3 3"), "given twice");
    expect(with("seeds = 3 1", "seeds ="), "at least one");
    expect(with("[model.first]", "[model.a/b]"), "folder's name");
    expect(with("lines = 400", "train = train"), "generator");
    expect(with("lines = 400", "suffix = .gz"), "generator");
    expect(with("generator = phrasebook\n", ""), "or a generator");
    expect(with("generator = phrasebook\nlines = 400", "source = en\ntarget = de\ntrain = t\nvalid = v\ntests = a\nlines = 4"), "lines");
    expect(with("generator = phrasebook\nlines = 400", "source = en\ntarget = de\ntrain = t\nvalid = v\ntests = a\nurl = https://x"),
           "checksums");
    expect(with("learning-rate = 0.5", "seed = 5"), "recipe.seeds");
    expect(with("max-epochs = 7", "seed = 5"), "recipe.seeds");
    expect(with("beam = 3", "n-best = 2"), "n-best");
    expect(with("beam = 3", "min-length = 5\nmax-length = 4"), "[search]: min-length = 5 is more than max-length = 4");
    expect("[recipe]\nname = x\n[data]\ngenerator = phrasebook\n", "[model.NAME]");
}

TEST(Recipe, NamesOfFilesStayInTheirFolders) {
    const auto expect = [](const std::string& text, const std::string& part) {
        const std::string message = failure(text);
        EXPECT_NE(message.find(part), std::string::npos) << text << "\n" << message;
    };
    for (const char* const name : {"../x", "../../x", "/home/me/x", "a/b", "..", ".x"})
        expect(with("name = tiny", fmt::format("name = {}", name)), fmt::format("recipe.name = '{}' is to name the folder", name));
    const std::vector<std::pair<std::string, std::string>> whole = {{"source", "en"}, {"target", "de"}, {"train", "t"},
                                                                    {"valid", "v"},   {"tests", "a b"}, {"suffix", ".gz"}};
    const auto data = [&](const std::string& key, const std::string& value) {
        std::string section;
        for (const auto& [name, usual] : whole) section += fmt::format("{} = {}\n", name, name == key ? value : usual);
        return with("generator = phrasebook\nlines = 400\n", key.empty() ? fmt::format("{}{}\n", section, value) : section);
    };
    EXPECT_EQ(parse(data("", "")).data.tests.size(), 2u);
    expect(data("train", "/home/me/"), "data.train = '/home/me/' makes the file name '/home/me/.en.gz'");
    expect(data("source", "../../bashrc"), "makes the file name 't.../../bashrc.gz'");
    expect(data("target", "x/y"), "makes the file name 't.x/y.gz'");
    expect(data("valid", "../v"), "data.valid = '../v'");
    expect(data("valid", ".v"), "data.valid = '.v'");
    expect(data("tests", "a ../b"), "data.tests = '../b'");
    expect(data("tests", "a examples"), "'examples'");
    expect(data("suffix", "/../../x"), "makes the file name 't.en/../../x'");
    expect(data("target", "en"), "both 'en'");
    expect(data("", "checksums = ../sums"), "data.checksums = '../sums'");
    expect(data("", "checksums = /etc/passwd"), "data.checksums = '/etc/passwd'");
    for (const char* const url : {"http://x", "file:///etc", "ftp://x", "x", "HTTPS:/x"})
        expect(data("", fmt::format("checksums = sums\nurl = {}", url)), "expected an address that begins with https://");
    EXPECT_EQ(parse(data("", "checksums = sums\nurl = https://x")).data.url, "https://x");
    expect(with("[model.first]", "[model..first]"), "folder's name");
    expect(with("[model.first]", fmt::format("[model.{}]", std::string(300, 'x'))), "folder's name");
}

TEST(Recipe, IsTextThatCanBeShown) {
    EXPECT_NE(failure(with("Bonjour", "D\xe9j\xe0")).find("line 24: 'b = D\xe9j\xe0 .' is not UTF-8; save the file as UTF-8"),
              std::string::npos);
    EXPECT_NE(failure(with("model.first", "model.pr\xe9mier")).find("is not UTF-8"), std::string::npos);
    EXPECT_NE(failure(with("A title", "A \x1b[31mtitle")).find("line 4: "), std::string::npos);
    EXPECT_EQ(parse(with("Bonjour", "Déjà")).examples[0], "Déjà .");
    std::string windows;
    for (const char c : kText) windows += c == '\n' ? "\r\n" : std::string(1, c);
    EXPECT_EQ(parse(windows).title, "A title");
}

TEST(Recipe, AKeyInTheWrongPlaceIsToldItsOwn) {
    const auto expect = [](const std::string& text, const std::string& part) {
        const std::string message = failure(text);
        EXPECT_NE(message.find(part), std::string::npos) << text << "\n" << message;
    };
    expect(with("[training.second]", "[training.secnd]"),
           "[training.secnd] belongs to no model (did you mean 'training.second'?); the recipe has no [model.secnd]");
    expect(with("[training.second]\nmax-epochs = 7\n", "[training.x]\n"), "[training.x] belongs to no model");
    expect(with("learning-rate = 0.5", "heads = 4"), "unknown key 'heads' in [training]; it belongs to [model.NAME]");
    expect(with("hidden-size = 24", "max-epochs = 3"), "unknown key 'max-epochs' in [model.second]; it belongs to [training]");
    expect(with("beam = 3", "seeds = 3"), "unknown key 'seeds' in [search]; it belongs to [recipe]");
    expect(with("lines = 400", "train-source = x"), "unknown key 'train-source' in [data]; a recipe says train and valid in [data]");
    expect(with("lines = 400", "languages = en de"), "give source and target of [data]");
    expect(with("lines = 400", "test = x"), "give tests of [data]");
    expect(with("max-epochs = 2", "epochs = 2"), "did you mean 'max-epochs'?");
    expect(with("[model.second]", "[model]"), "[model] needs a name: [model.NAME]");
    expect(with("[model.second]", "[modle.second]"), "did you mean 'model.second'?");
    expect("[model]\narchitecture = rnn\n[data]\ntrain-source = x\n", "'nmt train --config test.ini' trains it");
}

TEST(Recipe, ItsKeysAreExplained) {
    const std::string keys = explain_recipe_keys();
    const Configuration configuration = Configuration::parse(keys, "keys");
    for (const char* const key : {"recipe.name", "recipe.seeds", "data.train", "data.url", "tokenizer.vocab-size", "search.beam",
                                  "evaluation.tokenize", "budget.minutes", "training.max-epochs", "model.NAME.architecture", "examples.1"})
        EXPECT_TRUE(configuration.has(key)) << key;
    EXPECT_TRUE(configuration.has_section("training.NAME"));
    EXPECT_NE(keys.find("\n# words of BLEU"), std::string::npos);
}

TEST(Recipe, LoadNamesTheFile) {
    TemporaryFolder folder;
    EXPECT_NE(message_of<Error>([&] { Recipe::load(folder / "none.ini"); }).find("none.ini"), std::string::npos);
    write_file(folder / "tiny.ini", kText);
    EXPECT_EQ(Recipe::load(folder / "tiny.ini").folder, folder.path());
}

TEST(Recipe, QuickstartIsTheFileUnderRecipes) {
    const Recipe built_in = Recipe::quickstart(), file = Recipe::load(recipes() / "quickstart" / "recipe.ini");
    EXPECT_EQ(built_in.name, file.name);
    EXPECT_EQ(built_in.title, file.title);
    EXPECT_EQ(built_in.seeds, file.seeds);
    EXPECT_EQ(built_in.data.generator, file.data.generator);
    EXPECT_EQ(built_in.examples, file.examples);
    EXPECT_FALSE(file.examples.empty());
    ASSERT_EQ(built_in.models.size(), file.models.size());
    ASSERT_EQ(file.models.size(), 5u);
    for (std::size_t i = 0; i < file.models.size(); ++i) {
        const auto text = [](const Recipe& recipe, const RecipeModel& model) {
            return model.name + "\n" + TrainingSetup{model.model, recipe.tokenizer, model.training, {}}.format();
        };
        EXPECT_EQ(text(built_in, built_in.models[i]), text(file, file.models[i]));
    }
}

TEST(Recipe, TheWordsOfBleuAreThoseOfValidationToo) {
    EXPECT_EQ(parse(kText).tokenize, "13a");
    EXPECT_EQ(parse(kText).models[0].training.valid_tokenize, "13a");
    const Recipe recipe = parse(with("[search]", "[evaluation]\ntokenize = none\n[search]"));
    EXPECT_EQ(recipe.tokenize, "none");
    EXPECT_EQ(recipe.models[1].training.valid_tokenize, "none");
    EXPECT_NE(failure(with("[search]", "[evaluation]\ntokenize = moses\n[search]")).find("unknown tokenizer of BLEU 'moses'"),
              std::string::npos);
}

TEST(Recipe, ABudgetOfMinutesIsEachTrainingsOnlyEnd) {
    std::string text = with("[search]", "[budget]\nparameters = 200000\nminutes = 2.5\n[search]");
    for (const std::string end : {"max-epochs = 2\n", "max-epochs = 7\n"}) text.erase(text.find(end), end.size());
    const Recipe recipe = parse(text);
    EXPECT_EQ(recipe.budget.parameters, 200000);
    EXPECT_EQ(recipe.budget.minutes, 2.5);
    for (const RecipeModel& model : recipe.models) {
        EXPECT_EQ(model.training.max_minutes, 2.5);
        EXPECT_EQ(model.training.patience, 0);
        EXPECT_EQ(model.training.max_epochs, 0);
    }
    EXPECT_EQ(parse(kText).budget.parameters, 0);
    const auto expect = [&](const std::string& old, const std::string& replacement, const std::string& part) {
        std::string changed = text;
        changed.replace(changed.find(old), old.size(), replacement);
        const std::string message = failure(changed);
        EXPECT_NE(message.find(part), std::string::npos) << message;
    };
    expect("[training]\n", "[training]\nmax-epochs = 3\n", "training.max-epochs has no effect beside budget.minutes");
    expect("[training]\n", "[training]\npatience = 3\n", "training.patience has no effect");
    expect("[training]\n", "[training]\nmax-minutes = 3\n", "training.max-minutes has no effect");
    expect("[training.second]\n", "[training.second]\nmax-updates = 3\n", "training.second.max-updates has no effect");
    expect("parameters = 200000", "parameters = -1", "budget.parameters");
    expect("parameters = 200000", "paramters = 1", "did you mean 'parameters'?");
    expect("architecture = rnn\nhidden-size = 24", "architecture = dictionary", "none of the models has widths");
}

class PublishedText : public testing::TestWithParam<const char*> {};

TEST_P(PublishedText, HasItsChecksums) {
    const Recipe recipe = Recipe::load(recipes() / GetParam());
    EXPECT_FALSE(recipe.data.url.empty());
    EXPECT_GE(recipe.seeds.size(), 1u);
    std::size_t needed = 0;
    const std::string sums = "\n" + read_file(recipe.folder / recipe.data.checksums);
    std::vector<std::string> names = recipe.data.tests;
    names.insert(names.end(), {recipe.data.train, recipe.data.valid});
    for (const std::string& name : names)
        for (const std::string& language : {recipe.data.source, recipe.data.target}) {
            const std::size_t at = sums.find("  " + name + "." + language + recipe.data.suffix + "\n");
            ASSERT_NE(at, std::string::npos) << name << " " << language;
            EXPECT_EQ(sums.rfind('\n', at) + 65, at) << "64 digits stand before the name";
            ++needed;
        }
    EXPECT_GE(needed, 6u);
}

INSTANTIATE_TEST_SUITE_P(Recipes, PublishedText,
                         testing::Values("multi30k/recipe.ini", "multi30k/comparison.ini", "multi30k/twelve-minutes.ini",
                                         "multi30k-tok/recipe.ini"));

TEST(Recipe, ComparisonsHaveAllArchitecturesAndABudget) {
    for (const char* folder : {"quickstart", "multi30k"}) {
        const Recipe recipe = Recipe::load(recipes() / folder / "comparison.ini");
        EXPECT_NE(recipe.budget.parameters > 0, recipe.budget.minutes > 0);
        EXPECT_GE(recipe.seeds.size(), 3u);
        std::vector<std::string> compared, known;
        for (const RecipeModel& model : recipe.models) compared.push_back(model.model.architecture);
        for (const Architecture& architecture : architectures()) known.emplace_back(architecture.name);
        std::sort(compared.begin(), compared.end());
        std::sort(known.begin(), known.end());
        EXPECT_EQ(compared, known);
    }
}

} // namespace
} // namespace nmt
