// Lines of several sentences on their way through the translator.
#include "nmt/base/error.hpp"
#include "nmt/decoding/translator.hpp"
#include "tests/base/test_support.hpp"
#include "tests/decoding/toy_model.hpp"
#include "tests/decoding/toy_tokenizer.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace nmt {
namespace {

using Lines = std::vector<std::string>;

// A translator that copies its source, and aligns each token with itself.
struct Copies {
    explicit Copies(const TranslatorOptions& options) : translator(toy.model, tokenizer(), tokenizer(), options) {}

    std::string one(const std::string& line) { return translator.translate({line})[0]; }
    std::string links(const std::string& line) { return to_pharaoh(translator.translate_n_best({line})[0][0].alignment); }
    const TranslationStatistics& statistics() const { return translator.statistics(); }

    Toy toy{vocabulary(), copy_logit(), 1, diagonal_attention()};
    Translator translator;
};

// Options one by one: in braces GCC 12 takes their texts for uninitialized.
TranslatorOptions options_of(const std::string& sentences, int beam = 5, int n_best = 1) {
    TranslatorOptions options;
    options.sentences = sentences;
    options.search.beam = beam;
    options.search.n_best = n_best;
    return options;
}

TEST(Sentences, AreTranslatedAloneAndJoinedAsTheyWere) {
    Copies split(options_of("split", 2));
    for (const std::string line :
         {"the cat sees the dog.  the dog!\tthe cat?", "你好。你好。 你好。", "A dog. \u00a0\u3000The cat.", "the dog . the cat ?"}) {
        EXPECT_EQ(split.one(line), line);
        EXPECT_EQ(split.one(" \t" + line + " \r"), line);
    }
    EXPECT_EQ(split.statistics().lines, 8u);
    EXPECT_EQ(split.statistics().sentence_lines, 8u);
    EXPECT_EQ(split.statistics().segments, 20u);
    EXPECT_EQ(split.statistics().split_lines, 0u);
    EXPECT_EQ(split.statistics().unusual_lines, 0u);
    EXPECT_EQ(split.one("Dr. A sees the dog."), "Dr. A sees the dog.");
    EXPECT_EQ(split.statistics().sentence_lines, 8u);
    EXPECT_EQ(split.one("the cat.\nthe dog."), "the cat. the dog."); // a translation is one line
    // Whole, the tokenizer makes one blank of several.
    Copies whole(options_of("whole", 2));
    EXPECT_EQ(whole.one("the cat.  the dog!"), "the cat. the dog!");
    EXPECT_EQ(whole.statistics().sentence_lines, 0u);
    EXPECT_EQ(whole.statistics().segments, 1u);
}

TEST(Sentences, AutoSplitsLinesOfMoreThanIsUsual) {
    const Lines lines{"the dog.", "the dog. the cat.", "the dog.  the cat.  a dog."};
    TranslatorOptions options = options_of("auto");
    const auto run = [&](int usual_sentences, const Lines& prefixes = {}) {
        options.usual_sentences = usual_sentences;
        Copies copies(options);
        copies.translator.translate(lines, prefixes);
        return std::pair(copies.statistics().sentence_lines, copies.statistics().unusual_lines);
    };
    using Counts = std::pair<std::uint64_t, std::uint64_t>;
    EXPECT_EQ(run(1), Counts(2, 0));
    EXPECT_EQ(run(2), Counts(1, 0));
    EXPECT_EQ(run(3), Counts(0, 0));
    EXPECT_EQ(run(0), Counts(0, 2));                 // not known
    EXPECT_EQ(run(1, {"a", "", "a"}), Counts(1, 1)); // a blank prefix is none
    options.search.n_best = 2;
    EXPECT_EQ(run(1), Counts(0, 2));
    options.search.sampling = SamplingOptions();
    EXPECT_EQ(run(2), Counts(0, 1));
}

TEST(Sentences, EqualLinesAreTranslatedOnce) {
    Copies split(options_of("split"));
    split.translator.translate({"a dog. a cat.", "a dog. a cat."});
    EXPECT_EQ(split.statistics().sentence_lines, 2u);
    EXPECT_EQ(split.statistics().repeated_lines, 1u);
    EXPECT_EQ(split.statistics().segments, 2u);
}

TEST(Sentences, OverLongOnesAreCutToo) {
    TranslatorOptions options = options_of("split", 1);
    options.max_source_length = 6;
    Copies split(options);
    const std::string line = "a b c d e f g dog.  the cat.";
    EXPECT_EQ(split.one(line), line);
    EXPECT_EQ(split.statistics().split_lines, 1u);
    EXPECT_EQ(split.statistics().sentence_lines, 1u);
    EXPECT_GT(split.statistics().segments, 2u);
}

TEST(Sentences, AlignmentsAndScoresAreThoseOfTheLine) {
    TranslatorOptions options = options_of("split", 2);
    options.alignment = "words";
    options.word_scores = true;
    Copies words(options);
    EXPECT_EQ(words.links("the cat.  the dog! a b"), "0-0 1-1 2-2 3-3 4-4 5-5");
    EXPECT_EQ(words.links("你好。你好。"), "0-0"); // nothing separates them: one word
    EXPECT_EQ(words.links("a 你好。你好。 b."), "0-0 1-1 2-2");
    const std::string line = "the cat sees the dog. the dog, the cat!  über?";
    const Translation joined = words.translator.translate_n_best({line})[0][0];
    const std::vector<std::vector<Translation>> alone =
        words.translator.translate_n_best({"the cat sees the dog.", "the dog, the cat!", "über?"});
    double sum = 0;
    std::vector<float> scores;
    for (const std::vector<Translation>& each : alone) {
        sum += each[0].log_probability;
        scores.insert(scores.end(), each[0].token_log_probs.begin(), each[0].token_log_probs.end());
    }
    EXPECT_DOUBLE_EQ(joined.log_probability, sum);
    EXPECT_EQ(joined.token_log_probs, scores);
    options.alignment = "pieces";
    Copies pieces(options);
    const std::size_t tokens = tokenizer().encode("the dog.").size() + tokenizer().encode("a cat!").size();
    std::string expected;
    for (std::size_t i = 0; i < tokens; ++i) expected += fmt::format("{}{}-{}", i == 0 ? "" : " ", i, i);
    EXPECT_EQ(pieces.links("the dog. a cat!"), expected);
}

TEST(Sentences, SplitUnderPrefixNBestAndSampling) {
    Copies split(options_of("split", 3, 3));
    const std::vector<Translation> best = split.translator.translate_n_best({"the dog.\ta cat!"})[0];
    ASSERT_EQ(best.size(), 1u);
    EXPECT_EQ(best[0].text, "the dog.\ta cat!");
    Copies prefixed(options_of("split", 1));
    const std::string text = prefixed.translator.translate({"the dog. a cat!"}, {"the cat"})[0];
    EXPECT_TRUE(text.starts_with("the cat")) << text;
    EXPECT_TRUE(text.ends_with(" a cat!")) << text;
    TranslatorOptions options = options_of("split", 5, 2);
    options.search.sampling = SamplingOptions{.temperature = 1e-3F};
    Copies sampled(options);
    const std::vector<Translation> samples = sampled.translator.translate_n_best({"the dog.  a cat!"})[0];
    ASSERT_EQ(samples.size(), 2u);
    for (const Translation& sample : samples) EXPECT_EQ(sample.text, "the dog.  a cat!");
}

TEST(Sentences, UnknownModesAreRefused) {
    const auto make = [] { Copies copies(options_of("always")); };
    EXPECT_EQ(message_of<Error>(make), "sentences = 'always': expected whole, split or auto");
}

} // namespace
} // namespace nmt
