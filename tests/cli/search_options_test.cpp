// nmt translate: how translations are searched for or sampled, what is written beside them, and what is refused.
#include "nmt/decoding/translator_options.hpp"
#include "tests/cli/tiny_model.hpp"

#include <filesystem>
#include <sstream>

namespace nmt::cli {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> split(const std::string& text, const std::string& separator = "\n") {
    std::vector<std::string> parts;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find(separator, begin), text.size());
        parts.push_back(text.substr(begin, end - begin));
        begin = end + separator.size();
    }
    return parts;
}

std::size_t words_of(const std::string& text) {
    std::istringstream stream(text);
    std::size_t count = 0;
    for (std::string word; stream >> word;) ++count;
    return count;
}

class SearchOptionsOfTranslate : public WithTinyModel {
  protected:
    Outcome translate(const std::string& options, const std::string& input) {
        return run("translate -q -t 1 --model " + model() + " " + options, input);
    }
    // Its lines; the program must succeed.
    std::vector<std::string> lines(const std::string& options, const std::string& input) {
        const Outcome outcome = translate(options, input);
        EXPECT_EQ(outcome.status, 0) << outcome.errors;
        EXPECT_EQ(outcome.errors, "");
        return split(outcome.output);
    }
    std::string test_text() { return read_file(tiny_.file("test.fr")); }

    // A hardly trained model without attention, with the same tokenizers, for the shell.
    std::string other_model() {
        const std::string folder = tiny_.file("other");
        if (!fs::exists(folder + "/model.safetensors")) {
            model();
            const Outcome trained =
                shell(folder_, "sed -e '/^attention-size/d; s/= rnn-attention/= word-by-word/; s/^max-updates = .*/max-updates = 40/' " +
                                   tiny_.config() + " > " + quoted(folder_.file("other.ini")) + " && " + quoted(NMT_PROGRAM) +
                                   " train -t 1 --config " + quoted(folder_.file("other.ini")) + " --model " + quoted(folder));
            EXPECT_EQ(trained.status, 0) << trained.errors;
        }
        return quoted(folder);
    }

    const std::string some_ = "un chat\n\ngrand chien vert\n";
};

TEST_F(SearchOptionsOfTranslate, Lengths) {
    // A piece of the target is a word.
    for (const std::string& line : lines("--min-length 12 -b 2", some_)) EXPECT_TRUE(line.empty() || words_of(line) >= 11) << line;
    for (const std::string& line : lines("--min-length-factor 2 --max-length-factor 3", some_))
        EXPECT_TRUE(line.empty() || words_of(line) >= 7) << line;
    for (const std::string& line : lines("--max-length 2 -b 1", some_)) EXPECT_LE(words_of(line), 2u) << line;
    EXPECT_EQ(lines("--max-length 500", test_text()), lines("", test_text()));
}

TEST_F(SearchOptionsOfTranslate, NoWordTwice) {
    for (const std::string& line : lines("--no-repeat-ngram 1 --min-length 30 -b 3", test_text())) {
        std::vector<std::string> words = split(line, " ");
        std::sort(words.begin(), words.end());
        EXPECT_EQ(std::adjacent_find(words.begin(), words.end()), words.end()) << line;
    }
}

TEST_F(SearchOptionsOfTranslate, ScoresFollowTheOptions) {
    const auto score = [&](const std::string& options) {
        const std::string line = lines("--n-best 2 --beam 4 --max-length 1 --word-scores " + options, "un chat\n").at(0);
        return std::pair(std::stod(line.substr(line.rfind("F0= ") + 4)), std::stod(line.substr(line.rfind("||| ") + 4)));
    };
    const auto [log_probability, average] = score("");
    EXPECT_NEAR(average, log_probability, 1e-6); // one token
    const auto wu = score("--length-normalization wu --length-penalty 3");
    EXPECT_NEAR(wu.second, wu.first, 1e-6);
    const auto covered = score("--coverage-penalty 0.5");
    EXPECT_LT(covered.second, covered.first);
    EXPECT_NE(lines("--length-penalty 0 -n 2", "un chat\n"), lines("--length-normalization wu -n 2", "un chat\n"));
}

