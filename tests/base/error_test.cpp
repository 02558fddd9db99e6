#include "nmt/base/error.hpp"

#include "tests/base/test_support.hpp"

#include <gtest/gtest.h>

namespace nmt {
namespace {

TEST(ErrorTest, CheckThrowsTheFormattedMessageOnlyWhenTheConditionFails) {
    EXPECT_NO_THROW(check(true, "never {}", 1));
    EXPECT_EQ(message_of<Error>([] { check(1 > 2, "{} lines, expected {}", 3, 4); }), "3 lines, expected 4");
}

TEST(ErrorTest, FailAlwaysThrows) {
    EXPECT_EQ(message_of<Error>([] { fail("no '{}'", "x"); }), "no 'x'");
}

TEST(ErrorTest, TheKindsAreErrorsAndTellTheirSignal) {
    EXPECT_THROW(throw UsageError("wrong"), Error);
    EXPECT_THROW(throw Interrupted(15, "stopped"), Error);
    EXPECT_EQ(Interrupted(15, "stopped").signal(), 15);
}

} // namespace
} // namespace nmt
