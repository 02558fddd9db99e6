// Training, encoding and decoding: every model type, odd bytes, errors that say what to do.
#include "tokenizer/tokenizer.hpp"

#include "nmt/base/error.hpp"
#include "nmt/base/input_file.hpp"
#include "nmt/base/output_file.hpp"

#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <set>
#include <thread>

namespace nmt {
namespace {

namespace fs = std::filesystem;

class TokenizerTest : public testing::Test {
  protected:
    void SetUp() override {
        folder_ = fs::temp_directory_path() / fmt::format("nmt-tokenizer-{}", getpid());
        fs::create_directories(folder_);
        text_ = write("text.txt", corpus());
    }
    void TearDown() override { fs::remove_all(folder_); }

    // 120 lines of words made of a few syllables.
    static std::string corpus() {
        const std::vector<std::string> syllables{"la", "mai", "son", "est", "bleu", "grand", "\xc3\xa9t\xc3\xa9", "ta", "ble"};
        std::string text;
        for (std::size_t line = 0; line < 120; ++line) {
            for (std::size_t word = 0; word < 5; ++word)
                text += syllables[(line * 7 + word * 3) % syllables.size()] + syllables[(line * 5 + word) % syllables.size()] + " ";
            text += ".\n";
        }
        return text;
    }

    static std::vector<std::string> sentences() {
        std::vector<std::string> lines;
        const std::string text = corpus();
        for (std::size_t begin = 0, end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1)
            lines.push_back(text.substr(begin, end - begin));
        return lines;
    }

    std::string write(const std::string& name, const std::string& content) {
        write_file(folder_ / name, content);
        return (folder_ / name).string();
    }

    Tokenizer train(const TokenizerOptions& options, std::vector<std::string> files = {}) {
        if (files.empty()) files = {text_};
        Tokenizer::train(files, options, folder_ / "model");
        return Tokenizer(folder_ / "model");
    }

    static TokenizerOptions small(const std::string& type, int size = 60) {
        TokenizerOptions options;
        options.type = type;
        options.vocabulary_size = size;
        options.exact = false;
        return options;
    }

    // The message of the Error that training throws.
    std::string training_error(const TokenizerOptions& options, std::vector<std::string> files = {}) {
        try {
            train(options, std::move(files));
        } catch (const Error& error) {
            return error.what();
        }
        return "";
    }

    fs::path folder_;
    std::string text_;
};

TEST_F(TokenizerTest, EveryTypeGoesThereAndBack) {
    for (const std::string type : {"unigram", "bpe", "char", "word"}) {
        SCOPED_TRACE(type);
        const Tokenizer tokenizer = train(small(type));
        EXPECT_EQ(tokenizer.piece(Tokenizer::kEndOfSentence), "</s>");
        EXPECT_EQ(tokenizer.piece(Tokenizer::kUnknown), "<unk>");
        EXPECT_LE(tokenizer.vocabulary_size(), 60);
        const std::string line = corpus().substr(0, corpus().find('\n'));
        const std::vector<std::int32_t> ids = tokenizer.encode(line);
        EXPECT_EQ(std::count(ids.begin(), ids.end(), Tokenizer::kUnknown), 0);
        EXPECT_EQ(tokenizer.decode(ids), line);
        const std::vector<std::string> pieces = tokenizer.encode_as_pieces(line);
        EXPECT_EQ(tokenizer.decode_pieces(pieces), line);
        ASSERT_EQ(pieces.size(), ids.size());
        for (std::size_t i = 0; i < ids.size(); ++i) EXPECT_EQ(tokenizer.id(pieces[i]), ids[i]);
    }
}

TEST_F(TokenizerTest, TypesDifferInTheirPieces) {
    const std::string word = corpus().substr(0, corpus().find(' '));
    EXPECT_EQ(train(small("word")).encode(word).size(), 1u);
    EXPECT_EQ(train(small("char")).encode(word).size(), word.size() + 1);
    EXPECT_LT(train(small("bpe")).encode(word).size(), word.size());
    EXPECT_LT(train(small("unigram")).encode(word).size(), word.size());
}

TEST_F(TokenizerTest, SameTextGivesTheSameModel) {
    for (const std::string type : {"unigram", "bpe"}) {
        train(small(type));
        const std::string first = read_file(folder_ / "model");
        train(small(type));
        EXPECT_EQ(read_file(folder_ / "model"), first);
    }
}

TEST_F(TokenizerTest, LeavesNothingButTheModel) {
    train(small("bpe"));
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder_)) names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
    EXPECT_EQ(names, (std::vector<std::string>{"model", "text.txt"}));
}

