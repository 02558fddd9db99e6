#include "nmt/base/error.hpp"

#include "tests/base/test_support.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <filesystem>
#include <new>
#include <stdexcept>
#include <system_error>

namespace nmt {
namespace {

TEST(ErrorTest, CheckThrowsTheFormattedMessageOnlyWhenTheConditionFails) {
    EXPECT_NO_THROW(check(true, "never {}", 1));
    EXPECT_EQ(message_of<Error>([] { check(1 > 2, "{} lines, expected {}", 3, 4); }), "3 lines, expected 4");
}

TEST(ErrorTest, FailAlwaysThrows) {
    EXPECT_EQ(message_of<Error>([] { fail("no '{}'", "x"); }), "no 'x'");
}

TEST(ErrorTest, EveryExceptionHasAMessage) {
    const auto message = [](const auto& thrown) {
        try {
            throw thrown;
        } catch (...) {
            return message_of_current_exception();
        }
    };
    EXPECT_EQ(message(Error("no 'x'")), "no 'x'");
    EXPECT_EQ(message(std::bad_alloc()), "out of memory; try smaller batches");
    EXPECT_EQ(message(std::filesystem::filesystem_error("status", "a/b", std::make_error_code(std::errc::permission_denied))),
              "cannot access 'a/b': Permission denied");
    EXPECT_EQ(message(std::runtime_error("odd")), "internal: odd");
    EXPECT_EQ(message(7), "internal: something unknown was thrown");
}

TEST(ErrorTest, OneLineIsFitForATerminal) {
    EXPECT_EQ(one_line("as it is, für alle"), "as it is, für alle");
    EXPECT_EQ(one_line("two\nlines\t\x1b[31m\x7f"), "two lines ?[31m?");
    const std::string cut = one_line(std::string(999, 'a') + "äb");
    EXPECT_EQ(cut, std::string(999, 'a') + "...");
    EXPECT_EQ(one_line(std::string(1000, 'a')), std::string(1000, 'a'));
}

TEST(ErrorTest, TheKindsAreErrorsAndTellTheirSignal) {
    EXPECT_THROW(throw UsageError("wrong"), Error);
    EXPECT_THROW(throw Interrupted(15, "stopped"), Error);
    EXPECT_EQ(Interrupted(15, "stopped").signal(), 15);
}

TEST(ErrorTest, StdoutHasAKindOfItsOwn) {
    EXPECT_EQ(message_of<StandardOutputError>([] { throw StandardOutputError(ENOSPC); }),
              "cannot write 'standard output': No space left on device");
    EXPECT_EQ(StandardOutputError(EPIPE).reason(), EPIPE);
}

} // namespace
} // namespace nmt
