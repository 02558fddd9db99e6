// BLEU against figures of sacreBLEU 2.6 (computed with Python 3.11).
#include "nmt/evaluation/bleu.hpp"

#include "tests/evaluation/example_pairs.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <vector>

namespace nmt {
namespace {

constexpr double kTolerance = 1e-9;

const Figures<BleuOptions> kFigures[] = {
    {{},
     "nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:nmt-0.1.0",
     59.7170901775,
     63.4165816439,
     "63.4046627705 53.3612979927 66.0632863603 19.1569288172 58.3351058434 80.0320320385 31.4666099696 100 58.1430736968 "
     "40.304968802 68.6589047969 100 59.0046872639 36.8893973233 23.3568988864 47.7999535428 0 30.2137539736 65.8037006476 "
     "81.5355103817 100 100 86.6993380662 96.0707139034 92.3473261888 0 0 0 0 100 0 0 0 0 100 6.5672747361 12.7033187039 0 "
     "28.650479686 29.8474589601 75.1049981571 45.7883137213 0 0 11.9901483809 31.3585906371 28.3194155109 33.1249897947 "
     "10.6821751599"},
    {{.tokenizer = "none"},
     "nrefs:1|case:mixed|eff:no|tok:none|smooth:exp|version:nmt-0.1.0",
     42.8909266035,
     47.9065648902,
     "52.5381978885 42.8469777667 37.6849916449 13.1345494721 34.5654323273 11.7311751603 12.7033187039 18.9958921413 "
     "61.0473583581 32.99292579 61.0003445701 100 58.739490947 27.0541134527 23.3568988864 47.7999535428 0 30.2137539736 "
     "59.4603557501 70.1687939128 100 100 22.9574884666 94.2615147682 43.8864438038 0 0 0 0 100 0 0 0 0 100 6.5672747361 "
     "12.7033187039 0 28.650479686 29.8474589601 75.1049981571 45.7883137213 0 0 13.1345494721 3.0718556915 19.3576934939 "
     "5.6148082717 10.6821751599"},
    {{.lowercase = true},
     "nrefs:1|case:lc|eff:no|tok:13a|smooth:exp|version:nmt-0.1.0",
     63.2380026337,
     67.1022322153,
     "63.4046627705 53.3612979927 66.0632863603 19.1569288172 58.3351058434 80.0320320385 31.4666099696 100 58.1430736968 "
     "57.726092452 68.6589047969 100 69.8930762278 75.062385375 100 47.7999535428 0 30.2137539736 65.8037006476 "
     "81.5355103817 100 100 86.6993380662 96.0707139034 92.3473261888 0 0 0 0 100 0 0 0 0 100 7.8098498423 12.7033187039 100 "
     "28.650479686 29.8474589601 75.1049981571 45.7883137213 0 0 11.9901483809 32.1955544341 28.3194155109 33.1249897947 "
     "12.7033187039"},
    {{.tokenizer = "intl"},
     "nrefs:1|case:mixed|eff:no|tok:intl|smooth:exp|version:nmt-0.1.0",
     59.7670493439,
     60.6940522256,
     "63.4046627705 57.1102301617 41.1133616901 58.5659602743 73.4411253979 5.450048489 25.5814560114 15.8511656926 "
     "67.0342089635 40.304968802 79.4483720649 100 59.0046872639 36.8893973233 32.0028610127 71.0866788975 0 41.1133616901 "
     "76.1160600335 84.9232663576 100 100 86.6993380662 96.0707139034 92.3473261888 0 0 0 0 100 0 0 0 0 100 6.5672747361 "
     "12.7033187039 0 28.650479686 29.8474589601 75.1049981571 45.7883137213 9.2875289996 5.6602339157 25.2811686974 "
     "65.4058584491 26.2690989442 53.6880535843 10.6821751599"},
    {{.tokenizer = "char", .lowercase = true},
     "nrefs:1|case:lc|eff:no|tok:char|smooth:exp|version:nmt-0.1.0",
     76.147043922,
     78.0283652645,
     "79.8289185999 83.5894052837 89.8539608342 82.2396603581 86.568120743 28.3360630672 41.3448894436 34.7979697575 "
     "80.5083749129 86.2207060089 83.9456517746 100 84.4121235273 92.5751807101 100 76.7733168434 100 80.522537619 "
     "87.1393365021 91.5710375371 100 100 92.413092518 96.0707139034 95.1643331352 0 0 0 0 100 7.2381777948 0 0 0 100 "
     "12.2171145371 30.0779583843 100 30.4982768711 43.1785384212 92.8135734509 45.7883137213 25.3761920116 39.6421008072 "
     "68.1438517901 87.8741908927 78.3920441149 64.8472924285 62.8410098454"},
    {{.smoothing = BleuSmoothing::kFloor},
     "nrefs:1|case:mixed|eff:no|tok:13a|smooth:floor[0.10]|version:nmt-0.1.0",
     59.7170901775,
     63.4165816439,
     "63.4046627705 53.3612979927 66.0632863603 12.8110104197 58.3351058434 80.0320320385 31.4666099696 100 58.1430736968 "
     "40.304968802 68.6589047969 100 59.0046872639 36.8893973233 15.6196996846 47.7999535428 0 16.0685683789 65.8037006476 "
     "81.5355103817 100 100 86.6993380662 96.0707139034 92.3473261888 0 0 0 0 100 0 0 0 0 100 3.303164318 6.3894310425 0 "
     "28.650479686 29.8474589601 75.1049981571 45.7883137213 0 0 6.3767156938 31.3585906371 28.3194155109 33.1249897947 "
     "5.3728496591"},
    {{.smoothing = BleuSmoothing::kFloor, .smooth_value = 0.375},
     "nrefs:1|case:mixed|eff:no|tok:13a|smooth:floor[0.38]|version:nmt-0.1.0",
     59.7170901775,
     63.4165816439,
     "63.4046627705 53.3612979927 66.0632863603 17.8275310428 58.3351058434 80.0320320385 31.4666099696 100 58.1430736968 "
     "40.304968802 68.6589047969 100 59.0046872639 36.8893973233 21.7360435972 47.7999535428 0 31.1166488644 65.8037006476 "
     "81.5355103817 100 100 86.6993380662 96.0707139034 92.3473261888 0 0 0 0 100 0 0 0 0 100 8.9013039146 17.21811635 0 "
     "28.650479686 29.8474589601 75.1049981571 45.7883137213 0 0 12.3484568428 31.3585906371 28.3194155109 33.1249897947 "
     "14.4786523161"},
    {{.smoothing = BleuSmoothing::kAddK},
     "nrefs:1|case:mixed|eff:no|tok:13a|smooth:add-k[1.00]|version:nmt-0.1.0",
     59.8051670712,
     63.5099180716,
     "66.7788359069 56.6821246434 70.4914175627 26.658376817 61.4394949916 81.4447639858 35.5020580971 100 62.8016973396 "
     "45.6689530905 70.8114776306 100 62.6715376818 46.3859613952 32.0731819399 52.5280979445 100 44.72135955 69.9927102316 "
     "82.7437729912 100 100 87.0072267499 96.1865317314 92.5562820298 0 0 0 0 100 0 100 0 1.4e-09 100 16.1499308196 "
     "30.2137539736 0 28.650479686 38.1416561637 77.6545355504 51.2056844542 0 0 21.6686442011 35.2684628299 34.8208823092 "
     "37.7291292411 24.0281141413"},
    {{.smoothing = BleuSmoothing::kAddK, .smooth_value = 2.5},
     "nrefs:1|case:mixed|eff:no|tok:13a|smooth:add-k[2.50]|version:nmt-0.1.0",
     59.9362631187,
     63.6488417836,
     "70.6479685428 60.6026243865 75.1281431125 37.3871303532 64.9992688627 83.1917215501 40.4384517488 100 67.8490159957 "
     "51.5542517983 73.4721656998 100 66.8456920364 55.3578741247 44.1049072731 57.2143839442 100 61.153805769 74.463737516 "
     "84.2597610303 100 100 87.4335417069 96.3443444551 92.8470722945 0 0 0 0 100 0 100 0 1.4e-09 100 27.0914412615 "
     "49.1327054814 0 28.650479686 46.1617457717 80.6093226404 57.1704934031 0 0 34.6007833855 39.9411254285 40.495261708 "
     "43.0540216099 37.3327829574"},
    {{.smoothing = BleuSmoothing::kNone},
     "nrefs:1|case:mixed|eff:no|tok:13a|smooth:none|version:nmt-0.1.0",
     59.7170901775,
     63.4165816439,
     "63.4046627705 53.3612979927 66.0632863603 0 58.3351058434 80.0320320385 31.4666099696 100 58.1430736968 40.304968802 "
     "68.6589047969 100 59.0046872639 36.8893973233 0 47.7999535428 0 0 65.8037006476 81.5355103817 100 100 86.6993380662 "
     "96.0707139034 92.3473261888 0 0 0 0 100 0 0 0 0 100 0 0 0 28.650479686 29.8474589601 75.1049981571 45.7883137213 0 0 0 "
     "31.3585906371 28.3194155109 33.1249897947 0"},
    {{.effective_order = true},
     "nrefs:1|case:mixed|eff:yes|tok:13a|smooth:exp|version:nmt-0.1.0",
     59.7170901775,
     63.4165816439,
     "63.4046627705 53.3612979927 66.0632863603 19.1569288172 58.3351058434 80.0320320385 31.4666099696 100 58.1430736968 "
     "40.304968802 68.6589047969 100 59.0046872639 36.8893973233 23.3568988864 47.7999535428 100 30.2137539736 65.8037006476 "
     "81.5355103817 100 100 86.6993380662 96.0707139034 92.3473261888 0 0 0 0 100 0 100 0 1.4e-09 100 6.5672747361 "
     "12.7033187039 0 28.650479686 29.8474589601 75.1049981571 45.7883137213 0 0 11.9901483809 31.3585906371 28.3194155109 "
     "33.1249897947 10.6821751599"},
    {{.tokenizer = "intl", .smoothing = BleuSmoothing::kFloor, .effective_order = true},
     "nrefs:1|case:mixed|eff:yes|tok:intl|smooth:floor[0.10]|version:nmt-0.1.0",
     59.7670493439,
     60.6940522256,
     "63.4046627705 57.1102301617 41.1133616901 58.5659602743 73.4411253979 2.8984970517 25.5814560114 10.6003133795 "
     "67.0342089635 40.304968802 79.4483720649 100 59.0046872639 36.8893973233 32.0028610127 71.0866788975 100 27.4941620352 "
     "76.1160600335 84.9232663576 100 100 86.6993380662 96.0707139034 92.3473261888 0 0 0 0 100 0 100 0 1.4e-09 100 "
     "3.303164318 6.3894310425 0 28.650479686 29.8474589601 75.1049981571 45.7883137213 4.9393827371 2.8469469381 "
     "25.2811686974 65.4058584491 17.5672052394 53.6880535843 5.3728496591"},
    {{.smoothing = BleuSmoothing::kAddK, .effective_order = true},
     "nrefs:1|case:mixed|eff:yes|tok:13a|smooth:add-k[1.00]|version:nmt-0.1.0",
     59.8051670712,
     63.5099180716,
     "66.7788359069 56.6821246434 70.4914175627 26.658376817 61.4394949916 81.4447639858 35.5020580971 100 62.8016973396 "
     "45.6689530905 70.8114776306 100 62.6715376818 46.3859613952 32.0731819399 52.5280979445 100 44.72135955 69.9927102316 "
     "82.7437729912 100 100 87.0072267499 96.1865317314 92.5562820298 0 0 0 0 100 0 100 0 1.4e-09 100 16.1499308196 "
     "30.2137539736 0 28.650479686 38.1416561637 77.6545355504 51.2056844542 0 0 21.6686442011 35.2684628299 34.8208823092 "
     "37.7291292411 24.0281141413"},
};

const Bleu kDefault;
const Bleu kUntokenized({.tokenizer = "none"});
const Bleu kLowercased({.lowercase = true});

Statistics sum_of_all(const Bleu& bleu) { return sum_of(bleu, corpus_statistics(bleu, all_hypotheses(), all_references())); }

TEST(Bleu, EqualsSacrebleu) {
    for (const auto& figures : kFigures) expect_figures<Bleu>(figures);
}

struct CorpusExample {
    const Bleu& bleu;
    BleuScore expected;
    const char* parts;
};

TEST(Bleu, PartsEqualSacrebleu) {
    const CorpusExample examples[] = {
        {kDefault,
         {59.71709017745343, {80.64516129032258, 67.5417661097852, 58.047493403693935, 50.73746312684366}, 0.9435890687588778, 465, 492},
         "80.6/67.5/58.0/50.7 (BP = 0.944 ratio = 0.945 hyp_len = 465 ref_len = 492)"},
        {kUntokenized,
         {42.890926603466376,
          {71.42857142857143, 52.861952861952865, 43.190661478599225, 35.483870967741936},
          0.8744931766104795,
          343,
          389},
         "71.4/52.9/43.2/35.5 (BP = 0.874 ratio = 0.882 hyp_len = 343 ref_len = 389)"},
        {kLowercased,
         {63.238002633727916, {83.65591397849462, 70.88305489260144, 62.00527704485488, 54.86725663716814}, 0.9435890687588778, 465, 492},
         "83.7/70.9/62.0/54.9 (BP = 0.944 ratio = 0.945 hyp_len = 465 ref_len = 492)"},
    };
    for (const auto& [bleu, expected, parts] : examples) {
        SCOPED_TRACE(bleu.signature());
        const BleuScore found = bleu.details(sum_of_all(bleu));
        EXPECT_NEAR(found.score, expected.score, kTolerance);
        ASSERT_EQ(found.precisions.size(), expected.precisions.size());
        for (std::size_t i = 0; i < found.precisions.size(); ++i) EXPECT_NEAR(found.precisions[i], expected.precisions[i], kTolerance);
        EXPECT_NEAR(found.brevity_penalty, expected.brevity_penalty, kTolerance);
        EXPECT_EQ(found.hypothesis_length, expected.hypothesis_length);
        EXPECT_EQ(found.reference_length, expected.reference_length);
        EXPECT_EQ(bleu.parts(sum_of_all(bleu)), parts);
    }
}

TEST(Bleu, OfOtherOrdersEqualsSacrebleu) {
    const Bleu one({.max_order = 1}), two({.max_order = 2}), six({.max_order = 6});
    EXPECT_NEAR(one.score(sum_of_all(one)), 76.09589264184497, kTolerance);
    EXPECT_NEAR(two.score(sum_of_all(two)), 69.63992019338207, kTolerance);
    EXPECT_NEAR(six.score(sum_of_all(six)), 51.80156836720998, kTolerance);
    EXPECT_EQ(six.parts(sum_of_all(six)), "80.6/67.5/58.0/50.7/44.0/38.8 (BP = 0.944 ratio = 0.945 hyp_len = 465 ref_len = 492)");
    EXPECT_EQ(two.signature(), "nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|order:2|version:nmt-0.1.0");
    EXPECT_THROW(Bleu({.max_order = 0}), Error);
}

TEST(Bleu, CountsReferencesInItsSignature) {
    EXPECT_EQ(kDefault.name(), "BLEU");
    EXPECT_EQ(kUntokenized.signature(2), "nrefs:2|case:mixed|eff:no|tok:none|smooth:exp|version:nmt-0.1.0");
    EXPECT_EQ(kDefault.signature(1, "bs:1000|seed:12345"),
              "nrefs:1|bs:1000|seed:12345|case:mixed|eff:no|tok:13a|smooth:exp|version:nmt-0.1.0");
}

TEST(Bleu, ClipsAsInItsPaper) {
    const std::string references[] = {"The cat is on the mat.", "There is a cat on the mat."};
    const Statistics found = kLowercased.statistics("the the the the the the the.", references);
    EXPECT_EQ(found, (Statistics{8, 8, 3, 0, 0, 0, 8, 7, 6, 5}));
}

TEST(Bleu, OfZeroKeepsItsParts) {
    const auto parts = [](const char* hypothesis, const char* reference) {
        return kDefault.parts(kDefault.statistics(hypothesis, std::vector<std::string>{reference}));
    };
    EXPECT_EQ(parts("", ""), "0.0/0.0/0.0/0.0 (BP = 1.000 ratio = 0.000 hyp_len = 0 ref_len = 0)");
    EXPECT_EQ(parts("", "a b c"), "0.0/0.0/0.0/0.0 (BP = 0.000 ratio = 0.000 hyp_len = 0 ref_len = 3)");
    EXPECT_EQ(parts("a b c", ""), "0.0/0.0/0.0/0.0 (BP = 1.000 ratio = 0.000 hyp_len = 3 ref_len = 0)");
    EXPECT_EQ(parts("a b c", "a b d"), "66.7/50.0/50.0/0.0 (BP = 1.000 ratio = 1.000 hyp_len = 3 ref_len = 3)");
    EXPECT_EQ(parts("a b c d e", "v w x y z"), "0.0/0.0/0.0/0.0 (BP = 1.000 ratio = 1.000 hyp_len = 5 ref_len = 5)");
    EXPECT_EQ(parts("a b", "a c d e f g"), "50.0/50.0/0.0/0.0 (BP = 0.135 ratio = 0.333 hyp_len = 2 ref_len = 6)");
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

TEST(Bleu, RefusesWhatItCannotScore) {
    EXPECT_THROW(kDefault.statistics("a", {}), Error);
    EXPECT_THROW(kDefault.score(Statistics(9, 1.0)), Error);
}

TEST(Bleu, RefusesAValueOfSmoothingWithoutEffect) {
    EXPECT_THROW(Bleu({.smooth_value = 0.1}), Error);
    EXPECT_THROW(Bleu({.smoothing = BleuSmoothing::kNone, .smooth_value = 0.1}), Error);
    EXPECT_THROW(Bleu({.smoothing = BleuSmoothing::kFloor, .smooth_value = -0.1}), Error);
    EXPECT_THROW(bleu_smoothing_from_name("floors"), Error);
    for (const std::string& name : bleu_smoothing_names())
        EXPECT_NE(Bleu({.smoothing = bleu_smoothing_from_name(name)}).signature().find("smooth:" + name), std::string::npos);
}

} // namespace
} // namespace nmt
