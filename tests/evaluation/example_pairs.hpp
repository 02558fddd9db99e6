// Pairs of a hypothesis and a reference, and how the tests of the metrics compare their scores with those of sacreBLEU.
#pragma once

#include "nmt/evaluation/metric.hpp"

#include <gtest/gtest.h>

#include <iterator>
#include <sstream>
#include <string>
#include <vector>

namespace nmt {

struct ExamplePair {
    const char *name, *hypothesis, *reference;
};

inline constexpr ExamplePair kPairs[] = {
    {"plain", "The cat sat on the mat, and the dog slept.", "The cat sat on the mat while the dog slept."},
    {"numbers", "It cost 1,000.50 euros, not 3.14; the loss was -5 percent.",
     "It cost 1,000.50 euros (not 3.14) and the loss was -5 percent."},
    {"number at the end", "In 1999, they sold 12,5 of 1.000.", "In 1999 they sold 12,5 of 1.000 ."},
    {"hyphens", "A well-known, state-of-the-art system from 2019-2020 - almost.",
     "A well-known state-of-the-art system of 2019-2020 -- almost!"},
    {"apostrophes", "I don't think it's John's; they've gone, haven't they?", "I don't think it's John's - they have gone, haven't they?"},
    {"entities", "He said &quot;yes&quot; &amp; left, since 3 &lt; 4 &gt; 2.", "He said \"yes\" & left since 3 < 4 > 2."},
    {"twice escaped", "AT&amp;amp;T wrote &amp;lt;b&amp;gt; and &amp;quot;x&amp;quot;.", "AT&amp;T wrote <b> and &quot;x&quot;."},
    {"skipped", "One <skipped>line was lost<skipped>.", "One line was lost."},
    {"dashes", "Paris — the capital – is big… “very big”.", "Paris — the capital – is huge… “very big”!"},
    {"German", "Der Hund läuft über die Straße, weil das schöne Mädchen ruft.",
     "Der HUND läuft über die STRASSE, weil das schöne Mädchen ihn ruft."},
    {"French", "Qu’est-ce que c’est ? L'homme a dit : « Je vous en prie ! »",
     "Qu’est-ce que c’était ? L'homme a dit : « Je vous en prie. »"},
    {"no-break spaces", "Il a payé 1\u00a0000\u00a0€\u00a0; c'est «\u00a0trop\u00a0» !",
     "Il a payé 1 000 € ; c'est «\u00a0trop\u00a0»\u00a0!"},
    {"Cyrillic", "Кошка сидела на ковре, а собака спала во дворе.", "КОШКА сидела на ковре, а собака спала в доме."},
    {"Greek", "Ο ΟΔΥΣΣΕΥΣ είδε τον ΟΔΟΣ και γέλασε δυνατά.", "Ο Οδυσσεύς είδε τον οδος και γέλασε δυνατά."},
    {"Turkish", "Ben İstanbul'da ILIK su içtim ve IĞDIR'a gittim.", "Ben i\u0307stanbul'da ilik su içtim ve iğdir'a gittim."},
    {"Chinese", "猫 坐 在 垫子 上 。狗 在 睡觉 。", "猫 坐 在 垫子 上 。 狗 也 在 睡觉 。"},
    {"Chinese without spaces", "猫坐在垫子上。", "猫坐在垫子上。"},
    {"Japanese", "私は\u3000学生です。\u3000彼は\u3000先生\u3000です。", "私は 学生です。 彼女は 先生 です。"},
    {"Arabic", "قال الرجل: «السلام عليكم»، ثم ذهب إلى البيت.", "قال الرجل: «السلام عليكم»، ثم عاد إلى البيت."},
    {"emoji", "I love it 😀 👍🏽 !!! See you at 10:30 👨\u200d👩\u200d👧.",
     "I love it 😀 👍 !!! See you at 10:30 👨\u200d👩\u200d👧."},
    {"line separator", "first line\u2028second line\u2029third line and more", "first line second line third line and more"},
    {"tabs and blanks", "  many   blanks\tand\ttabs  are \013 here \r", "many blanks and tabs are here"},
    {"web", "Write to me@site.org or see http://www.site.org/a_b?c=1&d=2#e.",
     "Write to me@site.org, or see http://www.site.org/a_b?c=1&d=2#f."},
    {"brackets", "{a} [b] (c) <d> ~ ` ^ _ | \\ / * + = % $ # @ !", "{a} [b] (c) <d> ~ ` ^ _ | \\ / * + = % $ # @ ?"},
    {"abbreviations", "The U.S. and the U.K. met at 5 p.m... on No.7, e.g., in Rome,Italy.",
     "The U.S. and the U.K. met at 5 p.m. ... on No. 7, e.g. in Rome, Italy."},
    {"empty hypothesis", "", "A reference that nobody has translated."},
    {"empty reference", "A hypothesis without cause.", ""},
    {"both empty", "", ""},
    {"blank hypothesis", " \t\u00a0", "blank"},
    {"identical", "We shall see what tomorrow brings.", "We shall see what tomorrow brings."},
    {"nothing in common", "completely different words", "Aucun mot commun ici"},
    {"one word, right", "Yes", "Yes"},
    {"one word, wrong", "Yes", "No"},
    {"one word of twenty-six", "a", "a b c d e f g h i j k l m n o p q r s t u v w x y z"},
    {"four words", "one two three four", "one two three four"},
    {"repeated word", "the the the the the the the", "The cat is on the mat"},
    {"words in another order", "mat the on sat cat the", "the cat sat on the mat"},
    {"case only", "THIS IS A SHORT SENTENCE", "this is a short sentence"},
    {"too short", "It is raining again", "It is raining again today and will not stop"},
    {"too long", "It is raining again today and will not stop", "It is raining again"},
    {"shifted", "on the mat in the hall the old cat sat quietly yesterday", "yesterday the old cat sat quietly on the mat in the hall"},
    {"shifted twice", "e f g a b c d h i j k l m n o p", "a b c d e f g h m n o i j k l p"},
    {"full-width marks", "我今天花了３．５元，买了“苹果”！（很好吃）", "我今天花了3.5元、買了「蘋果」！（好吃）"},
    {"kana", "カタカナ・テスト。ひらがなテスト、です㈱", "カタカナテスト。「ひらがな」テスト です（株）"},
    {"possessives", "The dog's tail and John's 's book, it's's", "The dogs' tail and Johns book: it's's own"},
    {"symbols", "2+2=4 ± 0.5€ ≤ £3 © 2019™ → ½ ² ⅷ", "2 + 2 = 4 ± 0,5 € ≤ £ 3 © 2019 ™ → ½² Ⅷ"},
    {"digits of other writing", "عدد ١٢٣٫٤، و٥٦؟ नंबर १,२३।", "عدد ١٢٣,٤ و٥٦؟ नंबर १,२३ ।"},
    {"words with marks", "(hi) \"there\", ...and -5 & co. a. .b !", "(hi) “there”, ... and - 5 & co a. b!"},
    {"sharp s and dotted i", "STRASSE ẞ ß İSTANBUL ΣΑΣ", "Straße ß ss istanbul σας"},
};

inline std::vector<std::string> all_hypotheses() {
    std::vector<std::string> result;
    for (const ExamplePair& pair : kPairs) result.emplace_back(pair.hypothesis);
    return result;
}

inline std::vector<std::string> all_references() {
    std::vector<std::string> result;
    for (const ExamplePair& pair : kPairs) result.emplace_back(pair.reference);
    return result;
}

// Two texts of references: the second has that of the next pair.
inline References two_references() {
    const std::vector<std::string> first = all_references();
    std::vector<std::string> second(first.begin() + 1, first.end());
    second.push_back(first.front());
    References both(first);
    both.add_text(second);
    return both;
}

// The numbers between blanks.
inline std::vector<double> numbers(const std::string& text) {
    std::istringstream stream(text);
    return {std::istream_iterator<double>(stream), std::istream_iterator<double>()};
}

// What sacreBLEU makes of the pairs under these options: the signature, the score of all, that with two_references(), and the
// scores of each pair alone.
template <typename Options>
struct Figures {
    Options options;
    const char* signature;
    double corpus, with_two_references;
    const char* sentences;
};

template <typename MetricType, typename Options>
void expect_figures(const Figures<Options>& figures) {
    SCOPED_TRACE(figures.signature);
    constexpr double kTolerance = 1e-9;
    const MetricType metric(figures.options);
    EXPECT_EQ(metric.signature(), figures.signature);
    const std::vector<std::string> hypotheses = all_hypotheses(), references = all_references();
    const std::vector<double> expected = numbers(figures.sentences);
    ASSERT_EQ(expected.size(), hypotheses.size());
    for (std::size_t i = 0; i < hypotheses.size(); ++i)
        EXPECT_NEAR(corpus_score(metric, {hypotheses[i]}, {references[i]}), expected[i], kTolerance) << kPairs[i].name;
    EXPECT_NEAR(corpus_score(metric, hypotheses, references), figures.corpus, kTolerance);
    const std::vector<Statistics> sentences = corpus_statistics(metric, hypotheses, two_references());
    EXPECT_NEAR(metric.score(sum_of(metric, sentences)), figures.with_two_references, kTolerance);
}

} // namespace nmt
