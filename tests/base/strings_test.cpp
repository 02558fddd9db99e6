#include "nmt/base/strings.hpp"

#include <gtest/gtest.h>

namespace nmt {
namespace {

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    replace_all(text, from, to);
    return text;
}

TEST(Strings, ReplaceAllGoesFromLeftToRightOnce) {
    EXPECT_EQ(replaced("aaa", "aa", "b"), "ba");
    EXPECT_EQ(replaced("a.b.c", ".", ".."), "a..b..c");
    EXPECT_EQ(replaced("abc", "b", ""), "ac");
    EXPECT_EQ(replaced("abc", "x", "y"), "abc");
    EXPECT_EQ(replaced("", "x", "y"), "");
}

TEST(Strings, CommasPartThousands) {
    EXPECT_EQ(with_commas(0), "0");
    EXPECT_EQ(with_commas(999), "999");
    EXPECT_EQ(with_commas(1000), "1,000");
    EXPECT_EQ(with_commas(7812416), "7,812,416");
    EXPECT_EQ(with_commas(-123), "-123");
    EXPECT_EQ(with_commas(-1234567), "-1,234,567");
}

} // namespace
} // namespace nmt
