// Damaged and crafted SentencePiece models are refused before the library reads them, and what is let through cannot lead it astray.
#include "tokenizer/model_file.hpp"

#include "nmt/base/error.hpp"
#include "nmt/base/input_file.hpp"
#include "nmt/base/output_file.hpp"
#include "nmt/base/random.hpp"
#include "tests/base/test_support.hpp"
#include "tokenizer/tokenizer.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <limits>
#include <utility>
#include <vector>

namespace nmt {
namespace {

std::string message_of_check(std::string_view model) {
    return message_of<Error>([&] { check_model_file(model); });
}

// Parts of a message in the wire format of protocol buffers.
std::string number_field(int field, unsigned value) { return {static_cast<char>(field << 3), static_cast<char>(value)}; }
std::string float_field(int field, float value) {
    std::string text{static_cast<char>(field << 3 | 5)};
    char bytes[sizeof(value)];
    std::memcpy(bytes, &value, sizeof(value));
    return text.append(bytes, sizeof(value));
}
std::string bytes_field(int field, std::string_view bytes) {
    std::string text{static_cast<char>(field << 3 | 2)};
    std::size_t size = bytes.size();
    for (; size > 0x7f; size >>= 7) text += static_cast<char>(0x80 | (size & 0x7f));
    text += static_cast<char>(size);
    return text.append(bytes);
}

std::string piece(std::string_view text, float score = -1, unsigned type = 1) {
    return bytes_field(1, bytes_field(1, text) + float_field(2, score) + number_field(3, type));
}

TEST(ModelFile, KnowsTheTypeOfASoundOne) {
    const std::string pieces = piece("</s>", 0, 3) + piece("<unk>", 0, 2) +
                               piece("\xe2\x96\x81"
                                     "caf\xc3\xa9");
    EXPECT_EQ(check_model_file(pieces).type, "unigram");
    for (const auto& [number, name] : std::vector<std::pair<unsigned, std::string>>{{1, "unigram"}, {2, "bpe"}, {3, "word"}, {4, "char"}})
        EXPECT_EQ(check_model_file(pieces + bytes_field(2, number_field(3, number))).type, name);
    EXPECT_EQ(check_model_file(pieces + bytes_field(9, "what later versions may add")).type, "unigram");
    EXPECT_EQ(check_model_file(pieces + bytes_field(3, bytes_field(1, "nfkc"))).normalization, "nfkc");
    EXPECT_EQ(check_model_file(pieces).normalization, "");
}

TEST(ModelFile, SaysWhatIsWrongOfPieces) {
    const std::vector<std::pair<std::string, std::string>> faults = {
        {piece(""), "an empty piece"},
        {bytes_field(1, float_field(2, 0)), "an empty piece"},
        {piece("\xc3"), "not UTF-8"},
        {piece("\xed\xa0\x80"), "not UTF-8"},
        {piece(std::string_view("a\0b", 3)), "a NUL, a line break or a space"},
        {piece("a\nb"), "a NUL, a line break or a space"},
        {piece("a b"), "a NUL, a line break or a space"},
        {piece("a", std::numeric_limits<float>::quiet_NaN()), "the score of its piece 'a' is nan"},
        {piece("a", -std::numeric_limits<float>::infinity()), "the score of its piece 'a' is -inf"},
        {piece("a", 3e38F), "the score of its piece 'a'"},
        {piece("a", 0, 0), "of an unknown type"},
        {piece("a", 0, 7), "of an unknown type"},
        {bytes_field(1, bytes_field(1, "a") + bytes_field(1, "b")), "stands there twice"},
        {bytes_field(1, number_field(1, 5)), "wrong type"},
        {number_field(1, 5), "wrong type"},
    };
    for (const auto& [model, expected] : faults)
        EXPECT_NE(message_of_check(piece("good") + model).find(expected), std::string::npos) << expected << ": " << message_of_check(model);
}

TEST(ModelFile, SaysWhatIsWrongOfItsFrame) {
    const std::string good = piece("good"), trainer = bytes_field(2, number_field(3, 2));
    EXPECT_NE(message_of_check(""), "");
    EXPECT_NE(message_of_check("no tokenizer"), "");
    for (std::size_t size = 1; size < good.size(); ++size) EXPECT_NE(message_of_check(good.substr(0, size)), "") << size;
    EXPECT_NE(message_of_check(good + trainer + trainer).find("twice"), std::string::npos);
    EXPECT_NE(message_of_check(good + bytes_field(2, number_field(3, 5))).find("unknown type of model"), std::string::npos);
    EXPECT_NE(message_of_check(good + std::string(12, '\xff')).find("more than 64 bits"), std::string::npos);
    EXPECT_NE(message_of_check(good + '\x0b').find("unknown kind"), std::string::npos);
}

TEST(ModelFile, TheLibraryHasRoomForSoManyUserDefinedPieces) {
    const auto nested = [](std::size_t count) {
        std::string model;
        for (std::size_t length = 1; length <= count; ++length)
            model += piece(std::string(length, 'a'), 0, 4) + piece(std::string(length, 'b'), 0, 4);
        return model;
    };
    EXPECT_EQ(check_model_file(nested(64)).type, "unigram");
    EXPECT_NE(message_of_check(nested(65)).find("more than 64 of its user-defined pieces"), std::string::npos);
}

// A double array, built by hand: every state has a block of 256 units to itself, the first at 256.
class HandMadeMap {
  public:
    explicit HandMadeMap(std::uint32_t states) : units_(256 * (states + 1), 0x80000000U) { units_[0] = offset_bits(256); }

