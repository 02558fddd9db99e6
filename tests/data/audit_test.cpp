// The audit of parallel text: each kind of finding where it stands, and only there.
#include "nmt/data/audit.hpp"

#include "nmt/base/error.hpp"
#include "nmt/base/output_file.hpp"
#include "tests/base/test_support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace nmt {
namespace {

using Places = std::vector<AuditPlace>;

class AuditTest : public testing::Test {
  protected:
    std::string write(const std::string& name, const std::string& content) const {
        write_file(folder_ / name, content);
        return folder_ / name;
    }

    Audit audit(const std::string& source, const std::string& target, const AuditOptions& options = {}) const {
        return audit_pairs({write("source", source), write("target", target)}, options);
    }

    // "kind side" (or "kind held-out") of each finding that counts something, with its places.
    static std::map<std::string, Places> found(const Audit& audit) {
        std::map<std::string, Places> result;
        for (const AuditFinding& finding : audit.findings) {
            if (finding.count > 0) result[finding.kind + " " + finding.side + finding.held_out] = finding.places;
        }
        return result;
    }

    TemporaryFolder folder_;
};

using Found = std::map<std::string, Places>;

TEST_F(AuditTest, CleanTextHasNoFindings) {
    const Audit result = audit("un chat\ndeux chiens dorment\n", "a cat\ntwo dogs sleep\n");
    EXPECT_EQ(result.pairs, 2u);
    EXPECT_EQ(result.source.words, 5u);
    EXPECT_EQ(result.source.characters, 26u);
    EXPECT_EQ(result.target.words, 5u);
    EXPECT_EQ(found(result), Found());
    EXPECT_GT(result.findings.size(), 20u); // each kind was looked for
    EXPECT_EQ(summary(result.pairs, result.findings), "2 pairs; nothing found");
}

TEST_F(AuditTest, EmptyFilesHaveNoPairs) {
    const Audit result = audit("", "");
    EXPECT_EQ(result.pairs, 0u);
    EXPECT_EQ(found(result), Found());
}

TEST_F(AuditTest, EmptyLinesAreThatAlone) {
    // Lines 1 and 3 would also be repeated, copies and outliers.
    const Audit result = audit("\na\n \t\nb b b b\n", "\nx\n\n\u00a0\n");
    EXPECT_EQ(found(result), (Found{{"empty source", {{1, 0, ""}, {3, 0, ""}}}, {"empty target", {{1, 0, ""}, {3, 0, ""}, {4, 0, ""}}}}));
}

TEST_F(AuditTest, LengthsAndRatiosBeyondTheLimits) {
    const std::string source = "a b c\na b c d\na\nb\n", target = "x y\nv w x y z\nx y z\nx y z w\n";
    EXPECT_EQ(found(audit(source, target, {.max_length = 4})),
              (Found{{"too_long target", {{2, 0, "5 words"}}}, {"length_ratio ", {{4, 0, "1 and 4 words"}}}}));
    EXPECT_EQ(found(audit(source, target, {.max_ratio = 4})), Found());
    EXPECT_EQ(found(audit(source, target, {.max_length = 3, .max_ratio = 0})),
              (Found{{"too_long source", {{2, 0, "4 words"}}}, {"too_long target", {{2, 0, "5 words"}, {4, 0, "4 words"}}}}));
    EXPECT_EQ(found(audit(source, target, {.unit = LengthUnit::character, .max_length = 8, .max_ratio = 6.9})),
              (Found{{"too_long target", {{2, 0, "9 characters"}}}, {"length_ratio ", {{4, 0, "1 and 7 characters"}}}}));
    const Audit neither = audit(source, target, {.max_length = 0, .max_ratio = 0});
    for (const AuditFinding& finding : neither.findings) EXPECT_TRUE(finding.kind != "too_long" && finding.kind != "length_ratio");
}

TEST_F(AuditTest, TheDefaultsAreThoseOfOpusFilter) {
    std::string words = "w";
    for (int i = 1; i < 100; ++i) words += " w";
    EXPECT_EQ(found(audit(words + "\nx\nx\n", "t " + words + "\nx y z\nx y z w\n")), (Found{{"too_long target", {{1, 0, "101 words"}}},
                                                                                            {"several_targets ", {{3, 2, ""}}},
                                                                                            {"length_ratio ", {{3, 0, "1 and 4 words"}}}}));
}

TEST_F(AuditTest, CopiesDuplicatesAndFurtherTargets) {
    // 1: first. 2: the same pair but for white space. 3: another target. 4: that again. 5: a copy. 6: the first again. 7: a third target.
    const Audit result = audit("a\n a\na\na\nb\na \na\n", "x\nx\ny\ny \nb\nx\nz\n");
    EXPECT_EQ(found(result), (Found{{"copy ", {{5, 0, ""}}},
                                    {"duplicate_pair ", {{2, 1, ""}, {4, 3, ""}, {6, 1, ""}}},
                                    {"several_targets ", {{3, 1, ""}, {7, 1, ""}}}}));
    EXPECT_EQ(
        summary(result.pairs, result.findings),
        "7 pairs; pairs whose source equals the target: 1; duplicate pairs: 3; pairs whose source stands before with another target: 2");
}

TEST_F(AuditTest, TheSameTargetAloneIsNoDuplicate) { EXPECT_EQ(found(audit("a\nb\n", "x\nx\n")), Found()); }

TEST_F(AuditTest, OddUnicodeOnEitherSide) {
    const Audit result = audit("\ufeffa\nb\xe9\nc\n", "x\r\ny\ue000\nz\n");
    EXPECT_EQ(found(result), (Found{{"byte_order_mark source", {{1, 0, ""}}},
                                    {"invalid_utf8 source", {{2, 0, "byte 0xE9"}}},
                                    {"carriage_return target", {{1, 0, ""}}},
                                    {"private_use target", {{2, 0, "U+E000"}}}}));
}

TEST_F(AuditTest, ListsNoMoreThanAskedForButCountsAll) {
    std::string lines;
    for (int i = 0; i < 20; ++i) lines += "same\n";
    const Audit result = audit(lines, lines, {.listed = 3});
    const auto count = [&](const std::string& kind) {
        const auto is = [&](const AuditFinding& finding) { return finding.kind == kind; };
        return std::find_if(result.findings.begin(), result.findings.end(), is)->count;
    };
    EXPECT_EQ(count("copy"), 20u);
    EXPECT_EQ(count("duplicate_pair"), 19u);
    EXPECT_EQ(found(result),
              (Found{{"copy ", {{1, 0, ""}, {2, 0, ""}, {3, 0, ""}}}, {"duplicate_pair ", {{2, 1, ""}, {3, 1, ""}, {4, 1, ""}}}}));
}

TEST_F(AuditTest, HeldOutSentencesThatTheTextHolds) {
    AuditOptions options;
    options.held_out = {{"pairs", write("test.source", "b\nnew\n\na \nd\n"), write("test.target", "y\nz\n\nother\nx\n")},
                        {"sources", write("more.source", "c\nnew\n"), ""}};
    const Audit result = audit("a\nb\nc\nb\n", "x\ny\nz\nY\n", options);
    EXPECT_EQ(found(result), (Found{{"several_targets ", {{4, 2, ""}}},
                                    {"held_out_source pairs", {{1, 2, ""}, {4, 1, ""}}},
                                    {"held_out_target pairs", {{1, 2, ""}, {2, 3, ""}, {5, 1, ""}}},
                                    {"held_out_pair pairs", {{1, 2, ""}}},
                                    {"held_out_source sources", {{1, 3, ""}}}}));
    options.held_out = {{"unequal", write("test.source", "a\nb\n"), write("test.target", "x\n")}};
    const std::string message = message_of<Error>([&] { audit("a\n", "x\n", options); });
    EXPECT_NE(message.find("test.source' has 2 lines and"), std::string::npos) << message;
}

TEST_F(AuditTest, PiecesThatTheTokenizersDoNotKnow) {
    TokenizerOptions training;
    training.type = "word";
    training.exact = false;
    const auto tokenizer = [&](const std::string& name, const std::string& words) {
        Tokenizer::train({write("words", words)}, training, folder_ / name);
        return Tokenizer(folder_ / name);
    };
    const Tokenizer source = tokenizer("source.model", "one two three\n"), target = tokenizer("target.model", "un deux trois\n");
    const AuditOptions options{
        .unit = LengthUnit::piece, .max_length = 3, .listed = 5, .source_tokenizer = &source, .target_tokenizer = &target};
    const Audit result = audit("one two\nfour one five\none two three one\n", "un deux\nun deux\nquatre un cinq\n", options);
    EXPECT_EQ(found(result), (Found{{"unknown_pieces source", {{2, 0, "2 of 3"}}},
                                    {"unknown_pieces target", {{3, 0, "2 of 3"}}},
                                    {"too_long source", {{3, 0, "4 pieces"}}}}));
    EXPECT_EQ(result.source.pieces, 9u);
    EXPECT_EQ(result.source.unknown_pieces, 2u);
    EXPECT_EQ(result.target.unknown_pieces, 2u);
}

TEST_F(AuditTest, LinesThatTheTokenizersChange) {
    TokenizerOptions training;
    training.type = "char";
    training.byte_fallback = true;
    training.vocabulary_size = 400;
    const auto tokenizer = [&](const std::string& normalization) {
        training.normalization = normalization;
        Tokenizer::train({write("words", "one two\n")}, training, folder_ / normalization);
        return Tokenizer(folder_ / normalization);
    };
    const Tokenizer source = tokenizer("nmt_nfkc"), target = tokenizer("identity");
    const Audit result = audit("one\n10\u00b2 \u00bd\nn\u00ba\n", "x\n10\u00b2\ny\n",
                               {.max_length = 0, .max_ratio = 0, .source_tokenizer = &source, .target_tokenizer = &target});
    EXPECT_EQ(found(result), (Found{{"normalized source", {{2, 0, "\u00b2 to 2"}, {3, 0, "\u00ba to o"}}}}));
    EXPECT_NE(summary(result.pairs, result.findings).find("normalization nmt_nfkc changes"), std::string::npos);
}

TEST_F(AuditTest, SeveralFilesAreOneText) {
    ParallelText text = ParallelText::tsv({write("a", "un\tone\ndeux\t\n")});
    text.parts.push_back({write("b", "un\n\n"), write("c", "one\ntwo\n")});
    const Audit result = audit_pairs(text);
    EXPECT_EQ(result.pairs, 4u);
    EXPECT_EQ(found(result), (Found{{"empty target", {{2, 0, ""}}}, {"empty source", {{4, 0, ""}}}, {"duplicate_pair ", {{3, 1, ""}}}}));
    EXPECT_EQ(result.places.place(Side::target, 3), "'" + (folder_ / "c") + "', line 2");
}

TEST_F(AuditTest, Mistakes) {
    const std::string unequal = message_of<Error>([&] { audit("a\nb\nc\n", "x\n"); });
    EXPECT_NE(unequal.find("source' has 3 lines"), std::string::npos) << unequal;
    EXPECT_NE(unequal.find("target' has 1;"), std::string::npos) << unequal;
    EXPECT_NE(message_of<Error>([&] { audit_pairs({"/nowhere/a", std::string("/nowhere/b")}); }).find("/nowhere/a"), std::string::npos);
    EXPECT_NE(message_of<Error>([&] { audit("a\n", "b\n", {.unit = LengthUnit::piece}); }).find("tokenizer"), std::string::npos);
    EXPECT_NE(message_of<Error>([&] { audit("a\n", "b\n", {.max_ratio = 0.5}); }).find("at least 1"), std::string::npos);
    EXPECT_NE(message_of<Error>([] { length_unit_from_name("words"); }).find("expected word, character, piece"), std::string::npos);
    for (const std::string& name : length_unit_names())
        EXPECT_EQ(length_unit_names()[static_cast<std::size_t>(length_unit_from_name(name))], name);
}

} // namespace
} // namespace nmt
