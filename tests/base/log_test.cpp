#include "nmt/base/log.hpp"

#include <gtest/gtest.h>

namespace nmt {
namespace {

TEST(LogTest, QuietSilencesInformationButNotWarnings) {
    testing::internal::CaptureStderr();
    log_info("{} lines", 3);
    set_quiet(true);
    log_info("{} more", 4);
    log_warning("{} dropped", 5);
    set_quiet(false);
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "3 lines\nnmt: warning: 5 dropped\n");
}

TEST(LogTest, LinesNeverSteerTheTerminal) {
    testing::internal::CaptureStderr();
    log_info("a\x1b[31m {}", "\xff");
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "a?[31m ?\n");
}

TEST(LogTest, AWarningMayBeGivenOnce) {
    testing::internal::CaptureStderr();
    for (int i = 0; i < 3; ++i) log_warning_once("odd");
    log_warning_once("odder");
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "nmt: warning: odd\nnmt: warning: odder\n");
}

} // namespace
} // namespace nmt