TEST_F(SearchOptionsOfTranslate, Prefixes) {
    const std::string prefixes = folder_.write("prefixes", "green\n\nbig dog\n");
    const std::vector<std::string> found = lines("--prefix " + quoted(prefixes), some_ + "");
    ASSERT_EQ(found.size(), 3u);
    EXPECT_TRUE(found[0].starts_with("green")) << found[0];
    EXPECT_EQ(found[1], "");
    EXPECT_TRUE(found[2].starts_with("big dog")) << found[2];
    const std::string text = folder_.write("text", some_);
    EXPECT_EQ(split(translate("-i " + quoted(text) + " --prefix -", "green\n\nbig dog\n").output), found);
    const std::string blank = folder_.write("blank", "\n \n\n");
    EXPECT_EQ(lines("--prefix " + quoted(blank), some_), lines("", some_));

    const auto refuse = [&](const std::string& content, const std::string& options, const std::string& message) {
        const std::string output = quoted(folder_.file("output"));
        expect_failure(translate("-o " + output + " " + options + " --prefix " + quoted(folder_.write("bad", content)), some_), 1, message);
        EXPECT_FALSE(fs::exists(folder_.file("output")));
    };
    refuse("green\n\n", "", "the text has 3 lines, but there are 2 prefixes");
    refuse("green\n\n\n\n\n", "", "the text has 3 lines, but there are 5 prefixes");
    refuse("\n\none two three\n", "--max-length 3", "line 3: its prefix has 3 tokens");
    expect_failure(translate("--prefix /nowhere/prefixes", some_), 1, "/nowhere/prefixes");
    expect_failure(translate("--prefix -", some_), 2, "cannot both be standard input");
    expect_failure(translate("-i - --prefix ''", some_), 2, "cannot both be standard input");
}

// Normalization would change them, and the words xyzzy and 10\u00b2 the target tokenizer does not know.
TEST_F(SearchOptionsOfTranslate, PrefixesStandAsTheyWereGiven) {
    const std::vector<std::string> given{"green xyzzy", "big\uff0c", "10\u00b2 dog", " big  dog ", "big\u3000dog\u3000", "dog\u200b\xff"};
    std::string text, prefixes;
    for (const std::string& prefix : given) {
        text += "grand chien vert\n";
        prefixes += prefix + "\n";
    }
    for (const std::string options : {"", "-b 1 --alignment words --unknown copy", "--sampling --seed 2 --unknown allow", "-n 3"}) {
        const std::vector<std::string> found = lines(options + " --prefix " + quoted(folder_.write("prefixes", prefixes)), text);
        const std::size_t each = found.size() / given.size();
        ASSERT_EQ(each, options == "-n 3" ? 3u : 1u);
        for (std::size_t i = 0; i < found.size(); ++i) {
            const std::string translated = each > 1 ? found[i].substr(found[i].find("||| ") + 4) : found[i];
            EXPECT_TRUE(translated.starts_with(given[i / each])) << found[i];
        }
    }
}

