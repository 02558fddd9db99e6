// Corpora: what is kept, what is counted, and the files that they are read from.
#include "nmt/base/error.hpp"
#include "nmt/base/output_file.hpp"
#include "nmt/data/batch.hpp"
#include "nmt/data/corpus.hpp"
#include "tests/base/test_support.hpp"

#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>

namespace nmt {
namespace {

namespace fs = std::filesystem;

TEST(Sequences, HoldWhatWasAdded) {
    Sequences sequences;
    EXPECT_EQ(sequences.count(), 0);
    EXPECT_EQ(sequences.longest(), 0);
    sequences.add(std::vector<std::int32_t>{5, 6, 0});
    sequences.add(std::vector<std::int32_t>{});
    sequences.add(std::vector<std::int32_t>{7, 0});
    EXPECT_EQ(sequences.count(), 3);
    EXPECT_EQ(sequences.total(), 5);
    EXPECT_EQ(sequences.longest(), 3);
    EXPECT_EQ(sequences.tokens, (std::vector<std::int32_t>{5, 6, 0, 7, 0}));
    EXPECT_EQ(sequences.lengths, (std::vector<int>{3, 0, 2}));
    EXPECT_EQ(sequences.offset(2), 3);
    EXPECT_TRUE(sequences[1].empty());
    EXPECT_EQ(sequences[2][0], 7);
}

// A corpus of words that are their own tokens.
class CorpusTest : public testing::Test {
  protected:
    void SetUp() override {
        folder_ = fs::temp_directory_path() / fmt::format("nmt-data-{}", getpid());
        fs::create_directories(folder_);
        TokenizerOptions options;
        options.type = "word";
        options.exact = false;
        options.normalization = "identity";
        Tokenizer::train({write("words", "one two three four five six\n")}, options, folder_ / "model");
        tokenizer_ = std::make_unique<Tokenizer>(folder_ / "model");
    }
    void TearDown() override { fs::remove_all(folder_); }

    std::string write(const std::string& name, const std::string& content) {
        write_file(folder_ / name, content);
        return (folder_ / name).string();
    }

    ParallelCorpus load(const std::string& source, const std::string& target, const CorpusOptions& options = {}) {
        return ParallelCorpus::load({{write("source", source), write("target", target)}, *tokenizer_, *tokenizer_}, options);
    }

    std::string load_error(const std::string& source, const std::string& target) {
        try {
            load(source, target, {.max_length = 3});
        } catch (const Error& error) {
            return error.what();
        }
        return "";
    }

    std::string words(std::span<const std::int32_t> ids) const { return tokenizer_->decode({ids.begin(), ids.end()}); }

