// Several sentences on a line, from training to translating.
#include "nmt/base/random.hpp"
#include "tests/cli/tiny_model.hpp"

#include <filesystem>

namespace nmt::cli {
namespace {

using Lines = std::vector<std::string>;

class Sentences : public WithTinyModel {
  protected:
    // The text of the tiny model's test, each line with a mark at its end.
    Lines sentences() {
        Lines lines = read_lines(tiny_.file("test.fr"));
        for (std::size_t i = 0; i < lines.size(); ++i) lines[i] += i % 3 == 0 ? "." : i % 3 == 1 ? "!" : " ?";
        return lines;
    }

    // Lines of 2 to 6 sentences, and what they are joined with.
    void make_lines(std::uint64_t count) {
        const Lines all = sentences();
        const Lines separators{" ", "  ", "\t"};
        Random random(5);
        for (std::uint64_t i = 0; i < count; ++i) {
            const std::uint64_t length = 2 + random.below(5);
            for (std::uint64_t k = 0; k < length; ++k) {
                alone_.push_back(all[random.below(all.size())]);
                separators_.push_back(k == 0 ? "\n" : separators[random.below(separators.size())]);
            }
        }
    }

    // A text of one part for each sentence, joined as the lines are.
    std::string joined(const Lines& parts) const {
        std::string text;
        for (std::size_t i = 0; i < parts.size(); ++i) text += (i == 0 ? "" : separators_[i]) + parts[i];
        return text + "\n";
    }

    Outcome translate(const std::string& options, const std::string& text) {
        return run("translate -t 1 -m " + model() + " " + options, text);
    }

    Lines alone_, separators_;
};

TEST_F(Sentences, MadeLinesComeOutAsTheirSentencesAlone) {
    make_lines(60);
    const std::string one_a_line = folder_.write("alone", fmt::format("{}\n", fmt::join(alone_, "\n")));
    const Outcome alone = translate("-q -i " + quoted(one_a_line) + " -o " + quoted(folder_.file("translated")), "");
    ASSERT_EQ(alone.status, 0) << alone.errors;
    const Lines translated = read_lines(folder_.file("translated"));
    ASSERT_EQ(translated.size(), alone_.size());
    const std::string expected = joined(translated);
    for (const char* options : {"", "--sentences auto", "--sentences split"}) {
        const Outcome found = translate(options, joined(alone_));
        EXPECT_EQ(found.status, 0);
        EXPECT_EQ(found.output, expected) << options;
        EXPECT_NE(found.errors.find("are translated sentence by sentence (--sentences whole"), std::string::npos) << found.errors;
        EXPECT_NE(found.errors.find("; 60 lines were translated sentence by sentence"), std::string::npos) << found.errors;
        EXPECT_EQ(translate("-q", joined(alone_)).errors, "");
    }
    const Outcome whole = translate("--sentences whole", joined(alone_));
    EXPECT_NE(whole.output, expected);
    EXPECT_EQ(whole.errors.find("sentence by sentence"), std::string::npos) << whole.errors;
}

TEST_F(Sentences, WhereAutoRefrainsItSaysSo) {
    const std::string text = "un chat. deux chiens!\n";
    for (const char* options : {"--n-best 2", "--sampling"}) {
        const Outcome found = translate(options, text);
        EXPECT_NE(found.errors.find("are translated whole with --prefix, --n-best and --sampling"), std::string::npos) << found.errors;
        EXPECT_NE(found.errors.find("; 1 lines of several sentences were translated whole"), std::string::npos) << found.errors;
    }
    EXPECT_EQ(translate("--n-best 2", "un chat.\n").errors.find("whole"), std::string::npos);
    expect_failure(translate("--sentences some", text), 2, "--sentences");
}

TEST_F(Sentences, TheModelTellsHowManyItsTrainingHeld) {
    const std::string tells = "99 % of the source lines of its training hold at most ";
    EXPECT_NE(run("inspect -m " + model()).output.find(tells + "1\n"), std::string::npos);
    // Copies keep it.
    const std::string int8 = folder_.file("int8"), mean = folder_.file("mean"), copy = folder_.file("copy");
    std::filesystem::copy(tiny_.file("model"), copy, std::filesystem::copy_options::recursive);
    ASSERT_EQ(run("quantize -m " + model() + " -o " + quoted(int8)).status, 0);
    ASSERT_EQ(run("average -m " + model() + " " + quoted(copy) + " -o " + quoted(mean)).status, 0);
    for (const std::string& folder : {int8, mean})
        EXPECT_NE(run("inspect -m " + quoted(folder)).output.find(tells + "1\n"), std::string::npos);
}

// A training on lines of three sentences; in an ensemble the largest number counts.
TEST_F(Sentences, LinesAsTheModelKnowsThemStayWhole) {
    const auto three_a_line = [&](const std::string& language) {
        std::string text;
        for (const std::string& line : read_lines(tiny_.file("train." + language))) text += line + ". " + line + "! " + line + ".\n";
        return quoted(folder_.write("three." + language, text));
    };
    const std::string documents = quoted(folder_.file("documents"));
    const Outcome trained = run("train -t 1 --config " + tiny_.config() + " --model " + documents + " --set training.max-updates=2" +
                                " --set data.train-source=" + three_a_line("fr") + " --set data.train-target=" + three_a_line("en"));
    ASSERT_EQ(trained.status, 0) << trained.errors;
    EXPECT_NE(run("inspect -m " + documents).output.find("hold at most 3\n"), std::string::npos);
    const std::string three = "un chat. un chien! deux.\n", four = "un chat. un chien! deux. trois.\n";
    for (const std::string& models : {"-m " + documents, "-m " + documents + " -m " + model()}) {
        EXPECT_EQ(run("translate -t 1 " + models, three).errors.find("sentence by sentence"), std::string::npos);
        EXPECT_NE(run("translate -t 1 " + models, four).errors.find("; 1 lines were translated sentence by sentence"), std::string::npos);
    }
}

} // namespace
} // namespace nmt::cli
