#include "nmt/data/sentence_words.hpp"

#include <gtest/gtest.h>

namespace nmt {
namespace {

TEST(SentenceWords, HaveTheirRoles) {
    EXPECT_TRUE(has_role("dr", WordRole::title));
    EXPECT_TRUE(has_role("z.b", WordRole::title));
    EXPECT_TRUE(has_role("etc", WordRole::abbreviation));
    EXPECT_TRUE(has_role("usw", WordRole::abbreviation));
    EXPECT_TRUE(has_role("стр", WordRole::before_number));
    EXPECT_TRUE(has_role("danach", WordRole::first_word));
    EXPECT_TRUE(has_role("mai", WordRole::month));
    EXPECT_TRUE(has_role("jahrhundert", WordRole::behind_ordinal));
    EXPECT_TRUE(has_role("km", WordRole::without_vowel));
    EXPECT_TRUE(has_role("asked", WordRole::verb_of_speaking));
}

TEST(SentenceWords, MayHaveSeveralRolesOrNone) {
    EXPECT_TRUE(has_role("le", WordRole::first_word));
    EXPECT_TRUE(has_role("le", WordRole::name_part)) << "Ursula K. Le Guin";
    EXPECT_FALSE(has_role("le", WordRole::title));
    EXPECT_FALSE(has_role("etc", WordRole::title)) << "it may end a sentence";
    for (const WordRole role : {WordRole::title, WordRole::abbreviation, WordRole::before_number, WordRole::first_word}) {
        EXPECT_FALSE(has_role("cat", role));
        EXPECT_FALSE(has_role("", role));
        EXPECT_FALSE(has_role("Dr", role)) << "words are asked for in lower case";
        EXPECT_FALSE(has_role("dr.", role)) << "and without their period";
    }
}

} // namespace
} // namespace nmt