TEST_F(SearchOptionsOfTranslate, UnknownWords) {
    const std::string text = "un chat\ngrand zorblax, vert\n";
    for (const std::string& line : lines("", text)) EXPECT_EQ(line.find("\u2047"), std::string::npos) << line;
    expect_failure(translate("--unknown keep", text), 2, "--unknown");
    expect_failure(run("translate -q -t 1 --unknown copy --model " + other_model(), text), 1, "unknown = copy needs attention");
    EXPECT_EQ(run("translate -q -t 1 --unknown allow --model " + other_model(), text).status, 0);

    // A dictionary of words has no entry for others.
    const std::string config = folder_.write(
        "dictionary.ini", fmt::format("[model]\narchitecture = dictionary\n[tokenizer]\ntype = word\nvocab-size = 50\nexact = false\n"
                                      "joint = false\n[training]\nmax-epochs = 1\n[data]\ntrain-source = {0}.fr\ntrain-target = {0}.en\n",
                                      tiny_.file("train")));
    const std::string dictionary = quoted(folder_.file("dictionary"));
    const Outcome trained = run("train -t 1 --config " + quoted(config) + " --model " + dictionary);
    ASSERT_EQ(trained.status, 0) << trained.errors;
    const auto translated = [&](const std::string& options, const std::string& summary) {
        const Outcome outcome = run("translate -t 1 --model " + dictionary + " " + options, text);
        EXPECT_NE(outcome.errors.find(summary), std::string::npos) << outcome.errors;
        return split(outcome.output).at(1);
    };
    EXPECT_EQ(translated("", "; 1 unknown words were left out"), "big green");
    EXPECT_EQ(translated("--unknown copy", "; 1 unknown words were replaced by the source words"), "big zorblax, green");
    EXPECT_EQ(translated("--unknown copy -b 1 --alignment words", "replaced"), "big zorblax, green ||| 0-0 1-1 2-2");
    EXPECT_EQ(translated("--unknown copy --sampling --temperature 0.01", "replaced"), "big zorblax, green");
    EXPECT_EQ(translated("--unknown allow", "; 1 unknown words stand as \u2047"), "big \u2047  green");
    EXPECT_EQ(run("translate -t 1 --model " + dictionary, "un chat\n").errors.find("unknown words"), std::string::npos);
}

TEST_F(SearchOptionsOfTranslate, Samples) {
    const std::string text = test_text();
    const std::vector<std::string> found = lines("--sampling --seed 3 --batch-size 64", text);
    EXPECT_EQ(found.size(), lines_of(text));
    EXPECT_EQ(lines("--sampling --seed 3 --batch-size 7 --window 9", text), found);
    EXPECT_EQ(split(run("translate -q -t 2 --model " + model() + " --sampling --seed 3", text).output), found);
    EXPECT_NE(lines("--sampling --seed 4", text), found);
    EXPECT_NE(lines("--sampling", text), found);
    EXPECT_NE(lines("", text), found);
    // The most probable token each time is greedy search.
    EXPECT_EQ(lines("--sampling --sampling-topk 1", text), lines("-b 1", text));
    EXPECT_EQ(lines("--sampling --sampling-topp 0.0001", text), lines("-b 1", text));
    EXPECT_EQ(lines("--sampling --temperature 0.0001", text), lines("-b 1", text));
    const std::vector<std::string> many = lines("--sampling --n-best 20", "un chat\n");
    ASSERT_EQ(many.size(), 20u);
    double previous = 0;
    for (const std::string& line : many) {
        const double score = std::stod(line.substr(line.rfind("||| ") + 4));
        EXPECT_LE(score, previous);
        previous = score;
    }
}

TEST_F(SearchOptionsOfTranslate, SamplingThatIsWronglyAskedFor) {
    expect_failure(translate("--sampling --beam 5", some_), 2, "--beam has no effect with --sampling");
    for (const std::string option : {"--sampling-topk 3", "--sampling-topp 0.5", "--temperature 0.5", "--seed 7"})
        expect_failure(translate(option, some_), 2, option.substr(0, option.find(' ')) + " has no effect without --sampling");
    expect_failure(translate("--sampling --temperature 0", some_), 2, "--temperature");
    expect_failure(translate("--sampling --temperature=-1", some_), 2, "--temperature");
    expect_failure(translate("--sampling --temperature nan", some_), 2, "--temperature");
    expect_failure(translate("--sampling --sampling-topp 0", some_), 2, "--sampling-topp");
    expect_failure(translate("--sampling --sampling-topp 1.5", some_), 2, "--sampling-topp");
    expect_failure(translate("--sampling --sampling-topk=-1", some_), 2, "--sampling-topk");
    expect_failure(translate("--sampling --seed=-1", some_), 2, "--seed");
}

