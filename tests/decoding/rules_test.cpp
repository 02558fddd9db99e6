#include "nmt/decoding/rules.hpp"

#include <gtest/gtest.h>

namespace nmt {
namespace {

using Tokens = std::vector<std::int32_t>;

TEST(Rules, NoneForbidsNothing) {
    EXPECT_FALSE(Rules{}.any());
    EXPECT_FALSE(Rules{.min_length = 1}.any()); // </s> is a token
    const NextTokens next = next_tokens({}, Tokens{3, 3}, 9);
    EXPECT_LT(next.forced, 0);
    EXPECT_TRUE(next.forbidden.empty());
    EXPECT_TRUE(next.permits(0));
    EXPECT_TRUE(next.permits(8));
}

TEST(Rules, MinimumLengthCountsTheEnd) {
    const Rules rules{.min_length = 3};
    EXPECT_TRUE(rules.any());
    EXPECT_EQ(next_tokens(rules, Tokens{}, 9).forbidden, (Tokens{0}));
    EXPECT_EQ(next_tokens(rules, Tokens{4}, 9).forbidden, (Tokens{0}));
    EXPECT_TRUE(next_tokens(rules, Tokens{4, 5}, 9).forbidden.empty()); // two words and </s>
}

TEST(Rules, NoNgramTwice) {
    const Rules two{.no_repeat_ngram = 2};
    EXPECT_TRUE(next_tokens(two, Tokens{}, 9).forbidden.empty());
    EXPECT_TRUE(next_tokens(two, Tokens{5}, 9).forbidden.empty());
    EXPECT_EQ(next_tokens(two, Tokens{5, 5}, 9).forbidden, (Tokens{5}));
    EXPECT_EQ(next_tokens(two, Tokens{5, 7, 5, 3, 1, 5}, 9).forbidden, (Tokens{3, 7})); // "5 3" and "5 7" are there
    EXPECT_TRUE(next_tokens(two, Tokens{5, 7, 6}, 9).forbidden.empty());
    EXPECT_EQ(next_tokens({.no_repeat_ngram = 1}, Tokens{5, 2, 5}, 9).forbidden, (Tokens{2, 5}));
    EXPECT_EQ(next_tokens({.no_repeat_ngram = 3}, Tokens{1, 2, 3, 1, 2}, 9).forbidden, (Tokens{3}));
    EXPECT_TRUE(next_tokens({.no_repeat_ngram = 4}, Tokens{1, 2, 3, 1, 2}, 9).forbidden.empty());
    const NextTokens next = next_tokens(two, Tokens{5, 7, 5}, 9);
    EXPECT_FALSE(next.permits(7));
    EXPECT_TRUE(next.permits(0));
    EXPECT_TRUE(next.permits(5));
}

TEST(Rules, ThePrefixComesFirst) {
    const Rules rules{.min_length = 4, .no_repeat_ngram = 1, .prefix = {6, 6}};
    for (const Tokens& tokens : {Tokens{}, Tokens{6}}) {
        const NextTokens next = next_tokens(rules, tokens, 9);
        EXPECT_EQ(next.forced, 6);
        EXPECT_TRUE(next.permits(6));
        EXPECT_FALSE(next.permits(0));
        EXPECT_FALSE(next.permits(5));
    }
    EXPECT_EQ(next_tokens(rules, Tokens{6, 6}, 9).forbidden, (Tokens{0, 6}));
}

TEST(Rules, UnknownMayBeForbidden) {
    const Rules rules{.no_repeat_ngram = 1, .forbid_unknown = true, .prefix = {1}};
    EXPECT_TRUE(Rules{.forbid_unknown = true}.any());
    EXPECT_EQ(next_tokens(rules, Tokens{}, 9).forced, 1); // but in a prefix
    EXPECT_EQ(next_tokens(rules, Tokens{1, 4}, 9).forbidden, (Tokens{1, 4}));
    EXPECT_EQ(next_tokens({.min_length = 3, .forbid_unknown = true}, Tokens{4}, 9).forbidden, (Tokens{0, 1}));
}

TEST(Rules, WhatMayNotFollowThePrefix) {
    Rules rules{.no_repeat_ngram = 1, .forbid_unknown = true, .prefix = {6}};
    rules.not_after_prefix = std::make_shared<const Tokens>(Tokens{3, 6, 7});
    EXPECT_EQ(next_tokens(rules, Tokens{}, 9).forced, 6);
    EXPECT_EQ(next_tokens(rules, Tokens{6}, 9).forbidden, (Tokens{1, 3, 6, 7}));
    EXPECT_EQ(next_tokens(rules, Tokens{6, 2}, 9).forbidden, (Tokens{1, 2, 6}));
    rules.prefix.clear();
    EXPECT_EQ(next_tokens(rules, Tokens{}, 9).forbidden, (Tokens{1, 3, 6, 7}));
}

TEST(Rules, TheEndIsPermittedWhereNothingElseIs) {
    const Rules rules{.min_length = 9, .no_repeat_ngram = 1};
    EXPECT_EQ(next_tokens(rules, Tokens{1, 2}, 4).forbidden, (Tokens{0, 1, 2}));
    EXPECT_EQ(next_tokens(rules, Tokens{1, 2, 3}, 4).forbidden, (Tokens{1, 2, 3}));
}

} // namespace
} // namespace nmt
