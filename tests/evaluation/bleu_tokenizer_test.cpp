// The words of BLEU, against what sacreBLEU 2.6 makes of the same text.
#include "nmt/evaluation/bleu_tokenizer.hpp"

#include "nmt/base/checksum.hpp"
#include "nmt/base/error.hpp"
#include "nmt/base/output_file.hpp"
#include "nmt/evaluation/python_text.hpp"
#include "tests/base/test_support.hpp"
#include "tokenizer/tokenizer.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <fmt/ranges.h>

namespace nmt {
namespace {

using namespace std::string_view_literals;

struct Example {
    std::string_view text, expected;
};

// What sacreBLEU's Tokenizer13a returns.
constexpr Example kTokenized[] = {
    {"", ""},
    {"   ", ""},
    {"Hello, world!", "Hello , world !"},
    {"1,000.50", "1,000.50"},
    {"3.14.", "3.14 ."},
    {".5", ". 5"},
    {"5.", "5 ."},
    {"a.b", "a . b"},
    {"1.a", "1 . a"},
    {"a.1", "a . 1"},
    {"1,a", "1 , a"},
    {"a,1", "a , 1"},
    {"...", ". . ."},
    {"....", ". . . ."},
    {".,.,", ". , . ,"},
    {"a...b", "a . . . b"},
    {"1..2", "1 . . 2"},
    {"1.,2", "1 . , 2"},
    {",,,1", ", , , 1"},
    {"well-known", "well-known"},
    {"-5", "-5"},
    {"3-4", "3 - 4"},
    {"3--4", "3 - -4"},
    {"1-2-3", "1 - 2 - 3"},
    {"a-1-b", "a-1 - b"},
    {"5-", "5 -"},
    {"--", "--"},
    {"don't l'homme 'quoted'", "don't l'homme 'quoted'"},
    {"(a)[b]{c}<d>", "( a ) [ b ] { c } < d >"},
    {"!\"#$%&()*+/:;<=>?@[\\]^_`{|}~", "! \" # $ % & ( ) * + / : ; < = > ? @ [ \\ ] ^ _ ` { | } ~"},
    {"'-.,", "'- . ,"},
    {"&quot;a&quot;", "\" a \""},
    {"&amp;quot;", "& quot ;"},
    {"&amp;lt;b&amp;gt;", "< b >"},
    {"&amp;amp;amp;", "& amp ; amp ;"},
    {"&quot", "& quot"},
    {"&apos;", "& apos ;"},
    {"&QUOT;", "& QUOT ;"},
    {"<skipped>", ""},
    {"a<skipped>b", "ab"},
    {"<skip<skipped>ped>", "< skipped >"},
    {"&lt;skipped&gt;", "< skipped >"},
    {"<SKIPPED>", "< SKIPPED >"},
    {"hyphen-\nated", "hyphenated"},
    {"a -\n-\nb", "a b"},
    {"line\nbreak", "line break"},
    {"-", "-"},
    {"a-", "a-"},
    {"x -", "x -"},
    {"été.Übung,ß", "été . Übung , ß"},
    {"日本。語、テ.ス,ト", "日本。語、テ . ス , ト"},
    {"1٣.٤", "1٣ . ٤"},
    {"٣.1", "٣ . 1"},
    {"１．２,３", "１．２ , ３"},
    {"a\u00a0b\u00a0.", "a b ."},
    {"a\u2028b\u2029c", "a b c"},
    {"\u3000a\u3000", "a"},
    {"a\u200bb", "a\u200bb"},
    {"a\302\205b\034c\037d", "a b c d"},
    {"\000a\000,"sv, "\000a\000 ,"sv},
    {"\ufeffa", "\ufeffa"},
    {"\r\na\r", "a"},
    {"👍.👍🏽,", "👍 . 👍🏽 ,"},
    {"“a”—b…", "“a”—b…"},
    {"\u2009«\u202fa\u202f»", "« a »"},
    {"\377.\200,1", "\377 . \200 , 1"},
    {"\342\200", "\342\200"},
    {"\302 \302\302\205", "\302 \302"},
    {"U.S.A.", "U . S . A ."},
    {"e.g., i.e.", "e . g . , i . e ."},
    {"10:30", "10 : 30"},
    {"50%", "50 %"},
    {"$5.00", "$ 5.00"},
    {"a@b.c", "a @ b . c"},
    {"http://a.b/c?d=1&e=2", "http : / / a . b / c ? d = 1 & e = 2"},
};

// What its TokenizerV14International returns.
constexpr Example kInternational[] = {
    {"", ""},
    {"Hello, world!", "Hello , world !"},
    {"1,000.50", "1,000.50"},
    {"3.14.", "3.14."},
    {"In 1999.", "In 1999."},
    {"1999", "1999"},
    {"a.5", "a . 5"},
    {"5.a", "5 . a"},
    {"a.b", "a . b"},
    {"(5)", "(5)"},
    {"5)", "5)"},
    {"%5", "%5"},
    {"a--b", "a - - b"},
    {"x-5", "x - 5"},
    {"5-x", "5 - x"},
    {"it's", "it ' s"},
    {"“a”—b…", "“ a ” — b …"},
    {"«a»", "« a »"},
    {"¿qué?", "¿ qué ?"},
    {"猫。狗", "猫 。 狗"},
    {"٣٫٤", "٣٫٤"},
    {"٣،a", "٣ ، a"},
    {"Ⅷ.Ⅸ", "Ⅷ.Ⅸ"},
    {"½,²", "½,²"},
    {"①、②", "①、②"},
    {"€5", "€ 5"},
    {"5€", "5 €"},
    {"a+b=c", "a + b = c"},
    {"©™→♥", "© ™ → ♥"},
    {"😀👍🏽", "😀 👍 🏽"},
    {"1+2", "1 + 2"},
    {"á.b", "á . b"},
    {"_a_", "_ a _"},
    {"#1", "#1"},
    {"...", ". . ."},
    {"a...1", "a . . . 1"},
    {"1...a", "1 . . . a"},
    {"&amp;", "& amp ;"},
    {"a\u00a0b\u2028c", "a b c"},
    {"'s 's", "' s ' s"},
    {"\u200b.\u200b", "\u200b . \u200b"},
    {"\ue000.x", "\ue000 . x"},
    {",1,", ",1,"},
    {".,.,", ". , . ,"},
    {"हाँ।", "हाँ ।"},
    {"ok؟", "ok ؟"},
    {"(?)", "( ? )"},
    {"1.,2", "1 . , 2"},
    {"a‐b", "a ‐ b"},
};

// What its TokenizerChar returns, without the white space that does not count.
constexpr Example kCharacters[] = {
    {"", ""},
    {"abc", "a b c"},
    {"a b", "a b"},
    {"猫坐", "猫 坐"},
    {"\u00e9 e\u0301", "\u00e9 e \u0301"},
    {"👍🏽x", "👍 🏽 x"},
    {"a\u3000b\tc", "a b c"},
    {"1.5", "1 . 5"},
};

TEST(Tokenizer13a, EqualsSacrebleu) {
    for (const Example& example : kTokenized) EXPECT_EQ(tokenize_13a(example.text), example.expected) << "text: " << example.text;
}

TEST(TokenizerIntl, EqualsSacrebleu) {
    for (const Example& example : kInternational) EXPECT_EQ(tokenize_intl(example.text), example.expected) << "text: " << example.text;
}

TEST(TokenizerChar, EqualsSacrebleu) {
    for (const Example& example : kCharacters) EXPECT_EQ(tokenize_char(example.text), example.expected) << "text: " << example.text;
}

// What its TokenizerZh returns.
constexpr Example kChinese[] = {
    {"", ""},
    {"  ", ""},
    {"你好，世界。", "你 好 ， 世 界 。"},
    {"我有3.5元，1,000個", "我 有 3.5 元 ， 1,000 個"},
    {"abc.def 中文", "abc . def 中 文"},
    {"A—B…“引号”", "A — B … “ 引 号 ”"},
    {"𠀀𠀁漢字", "𠀀𠀁 漢 字"},
    {".开始", ". 开 始"},
    {"结束.", "结 束 ."},
    {".a", ". a"},
    {"a.", "a ."},
    {"5.", "5."},
    {"3-5天", "3 - 5 天"},
    {"⺀々〇", "⺀ 々 〇"},
    {"ｆｕｌｌ１２", "ｆ ｕ ｌ ｌ １ ２"},
    {"日本語カタカナ", "日 本 語 カタカナ"},
    {"&quot;中&quot;", "& quot ; 中 & quot ;"},
    {"a\u3000b", "a b"},
    {"\u2000x\u2001y", "x y"},
    {"→箭头", "→ 箭 头"},
    {"①②", "① ②"},
    {"★☆", "★ ☆"},
    {"１．２", "１ ． ２"},
    {"-5度", "-5 度"},
    {"韩국어", "韩 국어"},
    {"U.S.A.中国", "U . S . A . 中 国"},
};

// What its TokenizerJaMecab returns.
constexpr Example kJapanese[] = {
    {"", ""},
    {"私は学生です。", "私 は 学生 です 。"},
    {"  東京都に住んでいます", "東京 都 に 住ん で い ます"},
    {"すもももももももものうち", "すもも も もも も もも の うち"},
    {"Hello, world!", "Hello , world !"},
    {"ﾊﾝｶｸ", "ﾊﾝｶｸ"},
    {"猫が3匹、犬が2.5匹。", "猫 が 3 匹 、 犬 が 2 . 5 匹 。"},
    {"\u3000先頭", "先頭"},
    {"a\u200bb", "a \u200b b"},
    {"é漢字", "é 漢字"},
};

TEST(TokenizerZh, EqualsSacrebleu) {
    for (const Example& example : kChinese) EXPECT_EQ(tokenize_zh(example.text), example.expected) << "text: " << example.text;
}

TEST(TokenizerJa, EqualsSacrebleu) {
    const BleuTokenizer tokenizer("ja-mecab");
    EXPECT_TRUE(tokenizer.signature().starts_with("ja-mecab-0.996-IPA")) << tokenizer.signature();
    for (const Example& example : kJapanese)
        EXPECT_EQ(join_words(split_words(tokenizer(example.text))), example.expected) << "text: " << example.text;
    for (const std::string& text : {std::string("a\0b", 3), std::string("\377\200"), std::string(100'000, 'x')}) tokenizer(text);
}

TEST(TokenizerJa, ServesSeveralThreads) {
    const BleuTokenizer tokenizer("ja-mecab");
    std::vector<std::string> texts, found(200);
    for (std::size_t i = 0; i < found.size(); ++i) texts.push_back(fmt::format("猫が{}匹います。東京都に住んでいます", i));
    {
        std::vector<std::jthread> threads;
        for (std::size_t t = 0; t < 4; ++t)
            threads.emplace_back([&, t] {
                for (std::size_t i = t; i < texts.size(); i += 4) found[i] = tokenizer(texts[i]);
            });
    }
    for (std::size_t i = 0; i < found.size(); ++i) EXPECT_EQ(found[i], tokenizer(texts[i]));
}

// The pieces of any model, whatever the ids of its special tokens.
TEST(TokenizerSpm, CutsIntoPieces) {
    const TemporaryFolder folder;
    std::string text;
    for (int i = 0; i < 50; ++i) text += "the cat sat on the mat\nthe dog lay on the mat\n";
    write_file(folder / "text", text);
    TokenizerOptions options;
    options.vocabulary_size = 40;
    options.exact = false;
    Tokenizer::train({folder / "text"}, options, folder / "own.model");
    const BleuTokenizer tokenizer("spm:" + (folder / "own.model"));
    EXPECT_EQ(tokenizer.signature(), "spm-" + sha256_of_file(folder / "own.model").substr(0, 8));
    EXPECT_EQ(tokenizer("the cat"), fmt::format("{}", fmt::join(Tokenizer(folder / "own.model").encode_as_pieces("the cat"), " ")));
    EXPECT_THROW(BleuTokenizer("spm:" + (folder / "text")), Error);
    EXPECT_THROW(BleuTokenizer("spm:" + (folder / "missing")), Error);
}

TEST(Tokenizers, HaveNames) {
    EXPECT_EQ(BleuTokenizer::names(),
              (std::vector<std::string>{"13a", "intl", "char", "zh", "ja-mecab", "flores101", "flores200", "none", "spm:FILE"}));
    for (const std::string name : {"13a", "intl", "char", "zh", "none"}) EXPECT_EQ(BleuTokenizer(name).signature(), name);
    for (const std::string name : {"", "moses", "ko-mecab", "spm", "spm:"}) {
        EXPECT_THROW(BleuTokenizer::check_name(name), Error) << name;
        EXPECT_THROW(BleuTokenizer{name}, Error) << name;
    }
    EXPECT_EQ(BleuTokenizer("intl")("a\u00bb."), "a \u00bb .");
    EXPECT_EQ(BleuTokenizer()("a\u00bb."), "a\u00bb .");
    EXPECT_EQ(BleuTokenizer("none")("a\u00bb."), "a\u00bb.");
    EXPECT_EQ(BleuTokenizer("char")("a\u00bb."), "a \u00bb .");
}

TEST(Tokenizer13a, SetsApartBetweenLetters) {
    const std::string_view apart = "!\"#$%&()*+,./:;<=>?@[\\]^_`{|}~";
    for (char c = '!'; c <= '~'; ++c) {
        const std::string mark(1, c);
        const bool found = apart.find(c) != std::string_view::npos;
        EXPECT_EQ(tokenize_13a("a" + mark + "b"), found ? "a " + mark + " b" : "a" + mark + "b");
    }
}

// Every byte string must pass; so must every split of a character.
TEST(Tokenizers, TakeAnyBytes) {
    for (int first = 0; first < 256; ++first)
        for (int second = 0; second < 256; ++second) {
            const std::string text{'a', static_cast<char>(first), static_cast<char>(second)};
            EXPECT_FALSE(tokenize_13a(text).empty());
            EXPECT_EQ(tokenize_13a(tokenize_13a(text)), tokenize_13a(text));
            EXPECT_FALSE(tokenize_intl(text).empty());
            EXPECT_EQ(tokenize_intl(tokenize_intl(text)), tokenize_intl(text));
            EXPECT_EQ(tokenize_char(tokenize_char(text)), tokenize_char(text));
            EXPECT_FALSE(tokenize_zh(text).empty());
        }
}

} // namespace
} // namespace nmt
