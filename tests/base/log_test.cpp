#include "nmt/base/log.hpp"

#include <gtest/gtest.h>

namespace nmt {
namespace {

TEST(LogTest, FormatsDurationsForPeople) {
    EXPECT_EQ(format_duration(0), "0.0 s");
    EXPECT_EQ(format_duration(4.12), "4.1 s");
    EXPECT_EQ(format_duration(9.97), "10 s");
    EXPECT_EQ(format_duration(59.4), "59 s");
    EXPECT_EQ(format_duration(59.7), "1 min 00 s");
    EXPECT_EQ(format_duration(200), "3 min 20 s");
    EXPECT_EQ(format_duration(3599.6), "1 h 00 min");
    EXPECT_EQ(format_duration(3725), "1 h 02 min");
    EXPECT_EQ(format_duration(360000), "100 h 00 min");
}

TEST(LogTest, QuietSilencesInformationButNotWarnings) {
    testing::internal::CaptureStderr();
    log_info("{} lines", 3);
    set_quiet(true);
    log_info("{} more", 4);
    log_warning("{} dropped", 5);
    set_quiet(false);
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "3 lines\nnmt: warning: 5 dropped\n");
}

TEST(LogTest, ProgressIsSilentWhereStderrIsNoTerminal) {
    testing::internal::CaptureStderr();
    {
        Progress progress("reading");
        progress.update(1, 2);
    }
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST(LogTest, PlainLinesSayWhereAJobStands) {
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

TEST(LogTest, TheTimeLeftIsThatOfWhatIsDoneSinceTheStart) {
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

TEST(LogTest, ThePlainLineOfTheLastUpdateIsWrittenOnDemandAndOnce) {
    testing::internal::CaptureStderr();
    Progress progress(ProgressStyle{"reading", "", 1e9});
    progress.write_plain_line();
    progress.update(1, 4);
    progress.update(4, 4);
    progress.write_plain_line();
    progress.write_plain_line();
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "reading: 4 of 4 (100 %)\n");
}

TEST(LogTest, MeasuresTimeAndMemory) {
    const Stopwatch stopwatch;
    const double first = stopwatch.seconds();
    EXPECT_GE(first, 0);
    EXPECT_GE(stopwatch.seconds(), first);
    EXPECT_GT(peak_memory_mib(), 1);
}

} // namespace
} // namespace nmt