TEST_F(SearchOptionsOfTranslate, AnEnsembleOfAModelWithItselfIsTheModel) {
    const std::string options = "--n-best 3 --word-scores --alignment pieces --coverage-penalty 0.2", text = test_text();
    const std::vector<std::string> alone = lines(options, text);
    EXPECT_EQ(lines(options + " --model " + model(), text), alone);
    EXPECT_EQ(lines(options + " --model " + model() + " -m " + model() + " --weights 0.2 3 1", text), alone);
    // A model of another architecture changes the probabilities, with its weight.
    const std::vector<std::string> both = lines(options + " -m " + other_model(), text);
    EXPECT_NE(both, alone);
    EXPECT_NE(lines(options + " -m " + other_model() + " --weights 3 1", text), both);
    EXPECT_EQ(lines(options + " -m " + other_model() + " --weights 2 2", text), both);
    EXPECT_EQ(lines("-m " + other_model() + " --weights 1000000 0.000001", text), lines("", text));
}

TEST_F(SearchOptionsOfTranslate, EnsemblesThatDoNotFit) {
    expect_failure(translate("--weights 1", some_), 2, "--weights has no effect with one --model");
    expect_failure(translate("-m " + other_model() + " --weights 1", some_), 2, "1 --weights for 2 models");
    expect_failure(translate("-m " + other_model() + " --weights 1 0", some_), 2, "expected a number above 0");
    expect_failure(translate("-m " + other_model() + " --weights 1 much", some_), 2, "--weights = 'much'");
    expect_failure(translate("-m /nowhere/model", some_), 1, "/nowhere/model");
    // Another target tokenizer of the same size: the pieces of a text with one word replaced.
    const std::string copy = folder_.file("copy");
    fs::remove_all(copy);
    const Outcome made = shell(folder_, "cp -r " + other_model() + " " + quoted(copy) + " && sed 's/cat/cow/g' " +
                                            tiny_.quoted_file("train.en") + " > " + quoted(folder_.file("cow.en")) + " && " +
                                            quoted(NMT_PROGRAM) + " tokenizer train -i " + quoted(folder_.file("cow.en")) + " -m " +
                                            quoted(copy + "/target.model") + " --type word --vocab-size 50 --no-exact");
    ASSERT_EQ(made.status, 0) << made.errors;
    expect_failure(translate("-m " + quoted(copy), some_), 1, "is not the tokenizer that the weights");
    // As an earlier version wrote it, which did not record the tokenizers.
    const SafetensorsFile file(copy + "/model.safetensors");
    write_safetensors(copy + "/model.safetensors", file.entries());
    expect_failure(translate("-m " + quoted(copy), some_), 1, "are different target tokenizers");
}

