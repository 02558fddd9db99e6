#include "nmt/training/event_log.hpp"

#include "nmt/base/error.hpp"
#include "nmt/base/line_reader.hpp"
#include "nmt/base/output_file.hpp"
#include "tests/base/test_support.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace nmt {
namespace {

TEST(EventLog, AppendsALineAnEvent) {
    TemporaryFolder folder;
    const std::string path = folder / "log.jsonl";
    EventLog(path).write({{"event", "start"}, {"pairs", 3}});
    EXPECT_EQ(read_lines(path).size(), 1u); // at once
    const EventLog again(path);
    again.write({{"event", "loss"}, {"loss", 0.1}, {"text", "a\n\"b\" \xc3\xa9"}});
    again.write({{"event", "odd"}, {"loss", std::nan("")}});
    const std::vector<EventLog::Json> events = EventLog::read(path);
    ASSERT_EQ(events.size(), 3u);
    EXPECT_EQ(events[0].at("pairs"), 3);
    EXPECT_EQ(events[0].begin().key(), "time");
    EXPECT_EQ(events[0].at("time").get<std::string>().size(), std::string("2024-01-01T00:00:00Z").size());
    EXPECT_EQ(events[1].at("loss"), 0.1);
    EXPECT_EQ(events[1].at("text"), "a\n\"b\" \xc3\xa9");
    EXPECT_TRUE(events[2].at("loss").is_null());
}

TEST(EventLog, PassesOverALineThatWasCutShort) {
    TemporaryFolder folder;
    const std::string path = folder / "log.jsonl";
    EXPECT_TRUE(EventLog::read(path).empty());
    write_file(path, "{\"event\": \"start\"}\n{\"event\": \"tr");
    ASSERT_EQ(EventLog::read(path).size(), 1u);
    EXPECT_EQ(EventLog::read(path)[0].at("event"), "start");
    EventLog(path).write({{"event", "resume"}}); // is no part of the broken line
    ASSERT_EQ(EventLog::read(path).size(), 2u);
    EXPECT_EQ(EventLog::read(path)[1].at("event"), "resume");
}

TEST(EventLog, FailedWritesAreErrors) {
    TemporaryFolder folder;
    const auto failure = [](const std::string& path) { return message_of<Error>([&] { EventLog(path).write({{"event", "x"}}); }); };
    EXPECT_EQ(failure(folder / "none/log.jsonl"), "cannot write '" + (folder / "none/log.jsonl") + "': No such file or directory");
    EXPECT_EQ(failure("/dev/full"), "cannot write '/dev/full': No space left on device");
}

} // namespace
} // namespace nmt
