// What normalization changes: which characters became which, and what is no change.
#include "nmt/data/normalization.hpp"

#include "nmt/base/error.hpp"
#include "nmt/base/output_file.hpp"
#include "tests/base/test_support.hpp"

#include <gtest/gtest.h>

namespace nmt {
namespace {

class NormalizationTest : public testing::Test {
  protected:
    Tokenizer tokenizer(const std::string& normalization) const {
        write_file(folder_ / "text", "the cat sat on the mat 10\n");
        TokenizerOptions options;
        options.type = "char";
        options.byte_fallback = true;
        options.vocabulary_size = 400;
        options.normalization = normalization;
        Tokenizer::train({folder_ / "text"}, options, folder_ / "model");
        return Tokenizer(folder_ / "model");
    }

    // "a to b, c to d"
    static std::string changes(const Tokenizer& tokenizer, std::string_view line) {
        std::vector<std::string> all;
        for (const TextChange& change : normalization_changes(tokenizer, line)) all.push_back(show(change));
        return fmt::format("{}", fmt::join(all, ", "));
    }

    TemporaryFolder folder_;
};

TEST_F(NormalizationTest, NamesWhatBecameWhat) {
    const Tokenizer nfkc = tokenizer("nmt_nfkc");
    EXPECT_EQ(nfkc.normalization(), "nmt_nfkc");
    EXPECT_EQ(changes(nfkc, "10\u00b2 m"), "\u00b2 to 2");
    EXPECT_EQ(changes(nfkc, "n\u00ba 5\u2026 n\u00ba 6"), "\u00ba to o, \u2026 to ..., \u00ba to o");
    EXPECT_EQ(changes(nfkc, "\u4f60\u597d\uff0c\u4e16\u754c\uff01"), "\uff0c to ,, \uff01 to !");
    EXPECT_EQ(changes(nfkc, "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"), "U+200C to nothing");
    EXPECT_EQ(changes(nfkc, "caf\u0065\u0301"), "U+0065 U+0301 to U+00E9");
    EXPECT_EQ(changes(nfkc, "\ufdfa").substr(0, 6), "\ufdfa to") << "one that becomes many, at the end";
}

TEST_F(NormalizationTest, WhiteSpaceAndBrokenTextAreNoChanges) {
    const Tokenizer nfkc = tokenizer("nmt_nfkc");
    for (const char* line :
         {"", " the  cat\t", "the\u00a0cat\u3000sat", "the\u2581cat", "caf\u00e9 \u4f60\u597d \U0001f600", "the cat\r", "caf\xe9 10\u00b2"})
        EXPECT_EQ(changes(nfkc, line), "") << line;
}

TEST_F(NormalizationTest, GoesByTheTokenizersOwn) {
    EXPECT_EQ(changes(tokenizer("identity"), "10\u00b2 \uff0c A"), "");
    EXPECT_EQ(changes(tokenizer("nmt_nfkc_cf"), "A cat"), "A to a");
    EXPECT_EQ(changes(tokenizer("nfkc"), "A cat\u2026"), "\u2026 to ...");
}

} // namespace
} // namespace nmt
