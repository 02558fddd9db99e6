#include "nmt/decoding/translator.hpp"

#include "nmt/base/error.hpp"
#include "nmt/base/input_file.hpp"
#include "nmt/base/line_reader.hpp"
#include "nmt/base/line_writer.hpp"
#include "nmt/base/output_file.hpp"
#include "nmt/base/signals.hpp"
#include "nmt/data/line_shape.hpp"
#include "nmt/decoding/segmenter.hpp"
#include "tests/base/test_support.hpp"
#include "tests/decoding/toy_model.hpp"
#include "tests/decoding/toy_tokenizer.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <fstream>
#include <memory>
#include <sstream>
#include <thread>

namespace nmt {
namespace {

// A translator whose workers copy their source.
struct Copier {
    explicit Copier(TranslatorOptions options = {.batch_size = 3, .search = {.beam = 2}}, int workers = 1)
        : toys(made(workers)), toy(*toys.front()), translator(ensembles(), tokenizer(), tokenizer(), options) {}

    // The bytes that a file of these bytes gives.
    std::string translate_file(const std::string& content) {
        const TemporaryFolder folder;
        write_file(folder / "in", content);
        LineReader reader(folder / "in");
        LineWriter writer(folder / "out");
        translator.translate_stream(reader, writer);
        writer.close();
        return read_file(folder / "out");
    }

    static std::vector<std::unique_ptr<Toy>> made(int workers) {
        std::vector<std::unique_ptr<Toy>> toys;
        for (int i = 0; i < workers; ++i) toys.push_back(std::make_unique<Toy>(vocabulary(), copy_logit()));
        return toys;
    }
    std::vector<Ensemble> ensembles() {
        std::vector<Ensemble> ensembles;
        for (const std::unique_ptr<Toy>& each : toys) ensembles.emplace_back(each->model);
        return ensembles;
    }

