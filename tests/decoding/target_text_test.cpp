#include "nmt/decoding/target_text.hpp"

#include "nmt/data/line_shape.hpp"
#include "tests/decoding/toy_tokenizer.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace nmt {
namespace {

using Tokens = std::vector<std::int32_t>;

Tokenizer trained(const std::string& type) {
    const TemporaryFolder folder;
    std::ofstream(folder / "text") << "the cat sees the dog .\na bird and a house\n";
    set_quiet(true);
    TokenizerOptions options;
    options.type = type;
    options.vocabulary_size = 60;
    options.exact = false;
    Tokenizer::train({folder / "text"}, options, folder / "model");
    return Tokenizer(folder / "model");
}

// White space before an unknown word is part of it; beside an unknown character it is a piece of its own.
const Tokenizer& words() {
    static const Tokenizer tokenizer = trained("word");
    return tokenizer;
}
const Tokenizer& characters() {
    static const Tokenizer tokenizer = trained("char");
    return tokenizer;
}

std::string with(const Tokenizer& tokenizer, const std::string& text, const UnknownText& unknown, const Prefix& prefix = {}) {
    return text_of(tokenizer, tokenizer.encode(text), prefix, unknown).text;
}

const UnknownText kNothing = [](std::size_t) { return std::string(); };
const UnknownText kName = [](std::size_t) { return std::string("X Y"); };

TEST(TargetText, UnknownPiecesGiveWayToOtherText) {
    EXPECT_EQ(with(words(), "the zebra sees the dog", {}), "the \u2047  sees the dog");
    EXPECT_EQ(with(words(), "the zebra sees the dog", kName), "the X Y sees the dog");
    EXPECT_EQ(with(words(), "the zebra sees the dog", kNothing), "the sees the dog");
    EXPECT_EQ(with(words(), "zebra sees zebra", kName), "X Y sees X Y");
    EXPECT_EQ(with(words(), "zebra sees zebra", kNothing), "sees");
    EXPECT_EQ(with(words(), "zebra", kNothing), "");
    EXPECT_EQ(with(characters(), "the 4at", kName), "the X Yat");
    EXPECT_EQ(with(characters(), "the 4 sees4", kName), "the X Y seesX Y");
    EXPECT_EQ(with(characters(), "4 sees", kName), "X Y sees");
    std::vector<std::size_t> asked;
    with(words(), "zebra the cat zebra", [&](std::size_t position) {
        asked.push_back(position);
        return std::string();
    });
    EXPECT_EQ(asked, (std::vector<std::size_t>{0, 3}));
}

TEST(TargetText, SpansFollowTheText) {
    const Tokens tokens = words().encode("the zebra sees");
    const DecodedText text = text_of(words(), tokens, {}, kName);
    EXPECT_EQ(text.text, "the X Y sees");
    EXPECT_EQ(text.spans, (std::vector<TextSpan>{{0, 3}, {3, 7}, {7, 12}}));
    EXPECT_EQ(text_of(words(), tokens, {}, kNothing).spans, (std::vector<TextSpan>{{0, 3}, {3, 3}, {3, 8}}));
}

// What the tokenizer makes of a text, and yet the text begins with it to the byte.
TEST(TargetText, BeginsWithThePrefixToTheByte) {
    for (const Tokenizer* target : {&tokenizer(), &words(), &characters()}) {
        Random random(3);
        for (int i = 0; i < 500; ++i) {
            const std::string given = odd_line(random);
            const Prefix prefix = encode_prefix(*target, given);
            EXPECT_EQ(prefix.text, given);
            Tokens tokens = prefix.tokens;
            const Tokens behind = target->encode("the dog");
            tokens.insert(tokens.end(), behind.begin(), behind.end());
            for (const UnknownText& unknown : {UnknownText(), kName, kNothing}) {
                const DecodedText found = text_of(*target, tokens, prefix, unknown);
                ASSERT_TRUE(found.text.starts_with(given)) << given << " -> " << found.text;
                EXPECT_TRUE(found.text.ends_with("the dog")) << given << " -> " << found.text;
                ASSERT_EQ(found.spans.size(), tokens.size());
                std::size_t end = 0;
                for (const TextSpan& span : found.spans) {
                    ASSERT_LE(end, span.begin);
                    ASSERT_LE(span.begin, span.end);
                    end = span.end;
                }
                EXPECT_EQ(end, found.text.size());
            }
        }
    }
}

TEST(TargetText, APrefixKnowsWhetherItEndsInSpace) {
    for (const Tokenizer* target : {&tokenizer(), &words(), &characters()}) {
        for (const std::string text : {"the ", "the  \t", "the\u3000", "the\u200b"})
            EXPECT_TRUE(encode_prefix(*target, text).ends_in_space);
        for (const std::string text : {"the", "the hou", " 10\u00b2", "xyzzy", "a\uff0c"})
            EXPECT_FALSE(encode_prefix(*target, text).ends_in_space) << text;
        const Prefix prefix = encode_prefix(*target, "the ");
        Tokens tokens = prefix.tokens;
        EXPECT_EQ(text_of(*target, tokens, prefix, {}).text, "the ");
        const Tokens behind = target->encode("dog");
        tokens.insert(tokens.end(), behind.begin(), behind.end());
        EXPECT_EQ(text_of(*target, tokens, prefix, {}).text, "the dog"); // one space, as it was given
    }
    EXPECT_EQ(encode_prefix(words(), "10\u00b2 the").tokens.front(), Tokenizer::kUnknown);
}

TEST(TargetText, TokensInsideWords) {
    const Tokens inside = tokens_inside_words(tokenizer());
    EXPECT_TRUE(std::is_sorted(inside.begin(), inside.end()));
    const auto is_inside = [&](std::int32_t token) { return std::binary_search(inside.begin(), inside.end(), token); };
    EXPECT_FALSE(is_inside(Tokenizer::kEndOfSentence));
    EXPECT_TRUE(is_inside(Tokenizer::kUnknown));
    EXPECT_TRUE(is_inside(tokenizer().id("t")));
    EXPECT_TRUE(is_inside(tokenizer().id("<0x80>")));
    EXPECT_FALSE(is_inside(tokenizer().id("\u2581")));
    EXPECT_FALSE(is_inside(tokenizer().encode("the").front()));
    EXPECT_TRUE(tokens_inside_words(words()).empty()); // an unknown word begins with its space
}

TEST(TargetText, WhatIsCopied) {
    const std::string line = " Dr. Zorblax,  see:\t\U0001f355! ";
    const std::vector<TextSpan> of_line = words_of(line);
    const auto copied = [&](const std::string& piece, bool unknown) {
        const std::size_t begin = line.find(piece);
        return copied_text(line, of_line, {begin, begin + piece.size()}, unknown);
    };
    EXPECT_EQ(copied(" Zorb", false), "Zorblax,"); // a known piece: the word that it is part of
    EXPECT_EQ(copied("lax", false), "Zorblax,");
    EXPECT_EQ(copied("\t\U0001f355", true), "\U0001f355"); // an unknown one: what is unknown
    EXPECT_EQ(copied(" Dr. Zorblax,", true), "Dr. Zorblax,");
    EXPECT_EQ(copied("x,  see", true), "x,  see");
    EXPECT_EQ(copied("! ", false), "\U0001f355!");
    EXPECT_EQ(copied_text(line, of_line, {line.size() - 1, line.size()}, false), ""); // white space behind the last word
    EXPECT_EQ(copied_text("", {}, {0, 0}, true), "");
}

} // namespace
} // namespace nmt
