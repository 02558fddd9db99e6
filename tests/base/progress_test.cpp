#include "nmt/base/progress.hpp"

#include <gtest/gtest.h>

#include <string>

namespace nmt {
namespace {

TEST(ProgressTest, ProgressIsSilentWhereStderrIsNoTerminal) {
    testing::internal::CaptureStderr();
    {
        Progress progress("reading");
        progress.update(1, 2);
    }
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST(ProgressTest, PlainLinesSayWhereAJobStands) {
    testing::internal::CaptureStderr();
    {
        ProgressStyle style{"reading", "lines", 0, [](double left) { return left > 0 ? "more to come" : "that is all"; }};
        Progress progress(style);
        progress.update(0, 4, "slowly");
        progress.update(3, 0, "quickly");
        progress.update(4, 4);
        Progress bare("not shown");
        bare.update(1, 2);
    }
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "reading: 0 of 4 lines (0 %), slowly\n"
                                                      "reading: 3 lines, quickly\n"
                                                      "reading: 4 of 4 lines (100 %), that is all\n");
}

TEST(ProgressTest, TheTimeLeftIsThatOfWhatIsDoneSinceTheStart) {
    double left = -1;
    ProgressStyle style{"reading", "", 0, [&](double seconds) {
                            left = seconds;
                            return std::string();
                        }};
    testing::internal::CaptureStderr();
    Progress progress(style);
    progress.start(90); // by another process
    progress.update(90, 100);
    EXPECT_EQ(left, -1) << "nothing is known of the rate yet";
    const Stopwatch watch;
    while (watch.seconds() < 0.02) {
    }
    progress.update(91, 100);
    EXPECT_GE(left, 9 * 0.02); // nine times what the one took, and not a tenth of it
    testing::internal::GetCapturedStderr();
}

TEST(ProgressTest, ThePlainLineOfTheLastUpdateIsWrittenOnDemandAndOnce) {
    testing::internal::CaptureStderr();
    Progress progress(ProgressStyle{"reading", "", 1e9});
    progress.write_plain_line();
    progress.update(1, 4);
    progress.update(4, 4);
    progress.write_plain_line();
    progress.write_plain_line();
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "reading: 4 of 4 (100 %)\n");
}

} // namespace
} // namespace nmt
