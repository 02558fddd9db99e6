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

} // namespace
} // namespace nmt