TEST_F(TokenizerTest, GzipInputGivesTheSameModel) {
    const std::string path = (folder_ / "text.gz").string();
    gzFile file = gzopen(path.c_str(), "wb");
    ASSERT_NE(file, nullptr);
    gzwrite(file, corpus().data(), static_cast<unsigned>(corpus().size()));
    gzclose(file);
    train(small("unigram"));
    const std::string plain = read_file(folder_ / "model");
    train(small("unigram"), {path});
    EXPECT_EQ(read_file(folder_ / "model"), plain);
}

TEST_F(TokenizerTest, UserDefinedSymbolsStayWhole) {
    TokenizerOptions options = small("unigram");
    options.user_defined_symbols = {"<sep>", "a,b", "\"q\""};
    const Tokenizer tokenizer = train(options);
    for (const std::string& symbol : options.user_defined_symbols) {
        EXPECT_EQ(tokenizer.piece(tokenizer.id(symbol)), symbol);
        const std::vector<std::string> pieces = tokenizer.encode_as_pieces("la" + symbol + "son");
        EXPECT_EQ(std::count(pieces.begin(), pieces.end(), symbol), 1) << symbol;
    }
    options.user_defined_symbols = {"<sep>", "<sep>"};
    EXPECT_NE(training_error(options).find("'<sep>' is reserved or given twice"), std::string::npos);
    options.user_defined_symbols = {"</s>"};
    EXPECT_NE(training_error(options).find("'</s>' is reserved"), std::string::npos);
}

TEST_F(TokenizerTest, ByteFallbackSpellsUnknownCharacters) {
    TokenizerOptions options = small("bpe", 320);
    options.byte_fallback = true;
    const Tokenizer tokenizer = train(options);
    const std::string snowman = "la \xe2\x98\x83";
    const std::vector<std::int32_t> ids = tokenizer.encode(snowman);
    EXPECT_EQ(std::count(ids.begin(), ids.end(), Tokenizer::kUnknown), 0);
    EXPECT_EQ(tokenizer.decode(ids), snowman);
}

TEST_F(TokenizerTest, DecodedTextHoldsNoLineBreak) {
    TokenizerOptions options = small("bpe", 320);
    options.byte_fallback = true;
    const Tokenizer tokenizer = train(options);
    ASSERT_NE(tokenizer.id("<0x0A>"), Tokenizer::kUnknown);
    EXPECT_EQ(tokenizer.decode_pieces({"l", "<0x0A>", "a", "<0x0D>", "l"}), "l a l");
    EXPECT_EQ(tokenizer.decode({tokenizer.id("<0x0D>"), tokenizer.id("<0x0A>")}), "  ");
    EXPECT_EQ(tokenizer.decode_pieces({"x\ny"}), "x y");
}

TEST_F(TokenizerTest, AnyBytesAreEncoded) {
    for (const std::string type : {"unigram", "bpe", "char", "word"}) {
        for (const std::string normalization : {"nmt_nfkc", "identity"}) {
            SCOPED_TRACE(type + " " + normalization);
            TokenizerOptions options = small(type);
            options.normalization = normalization;
            const Tokenizer tokenizer = train(options);
            EXPECT_TRUE(tokenizer.encode("").empty());
            EXPECT_TRUE(tokenizer.encode("   ").empty());
            std::string all_bytes;
            for (int byte = 0; byte < 256; ++byte) all_bytes += static_cast<char>(byte);
            for (const std::string& text :
                 {std::string("la\0son", 6), std::string("\xff\xfe la"), std::string("\xe2\x80\xa8 la"), std::string("la\r"), all_bytes}) {
                const auto ids = tokenizer.encode(text);
                EXPECT_FALSE(ids.empty());
                for (const std::int32_t id : ids) EXPECT_TRUE(id > 0 && id < tokenizer.vocabulary_size());
                for (const std::string& piece : tokenizer.encode_as_pieces(text)) EXPECT_EQ(piece.find(' '), std::string::npos);
            }
            EXPECT_EQ(tokenizer.decode(tokenizer.encode("la\r")).find('\r'), std::string::npos);
        }
    }
}