    static std::uint32_t state(std::uint32_t i) { return 256 * (i + 1); }
    // From state `from` with `byte` to the unit number `to`; with `rule` a text is found there.
    void lead(std::uint32_t from, unsigned char byte, std::uint32_t to, bool rule = false) {
        const std::uint32_t child = state(from) ^ byte;
        units_[child] = offset_bits(child ^ to) | byte | (rule ? 0x100U : 0);
    }
    void set_rule(std::uint32_t i, std::uint32_t text) { units_[state(i)] = 0x80000000U | text; }

    std::string bytes(std::string_view texts) const {
        const auto size = static_cast<std::uint32_t>(units_.size() * sizeof(units_[0]));
        std::string map(sizeof(size), '\0');
        std::memcpy(map.data(), &size, sizeof(size));
        return map.append(reinterpret_cast<const char*>(units_.data()), size).append(texts);
    }
    std::string fault(std::string_view texts) const {
        return message_of<Error>([&] { check_character_map(bytes(texts)); });
    }

  private:
    static std::uint32_t offset_bits(std::uint32_t offset) { return offset < 1U << 21 ? offset << 10 : (offset >> 8) << 10 | 0x200U; }
    std::vector<std::uint32_t> units_;
};

constexpr std::string_view kTexts("e\0\xc3\xa9\0", 5);

TEST(CharacterMap, ASoundOneIsTaken) {
    HandMadeMap map(2);
    map.lead(0, 'a', HandMadeMap::state(1), true);
    for (const std::uint32_t text : {0U, 1U, 2U, 4U}) {
        map.set_rule(1, text);
        EXPECT_EQ(map.fault(kTexts), "") << text;
    }
}

TEST(CharacterMap, RulesWithoutAText) {
    HandMadeMap map(2);
    map.lead(0, 'a', HandMadeMap::state(1), true);
    for (const std::uint32_t text : {5U, 0x7fffffffU, 3U}) { // behind the end, far behind it, within a character
        map.set_rule(1, text);
        EXPECT_NE(map.fault(kTexts).find("has no text"), std::string::npos) << text;
    }
    map.set_rule(1, 0);
    EXPECT_NE(map.fault("e").find("have no end"), std::string::npos);
    EXPECT_NE(map.fault(std::string_view("\xc3\0", 2)).find("not UTF-8"), std::string::npos);
    EXPECT_NE(map.fault("").find("bytes of rules"), std::string::npos);
}

TEST(CharacterMap, StatesBeyondItsEnd) {
    for (const std::uint32_t to : {HandMadeMap::state(2), HandMadeMap::state(5), 0x0fffff00U}) {
        HandMadeMap map(2);
        map.lead(0, 'a', to);
        EXPECT_NE(map.fault(kTexts).find("leads beyond its end"), std::string::npos) << to;
        map.lead(0, 'a', HandMadeMap::state(1));
        map.lead(1, 0xff, to); // further down
        EXPECT_NE(map.fault(kTexts).find("leads beyond its end"), std::string::npos) << to;
    }
    const std::string whole = HandMadeMap(2).bytes(kTexts);
    EXPECT_EQ(message_of<Error>([&] { check_character_map(whole); }), "");
    for (const std::size_t size : {std::size_t{0}, std::size_t{3}, std::size_t{4}, std::size_t{100}, whole.size() - kTexts.size()})
        EXPECT_NE(message_of<Error>([&] { check_character_map(std::string_view(whole).substr(0, size)); }), "") << size;
}

TEST(CharacterMap, Circles) {
    HandMadeMap map(3);
    map.lead(0, 'a', HandMadeMap::state(1));
    map.lead(1, 'b', HandMadeMap::state(2));
    map.lead(2, 'c', HandMadeMap::state(1));
    EXPECT_NE(map.fault(kTexts).find("leads in a circle"), std::string::npos);
    map.lead(2, 'c', HandMadeMap::state(0));
    EXPECT_NE(map.fault(kTexts).find("leads in a circle"), std::string::npos);
}

TEST(CharacterMap, TheLibraryHasRoomForSoManyRulesThatBeginOneAnother) {
    for (const std::uint32_t count : {32U, 33U}) {
        HandMadeMap map(count + 1);
        for (std::uint32_t i = 0; i < count; ++i) {
            map.lead(i, 'a', HandMadeMap::state(i + 1), true);
            map.lead(i, 'b', HandMadeMap::state(i + 1), true); // another way there
            map.set_rule(i + 1, 0);
        }
        if (count == 32) EXPECT_EQ(map.fault(kTexts), "");
        else EXPECT_NE(map.fault(kTexts).find("more than 32 rules"), std::string::npos);
    }
}

// What is loaded after a change of a few bytes encodes and decodes whatever there is; a debug build with sanitizers shows more.
TEST(ModelFile, ChangedBytesAreRefusedOrHarmless) {
    const TemporaryFolder folder;
    std::string lines,
        odd = "\xef\xbc\xa1\xef\xbc\xa2 \xef\xac\x81 \xc2\xb2 \xe2\x84\xa2 e\xcc\x81 \xe3\x8d\xbf \xff\xfe caf\xc3\xa9 a\xe2\x96\x81"
              "b ";
    for (int i = 0; i < 40; ++i) lines += fmt::format("caf\xc3\xa9 {} la maison {}bleu\n", i, i % 7);
    for (unsigned c = 0xa0; c < 0x800; ++c) odd.append({static_cast<char>(0xc0 | c >> 6), static_cast<char>(0x80 | (c & 0x3f))});
    write_file(folder / "text", lines);
    int loaded = 0, refused = 0;
    for (const std::string type : {"unigram", "bpe", "word"}) {
        TokenizerOptions options;
        options.type = type;
        options.vocabulary_size = type == "bpe" ? 320 : 60;
        options.byte_fallback = type == "bpe";
        options.exact = false;
        options.user_defined_symbols = {"<sep>", "<sep2>"};
        Tokenizer::train({folder / "text"}, options, folder / "model");
        const std::string sound = read_file(folder / "model");
        const std::size_t map = sound.find("nmt_nfkc"); // the table of normalization is nearly all of the file
        Random random(7, type.size());
        for (int i = 0; i < 60; ++i) {
            std::string changed = sound;
            // Pieces, the whole table, and its texts
            const std::size_t begin = i % 3 == 0 ? 0 : map, end = i % 3 == 0 ? map + 20 : changed.size();
            for (std::uint64_t edits = 1 + random.below(2); edits > 0; --edits)
                changed[begin + random.below(end - begin)] = static_cast<char>(random.below(256));
            write_file(folder / "changed", changed);
            try {
                const Tokenizer tokenizer(folder / "changed");
                ++loaded;
                tokenizer.decode(tokenizer.encode(odd));
                tokenizer.decode_pieces(tokenizer.encode_as_pieces(odd));
            } catch (const Error& error) {
                EXPECT_FALSE(std::string(error.what()).empty());
                ++refused;
            }
        }
    }
    EXPECT_GT(loaded, 15);
    EXPECT_GT(refused, 50);
}

} // namespace
} // namespace nmt