    std::vector<std::unique_ptr<Toy>> toys;
    Toy& toy; // the first worker's
    Translator translator;
};

TEST(Translator, KeepsTheOrderOfLines) {
    Copier copier;
    const std::vector<std::string> lines{"the cat sees the dog.", "a", "the dog", "the cat, the dog!", "b c", "dog", "the cat sees"};
    EXPECT_EQ(copier.translator.translate(lines), lines);
    EXPECT_EQ(copier.toy.counts.sentences, (std::vector<int>{3, 3, 1}));
    const TranslationStatistics& statistics = copier.translator.statistics();
    EXPECT_EQ(statistics.lines, 7u);
    EXPECT_EQ(statistics.segments, 7u);
    EXPECT_EQ(statistics.blank_lines, 0u);
    EXPECT_EQ(statistics.split_lines, 0u);
    EXPECT_EQ(statistics.truncated, 0u);
    EXPECT_EQ(statistics.target_tokens, statistics.source_tokens);
    EXPECT_GE(statistics.seconds, 0);
    EXPECT_TRUE(copier.translator.translate({}).empty());
}

TEST(Translator, BlankLinesDoNotReachTheModel) {
    Copier copier;
    EXPECT_EQ(copier.translator.translate({"", " ", "\t  ", "\r", "\v\f", "\u00a0\u3000"}), std::vector<std::string>(6));
    EXPECT_TRUE(copier.toy.counts.sentences.empty());
    EXPECT_EQ(copier.translator.statistics().blank_lines, 6u);
}

TEST(Translator, TheContractOfLines) {
    const std::string long_word(3000, 'x');
    std::string long_text;
    while (long_text.size() < 20'000) long_text += "the cat sees the dog. ";
    const std::vector<std::string> lines{"the cat",
                                         "",
                                         "   ",
                                         "a CRLF\r",
                                         std::string("NUL\0here", 8),
                                         std::string("\0", 1),
                                         "bad \xff\xfe\xc3 bytes",
                                         "\xe2\x96\x81",
                                         "line\u2028separator\u2029 and \u0085",
                                         "mid\rdle",
                                         "你好。",
                                         "😀 ||| </s> <unk> <0x0A>",
                                         long_word,
                                         long_text,
                                         "last"};
    for (const bool final_newline : {true, false}) {
        std::string content;
        for (const std::string& line : lines) content += line + "\n";
        if (!final_newline) content.pop_back();
        Copier copier;
        const std::string output = copier.translate_file(content);
        EXPECT_EQ(static_cast<std::size_t>(std::count(output.begin(), output.end(), '\n')), lines.size());
        const TemporaryFolder folder;
        write_file(folder / "out", output);
        const std::vector<std::string> translated = read_lines(folder / "out");
        ASSERT_EQ(translated.size(), lines.size());
        EXPECT_EQ(translated[0], "the cat");
        EXPECT_EQ(translated[1], "");
        EXPECT_EQ(translated[2], "");
        EXPECT_EQ(translated[3], "a CRLF");
        for (const std::size_t i : {4u, 6u, 8u, 9u, 10u, 11u}) EXPECT_EQ(translated[i], copied(lines[i]));
        EXPECT_EQ(std::count(translated[12].begin(), translated[12].end(), 'x'), 3000);
        EXPECT_EQ(translated[13] + " ", long_text); // cut at the ends of sentences, nothing is lost
        EXPECT_EQ(translated[14], "last");
        EXPECT_EQ(copier.translator.statistics().lines, lines.size());
        EXPECT_GE(copier.translator.statistics().split_lines, 2u);
    }
}

TEST(Translator, EmptyFilesAndSingleNewlines) {
    Copier copier;
    EXPECT_EQ(copier.translate_file(""), "");
    EXPECT_EQ(copier.translate_file("\n"), "\n");
    EXPECT_EQ(copier.translate_file("\n\n"), "\n\n");
    EXPECT_EQ(copier.translate_file("a"), "a\n");
}

TEST(Translator, LongLinesAreCutAndJoined) {
    Copier copier({.batch_size = 2, .max_source_length = 12, .search = {.beam = 1}});
    const std::string line = "the cat sees the dog. the dog, the cat! the dog sees the cat. a b c d e f g h";
    EXPECT_EQ(copier.translator.translate({line, "dog"}), (std::vector<std::string>{line, "dog"}));
    EXPECT_EQ(copier.translator.statistics().split_lines, 1u);
    EXPECT_GT(copier.translator.statistics().segments, 3u);
    for (const int rows : copier.toy.counts.rows) EXPECT_LE(rows, 2);
}

TEST(Translator, SegmentsOfALineAreItsTokens) {
    std::string line;
    for (int i = 0; i < 4000; ++i) line += i % 5 == 0 ? "the dog, " : "the cat sees the dog. 你好! ";
    ASSERT_GT(line.size(), 100'000u);
    std::vector<std::int32_t> joined;
    for (const auto& [segment, spans] : segment_line(tokenizer(), line, 40)) {
        ASSERT_LE(segment.size(), 40u);
        ASSERT_GT(segment.size(), 1u);
        EXPECT_EQ(segment.back(), Tokenizer::kEndOfSentence);
        joined.insert(joined.end(), segment.begin(), segment.end() - 1);
    }
    EXPECT_EQ(joined, tokenizer().encode(line));
    const std::vector<std::int32_t> ids = tokenizer().encode("the dog");
    EXPECT_EQ(segment_line(tokenizer(), "the dog", static_cast<int>(ids.size()) + 1).size(), 1u);
    EXPECT_EQ(segment_line(tokenizer(), "the dog", static_cast<int>(ids.size())).size(), 2u);
    EXPECT_TRUE(segment_line(tokenizer(), "", 40).empty());
    EXPECT_THROW(segment_line(tokenizer(), "a", 1), Error);
}

// Texts that are cut before they are tokenized: nothing is lost, no character is torn.
TEST(Translator, SegmentsOfVeryLongTexts) {
    for (const std::string unit : {"x", "你", "你好。", "the cat ", "the cat. ", "\xff", "\xe4\xbd"}) {
        std::string line;
        while (line.size() < 100'000) line += unit;
        std::string text;
        for (const auto& [segment, spans] : segment_line(tokenizer(), line, 40)) {
            ASSERT_LE(segment.size(), 40u);
            text += tokenizer().decode(segment);
        }
        const auto without_spaces = [](std::string from) {
            std::erase(from, ' ');
            return from;
        };
        EXPECT_EQ(without_spaces(text), without_spaces(tokenizer().decode(tokenizer().encode(line)))) << unit;
    }
    const std::string spaces = "a" + std::string(50'000, ' ') + "b";
    EXPECT_EQ(segment_line(tokenizer(), spaces, 40).size(), 1u);
}

TEST(Translator, BatchesAndWindowsDoNotChangeTheTranslations) {
    std::string content;
    for (int i = 0; i < 40; ++i) content += std::string("the dog sees the cat", static_cast<std::size_t>(1 + i * 7 % 20)) + "\n";
    std::string expected;
    for (const int batch_size : {1, 3, 64}) {
        for (const int window : {0, 1, 5}) {
            Toy toy(vocabulary(), random_logit(8));
            Translator translator(toy.model, tokenizer(), tokenizer(), {batch_size, window, 6, {.beam = 2, .max_length_offset = 3}});
            const TemporaryFolder folder;
            write_file(folder / "in", content);
            LineReader reader(folder / "in");
            LineWriter writer(folder / "out");
            translator.translate_stream(reader, writer);
            writer.close();
            const std::string output = read_file(folder / "out");
            if (expected.empty()) expected = output;
            EXPECT_EQ(output, expected) << batch_size << ", " << window;
        }
    }
}

TEST(Translator, BatchesOfLongSentencesHoldFewer) {
    const auto size = [](const std::string& line) { return static_cast<int>(tokenizer().encode(line).size()) + 1; };
    std::vector<std::string> lines;
    for (char c = 'a'; c <= 'z' && lines.size() < 5; ++c)
        if (const std::string line(1, c); lines.empty() || size(line) == size(lines.front())) lines.push_back(line);
    ASSERT_EQ(lines.size(), 5u);
    const int most = 2 * size(lines.front()) + 1;
    lines.push_back("the cat sees the dog, the cat, the dog");
    ASSERT_GT(size(lines.back()), most);
    Copier copier({.batch_size = 4, .search = {.beam = 1}, .batch_tokens = most});
    EXPECT_EQ(copier.translator.translate(lines), lines);
    EXPECT_EQ(copier.toy.counts.sentences, (std::vector<int>{1, 2, 2, 1})); // the long one is over the limit alone
    // Without a limit of its own a batch holds 16 tokens for each sentence that it may have.
    std::string words;
    while (size(words) <= 16) words += "dog ";
    Copier usual({.batch_size = 2, .search = {.beam = 1}});
    usual.translator.translate({words + "a", words + "b", "a", "b", "c"});
    EXPECT_EQ(usual.toy.counts.sentences, (std::vector<int>{1, 1, 2, 1}));
}

TEST(Translator, ReadsAWindowAtATime) {
    Copier copier({.batch_size = 64, .window = 4, .search = {.beam = 1}});
    EXPECT_EQ(copier.translate_file("a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n"), "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n");
    EXPECT_EQ(copier.toy.counts.sentences, (std::vector<int>{4, 4, 2}));
    // 16 batches, where nothing else is said; two for each worker, where those are more.
    for (const auto& [workers, window] : {std::pair{1, 32u}, {3, 32u}, {12, 48u}}) {
        std::string lines;
        for (int i = 0; i < 100; ++i) lines += fmt::format("{}\n", i);
        Copier usual({.batch_size = 2, .search = {.beam = 1}}, workers);
        const TemporaryFolder folder;
        write_file(folder / "in", lines);
        LineReader reader(folder / "in");
        LineWriter writer(folder / "out");
        std::vector<std::uint64_t> reported;
        usual.translator.translate_stream(reader, writer,
                                          [&](const TranslationStatistics& statistics) { reported.push_back(statistics.lines); });
        EXPECT_EQ(reported.front(), window) << workers << " workers";
    }
    // The window is bounded in bytes, too: here by blank ones.
    Copier bytes({.batch_size = 64, .search = {.beam = 1}});
    const std::string wide = std::string(600'000, ' ') + "\n";
    EXPECT_EQ(bytes.translate_file("a" + wide + "b" + wide + "c" + wide + "d" + wide + "e" + wide), "a\nb\nc\nd\ne\n");
    EXPECT_EQ(bytes.toy.counts.sentences, (std::vector<int>{2, 2, 1}));
}

// The second line is only written once the translation of the first has come out.
class TranslatorOfWorkers : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Workers, TranslatorOfWorkers, testing::Values(1, 3));

TEST_P(TranslatorOfWorkers, TranslatesWhatIsThereBeforeItWaits) {
    const TemporaryFolder folder;
    ASSERT_EQ(mkfifo((folder / "in").c_str(), 0600), 0);
    ASSERT_EQ(mkfifo((folder / "out").c_str(), 0600), 0);
    std::thread producer([&] {
        std::ofstream in(folder / "in");
        std::ifstream out(folder / "out");
        for (const std::string line : {"the cat", "the dog", "b"}) {
            in << line << std::endl;
            std::string translated;
            std::getline(out, translated);
            EXPECT_EQ(translated, line);
        }
    });
    {
        Copier copier({.batch_size = 3, .search = {.beam = 2}}, GetParam());
        LineReader reader(folder / "in");
        LineWriter writer(folder / "out");
        std::vector<std::uint64_t> reported;
        copier.translator.translate_stream(reader, writer,
                                           [&](const TranslationStatistics& statistics) { reported.push_back(statistics.lines); });
        writer.close();
        EXPECT_EQ(reported, (std::vector<std::uint64_t>{1, 2, 3}));
    }
    producer.join();
}

TEST(Translator, WritesTheNBest) {
    Toy toy(vocabulary(), random_logit(2));
    const TranslatorOptions options{.batch_size = 2, .max_source_length = 20, .search = {.beam = 3, .n_best = 3, .max_length_offset = 2}};
    Translator translator(toy.model, tokenizer(), tokenizer(), options);
    const std::vector<std::string> lines{"the cat", "", "dog", std::string(100, 'x')};
    const auto expected = translator.translate_n_best(lines);
    const TemporaryFolder folder;
    write_file(folder / "in", "the cat\n\ndog\n" + lines[3]);
    LineReader reader(folder / "in");
    LineWriter writer(folder / "out");
    translator.translate_stream(reader, writer);
    writer.close();
    std::vector<std::string> written;
    for (std::size_t line = 0; line < lines.size(); ++line) {
        EXPECT_EQ(expected[line].size(), line % 2 == 0 ? 3u : 1u); // blank and cut lines have one
        for (const Translation& t : expected[line])
            written.push_back(fmt::format("{} ||| {} ||| F0= {:.6f} ||| {:.6f}", line, t.text, t.log_probability, t.score));
    }
    EXPECT_EQ(read_lines(folder / "out"), written);
    EXPECT_EQ(written[3], "1 |||  ||| F0= 0.000000 ||| 0.000000");
    EXPECT_GE(expected[0][0].score, expected[0][1].score);
    EXPECT_LT(expected[3][0].log_probability, expected[3][0].score);
}

TEST(Translator, EqualLinesOfAWindowAreTranslatedOnce) {
    Copier copier({.batch_size = 64, .window = 6, .search = {.beam = 1}});
    EXPECT_EQ(copier.translate_file("dog\n\ncat\ndog\ncat\r\n\ndog\n"), "dog\n\ncat\ndog\ncat\n\ndog\n");
    EXPECT_EQ(copier.toy.counts.sentences, (std::vector<int>{2, 1})); // the last line is in another window
    const TranslationStatistics& statistics = copier.translator.statistics();
    EXPECT_EQ(statistics.lines, 7u);
    EXPECT_EQ(statistics.repeated_lines, 2u);
    EXPECT_EQ(statistics.blank_lines, 2u);
    EXPECT_EQ(statistics.segments, 3u);
    // With prefixes, both must be equal.
    Copier prefixed({.batch_size = 64, .search = {.beam = 1}});
    prefixed.translator.translate({"dog", "dog", "dog", "dog"}, {"a", "b", "a", ""});
    EXPECT_EQ(prefixed.translator.statistics().repeated_lines, 1u);
    EXPECT_EQ(prefixed.toy.counts.sentences, (std::vector<int>{3}));
    // Samples are independent.
    Copier sampled({.batch_size = 64, .search = {.sampling = SamplingOptions{}}});
    sampled.translator.translate({"dog", "dog"});
    EXPECT_EQ(sampled.translator.statistics().repeated_lines, 0u);
    EXPECT_EQ(sampled.toy.counts.sentences, (std::vector<int>{2}));
}

// Writes what it is told to begin with, then goes on with the source at that position.
TEST(Translator, TranslationsBeginWithThePrefix) {
    Copier copier({.batch_size = 3, .max_source_length = 12, .search = {.beam = 2}});
    const std::string line = "the cat sees the dog. the dog, the cat! the dog sees the cat. a b c d e f g h";
    const std::vector<std::string> lines{"the cat", "", "the cat", "dog", line}, prefixes{"the dog", "the", "", "  \r", "a"};
    const std::vector<std::string> found = copier.translator.translate(lines, prefixes);
    EXPECT_TRUE(found[0].starts_with("the dog")) << found[0];
    EXPECT_EQ(found[1], ""); // a blank line stays empty
    EXPECT_EQ(found[2], "the cat");
    EXPECT_EQ(found[3], "dog");
    EXPECT_TRUE(found[4].starts_with("a ")) << found[4]; // instead of the first token of the first segment; the others are free
    EXPECT_TRUE(found[4].ends_with("a b c d e f g h")) << found[4];
    EXPECT_THROW(copier.translator.translate({"a"}, {"a", "b"}), Error);
}

TEST(Translator, ThePrefixStandsAsItWasGiven) {
    Copier copier({.batch_size = 16, .search = {.beam = 2, .max_length_offset = 900}});
    Random random(11);
    std::vector<std::string> lines, prefixes;
    for (int i = 0; i < 400; ++i) {
        lines.push_back(fmt::format("the cat sees the dog {}", i));
        prefixes.push_back(odd_line(random));
    }
    const std::vector<std::vector<Translation>> found = copier.translator.translate_n_best(lines, prefixes);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const std::string_view given = without_carriage_return(prefixes[i]);
        if (given.find_first_not_of(" \t") != std::string_view::npos) {
            EXPECT_TRUE(found[i].front().text.starts_with(given)) << prefixes[i] << " -> " << found[i].front().text;
        }
    }
    const auto translated = [&](const std::string& prefix) {
        return copier.translator.translate({"the cat sees the dog"}, {prefix}).front();
    };
    EXPECT_EQ(translated("10\u00b2").substr(0, 4), "10\u00b2");
    EXPECT_EQ(translated("the\uff0c").substr(0, 6), "the\uff0c");
    EXPECT_EQ(translated("the  dog").substr(0, 8), "the  dog");
}

// Behind a prefix that ends in white space a new word begins; behind one that does not, its last word may go on.
TEST(Translator, ThePrefixSaysWhetherItsLastWordIsWhole) {
    const std::int32_t inside = tokenizer().id("x"), begins = tokenizer().id("\u2581");
    ASSERT_NE(inside, Tokenizer::kUnknown);
    const std::size_t length = tokenizer().encode("dog").size();
    const ToyLogit goes_on = [&](std::span<const std::int32_t>, const Tokens& prefix, std::int32_t next) {
        if (prefix.size() > length) return next == Tokenizer::kEndOfSentence ? 9.0F : 0.0F;
        return next == inside ? 9.0F : next == begins ? 5.0F : 0.0F;
    };
    Toy toy(vocabulary(), goes_on);
    Translator translator(toy.model, tokenizer(), tokenizer(), {.search = {.beam = 1}});
    const std::vector<std::string> lines(3, "a");
    EXPECT_EQ(translator.translate(lines, {"dog", "dog ", " dog\u3000"}), (std::vector<std::string>{"dogx", "dog ", " dog\u3000"}));
}

TEST_P(TranslatorOfWorkers, PrefixesOfAStream) {
    const auto run = [](const std::string& text, const std::string& prefixes, std::string* written = nullptr) {
        Copier copier({.batch_size = 2, .window = 2, .search = {.beam = 1, .max_length_factor = 1, .max_length_offset = 3}}, GetParam());
        const TemporaryFolder folder;
        write_file(folder / "in", text);
        write_file(folder / "prefixes", prefixes);
        LineReader reader(folder / "in"), prefix_reader(folder / "prefixes");
        LineWriter writer(folder / "out");
        const std::string message = message_of<Error>([&] { copier.translator.translate_stream(reader, writer, {}, &prefix_reader); });
        writer.close();
        if (written != nullptr) *written = read_file(folder / "out");
        return message.empty() ? read_file(folder / "out") : message;
    };
    std::string written;
    EXPECT_EQ(run("a\nb\n\nc\n", "b\n\na\n\n"), "b\nb\n\nc\n");
    EXPECT_EQ(run("", ""), "");
    EXPECT_NE(run("a\nb\nc\nd\ne\n", "x\n\n\n").find("the text has 5 lines, but there are 3 prefixes"), std::string::npos);
    EXPECT_NE(run("a\nb\nc\n", "x\n\n\n\n\n\n").find("the text has 3 lines, but there are 6 prefixes"), std::string::npos);
    EXPECT_NE(run("a\nb\nc\n", "\n\na b c d e f g h\n", &written).find("line 3: its prefix has"), std::string::npos);
    EXPECT_EQ(written, "a\nb\n"); // the lines before the error
}

TEST(Translator, SamplesOfALineDependOnItsNumberAndTheSeed) {
    const std::vector<std::string> lines{"the cat", "", "dog", "the cat", std::string(60, 'x'), "a b c"};
    const auto run = [&](int batch_size, int window, int threads, std::uint64_t seed) {
        Toy toy(vocabulary(), random_logit(2), threads);
        const SearchOptions search{.n_best = 3, .max_length_offset = 2, .sampling = SamplingOptions{.top_p = 0.9, .seed = seed}};
        Translator translator(toy.model, tokenizer(), tokenizer(),
                              {.batch_size = batch_size, .window = window, .max_source_length = 20, .search = search, .word_scores = true});
        const TemporaryFolder folder;
        write_file(folder / "in", fmt::format("{}\n", fmt::join(lines, "\n")));
        LineReader reader(folder / "in");
        LineWriter writer(folder / "out");
        translator.translate_stream(reader, writer);
        writer.close();
        return read_file(folder / "out");
    };
    const std::string expected = run(64, 0, 1, 5);
    EXPECT_EQ(std::count(expected.begin(), expected.end(), '\n'), 5 * 3 + 1); // cut lines have as many, too
    EXPECT_EQ(run(1, 0, 1, 5), expected);
    EXPECT_EQ(run(2, 1, 2, 5), expected);
    EXPECT_NE(run(64, 0, 1, 6), expected);
    std::istringstream stream(expected);
    std::vector<std::string> found;
    for (std::string line; std::getline(stream, line);) found.push_back(line.substr(line.find(" ||| ")));
    EXPECT_NE(found[0], found[7]); // equal lines of other numbers
}

TEST(Translator, AlignmentsAndWordScores) {
    Toy toy(vocabulary(), copy_logit(), 1, diagonal_attention());
    const std::string line = "  the  cat sees über the dog.  ";
    const std::vector<std::string> pieces = tokenizer().encode_as_pieces(line);
    std::string of_pieces;
    for (std::size_t i = 0; i < pieces.size(); ++i) of_pieces += fmt::format("{}{}-{}", i == 0 ? "" : " ", i, i);
    const auto run = [&](const std::string& text, const std::string& alignment, int max_source_length = 256) {
        TranslatorOptions options{.max_source_length = max_source_length, .search = {.beam = 2}};
        options.alignment = alignment;
        return to_pharaoh(Translator(toy.model, tokenizer(), tokenizer(), options).translate_n_best({text})[0][0].alignment);
    };
    EXPECT_EQ(run(line, "pieces"), of_pieces);
    EXPECT_EQ(run(line, "words"), "0-0 1-1 2-2 3-3 4-4 5-5");
    EXPECT_EQ(run("", "words"), "");
    // A line that is cut counts on, also where the cut goes through a word.
    const std::string cut = "the cat sees the dog. the dog, the cat! " + std::string(30, 'x') + " dog";
    const std::size_t tokens = tokenizer().encode(cut).size();
    const std::string all_pieces = run(cut, "pieces", 8), all_words = run(cut, "words", 256);
    EXPECT_TRUE(all_pieces.ends_with(fmt::format(" {0}-{0}", tokens - 1))) << all_pieces;
    EXPECT_EQ(all_words, "0-0 1-1 2-2 3-3 4-4 5-5 6-6 7-7 8-8 9-9 10-10");
    const std::string cut_words = run(cut, "words", 8);
    EXPECT_TRUE(cut_words.starts_with("0-0 1-1 2-2 3-3 4-4 5-5 6-6 7-7 8-8 9-9 9-10 ")) << cut_words; // its parts are joined with spaces
    EXPECT_EQ(cut_words.substr(cut_words.rfind(' ') + 1).substr(0, 3), "10-");

    Translator scored(toy.model, tokenizer(), tokenizer(), {.word_scores = true});
    const Translation translation = scored.translate_n_best({"dog"})[0][0];
    ASSERT_EQ(translation.token_log_probs.size(), tokenizer().encode("dog").size() + 1);
    double sum = 0;
    for (const float log_prob : translation.token_log_probs) sum += static_cast<double>(log_prob);
    EXPECT_NEAR(translation.log_probability, sum, 1e-9);
}

// Each index names a word of the line as it stands, or of the translation as it is written.
TEST(Translator, AlignmentsCountTheWordsThatStandThere) {
    Toy toy(vocabulary(), copy_logit(), 1, diagonal_attention());
    for (const int max_source_length : {256, 6}) {
        TranslatorOptions options{.max_source_length = max_source_length, .search = {.beam = 1}};
        options.alignment = "words";
        Translator translator(toy.model, tokenizer(), tokenizer(), options);
        EXPECT_EQ(to_pharaoh(translator.translate_n_best({"the\u200bcat dog"})[0][0].alignment).substr(0, 3), "0-0");
        Random random(7);
        std::vector<std::string> lines;
        for (int i = 0; i < 1500; ++i) lines.push_back(odd_line(random));
        const std::vector<std::vector<Translation>> found = translator.translate_n_best(lines);
        for (std::size_t i = 0; i < lines.size(); ++i) {
            const Translation& translation = found[i].front();
            const auto source = words_of(lines[i]).size(), target = words_of(translation.text).size();
            std::vector<bool> met(target);
            for (const AlignmentLink& link : translation.alignment) {
                ASSERT_LT(static_cast<std::size_t>(link.source), source) << lines[i];
                ASSERT_LT(static_cast<std::size_t>(link.target), target) << lines[i];
                met[static_cast<std::size_t>(link.target)] = true;
            }
            EXPECT_EQ(std::count(met.begin(), met.end(), false), 0) << lines[i] << " -> " << translation.text;
        }
    }
}

TEST(Translator, WithoutAttentionThereIsNoAlignment) {
    Toy toy(vocabulary(), copy_logit());
    TranslatorOptions options;
    const auto message = [&] { return message_of<Error>([&] { Translator(toy.model, tokenizer(), tokenizer(), options); }); };
    EXPECT_EQ(message(), "");
    options.search.coverage_penalty = 0.1;
    EXPECT_NE(message().find("a coverage penalty needs attention"), std::string::npos);
    options.alignment = "words";
    EXPECT_NE(message().find("an alignment needs attention, but a model of architecture 'toy' has none"), std::string::npos);
    options.alignment = "letters";
    EXPECT_NE(message().find("expected words or pieces"), std::string::npos);
}

// A model that would write <unk> for the second source token, and else copies.
ToyLogit second_is_unknown() {
    return [copy = copy_logit()](std::span<const std::int32_t> source, const Tokens& prefix, std::int32_t next) {
        return next == Tokenizer::kUnknown && prefix.size() == 1 ? 20.0F : copy(source, prefix, next);
    };
}

TEST(Translator, UnknownPieces) {
    Toy toy(vocabulary(), second_is_unknown(), 1, diagonal_attention());
    const std::string line = "dog cat.\u3000the";
    ASSERT_EQ(tokenizer().encode("dog").size(), 1u);
    for (const std::optional<SamplingOptions>& sampling : {std::optional<SamplingOptions>(), {SamplingOptions{.temperature = 0.01}}}) {
        for (const int beam : {1, 4}) {
            std::uint64_t counted = 0;
            const auto run = [&](const std::string& unknown, const std::string& prefix = "") {
                TranslatorOptions options{.search = {.beam = beam, .sampling = sampling}, .word_scores = true};
                options.unknown = unknown;
                Translator translator(toy.model, tokenizer(), tokenizer(), options);
                const Translation found = translator.translate_n_best({line}, {prefix}).front().front();
                EXPECT_EQ(found.token_log_probs.size(), tokenizer().encode(line).size() + 1);
                counted = translator.statistics().unknown_tokens;
                return found.text;
            };
            EXPECT_EQ(run("allow").substr(0, 8), "dog \u2047 ");
            EXPECT_EQ(counted, 1u);
            EXPECT_EQ(run("forbid"), "dog cat. the");
            EXPECT_EQ(counted, 0u);
            EXPECT_TRUE(run("copy").starts_with("dogcat.")) << run("copy"); // the piece before the unknown one spells no space
            EXPECT_EQ(counted, 1u);
        }
    }
    EXPECT_EQ(TranslatorOptions().unknown, "forbid");
    TranslatorOptions options;
    options.unknown = "ignore";
    EXPECT_NE(message_of<Error>([&] { Translator(toy.model, tokenizer(), tokenizer(), options); }).find("allow, forbid or copy"),
              std::string::npos);
    Toy without(vocabulary(), copy_logit());
    options.unknown = "copy";
    EXPECT_NE(message_of<Error>([&] {
                  Translator(without.model, tokenizer(), tokenizer(), options);
              }).find("unknown = copy needs attention, but"),
              std::string::npos);
}

// A model that finds nothing else possible still ends: its <unk> is left out, or copied.
TEST(Translator, WhatIsUnknownBeyondDoubt) {
    const ToyLogit certain = [copy = copy_logit()](std::span<const std::int32_t> source, const Tokens& prefix, std::int32_t next) {
        if (prefix.size() != 1) return copy(source, prefix, next);
        return next == Tokenizer::kUnknown ? 0.0F : -std::numeric_limits<float>::infinity();
    };
    Toy toy(vocabulary(), certain, 1, diagonal_attention());
    for (const bool sampled : {false, true}) {
        TranslatorOptions options;
        if (sampled) options.search.sampling = SamplingOptions{.temperature = 0.01};
        Translator translator(toy.model, tokenizer(), tokenizer(), options);
        EXPECT_EQ(translator.translate({"dog cat the"}), std::vector<std::string>{"dog the"});
        EXPECT_EQ(translator.statistics().unknown_tokens, 1u);
    }
}

TEST(Translator, WhatItRefuses) {
    Toy toy(vocabulary() + 1, copy_logit());
    const auto make = [](Toy& model, const TranslatorOptions& options) { Translator(model.model, tokenizer(), tokenizer(), options); };
    EXPECT_NE(message_of<Error>([&] { make(toy, {}); }).find("source tokenizer has"), std::string::npos);
    Toy good(vocabulary(), copy_logit());
    EXPECT_NO_THROW(make(good, {}));
    EXPECT_THROW(make(good, {.search = {.beam = 1, .n_best = 2}}), Error);
    EXPECT_THROW(make(good, {.batch_size = 0}), Error);
    EXPECT_THROW(make(good, {.batch_tokens = -1}), Error);
    EXPECT_THROW(make(good, {.max_source_length = 1}), Error);
}

TEST(Translator, OptionsDescribeThemselves) {
    TranslatorOptions options;
    Configuration configuration = Configuration::parse("[t]\nbatch-size = 8\nwindow = 9\nmax-source-length = 10\nbeam = 11\n", "test");
    configuration.read("t", options);
    EXPECT_EQ(options.batch_size, 8);
    EXPECT_EQ(options.window, 9);
    EXPECT_EQ(options.max_source_length, 10);
    EXPECT_EQ(options.search.beam, 11);
    EXPECT_EQ(options.unknown, "forbid");
    configuration = Configuration::parse("[t]\nunknown = copy\n", "test");
    configuration.read("t", options);
    EXPECT_EQ(options.unknown, "copy");
    configuration = Configuration::parse("[t]\nunknown = keep\n", "test");
    EXPECT_THROW(configuration.read("t", options), Error);
}

// In a process of its own, since a signal that was caught stays caught.
int stopped_translation(const std::string& folder) {
    catch_stop_signals();
    int steps = 0;
    const ToyLogit copy = copy_logit();
    const ToyLogit interrupting = [&](std::span<const std::int32_t> source, const Tokens& prefix, std::int32_t next) {
        if (next == 0 && prefix.empty() && ++steps == 4) std::raise(SIGTERM); // during the fourth batch
        return copy(source, prefix, next);
    };
    Toy toy(vocabulary(), interrupting);
    Translator translator(toy.model, tokenizer(), tokenizer(), {.batch_size = 1, .window = 3, .search = {.beam = 1}});
    LineReader reader(folder + "/in");
    LineWriter writer(folder + "/out");
    const auto run = [&] { translator.translate_stream(reader, writer); };
    try {
        run();
    } catch (const Interrupted& interrupted) {
        writer.close();
        return interrupted.signal();
    }
    return 0;
}

// The same with workers, of which each may be in the middle of a batch.
int stopped_workers(const std::string& folder) {
    catch_stop_signals();
    std::atomic<int> steps = 0;
    const ToyLogit copy = copy_logit();
    const ToyLogit interrupting = [&](std::span<const std::int32_t> source, const Tokens& prefix, std::int32_t next) {
        if (next == 0 && prefix.empty() && ++steps == 20) std::raise(SIGTERM);
        return copy(source, prefix, next);
    };
    Toy first(vocabulary(), interrupting), second(vocabulary(), interrupting);
    Translator translator(std::vector<Ensemble>{first.model, second.model}, tokenizer(), tokenizer(),
                          {.batch_size = 1, .window = 4, .search = {.beam = 1}});
    LineReader reader(folder + "/in");
    LineWriter writer(folder + "/out");
    try {
        translator.translate_stream(reader, writer);
    } catch (const Interrupted& interrupted) {
        writer.close();
        return std::string(interrupted.what()).find(fmt::format("after {} lines", translator.statistics().lines)) != std::string::npos
                   ? interrupted.signal()
                   : 1;
    }
    return 0;
}

// Blank lines alone give the workers nothing to do, and so no occasion to stop.
int stopped_among_blank_lines(const std::string& folder) {
    catch_stop_signals();
    Copier copier({.batch_size = 1, .window = 2, .search = {.beam = 1}}, 2);
    LineReader reader(folder + "/blank");
    LineWriter writer(folder + "/out");
    try {
        copier.translator.translate_stream(reader, writer, [](const TranslationStatistics&) {
            if (stop_signal() == 0) std::raise(SIGTERM);
        });
    } catch (const Interrupted& interrupted) {
        return interrupted.signal();
    }
    return 0;
}

TEST(Translator, WorkersKeepTheOrderAndAddUpTheirCounts) {
    Copier first, second, third;
    Translator translator(std::vector<Ensemble>{first.toy.model, second.toy.model, third.toy.model}, tokenizer(), tokenizer(),
                          {.batch_size = 2, .search = {.beam = 2}});
    std::vector<std::string> lines;
    for (int i = 0; i < 50; ++i)
        lines.push_back(fmt::format("the cat sees {} dog", std::string(static_cast<std::size_t>(i % 7), 'a') + std::to_string(i)));
    EXPECT_EQ(translator.translate(lines), first.translator.translate(lines));
    const TranslationStatistics &found = translator.statistics(), &expected = first.translator.statistics();
    EXPECT_EQ(found.lines, expected.lines);
    EXPECT_EQ(found.segments, expected.segments);
    EXPECT_EQ(found.source_tokens, expected.source_tokens);
    EXPECT_EQ(found.target_tokens, expected.target_tokens);
    EXPECT_EQ(found.truncated, expected.truncated);
    EXPECT_THROW(Translator(std::vector<Ensemble>(), tokenizer(), tokenizer(), {}), Error);
}

// Windows of which several are under way at once, and batches that end in any order.
TEST(Translator, WorkersWriteAStreamInItsOrder) {
    std::string content;
    for (int i = 0; i < 300; ++i)
        content += fmt::format("{} {}\n", std::string(static_cast<std::size_t>(i * 7 % 23), 'a'), i) + (i % 11 == 0 ? "dog\ndog\n" : "");
    const TranslatorOptions options{.batch_size = 2, .window = 7, .search = {.beam = 1}};
    Copier alone(options);
    const std::string expected = alone.translate_file(content);
    const auto count = static_cast<std::uint64_t>(std::count(expected.begin(), expected.end(), '\n'));
    EXPECT_EQ(count, 300u + 2 * 28);
    EXPECT_GT(alone.translator.statistics().repeated_lines, 20u);
    for (const int workers : {2, 5}) {
        Copier several(options, workers);
        EXPECT_EQ(several.translate_file(content), expected);
        const TranslationStatistics &found = several.translator.statistics(), &wanted = alone.translator.statistics();
        EXPECT_EQ(found.lines, count);
        EXPECT_EQ(found.repeated_lines, wanted.repeated_lines);
        EXPECT_EQ(found.segments, wanted.segments);
        EXPECT_EQ(found.target_tokens, wanted.target_tokens);
        EXPECT_GT(found.seconds, 0);
        EXPECT_EQ(several.translate_file(content), expected); // once more with the same workers
        EXPECT_EQ(found.lines, 2 * count);
    }
}

TEST(Translator, WhatAWorkerThrowsArrives) {
    const ToyLogit broken = [](std::span<const std::int32_t>, const Tokens&, std::int32_t) { return std::nanf(""); };
    Toy first(vocabulary(), broken), second(vocabulary(), broken);
    Translator translator(std::vector<Ensemble>{first.model, second.model}, tokenizer(), tokenizer(), {.batch_size = 1});
    const std::string message = message_of<Error>([&] { translator.translate({"a", "b", "the cat", "the dog"}); });
    EXPECT_NE(message.find("nan"), std::string::npos) << message;
}

// What was complete before the failure is written; the windows behind it are not.
TEST(Translator, AWorkersFailureEndsAStreamAtItsWindow) {
    const ToyLogit copy = copy_logit();
    const auto length = tokenizer().encode("the cat sees the dog").size();
    const ToyLogit broken = [&](std::span<const std::int32_t> source, const Tokens& prefix, std::int32_t next) {
        return source.size() > length ? std::nanf("") : copy(source, prefix, next);
    };
    Toy first(vocabulary(), broken), second(vocabulary(), broken);
    Translator translator(std::vector<Ensemble>{first.model, second.model}, tokenizer(), tokenizer(),
                          {.batch_size = 1, .window = 2, .search = {.beam = 1}});
    const TemporaryFolder folder;
    write_file(folder / "in", "a\nb\ndog\ncat\na\nthe cat sees the dog\na\nb\n");
    LineReader reader(folder / "in");
    LineWriter writer(folder / "out");
    const std::string message = message_of<Error>([&] { translator.translate_stream(reader, writer); });
    writer.close();
    EXPECT_NE(message.find("nan"), std::string::npos) << message;
    EXPECT_EQ(read_file(folder / "out"), "a\nb\ndog\ncat\n");
    EXPECT_EQ(translator.translate({"dog", "b"}), (std::vector<std::string>{"dog", "b"})); // the workers are there for what comes next
}

TEST(Translator, StopsBetweenBatchesWithWholeLines) {
    tokenizer();
    const TemporaryFolder folder;
    // The longest is searched first: the fourth batch is the sixth line, and the fifth line is still missing.
    write_file(folder / "in", "a\nthe b\n\nthe cat sees the dog.\ng\nthe dog, the cat\n");
    EXPECT_EXIT(std::exit(stopped_translation(folder.path().string())), testing::ExitedWithCode(SIGTERM), "");
    EXPECT_EQ(read_file(folder / "out"), "a\nthe b\n\nthe cat sees the dog.\n");
}

TEST(Translator, WorkersStopBetweenBatchesWithWholeLines) {
    tokenizer();
    const TemporaryFolder folder;
    std::string content;
    for (int i = 0; i < 60; ++i) content += fmt::format("dog {}\n", i);
    write_file(folder / "in", content);
    EXPECT_EXIT(std::exit(stopped_workers(folder.path().string())), testing::ExitedWithCode(SIGTERM), "");
    const std::string written = read_file(folder / "out");
    EXPECT_LT(written.size(), content.size());
    EXPECT_TRUE(content.starts_with(written)) << written;
    EXPECT_TRUE(written.empty() || written.back() == '\n');

    write_file(folder / "blank", std::string(1000, '\n'));
    EXPECT_EXIT(std::exit(stopped_among_blank_lines(folder.path().string())), testing::ExitedWithCode(SIGTERM), "");
}

} // namespace
} // namespace nmt
