// BLEU against figures of sacreBLEU 2.6 (computed with Python 3.11, printed with 17 digits).
#include "nmt/evaluation/bleu.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <vector>

namespace nmt {
namespace {

constexpr double kTolerance = 1e-9;

const Bleu kDefault;
const Bleu kUntokenized({.tokenizer = BleuTokenizer::kNone});
const Bleu kLowercased({.lowercase = true});

// A hypothesis, its reference and the score of this pair alone: by default, not tokenized, lower-cased.
struct Pair {
    const char *name, *hypothesis, *reference;
    double score, untokenized, lowercased;
};

const Pair kPairs[] = {
    {"plain", "The cat sat on the mat, and the dog slept.", "The cat sat on the mat while the dog slept.", 63.404662770468633,
     52.538197888483161, 63.404662770468633},
    {"numbers", "It cost 1,000.50 euros, not 3.14; the loss was -5 percent.",
     "It cost 1,000.50 euros (not 3.14) and the loss was -5 percent.", 53.361297992685557, 42.846977766678961, 53.361297992685557},
    {"number at the end", "In 1999, they sold 12,5 of 1.000.", "In 1999 they sold 12,5 of 1.000 .", 66.063286360276123, 37.684991644924182,
     66.063286360276123},
    {"hyphens", "A well-known, state-of-the-art system from 2019-2020 - almost.",
     "A well-known state-of-the-art system of 2019-2020 -- almost!", 19.156928817239653, 13.134549472120788, 19.156928817239653},
    {"apostrophes", "I don't think it's John's; they've gone, haven't they?", "I don't think it's John's - they have gone, haven't they?",
     58.33510584342546, 34.565432327315818, 58.33510584342546},
    {"entities", "He said &quot;yes&quot; &amp; left, since 3 &lt; 4 &gt; 2.", "He said \"yes\" & left since 3 < 4 > 2.",
     80.032032038450012, 11.731175160263996, 80.032032038450012},
    {"twice escaped", "AT&amp;amp;T wrote &amp;lt;b&amp;gt; and &amp;quot;x&amp;quot;.", "AT&amp;T wrote <b> and &quot;x&quot;.",
     31.46660996956415, 12.703318703865365, 31.46660996956415},
    {"skipped", "One <skipped>line was lost<skipped>.", "One line was lost.", 100.00000000000004, 18.995892141289811, 100.00000000000004},
    {"dashes", "Paris — the capital – is big… “very big”.", "Paris — the capital – is huge… “very big”!", 58.143073696821943,
     61.047358358078469, 58.143073696821943},
    {"German", "Der Hund läuft über die Straße, weil das schöne Mädchen ruft.",
     "Der HUND läuft über die STRASSE, weil das schöne Mädchen ihn ruft.", 40.304968802021214, 32.992925790017907, 57.726092452037463},
    {"French", "Qu’est-ce que c’est ? L'homme a dit : « Je vous en prie ! »",
     "Qu’est-ce que c’était ? L'homme a dit : « Je vous en prie. »", 68.65890479690394, 61.000344570143675, 68.65890479690394},
    {"no-break spaces", "Il a payé 1\u00a0000\u00a0€\u00a0; c'est «\u00a0trop\u00a0» !",
     "Il a payé 1 000 € ; c'est «\u00a0trop\u00a0»\u00a0!", 100.00000000000004, 100.00000000000004, 100.00000000000004},
    {"Cyrillic", "Кошка сидела на ковре, а собака спала во дворе.", "КОШКА сидела на ковре, а собака спала в доме.", 59.004687263928062,
     58.739490946992127, 69.893076227849448},
    {"Greek", "Ο ΟΔΥΣΣΕΥΣ είδε τον ΟΔΟΣ και γέλασε δυνατά.", "Ο Οδυσσεύς είδε τον οδος και γέλασε δυνατά.", 36.889397323344049,
     27.054113452696992, 75.062385375033955},
    {"Turkish", "Ben İstanbul'da ILIK su içtim ve IĞDIR'a gittim.", "Ben i\u0307stanbul'da ilik su içtim ve iğdir'a gittim.",
     23.356898886410015, 23.356898886410015, 100.00000000000004},
    {"Chinese", "猫 坐 在 垫子 上 。狗 在 睡觉 。", "猫 坐 在 垫子 上 。 狗 也 在 睡觉 。", 47.799953542750117, 47.799953542750117,
     47.799953542750117},
    {"Chinese without spaces", "猫坐在垫子上。", "猫坐在垫子上。", 0, 0, 0},
    {"Japanese", "私は\u3000学生です。\u3000彼は\u3000先生\u3000です。", "私は 学生です。 彼女は 先生 です。", 30.213753973567677,
     30.213753973567677, 30.213753973567677},
    {"Arabic", "قال الرجل: «السلام عليكم»، ثم ذهب إلى البيت.", "قال الرجل: «السلام عليكم»، ثم عاد إلى البيت.", 65.803700647624609,
     59.460355750136102, 65.803700647624609},
    {"emoji", "I love it 😀 👍🏽 !!! See you at 10:30 👨\u200d👩\u200d👧.",
     "I love it 😀 👍 !!! See you at 10:30 👨\u200d👩\u200d👧.", 81.535510381731186, 70.168793912773722, 81.535510381731186},
    {"line separator", "first line\u2028second line\u2029third line and more", "first line second line third line and more",
     100.00000000000004, 100.00000000000004, 100.00000000000004},
    {"tabs and blanks", "  many   blanks\tand\ttabs  are \013 here \r", "many blanks and tabs are here", 100.00000000000004,
     100.00000000000004, 100.00000000000004},
    {"web", "Write to me@site.org or see http://www.site.org/a_b?c=1&d=2#e.",
     "Write to me@site.org, or see http://www.site.org/a_b?c=1&d=2#f.", 86.699338066222637, 22.957488466614336, 86.699338066222637},
    {"brackets", "{a} [b] (c) <d> ~ ` ^ _ | \\ / * + = % $ # @ !", "{a} [b] (c) <d> ~ ` ^ _ | \\ / * + = % $ # @ ?", 96.070713903400147,
     94.261514768151201, 96.070713903400147},
    {"abbreviations", "The U.S. and the U.K. met at 5 p.m... on No.7, e.g., in Rome,Italy.",
     "The U.S. and the U.K. met at 5 p.m. ... on No. 7, e.g. in Rome, Italy.", 92.347326188820489, 43.88644380384212, 92.347326188820489},
    {"empty hypothesis", "", "A reference that nobody has translated.", 0, 0, 0},
    {"empty reference", "A hypothesis without cause.", "", 0, 0, 0},
    {"both empty", "", "", 0, 0, 0},
    {"blank hypothesis", " \t\u00a0", "blank", 0, 0, 0},
    {"identical", "We shall see what tomorrow brings.", "We shall see what tomorrow brings.", 100.00000000000004, 100.00000000000004,
     100.00000000000004},
    {"nothing in common", "completely different words", "Aucun mot commun ici", 0, 0, 0},
    {"one word, right", "Yes", "Yes", 0, 0, 0},
    {"one word, wrong", "Yes", "No", 0, 0, 0},
    {"one word of twenty-six", "a", "a b c d e f g h i j k l m n o p q r s t u v w x y z", 0, 0, 0},
    {"four words", "one two three four", "one two three four", 100.00000000000004, 100.00000000000004, 100.00000000000004},
    {"repeated word", "the the the the the the the", "The cat is on the mat", 6.5672747360603951, 6.5672747360603951, 7.8098498423006371},
    {"words in another order", "mat the on sat cat the", "the cat sat on the mat", 12.703318703865376, 12.703318703865376,
     12.703318703865376},
    {"case only", "THIS IS A SHORT SENTENCE", "this is a short sentence", 0, 0, 100.00000000000004},
    {"too short", "It is raining again", "It is raining again today and will not stop", 28.650479686019022, 28.650479686019022,
     28.650479686019022},
    {"too long", "It is raining again today and will not stop", "It is raining again", 29.847458960098219, 29.847458960098219,
     29.847458960098219},
};

std::vector<std::string> all_hypotheses() {
    std::vector<std::string> result;
    for (const Pair& pair : kPairs) result.emplace_back(pair.hypothesis);
    return result;
}

std::vector<std::string> all_references() {
    std::vector<std::string> result;
    for (const Pair& pair : kPairs) result.emplace_back(pair.reference);
    return result;
}

BleuScore score_of_all(const Bleu& bleu) { return bleu.details(sum_of(bleu, corpus_statistics(bleu, all_hypotheses(), all_references()))); }

TEST(Bleu, OfOneSentenceEqualsSacrebleu) {
    for (const Pair& pair : kPairs) {
        EXPECT_NEAR(corpus_score(kDefault, {pair.hypothesis}, {pair.reference}), pair.score, kTolerance) << pair.name;
        EXPECT_NEAR(corpus_score(kUntokenized, {pair.hypothesis}, {pair.reference}), pair.untokenized, kTolerance) << pair.name;
        EXPECT_NEAR(corpus_score(kLowercased, {pair.hypothesis}, {pair.reference}), pair.lowercased, kTolerance) << pair.name;
    }
}

struct CorpusExample {
    const Bleu& bleu;
    BleuScore expected;
    const char* line;
};

TEST(Bleu, OfACorpusEqualsSacrebleu) {
    const CorpusExample examples[] = {
        {kDefault,
         {64.003863080665582,
          {82.585751978891821, 71.637426900584799, 63.430420711974108, 57.608695652173914},
          0.93863880005108169,
          379,
          403},
         "BLEU = 64.00 82.6/71.6/63.4/57.6 (BP = 0.939 ratio = 0.940 hyp_len = 379 ref_len = 403)"},
        {kUntokenized,
         {46.727576825973031,
          {73.454545454545453, 57.142857142857146, 47.804878048780488, 40.697674418604649},
          0.87411314555784181,
          275,
          312},
         "BLEU = 46.73 73.5/57.1/47.8/40.7 (BP = 0.874 ratio = 0.881 hyp_len = 275 ref_len = 312)"},
        {kLowercased,
         {68.154290954339103,
          {85.751978891820585, 75.73099415204679, 68.284789644012946, 62.681159420289852},
          0.93863880005108169,
          379,
          403},
         "BLEU = 68.15 85.8/75.7/68.3/62.7 (BP = 0.939 ratio = 0.940 hyp_len = 379 ref_len = 403)"},
    };
    for (const auto& [bleu, expected, line] : examples) {
        SCOPED_TRACE(bleu.signature());
        const BleuScore found = score_of_all(bleu);
        EXPECT_NEAR(found.score, expected.score, kTolerance);
        ASSERT_EQ(found.precisions.size(), expected.precisions.size());
        for (std::size_t i = 0; i < found.precisions.size(); ++i) EXPECT_NEAR(found.precisions[i], expected.precisions[i], kTolerance);
        EXPECT_NEAR(found.brevity_penalty, expected.brevity_penalty, kTolerance);
        EXPECT_EQ(found.hypothesis_length, expected.hypothesis_length);
        EXPECT_EQ(found.reference_length, expected.reference_length);
        EXPECT_EQ(to_line(found), line);
    }
}

TEST(Bleu, OfOtherOrdersEqualsSacrebleu) {
    EXPECT_NEAR(score_of_all(Bleu({.max_order = 1})).score, 77.51819113878328, kTolerance);
    EXPECT_NEAR(score_of_all(Bleu({.max_order = 2})).score, 72.197316469779665, kTolerance);
    const BleuScore six = score_of_all(Bleu({.max_order = 6}));
    EXPECT_NEAR(six.score, 57.376156179989003, kTolerance);
    EXPECT_EQ(to_line(six), "BLEU = 57.38 82.6/71.6/63.4/57.6/51.6/46.7 (BP = 0.939 ratio = 0.940 hyp_len = 379 ref_len = 403)");
    EXPECT_THROW(Bleu({.max_order = 0}), Error);
}

// The second reference of each hypothesis is that of the next one.
TEST(Bleu, WithTwoReferencesEqualsSacrebleu) {
    const auto score = [](const Bleu& bleu) {
        const std::vector<std::string> hypotheses = all_hypotheses(), references = all_references();
        std::vector<Statistics> sentences;
        for (std::size_t i = 0; i < hypotheses.size(); ++i) {
            const std::string both[] = {references[i], references[(i + 1) % references.size()]};
            sentences.push_back(bleu.statistics(hypotheses[i], both));
        }
        return bleu.details(sum_of(bleu, sentences));
    };
    EXPECT_NEAR(score(kDefault).score, 68.528406986664848, kTolerance);
    EXPECT_NEAR(score(kUntokenized).score, 51.896427143495323, kTolerance);
    EXPECT_NEAR(score(kLowercased).score, 72.902300266187382, kTolerance);
    EXPECT_EQ(to_line(score(kDefault)), "BLEU = 68.53 83.9/71.9/63.4/57.6 (BP = 1.000 ratio = 1.008 hyp_len = 379 ref_len = 376)");
}

// Example 2 of Papineni et al. 2002: of seven "the", the first reference allows two; the period is the third match.
TEST(Bleu, ClipsAsInItsPaper) {
    const std::string references[] = {"The cat is on the mat.", "There is a cat on the mat."};
    const Statistics found = kLowercased.statistics("the the the the the the the.", references);
    EXPECT_EQ(found, (Statistics{8, 8, 3, 0, 0, 0, 8, 7, 6, 5}));
}

TEST(Bleu, OfZeroKeepsItsParts) {
    const auto line = [](const char* hypothesis, const char* reference) {
        return to_line(kDefault.details(sum_of(kDefault, corpus_statistics(kDefault, {hypothesis}, {reference}))));
    };
    EXPECT_EQ(line("", ""), "BLEU = 0.00 0.0/0.0/0.0/0.0 (BP = 1.000 ratio = 0.000 hyp_len = 0 ref_len = 0)");
    EXPECT_EQ(line("", "a b c"), "BLEU = 0.00 0.0/0.0/0.0/0.0 (BP = 0.000 ratio = 0.000 hyp_len = 0 ref_len = 3)");
    EXPECT_EQ(line("a b c", ""), "BLEU = 0.00 0.0/0.0/0.0/0.0 (BP = 1.000 ratio = 0.000 hyp_len = 3 ref_len = 0)");
    EXPECT_EQ(line("a b c", "a b d"), "BLEU = 0.00 66.7/50.0/50.0/0.0 (BP = 1.000 ratio = 1.000 hyp_len = 3 ref_len = 3)");
    EXPECT_EQ(line("a b c d e", "v w x y z"), "BLEU = 0.00 0.0/0.0/0.0/0.0 (BP = 1.000 ratio = 1.000 hyp_len = 5 ref_len = 5)");
    EXPECT_EQ(line("a b", "a c d e f g"), "BLEU = 0.00 50.0/50.0/0.0/0.0 (BP = 0.135 ratio = 0.333 hyp_len = 2 ref_len = 6)");
}

TEST(Bleu, TellsInvalidBytesApart) {
    const std::string hypothesis = "ab \377 cd ef gh";
    EXPECT_NEAR(corpus_score(kLowercased, {hypothesis}, {"ab \377 cd ef gh"}), 100.00000000000004, kTolerance);
    EXPECT_NEAR(corpus_score(kLowercased, {hypothesis}, {"ab \376 cd ef gh"}), 42.728700639623419, kTolerance);
    EXPECT_NEAR(corpus_score(kLowercased, {hypothesis}, {"ab \ufffd cd ef gh"}), 42.728700639623419, kTolerance);
}

TEST(Bleu, TakesALongLine) {
    std::string line;
    for (int i = 0; i < 50000; ++i) line += std::to_string(i % 977) + (i % 3 == 0 ? ", " : " ");
    EXPECT_NEAR(corpus_score(kDefault, {line}, {line}), 100, kTolerance);
}

TEST(Bleu, SignsAsSacrebleu) {
    EXPECT_EQ(kDefault.name(), "BLEU");
    EXPECT_EQ(kDefault.signature(), "nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:nmt-0.1.0");
    EXPECT_EQ(kUntokenized.signature(2), "nrefs:2|case:mixed|eff:no|tok:none|smooth:exp|version:nmt-0.1.0");
    EXPECT_EQ(kLowercased.signature(), "nrefs:1|case:lc|eff:no|tok:13a|smooth:exp|version:nmt-0.1.0");
    EXPECT_EQ(Bleu({.max_order = 2}).signature(), "nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|order:2|version:nmt-0.1.0");
    EXPECT_EQ(to_line(kDefault.details(Statistics{4, 4, 4, 3, 2, 1, 4, 3, 2, 1}), kDefault.signature()),
              "BLEU|nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:nmt-0.1.0 = 100.00 100.0/100.0/100.0/100.0 "
              "(BP = 1.000 ratio = 1.000 hyp_len = 4 ref_len = 4)");
}

TEST(Bleu, RefusesWhatItCannotScore) {
    EXPECT_THROW(kDefault.statistics("a", {}), Error);
    EXPECT_THROW(kDefault.score(Statistics(9, 1.0)), Error);
}

} // namespace
} // namespace nmt