    fs::path folder_;
    std::unique_ptr<Tokenizer> tokenizer_;
};

TEST_F(CorpusTest, KeepsPairsWithTheirEnds) {
    const ParallelCorpus corpus = load("one two\nthree\n", "four\nfive six one\n");
    ASSERT_EQ(corpus.size(), 2);
    EXPECT_EQ(words(corpus.source()[0]), "one two");
    EXPECT_EQ(words(corpus.target()[1]), "five six one");
    for (std::size_t i = 0; i < 2; ++i) {
        EXPECT_EQ(corpus.source()[i].back(), Tokenizer::kEndOfSentence);
        EXPECT_EQ(corpus.target()[i].back(), Tokenizer::kEndOfSentence);
    }
    EXPECT_EQ(corpus.source().length(0), 3);
    EXPECT_EQ(corpus.target().length(1), 4);
}

TEST_F(CorpusTest, CountsWhatItDrops) {
    // Kept: lines 0, 3 (length 3 with </s> is not too long) and 6, which has no LF.
    const ParallelCorpus corpus =
        load("one\n\none\none two\none two three\n  \nsix", "one\none\n\none two\none\none\nfive", {.max_length = 3});
    EXPECT_EQ(corpus.counts().kept, 3u);
    EXPECT_EQ(corpus.counts().dropped_empty, 3u);
    EXPECT_EQ(corpus.counts().dropped_long, 1u);
    ASSERT_EQ(corpus.size(), 3);
    EXPECT_EQ(corpus.line(0), 0u);
    EXPECT_EQ(corpus.line(1), 3u);
    EXPECT_EQ(corpus.line(2), 6u);
    EXPECT_EQ(words(corpus.source()[2]), "six");
    EXPECT_EQ(words(corpus.target()[2]), "five");
    EXPECT_EQ(
        describe(corpus.counts(), {.max_length = 3}),
        fmt::format("3 pairs, 4 dropped: 3 with an empty side, 1 longer than 3 tokens (the first: '{}/source', line 5)", folder_.string()));
    EXPECT_EQ(load("one\n", "one two\n", {.max_length = 3, .keep_empty = true}).counts().first_long, "");
    EXPECT_EQ(load("one\n", "two three four five\n").counts().kept, 1u) << "without a limit nothing is too long";
}

TEST_F(CorpusTest, CountsTheSentencesOfTheKeptSourceLines) {
    const std::string source = "one. two!\none\none two three. one. two. three\n\n", target = "one\none\none\none. two. three.\n";
    EXPECT_EQ(load(source, target, {.count_sentences = true}).counts().usual_sentences, 4);
    EXPECT_EQ(load(source, target, {.max_length = 3, .count_sentences = true}).counts().usual_sentences, 2);
    EXPECT_EQ(load(source, target).counts().usual_sentences, 0);
}

TEST_F(CorpusTest, UnequalFilesAreAnErrorWithBothCounts) {
    for (const auto& [source, target, counts] :
         {std::tuple<std::string, std::string, std::string>{"one\ntwo\nthree\n", "one\n", "/source' has 3 lines and"},
          {"one\n", "one\ntwo\nthree\n", "/target' has 3;"},
          {"one\n", "", "/target' has 0;"},
          {"", "one\ntwo", "/target' has 2;"}}) {
        const std::string message = load_error(source, target);
        EXPECT_NE(message.find(counts), std::string::npos) << message;
        EXPECT_NE(message.find("/source' has "), std::string::npos) << message;
    }
}

TEST_F(CorpusTest, EmptyCorporaAreErrors) {
    EXPECT_NE(load_error("", "").find("no line stands in '"), std::string::npos);
    EXPECT_NE(load_error("\n", "one\n").find("/target': 0 pairs, 1 dropped: 1 with an empty side"), std::string::npos);
}

TEST_F(CorpusTest, ACarriageReturnAtTheEndIsNoText) {
    const ParallelCorpus plain = load("one two\nthree\n", "four\nfive\n");
    const ParallelCorpus windows = load("one two\r\nthree\r\n", "four\r\nfive\r\n", {.keep_source_text = true});
    for (std::size_t i = 0; i < 2; ++i) {
        EXPECT_TRUE(std::ranges::equal(plain.source()[i], windows.source()[i]));
        EXPECT_TRUE(std::ranges::equal(plain.target()[i], windows.target()[i]));
    }
    EXPECT_EQ(windows.source_texts(), (std::vector<std::string>{"one two", "three"}));
}

TEST_F(CorpusTest, ReadsGzip) {
    const std::string path = (folder_ / "source.gz").string();
    gzFile file = gzopen(path.c_str(), "wb");
    ASSERT_NE(file, nullptr);
    gzputs(file, "one\ntwo\n");
    gzclose(file);
    const ParallelCorpus corpus = ParallelCorpus::load({{path, write("target", "three\nfour\n")}, *tokenizer_, *tokenizer_});
    EXPECT_EQ(words(corpus.source()[1]), "two");
}

TEST_F(CorpusTest, SeveralFilesAreOneText) {
    const ParallelText text({write("a", "one\ntwo\n"), write("b", ""), write("c", "three\nfour five six")},
                            {write("x", "six\nfive\n"), write("y", ""), write("z", "four\none two\n")});
    const ParallelCorpus corpus = ParallelCorpus::load({text, *tokenizer_, *tokenizer_});
    ASSERT_EQ(corpus.size(), 4);
    EXPECT_EQ(words(corpus.source()[1]), "two");
    EXPECT_EQ(words(corpus.source()[3]), "four five six");
    EXPECT_EQ(words(corpus.target()[3]), "one two");
    EXPECT_EQ(corpus.line(3), 3u);
    EXPECT_EQ(corpus.place(Side::source, 1), fmt::format("'{}/a', line 2", folder_.string()));
    EXPECT_EQ(corpus.place(Side::target, 3), fmt::format("'{}/z', line 2", folder_.string()));
}

TEST_F(CorpusTest, OneFileHoldsBothSides) {
    const ParallelText text = ParallelText::tsv({write("a", "one two\tthree\r\n\tfour\n"), write("b", "five\tsix\n")});
    const ParallelCorpus corpus = ParallelCorpus::load({text, *tokenizer_, *tokenizer_});
    ASSERT_EQ(corpus.size(), 2);
    EXPECT_EQ(corpus.counts().dropped_empty, 1u);
    EXPECT_EQ(words(corpus.source()[0]), "one two");
    EXPECT_EQ(words(corpus.target()[0]), "three");
    EXPECT_EQ(words(corpus.target()[1]), "six");
    EXPECT_EQ(corpus.place(Side::target, 1), fmt::format("'{}/b', line 1", folder_.string()));
    const auto error_of = [&](const std::string& content) {
        const ParallelText bad = ParallelText::tsv({folder_ / "b", write("bad", content)});
        return message_of<Error>([&] { ParallelCorpus::load({bad, *tokenizer_, *tokenizer_}); });
    };
    EXPECT_NE(error_of("one\ttwo\none two\n").find("/bad', line 2: found no TAB; expected SOURCE<TAB>TARGET"), std::string::npos);
    EXPECT_NE(error_of("one\ttwo\tthree\n").find("/bad', line 1: found 3 columns; expected SOURCE<TAB>TARGET"), std::string::npos);
    EXPECT_NE(message_of<Error>([&] {
                  ParallelCorpus::load({ParallelText::tsv({write("none", "")}), *tokenizer_, *tokenizer_});
              }).find("no line stands in '"),
              std::string::npos);
}

TEST_F(CorpusTest, TheLinesOfSidesComeOneSideAfterAnother) {
    ParallelText text = ParallelText::tsv({write("a", "one\ttwo\n")});
    text.parts.push_back({write("b", "three\n"), write("c", "four\n")});
    const auto all = [&](const std::vector<Side>& sides) {
        std::string lines;
        const auto next = lines_of_sides(text, sides);
        for (std::string line; next(line);) lines += line + "|";
        return lines;
    };
    EXPECT_EQ(all({Side::source}), "one|three|");
    EXPECT_EQ(all({Side::target}), "two|four|");
    EXPECT_EQ(all({Side::source, Side::target}), "one|three|two|four|");
}

TEST_F(CorpusTest, FilesOfSeveralBelongTogetherOneByOne) {
    const auto error_of = [&](const std::vector<std::string>& sources, const std::vector<std::string>& targets) -> std::string {
        try {
            ParallelCorpus::load({{sources, targets}, *tokenizer_, *tokenizer_});
        } catch (const Error& error) {
            return error.what();
        }
        return "";
    };
    const std::string one = write("one", "one\n"), two = write("two", "one\ntwo\n");
    const std::string uneven = error_of({one, two, one}, {one, one, two});
    EXPECT_NE(uneven.find("/two' has 2 lines and '"), std::string::npos) << uneven << ": of equal length in all";
    EXPECT_NE(uneven.find("/one' has 1;"), std::string::npos) << uneven;
    const std::string lacking = error_of({one, two}, {two});
    EXPECT_NE(lacking.find("2 source files ("), std::string::npos) << lacking;
    EXPECT_NE(lacking.find("/two') for 1 target files ('"), std::string::npos) << lacking;
    EXPECT_NE(error_of({one, folder_ / "none"}, {one, one}).find("/none'"), std::string::npos);
}

TEST_F(CorpusTest, AValueNamesOneFileOrSeveral) {
    const std::string plain = write("plain", ""), blank = write("with blank", "");
    const auto list = [](const std::string& value) { return fmt::format("{}", fmt::join(file_list(value), "|")); };
    EXPECT_EQ(list(""), "");
    EXPECT_EQ(list("-"), "-");
    EXPECT_EQ(list("nowhere/a.txt"), "nowhere/a.txt");
    EXPECT_EQ(list(plain), plain);
    EXPECT_EQ(list(blank), blank) << "a file of that name";
    EXPECT_EQ(list("a  b\tc "), "a|b|c");
    EXPECT_EQ(list("\"" + blank + "\" a"), blank + "|a");
    EXPECT_EQ(list("\"my file\"\"other\""), "my file|other");
    for (const char* value : {"a \"b c", "\"\" a"}) EXPECT_THROW(file_list(value), Error) << value;
    for (const std::vector<std::string>& files : {std::vector<std::string>{plain, blank}, {blank}, {"a", "b"}, {}})
        EXPECT_EQ(file_list(join_file_list(files)), files);
}

} // namespace
} // namespace nmt