TEST_F(SearchOptionsOfTranslate, AlignmentsAndWordScores) {
    const std::vector<std::string> plain = lines("", some_);
    for (const std::string unit : {"words", "pieces"}) {
        const std::vector<std::string> found = lines("--alignment " + unit, "  un   chat\n\ngrand chien vert\n");
        ASSERT_EQ(found.size(), 3u);
        EXPECT_EQ(found[1], " ||| ");
        for (const std::size_t i : {0u, 2u}) {
            const std::vector<std::string> parts = split(found[i], " ||| ");
            ASSERT_EQ(parts.size(), 2u) << found[i];
            EXPECT_EQ(parts[0], plain[i]);
            const std::vector<std::string> links = split(parts[1], " ");
            if (unit == "words") {
                EXPECT_EQ(links.size(), words_of(plain[i])); // a target piece is a word, and has one source word
            }
            const std::size_t source_words = i == 0 ? 2 : 3;
            for (const std::string& link : links) {
                const std::size_t dash = link.find('-');
                ASSERT_NE(dash, std::string::npos) << link;
                EXPECT_LT(std::stoul(link.substr(0, dash)), unit == "words" ? source_words : 30) << found[i];
                EXPECT_LT(std::stoul(link.substr(dash + 1)), words_of(plain[i])) << found[i];
            }
        }
    }
    const std::vector<std::string> scored = lines("--word-scores", some_), best = lines("--word-scores --alignment words -n 2", some_);
    EXPECT_EQ(scored[1], " ||| WordScores=");
    const std::vector<std::string> parts = split(scored[0], " ||| ");
    ASSERT_EQ(parts.size(), 2u);
    EXPECT_TRUE(parts[1].starts_with("WordScores= -")) << scored[0];
    EXPECT_EQ(words_of(parts[1]), 1 + words_of(plain[0]) + 1); // its name, the words, </s>
    const std::vector<std::string> n_best = split(best[0], " ||| ");
    ASSERT_EQ(n_best.size(), 6u) << best[0];
    EXPECT_EQ(n_best[0], "0");
    EXPECT_EQ(n_best[1], plain[0]);
    EXPECT_EQ(n_best[3], parts[1]);
    EXPECT_TRUE(n_best[4].starts_with("F0= ")) << best[0];
}

TEST_F(SearchOptionsOfTranslate, WithoutAttention) {
    const std::string translate_other = "translate -q -t 1 --model " + other_model() + " ";
    // Blank lines alone would not need the model, and are refused all the same.
    for (const std::string& text : {some_, std::string("\n\n"), std::string()}) {
        expect_failure(run(translate_other + "--alignment words", text), 1, "an alignment needs attention");
        expect_failure(run(translate_other + "--coverage-penalty 0.1", text), 1, "a coverage penalty needs attention");
    }
    expect_failure(run(translate_other + "-m " + other_model() + " --alignment words", some_), 1, "none of the models");
    EXPECT_EQ(run(translate_other + "--word-scores", some_).status, 0);
}

TEST_F(SearchOptionsOfTranslate, WrongUsage) {
    expect_failure(translate("--min-length 5 --max-length 4", some_), 2, "min-length = 5 is more than max-length = 4");
    expect_failure(translate("--min-length=-1", some_), 2, "--min-length");
    expect_failure(translate("--length-normalization median", some_), 2, "--length-normalization");
    expect_failure(translate("--coverage-penalty=-1", some_), 2, "--coverage-penalty");
    expect_failure(translate("--no-repeat-ngram two", some_), 2, "--no-repeat-ngram");
    expect_failure(translate("--alignment letters", some_), 2, "--alignment");
    expect_failure(translate("--alignment", some_), 2, "--alignment");
}

TEST_F(SearchOptionsOfTranslate, EqualLinesAreCounted) {
    const Outcome outcome = run("translate -t 1 --model " + model(), "un\ndeux\nun\n\nun\n\n");
    const std::vector<std::string> found = split(outcome.output);
    ASSERT_EQ(found.size(), 6u);
    EXPECT_EQ(found[0], found[2]);
    EXPECT_EQ(found[0], found[4]);
    EXPECT_NE(outcome.errors.find("; 2 lines were equal to others"), std::string::npos) << outcome.errors;
    EXPECT_EQ(run("translate -t 1 --model " + model(), "un\ndeux\n\n\n").errors.find("equal to others"), std::string::npos);
}

TEST_F(SearchOptionsOfTranslate, HelpIsInGroups) {
    const std::string help = run("translate --help").output;
    for (const std::string title : {"\nOptions:\n", "\nWhat is written:\n", "\nSearch:\n", "\nSampling:\n", "\nBatches:\n"})
        EXPECT_NE(help.find(title), std::string::npos) << title;
    // All that a configuration can say of translating is an option, too.
    TranslatorOptions options;
    const OptionTable table = table_of(options);
    for (const OptionTable::Option& option : table.options())
        EXPECT_NE(help.find("--" + option.name + " "), std::string::npos) << option.name;
}

} // namespace
} // namespace nmt::cli
