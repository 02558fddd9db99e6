#include "nmt/base/resources.hpp"

#include <gtest/gtest.h>

namespace nmt {
namespace {

TEST(ResourcesTest, FormatsDurationsForPeople) {
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

TEST(ResourcesTest, MeasuresTimeAndMemory) {
    const Stopwatch stopwatch;
    const double first = stopwatch.seconds();
    EXPECT_GE(first, 0);
    EXPECT_GE(stopwatch.seconds(), first);
    EXPECT_GT(peak_memory_mib(), 1);
}

} // namespace
} // namespace nmt
