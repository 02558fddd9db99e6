#include "nmt/data/sentence_splitter.hpp"

#include "nmt/base/line_reader.hpp"
#include "nmt/base/random.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <thread>
#include <vector>

namespace nmt {
namespace {

std::vector<std::string> texts(std::string_view line) {
    std::vector<std::string> result;
    for (const Sentence& sentence : split_sentences(line)) result.emplace_back(sentence.text);
    return result;
}

using Texts = std::vector<std::string>;

// Where sentences begin behind others, in a line of the test text and as the splitter finds them.
struct Boundaries {
    explicit Boundaries(std::string_view marked) {
        constexpr std::string_view kMark = "¦";
        std::string line;
        while (!marked.empty()) {
            if (marked.starts_with(kMark)) {
                wanted.insert(line.size());
                marked.remove_prefix(kMark.size());
            } else {
                line += marked.front();
                marked.remove_prefix(1);
            }
        }
        std::size_t position = 0;
        for (const Sentence& sentence : split_sentences(line)) {
            position += sentence.separator.size();
            if (position > 0) found.insert(position);
            position += sentence.text.size();
        }
    }

    std::set<std::size_t> wanted, found;
};

struct Count {
    std::size_t right = 0, found = 0, wanted = 0;

    void add(const Boundaries& line) {
        for (const std::size_t position : line.found) right += line.wanted.count(position);
        found += line.found.size();
        wanted += line.wanted.size();
    }
    double f1() const { return 200.0 * static_cast<double>(right) / static_cast<double>(found + wanted); }
};

TEST(SentenceSplitter, FindsTheSentencesOfTheTestText) {
    Count known, held_out;
    bool is_held_out = false;
    for (const std::string& line : read_lines(NMT_SOURCE_DIR "/tests/data/sentences.txt")) {
        is_held_out = is_held_out || line.starts_with("# held out");
        if (!line.empty() && !line.starts_with("#")) (is_held_out ? held_out : known).add(Boundaries(line));
    }
    fmt::print("F1 over the boundaries between sentences: {:.2f} % of {}, held out {:.2f} % of {}\n", known.f1(), known.wanted,
               held_out.f1(), held_out.wanted);
    EXPECT_GT(known.wanted, 200u);
    EXPECT_GT(held_out.wanted, 100u);
    EXPECT_GE(known.f1(), 99);
    EXPECT_GE(held_out.f1(), 99);
}

TEST(SentenceSplitter, SeparatorsAreTheWhiteSpaceBetweenSentences) {
    const std::string line = " \tOne dog.  Two cats!\u00a0\u3000你好。你呢？ \r";
    const std::vector<Sentence> sentences = split_sentences(line);
    ASSERT_EQ(sentences.size(), 4u);
    EXPECT_EQ(sentences[0].separator, " \t");
    EXPECT_EQ(sentences[0].text, "One dog.");
    EXPECT_EQ(sentences[1].separator, "  ");
    EXPECT_EQ(sentences[1].text, "Two cats!");
    EXPECT_EQ(sentences[2].separator, "\u00a0\u3000");
    EXPECT_EQ(sentences[2].text, "你好。");
    EXPECT_EQ(sentences[3].separator, "");
    EXPECT_EQ(sentences[3].text, "你呢？");
    EXPECT_EQ(sentences[0].separator.data(), line.data());
}

TEST(SentenceSplitter, BlankLinesHoldNone) {
    for (const char* line : {"", " ", "\t \r", "\u00a0\u3000\u2028"}) EXPECT_EQ(texts(line), Texts{}) << line;
}

TEST(SentenceSplitter, AccentsAndMarksOfDirectionStayWithTheirCharacter) {
    EXPECT_EQ(texts("Cafe\u0301. The\u0301 e\u0301."), (Texts{"Cafe\u0301.", "The\u0301 e\u0301."}));
    EXPECT_EQ(texts("נכון.\u200f כן!\u200f"), (Texts{"נכון.\u200f", "כן!\u200f"}));
    EXPECT_EQ(texts("Nice! \u2764\ufe0f"), (Texts{"Nice! \u2764\ufe0f"}));
}

TEST(SentenceSplitter, EscapesOfTokenizersCountAsWhatTheyStandFor) {
    EXPECT_EQ(texts("&quot; who is it ? &quot; he asked . nobody came ."),
              (Texts{"&quot; who is it ? &quot; he asked .", "nobody came ."}));
    EXPECT_EQ(texts("He said &quot; no . &quot; She left &amp; slept ."), (Texts{"He said &quot; no . &quot;", "She left &amp; slept ."}));
}

TEST(SentenceSplitter, SentencesThatNothingSeparates) {
    EXPECT_EQ(texts("A dog runs.The man sleeps."), (Texts{"A dog runs.", "The man sleeps."}));
    for (const char* line : {"See node.Js or www.example.The here", "It is v1.A or B.The", "Yahoo!ニュース", "a?b=c", "index.php?The=1"})
        EXPECT_EQ(texts(line), Texts{line});
}

// Separators and texts are the line, whatever it holds, and no text is empty or has white space at its ends.
void expect_whole(const std::string& line) {
    std::string joined;
    for (const Sentence& sentence : split_sentences(line)) {
        joined.append(sentence.separator).append(sentence.text);
        ASSERT_FALSE(sentence.text.empty()) << line;
        for (const char c : {sentence.text.front(), sentence.text.back()})
            ASSERT_TRUE(std::string_view(" \t\r\n").find(c) == std::string::npos);
    }
    ASSERT_TRUE(std::string_view(line).starts_with(joined)) << line;
    ASSERT_TRUE(split_sentences(std::string_view(line).substr(joined.size())).empty()) << line;
}

TEST(SentenceSplitter, AnyBytesAreWelcome) {
    const std::vector<std::string> parts{
        ".",        "!",        "?",      " ",      "  ", "\t",     "\"",   "(",  ")",    "[1]",
        "«",        "»",        "“",      "”",      "「", "」",     "a",    "A",  "The",  "dog",
        "Dr",       "3",        "...",    "…",      "。", "\u00a0", "\r",   "\n", "\xff", "\xc3",
        "\xe2\x80", "\xf0\x9f", "\u0301", "\u200f", "😀",  "&quot;", "&",    "i",  "我",   ":",
        "-",        "’",        "\u2028", "آ",      "؟",  ".NET",   "e.g.", ";",  "Ω",    std::string(1, '\0')};
    Random random(7);
    for (int i = 0; i < 20'000; ++i) {
        std::string line;
        for (std::uint64_t length = random.next() % 12; length > 0; --length) line += parts[random.next() % parts.size()];
        expect_whole(line);
        std::string bytes;
        for (std::uint64_t length = random.next() % 12; length > 0; --length) bytes += static_cast<char>(random.next());
        expect_whole(bytes);
    }
}

// Each of these would take minutes if a step looked at the whole line for each of its marks.
TEST(SentenceSplitter, LongLines) {
    for (const std::string part : {"a",    ".",         " ",  ". ",   "(", ")",   "()",  "(.", "\"",     "\". ", "« ",  "A. ", "3. ",
                                   "Dr. ", "the dog. ", "。", "「。", "…", "[1]", "😀. ", "&",  "\u0301", "\xff", ". (", "? - "}) {
        std::string line;
        while (line.size() < 500'000) line += part;
        expect_whole(line);
        expect_whole("It is. " + line + " So it is.");
    }
}

TEST(SentenceSplitter, ThreadsDoNotDisturbEachOther) {
    const std::string line = "Dr. Who came. 你好。你呢？ E.g. this one! And that.";
    const Texts expected = texts(line);
    std::vector<std::thread> threads;
    std::vector<int> equal(4, 0);
    for (int& count : equal)
        threads.emplace_back([&] {
            for (int i = 0; i < 500; ++i) count += texts(line) == expected ? 1 : 0;
        });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(equal, std::vector<int>(4, 500));
}

} // namespace
} // namespace nmt
