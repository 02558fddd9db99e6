// TER against figures of sacreBLEU 2.6 (computed with Python 3.11).
#include "nmt/evaluation/ter.hpp"

#include "tests/evaluation/example_pairs.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <vector>

namespace nmt {
namespace {

constexpr double kTolerance = 1e-9;

const Figures<TerOptions> kFigures[] = {
    {{},
     "nrefs:1|case:lc|tok:tercom|norm:no|punct:yes|asian:no|version:nmt-0.1.0",
     38.8174807198,
     29.8200514139,
     "20 33.3333333333 37.5 50 36.3636363636 45.4545454545 60 50 22.2222222222 16.6666666667 21.4285714286 0 22.2222222222 "
     "12.5 0 27.2727272727 0 20 12.5 9.0909090909 0 0 33.3333333333 5.2631578947 41.1764705882 100 100 0 100 0 100 0 100 "
     "96.1538461538 0 83.3333333333 50 0 55.5555555556 125 16.6666666667 12.5 100 100 62.5 76.4705882353 50 80 60"},
    {{.case_sensitive = true},
     "nrefs:1|case:mixed|tok:tercom|norm:no|punct:yes|asian:no|version:nmt-0.1.0",
     42.6735218509,
     33.1619537275,
     "20 33.3333333333 37.5 50 36.3636363636 45.4545454545 60 50 22.2222222222 25 21.4285714286 0 33.3333333333 25 37.5 "
     "27.2727272727 0 20 12.5 9.0909090909 0 0 33.3333333333 5.2631578947 41.1764705882 100 100 0 100 0 100 0 100 "
     "96.1538461538 0 100 50 100 55.5555555556 125 16.6666666667 12.5 100 100 62.5 82.3529411765 50 80 100"},
    {{.normalized = true},
     "nrefs:1|case:lc|tok:tercom|norm:yes|punct:yes|asian:no|version:nmt-0.1.0",
     29.435483871,
     22.5806451613,
     "18.1818181818 20 12.5 36.3636363636 20 7.1428571429 66.6666666667 120 20 14.2857142857 13.3333333333 0 18.1818181818 "
     "11.1111111111 0 27.2727272727 0 20 10 6.25 0 0 5.8823529412 3.7037037037 5.7142857143 100 100 0 100 0 100 0 100 "
     "96.1538461538 0 83.3333333333 50 0 55.5555555556 125 16.6666666667 12.5 100 100 63.6363636364 47.0588235294 50 "
     "41.1764705882 60"},
    {{.no_punctuation = true},
     "nrefs:1|case:lc|tok:tercom|norm:no|punct:no|asian:no|version:nmt-0.1.0",
     33.1578947368,
     23.9473684211,
     "10 8.3333333333 0 25 27.2727272727 36.3636363636 60 50 11.1111111111 16.6666666667 8.3333333333 0 22.2222222222 12.5 0 "
     "27.2727272727 0 20 12.5 10 0 0 16.6666666667 0 25 100 100 0 100 0 100 0 100 96.1538461538 0 83.3333333333 50 0 "
     "55.5555555556 125 16.6666666667 12.5 100 100 50 76.4705882353 50 33.3333333333 60"},
    {{.normalized = true, .asian_support = true},
     "nrefs:1|case:lc|tok:tercom|norm:yes|punct:yes|asian:yes|version:nmt-0.1.0",
     29.5539033457,
     23.2342007435,
     "18.1818181818 20 12.5 36.3636363636 20 7.1428571429 66.6666666667 120 20 14.2857142857 13.3333333333 0 18.1818181818 "
     "11.1111111111 0 7.6923076923 0 7.6923076923 10 6.25 0 0 5.8823529412 3.7037037037 5.7142857143 100 100 0 100 0 100 0 "
     "100 96.1538461538 0 83.3333333333 50 0 55.5555555556 125 16.6666666667 12.5 47.3684210526 90 63.6363636364 "
     "47.0588235294 50 41.1764705882 60"},
    {{.no_punctuation = true, .asian_support = true},
     "nrefs:1|case:lc|tok:tercom|norm:no|punct:no|asian:yes|version:nmt-0.1.0",
     32.8042328042,
     23.544973545,
     "10 8.3333333333 0 25 27.2727272727 36.3636363636 60 50 11.1111111111 16.6666666667 8.3333333333 0 22.2222222222 12.5 0 "
     "11.1111111111 0 20 12.5 10 0 0 16.6666666667 0 25 100 100 0 100 0 100 0 100 96.1538461538 0 83.3333333333 50 0 "
     "55.5555555556 125 16.6666666667 12.5 100 100 50 76.4705882353 50 33.3333333333 60"},
    {{.normalized = true, .no_punctuation = true, .asian_support = true, .case_sensitive = true},
     "nrefs:1|case:mixed|tok:tercom|norm:yes|punct:no|asian:yes|version:nmt-0.1.0",
     31.7777777778,
     24.2222222222,
     "10 8.3333333333 0 20 23.0769230769 0 55.5555555556 150 11.1111111111 25 8.3333333333 0 33.3333333333 25 37.5 "
     "9.0909090909 0 9.0909090909 12.5 9.0909090909 0 0 3.7037037037 0 0 100 100 0 100 0 100 0 100 96.1538461538 0 100 50 "
     "100 55.5555555556 125 16.6666666667 12.5 53.8461538462 80 60 52.9411764706 50 33.3333333333 100"},
};

TEST(Ter, EqualsSacrebleu) {
    for (const auto& figures : kFigures) expect_figures<Ter>(figures);
}

TEST(Ter, CountsEdits) {
    const auto statistics = [](const char* hypothesis, std::vector<std::string> references) {
        return Ter().statistics(hypothesis, references);
    };
    EXPECT_EQ(statistics("a b c d", {"a b c d"}), (Statistics{0, 4}));
    EXPECT_EQ(statistics("a x c", {"a b c d"}), (Statistics{2, 4}));
    EXPECT_EQ(statistics("c d a b", {"a b c d"}), (Statistics{1, 4})); // a shift
    EXPECT_EQ(statistics("A b", {"a B"}), (Statistics{0, 2}));
    EXPECT_EQ(statistics("a b", {"x y z", "a c", ""}), (Statistics{1, 5.0 / 3})); // the nearest reference, their mean length
}

TEST(Ter, OfEmptyTexts) {
    EXPECT_EQ(corpus_score(Ter(), {""}, {""}), 0);
    EXPECT_EQ(corpus_score(Ter(), {"a b"}, {""}), 100);
    EXPECT_EQ(corpus_score(Ter(), {""}, {"a b"}), 100);
    EXPECT_EQ(Ter().statistics("a b", std::vector<std::string>{" "}), (Statistics{2, 0}));
}

TEST(Ter, MayExceed100) { EXPECT_EQ(corpus_score(Ter(), {"a b c d e f"}, {"x y"}), 300); }

TEST(Ter, RefusesWhatItCannotScore) {
    EXPECT_EQ(Ter().name(), "TER");
    EXPECT_THROW(Ter().statistics("a", {}), Error);
    EXPECT_THROW(Ter().score(Statistics(9, 1.0)), Error);
    EXPECT_THROW(Ter({.asian_support = true}), Error);
}

struct TokenizerExample {
    TerOptions options;
    const char *text, *expected;
};

const TokenizerExample kTokenized[] = {
    {{}, "Hello,  World! İ", "hello, world! i̇"},
    {{.case_sensitive = true}, "Hello,  World! İ", "Hello, World! İ"},
    {{.normalized = true}, "It's 's John's", "it 's 's john 's"},
    {{.normalized = true}, "It's.", "it's ."},
    {{.normalized = true}, "a,b 1,000.5 3-4 x-y (z)", "a , b 1,000.5 3 - 4 x-y ( z )"},
    {{.normalized = true}, "&quot;a&quot; &amp;lt; &amp;amp;", "\" a \" < & amp ;"},
    {{.normalized = true}, "猫坐、か", "猫坐、か"},
    {{.normalized = true}, "end.", "end ."},
    {{.normalized = true}, "the dogs' x's\u2028", "the dogs' x 's"},
    {{.no_punctuation = true}, "a.b, c? d: e; f! \"g\" (h) [i] i-j", "ab c d e f g h [i] i-j"},
    {{.no_punctuation = true}, "。、？", "。、？"},
    {{.normalized = true, .asian_support = true}, "猫坐在abcか、カナ。㈱㍻豈︰⺀㇀㐀x", "猫 坐 在 abcか 、 カナ 。 ㈱ ㍻ 豈 ︰ ⺀ ㇀ 㐀 x"},
    {{.normalized = true, .asian_support = true}, "ｶ･｡！？（ア）ー", "ｶ ･ ｡ ！ ？ （ ア ） ー"},
    {{.normalized = true, .asian_support = true}, "〆々〇〒", "〆々〇〒"},
    {{.no_punctuation = true, .asian_support = true}, "a。b、「c」〜d！？（e）・f.", "abcdef"},
    {{.no_punctuation = true, .asian_support = true}, "…—", "…—"},
    {{}, "", ""},
    {{.normalized = true}, "", ""},
    {{.normalized = true}, " ", ""},
    {{.case_sensitive = true}, "  a\u00a0b ", "a b"},
};

TEST(TerTokenizer, EqualsSacrebleu) {
    for (const TokenizerExample& example : kTokenized)
        EXPECT_EQ(tokenize_ter(example.text, example.options), example.expected) << "text: " << example.text;
}

} // namespace
} // namespace nmt