// Texts that are encoded part by part: their pieces are those of their words, or of their characters' runs.
TEST_F(TokenizerTest, LongLinesAreEncodedAsShortOnes) {
    for (const std::string type : {"unigram", "bpe", "char", "word"}) {
        SCOPED_TRACE(type);
        const Tokenizer tokenizer = train(small(type));
        std::string line;
        std::vector<std::string> expected;
        for (int i = 0; line.size() < 5 * Tokenizer::kLongestPart; ++i) {
            for (const std::string& sentence : sentences())
                for (const std::string& piece : tokenizer.encode_as_pieces(sentence)) expected.push_back(piece);
            line += fmt::format("{}{}", fmt::join(sentences(), i % 2 == 0 ? " " : "   "), std::string(1 + i % 5, ' '));
        }
        EXPECT_EQ(tokenizer.encode_as_pieces(line), expected);
        const std::string spaces = "la" + std::string(50'000, ' ') + "la";
        EXPECT_EQ(tokenizer.encode_as_pieces(spaces), tokenizer.encode_as_pieces("la la"));
        for (const std::string unit : {"a", "x", "\u4f60", "\xff", "\xe4\xbd", "xxx ", "xyzzy la "}) { // known and unknown
            std::string text;
            while (text.size() < 100'000) text += unit;
            const std::vector<std::string> pieces = tokenizer.encode_as_pieces(text);
            std::string joined = fmt::format("{}", fmt::join(pieces, "")), short_text;
            while (short_text.size() < 1'000 * unit.size()) short_text += unit;
            const std::string pattern = fmt::format("{}", fmt::join(tokenizer.encode_as_pieces(short_text), ""));
            EXPECT_EQ(joined.substr(0, pattern.size() / 2), pattern.substr(0, pattern.size() / 2)) << unit;
            EXPECT_EQ(std::count(joined.begin(), joined.end(), '\x96'), // of U+2581: none is added, none is lost
                      unit.ends_with(' ') ? std::count(text.begin(), text.end(), ' ') : 1)
                << unit;
            EXPECT_EQ(tokenizer.encode(text).size(), pieces.size());
            for (std::size_t i = 1; i < pieces.size(); ++i)
                ASSERT_FALSE(tokenizer.id(pieces[i]) == Tokenizer::kUnknown && tokenizer.id(pieces[i - 1]) == Tokenizer::kUnknown);
        }
        const std::string endless(100'000, 'a');
        EXPECT_EQ(tokenizer.decode_pieces(tokenizer.encode_as_pieces(endless)), endless);
    }
}

// Each piece says which bytes of the text, as it was before normalization, it stands for.
TEST_F(TokenizerTest, PiecesKnowWhereTheyStand) {
    const auto spans = [](const std::vector<Piece>& pieces) {
        std::vector<std::pair<std::string, std::pair<std::size_t, std::size_t>>> found;
        for (const Piece& piece : pieces) found.push_back({piece.text, {piece.span.begin, piece.span.end}});
        return found;
    };
    using Found = decltype(spans({}));
    const Tokenizer words = train(small("word"));
    EXPECT_EQ(spans(words.encode_with_spans("  lala \u00bd  lala")), (Found{{"▁lala", {2, 6}}, {"▁1\u20442", {6, 9}}, {"▁lala", {9, 15}}}));
    EXPECT_EQ(spans(words.encode_with_spans("lala\u200blala ")), (Found{{"▁lala", {0, 4}}, {"▁lala", {4, 11}}}));
    const Tokenizer characters = train(small("char"));
    EXPECT_EQ(spans(characters.encode_with_spans(" la")), (Found{{"▁", {1, 1}}, {"l", {1, 2}}, {"a", {2, 3}}}));
    for (const std::string type : {"unigram", "bpe", "char", "word"}) {
        const Tokenizer tokenizer = train(small(type));
        for (const std::size_t length : {std::size_t{300}, 3 * Tokenizer::kLongestPart}) {
            std::string text;
            while (text.size() < length) text += fmt::format("{}  \u00bd xyzzy\u3000", fmt::join(sentences(), " "));
            std::size_t end = 0;
            for (const Piece& piece : tokenizer.encode_with_spans(text)) {
                ASSERT_LE(end, piece.span.begin);
                ASSERT_LE(piece.span.begin, piece.span.end);
                end = piece.span.end;
                std::string stands = text.substr(piece.span.begin, end - piece.span.begin), spelt = piece.text;
                std::erase_if(stands, [](char c) { return c == ' '; });
                replace_all(stands, "\u3000", "");
                replace_all(stands, "\u00bd", "1\u20442");
                replace_all(spelt, "▁", "");
                if (piece.id != Tokenizer::kUnknown) {
                    EXPECT_EQ(stands, spelt) << type;
                }
            }
            EXPECT_EQ(text.find_first_not_of(" ", end), text.size() - 3) << type; // U+3000, which is white space
        }
    }
}

TEST_F(TokenizerTest, DecodedPiecesKnowWhereTheyStand) {
    TokenizerOptions options = small("bpe", 320);
    options.byte_fallback = true;
    const Tokenizer tokenizer = train(options);
    const std::string text = "la \u2603la";
    std::vector<std::int32_t> ids = tokenizer.encode(text);
    ids.push_back(Tokenizer::kUnknown);
    ids.push_back(Tokenizer::kEndOfSentence);
    const DecodedText decoded = tokenizer.decode_with_spans(ids);
    EXPECT_EQ(decoded.text, text + " \u2047 ");
    EXPECT_EQ(decoded.text, tokenizer.decode(ids));
    ASSERT_EQ(decoded.spans.size(), ids.size());
    std::size_t end = 0;
    for (const TextSpan& span : decoded.spans) {
        EXPECT_EQ(span.begin, end);
        end = span.end;
    }
    EXPECT_EQ(end, decoded.text.size());
    EXPECT_EQ(decoded.spans.back(), (TextSpan{end, end}));
    EXPECT_EQ(decoded.spans[ids.size() - 2], (TextSpan{end - 5, end}));
    EXPECT_EQ(tokenizer.decode_with_spans({}).text, "");
}

TEST_F(TokenizerTest, TextOfControlPiecesMakesNoControlPieces) {
    for (const std::string type : {"unigram", "bpe", "char", "word"}) {
        const Tokenizer tokenizer = train(small(type), {write("control.txt", corpus() + "</s> <unk> < / s >\n</s>\n")});
        const auto ids = tokenizer.encode("la </s> la</s>");
        EXPECT_EQ(std::count(ids.begin(), ids.end(), Tokenizer::kEndOfSentence), 0) << type;
    }
}

TEST_F(TokenizerTest, UnknownWordsComeBackWithTheirSpaces) {
    const Tokenizer tokenizer = train(small("word"));
    const std::string known = corpus().substr(0, corpus().find(' '));
    for (const std::string& text : {known + " xyzzy " + known, "xyzzy " + known, known + " xyzzy xyzzy"})
        EXPECT_EQ(tokenizer.decode_pieces(tokenizer.encode_as_pieces(text)), text);
    EXPECT_EQ(tokenizer.decode({tokenizer.id("\xe2\x96\x81" + known), Tokenizer::kUnknown, Tokenizer::kEndOfSentence}),
              known + " \xe2\x81\x87 ");
}

TEST_F(TokenizerTest, OddTrainingLinesAreReadAndReported) {
    // A letter that stands only in one kind of line must be learned from it.
    const std::string text = corpus() + std::string(5'000, 'w') + " " + std::string(200, 'z') + "\n" + "k\xe2\x96\x85k kkk\n" +
                             "\xff jj j\n" + std::string("q\0qq", 4) + "\n";
    testing::internal::CaptureStderr();
    const Tokenizer tokenizer = train(small("char"), {write("odd.txt", text)});
    const std::string log = testing::internal::GetCapturedStderr();
    for (const std::string letter : {"w", "z", "k", "j", "q"}) EXPECT_NE(tokenizer.id(letter), Tokenizer::kUnknown) << letter;
    EXPECT_NE(log.find("1 of 124 lines hold invalid UTF-8"), std::string::npos) << log;
    EXPECT_NE(log.find("1 of 124 lines hold NUL bytes"), std::string::npos) << log;
    EXPECT_NE(log.find("1 of 124 lines hold U+2585"), std::string::npos) << log;
    EXPECT_EQ(log.find("LOG("), std::string::npos) << "SentencePiece's own log came through:\n" << log;
}

TEST_F(TokenizerTest, TooLargeAVocabularyNamesTheLargest) {
    for (const std::string type : {"unigram", "bpe", "word"}) {
        SCOPED_TRACE(type);
        TokenizerOptions options = small(type, 8000);
        options.exact = true;
        const std::string message = training_error(options);
        ASSERT_NE(message.find("vocab-size = 8000 is too large"), std::string::npos) << message;
        const std::string before = "vocabulary of at most ";
        ASSERT_NE(message.find(before), std::string::npos) << message;
        const int largest = std::stoi(message.substr(message.find(before) + before.size()));
        options.vocabulary_size = largest;
        EXPECT_EQ(train(options).vocabulary_size(), largest);
        options.vocabulary_size = 8000;
        options.exact = false;
        EXPECT_LE(train(options).vocabulary_size(), largest);
    }
}

TEST_F(TokenizerTest, TooSmallAVocabularyNamesTheSmallest) {
    TokenizerOptions options = small("bpe", 10);
    const std::string message = training_error(options);
    const std::string before = "ask for at least ";
    ASSERT_NE(message.find(before), std::string::npos) << message;
    options.vocabulary_size = std::stoi(message.substr(message.find(before) + before.size()));
    EXPECT_EQ(train(options).vocabulary_size(), options.vocabulary_size);
    options.vocabulary_size = 200;
    options.byte_fallback = true;
    EXPECT_NE(training_error(options).find("256 bytes alone take 258"), std::string::npos) << training_error(options);
}

TEST_F(TokenizerTest, EmptyTextIsAnError) {
    // What SentencePiece would end the process for.
    for (const std::string text : {"", "\n\n", "  \n\t\n", "\xe3\x80\x80\n\xe2\x80\x8b\n", "\xe2\x96\x85\n"}) {
        const std::string path = write("empty.txt", text);
        const std::string message = training_error(small("unigram"), {path});
        EXPECT_NE(message.find("'" + path + "' is empty"), std::string::npos) << message;
        EXPECT_FALSE(fs::exists(folder_ / "model"));
    }
}

TEST_F(TokenizerTest, FailuresNameTheFileAndLeaveTheOldModel) {
    train(small("bpe"));
    const std::string before = read_file(folder_ / "model");
    EXPECT_NE(training_error(small("bpe"), {(folder_ / "missing").string()}).find("missing"), std::string::npos);
    EXPECT_NE(training_error(small("bpe"), {text_, (folder_ / "missing").string()}).find("missing"), std::string::npos);
    EXPECT_EQ(read_file(folder_ / "model"), before);
    EXPECT_THROW(Tokenizer::train({text_}, small("bpe"), text_ + "/model"), Error);
    EXPECT_THROW(Tokenizer::train({text_}, small("bpe"), folder_), Error);
    EXPECT_THROW(Tokenizer::train({text_}, small("bpe"), "/dev/null"), Error);
}

TEST_F(TokenizerTest, ForeignModelsAreRefused) {
    EXPECT_THROW(Tokenizer(folder_ / "missing"), Error);
    EXPECT_THROW(Tokenizer(fs::path(write("empty", ""))), Error);
    EXPECT_THROW(Tokenizer(fs::path(text_)), Error);
    train(small("unigram"));
    const std::string model = read_file(folder_ / "model");
    EXPECT_THROW(Tokenizer(fs::path(write("half", model.substr(0, model.size() / 2)))), Error);
}

TEST_F(TokenizerTest, IdsOutsideTheVocabularyAreErrors) {
    const Tokenizer tokenizer = train(small("char"));
    EXPECT_THROW(tokenizer.decode({-1}), Error);
    EXPECT_THROW(tokenizer.decode({tokenizer.vocabulary_size()}), Error);
    EXPECT_THROW(tokenizer.piece(tokenizer.vocabulary_size()), Error);
    EXPECT_EQ(tokenizer.id("no such piece"), Tokenizer::kUnknown);
}

TEST_F(TokenizerTest, TellsItsType) {
    for (const std::string type : {"unigram", "bpe", "char", "word"}) EXPECT_EQ(train(small(type)).type(), type);
}

TEST_F(TokenizerTest, SamplesFollowFromTheSeedOnWhicheverThread) {
    const std::vector<std::string> texts(20, "la maison est bleu grand table");
    for (const std::string type : {"unigram", "bpe"}) {
        SCOPED_TRACE(type);
        const Tokenizer tokenizer = train(small(type));
        const auto expected = tokenizer.sample(texts, 0.3, 7);
        const std::vector<std::int32_t> plain = tokenizer.encode(texts.front());
        EXPECT_GT((std::set<std::vector<std::int32_t>>(expected.begin(), expected.end()).size()), 5u); // each text has a draw of its own
        for (const auto& sample : expected) EXPECT_EQ(tokenizer.decode(sample), texts.front());
        EXPECT_NE(tokenizer.sample(texts, 0.3, 8), expected);
        EXPECT_EQ(tokenizer.sample(texts, 0.3, 7), expected); // whatever was drawn before
        for (const std::uint64_t seed : {0xffffffffULL, ~0ULL})
            EXPECT_EQ(tokenizer.sample(texts, 0.3, seed), tokenizer.sample(texts, 0.3, seed));
        std::vector<std::thread> threads;
        std::vector<std::vector<std::vector<std::int32_t>>> found(4);
        for (auto& samples : found)
            threads.emplace_back([&] {
                for (int i = 0; i < 3; ++i) samples = tokenizer.sample(texts, 0.3, 7);
            });
        for (std::thread& thread : threads) thread.join();
        for (const auto& samples : found) EXPECT_EQ(samples, expected);
        EXPECT_EQ(tokenizer.encode(texts.front()), plain); // encoding never samples
    }
}

TEST_F(TokenizerTest, SamplingGoesFromPlainToCharacters) {
    const std::vector<std::string> texts(200, "grandmaison bleutable");
    const auto mean_length = [&](const Tokenizer& tokenizer, double alpha) {
        double sum = 0;
        for (const auto& sample : tokenizer.sample(texts, alpha, 3)) sum += static_cast<double>(sample.size());
        return sum / static_cast<double>(texts.size());
    };
    const Tokenizer bpe = train(small("bpe"));
    const auto plain = static_cast<double>(bpe.encode(texts.front()).size());
    EXPECT_NEAR(mean_length(bpe, 1e-6), plain, 0.1); // hardly a merge is left out
    EXPECT_GT(mean_length(bpe, 0.2), plain + 0.5);
    EXPECT_GT(mean_length(bpe, 0.6), mean_length(bpe, 0.2) + 0.5);
    EXPECT_EQ(mean_length(bpe, 1), 22); // 21 characters, and the mark before the first word
    // The smaller alpha, the nearer to chance among all segmentations, most of which are long.
    const Tokenizer unigram = train(small("unigram"));
    EXPECT_GT(mean_length(unigram, 0.01), mean_length(unigram, 0.3) + 0.5);
    EXPECT_GT(mean_length(unigram, 0.3), mean_length(unigram, 1));
}

TEST_F(TokenizerTest, SamplingTakesAnyBytesAndNoOtherType) {
    const std::vector<std::string> odd = {
        "", " ", std::string("a\0b", 3), "\xff\xfe", "</s> <unk>", std::string(5000, 'x'), "\xe2\x98\x83"};
    for (const std::string type : {"unigram", "bpe"}) {
        const Tokenizer tokenizer = train(small(type));
        const auto samples = tokenizer.sample(odd, 0.5, 1);
        ASSERT_EQ(samples.size(), odd.size());
        EXPECT_TRUE(samples[0].empty());
        for (std::size_t i = 0; i < odd.size(); ++i) EXPECT_EQ(samples[i].empty(), tokenizer.encode(odd[i]).empty()) << i;
        EXPECT_TRUE(tokenizer.sample({}, 0.5, 1).empty());
        for (const double alpha : {0.0, -0.5, 1.5}) EXPECT_THROW(tokenizer.sample(odd, alpha, 1), Error);
    }
    for (const std::string type : {"char", "word"}) EXPECT_THROW(train(small(type)).sample(odd, 0.5, 1), Error);
}

TEST(TokenizerOptionsTest, AreReadFromAConfiguration) {
    TokenizerOptions options;
    OptionTable table;
    options.describe(table);
    Configuration configuration = Configuration::parse(
        "[tokenizer]\ntype = bpe\nvocab-size = 123\nexact = false\njoint = false\nbyte-fallback = true\nuser-defined-symbols = <a> <b>\n",
        "test");
    configuration.read("tokenizer", table);
    EXPECT_EQ(options.type, "bpe");
    EXPECT_EQ(options.vocabulary_size, 123);
    EXPECT_FALSE(options.exact);
    EXPECT_FALSE(options.joint);
    EXPECT_TRUE(options.byte_fallback);
    EXPECT_EQ(options.user_defined_symbols, (std::vector<std::string>{"<a>", "<b>"}));
    Configuration wrong = Configuration::parse("[tokenizer]\ncharacter-coverage = 0.5\n", "test");
    EXPECT_THROW(wrong.read("tokenizer", table), Error);
}

} // namespace
} // namespace nmt
