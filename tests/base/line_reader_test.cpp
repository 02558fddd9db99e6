#include "nmt/base/line_reader.hpp"

#include "nmt/base/codecs.hpp"
#include "nmt/base/error.hpp"
#include "nmt/base/input_file.hpp"
#include "nmt/base/output_file.hpp"
#include "tests/base/text_file.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

namespace nmt {
namespace {

class LineReaderTest : public testing::Test, protected TextFile {};

TEST_F(LineReaderTest, OnlyLineFeedsEndLines) {
    EXPECT_EQ(lines_of("one\ntwo\n"), (Lines{"one", "two"}));
    EXPECT_EQ(lines_of("one\r\n\r\n two \n\n"), (Lines{"one\r", "\r", " two ", ""}));
    EXPECT_EQ(lines_of("a\xe2\x80\xa8"
                       "b\x85\f\v\n"),
              (Lines{"a\xe2\x80\xa8"
                     "b\x85\f\v"}));
}

TEST_F(LineReaderTest, KeepsNulAndInvalidUtf8) {
    const std::string odd("a\0b\xff\xc0", 5);
    EXPECT_EQ(lines_of(odd + "\n" + odd), (Lines{odd, odd}));
    EXPECT_EQ(lines_of(std::string("\0\n", 2)), (Lines{std::string(1, '\0')}));
}

TEST_F(LineReaderTest, ALastLineWithoutLineFeedCounts) {
    EXPECT_EQ(lines_of("one\ntwo"), (Lines{"one", "two"}));
    EXPECT_EQ(lines_of("x"), (Lines{"x"}));
    EXPECT_EQ(lines_of("\x1f"), (Lines{"\x1f"})); // half of gzip's magic number
}

TEST_F(LineReaderTest, AnEmptyFileHasNoLine) {
    EXPECT_EQ(lines_of(""), Lines{});
    EXPECT_EQ(lines_of("\n"), (Lines{""}));
    EXPECT_EQ(lines_of(gzip("")), Lines{});
}

TEST_F(LineReaderTest, ReadsLinesLongerThanItsBuffer) {
    const std::string longest(300'000, 'x');
    EXPECT_EQ(lines_of("a\n" + longest + "\nb\n" + longest), (Lines{"a", longest, "b", longest}));
    EXPECT_EQ(lines_of(gzip(longest + "\nb\n")), (Lines{longest, "b"}));
}

TEST_F(LineReaderTest, ReadsManyLines) {
    std::string content;
    Lines expected;
    for (int i = 0; i < 50'000; ++i) {
        expected.push_back(std::string(static_cast<std::size_t>(i % 40), 'y') + std::to_string(i));
        content += expected.back() + "\n";
    }
    EXPECT_EQ(lines_of(content), expected);
    EXPECT_EQ(lines_of(gzip(content)), expected);
}

TEST_F(LineReaderTest, MissingFilesAndFoldersAreErrors) {
    EXPECT_EQ(message_of<Error>([&] { LineReader(folder_ / "none"); }),
              "cannot read '" + (folder_ / "none") + "': No such file or directory");
    EXPECT_EQ(message_of<Error>([&] { LineReader(folder_.path().string()); }),
              "cannot read '" + folder_.path().string() + "': it is a folder, expected a file");
    EXPECT_EQ(message_of<Error>([&] { read_file(folder_.path()); }), "cannot read '" + folder_.path().string() + "': Is a directory");
}

TEST_F(LineReaderTest, CanBeMoved) {
    write_file(path_, "one\ntwo\n");
    LineReader first(path_);
    std::string line;
    ASSERT_TRUE(first.next(line));
    LineReader second = std::move(first);
    ASSERT_TRUE(second.next(line));
    EXPECT_EQ(line, "two");
    EXPECT_FALSE(second.next(line));
    EXPECT_FALSE(second.next(line));
}

// A named pipe whose both ends the test holds: what was not sent yet cannot be waited for.
class SlowProducerTest : public LineReaderTest {
  protected:
    void SetUp() override {
        ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
        descriptor_ = open(path_.c_str(), O_RDWR);
        ASSERT_GE(descriptor_, 0);
    }
    void TearDown() override { stop(); }

    void send(const std::string& bytes) { ASSERT_EQ(::write(descriptor_, bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size())); }
    void stop() {
        if (descriptor_ >= 0) ::close(descriptor_);
        descriptor_ = -1;
    }

    int descriptor_ = -1;
};

TEST_F(SlowProducerTest, ReadyWaitsForALineThatComesInTime) {
    LineReader reader(path_);
    EXPECT_FALSE(reader.ready(std::chrono::milliseconds(1)));
    std::thread producer([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(30));
        send("in two ");
        std::this_thread::sleep_for(std::chrono::milliseconds(30));
        send("pieces\n");
    });
    EXPECT_TRUE(reader.ready(std::chrono::minutes(1)));
    producer.join();
    std::string line;
    ASSERT_TRUE(reader.next(line));
    EXPECT_EQ(line, "in two pieces");
}

TEST_F(SlowProducerTest, ReadyTellsWhetherALineIsThere) {
    LineReader reader(path_);
    EXPECT_FALSE(reader.ready());
    send("\n"); // a single byte must not wait for a second one
    ASSERT_TRUE(reader.ready());
    std::string line = "?";
    ASSERT_TRUE(reader.next(line));
    EXPECT_EQ(line, "");
    send("half");
    EXPECT_FALSE(reader.ready());
    send(" a line\nand");
    ASSERT_TRUE(reader.ready());
    ASSERT_TRUE(reader.next(line));
    EXPECT_EQ(line, "half a line");
    EXPECT_FALSE(reader.ready());
    stop();
    EXPECT_TRUE(reader.ready()); // next() returns at once with what is left
    ASSERT_TRUE(reader.next(line));
    EXPECT_EQ(line, "and");
    EXPECT_TRUE(reader.ready());
    EXPECT_FALSE(reader.next(line));
}

TEST_F(SlowProducerTest, ReadyWorksOnGzip) {
    LineReader reader(path_);
    const std::string packed = gzip("one\n") + gzip("two\n");
    send(packed.substr(0, 12));
    EXPECT_FALSE(reader.ready());
    send(packed.substr(12));
    std::string line;
    ASSERT_TRUE(reader.ready());
    ASSERT_TRUE(reader.next(line));
    EXPECT_EQ(line, "one");
    ASSERT_TRUE(reader.ready()); // its bytes have been read, though not inflated
    ASSERT_TRUE(reader.next(line));
    EXPECT_EQ(line, "two");
    EXPECT_FALSE(reader.ready());
}

TEST(WithoutCarriageReturn, TakesOneAwayAtTheEnd) {
    EXPECT_EQ(without_carriage_return("a\r"), "a");
    EXPECT_EQ(without_carriage_return("a\r\r"), "a\r");
    EXPECT_EQ(without_carriage_return("\ra"), "\ra");
    EXPECT_EQ(without_carriage_return(""), "");
}

TEST_F(LineReaderTest, LinesHaveALimit) {
    const ReadOptions options{.longest_line = 1000};
    const std::string fits(1000, 'x');
    write_file(path_, "a\n" + fits + "\n" + fits);
    EXPECT_EQ(read_lines(path_, options), (Lines{"a", fits, fits}));
    for (const std::string& content : {"a\n" + fits + "x\nb\n", "a\n" + fits + "x", gzip("a\n" + std::string(5'000'000, 'x'))}) {
        write_file(path_, content);
        EXPECT_EQ(message_of<Error>([&] { read_lines(path_, options); }),
                  "cannot read '" + path_ + "': line 2 is longer than 1000 bytes; is it text in lines? (--max-line allows longer ones)");
    }
}

TEST_F(LineReaderTest, TextWithAMarkOfUtf16Or32IsRefused) {
    const auto advice = [&](const std::string& marked, const std::string& name) {
        return "cannot read '" + path_ + "': it begins as " + marked + " does, expected UTF-8; convert it with iconv -f " + name +
               " -t UTF-8";
    };
    EXPECT_EQ(error_of(std::string("\xff\xfe"
                                   "a\0\n\0",
                                   6)),
              advice("UTF-16LE", "UTF-16"));
    EXPECT_EQ(error_of(std::string("\xfe\xff\0a\0\n", 6)), advice("UTF-16BE", "UTF-16"));
    EXPECT_EQ(error_of(std::string("\xff\xfe\0\0a\0\0\0", 8)), advice("UTF-32LE", "UTF-32"));
    EXPECT_EQ(error_of(std::string("\0\0\xfe\xff\0\0\0a", 8)), advice("UTF-32BE", "UTF-32"));
    EXPECT_EQ(error_of(gzip("\xff\xfe")), advice("UTF-16LE", "UTF-16"));
    EXPECT_EQ(lines_of("\xff"), Lines{"\xff"});
    EXPECT_EQ(lines_of("a\n\xff\xfe\n"), (Lines{"a", "\xff\xfe"}));
}

TEST_F(LineReaderTest, ANamedEncodingIsRead) {
    const std::string big(100'000, 'b');
    std::string utf16 = std::string("\xff\xfe\xe9\0\n\0\x3d\xd8\0\xde\n\0", 12); // é, U+1F600
    for (const char c : big) utf16 += std::string{c, '\0'};
    write_file(path_, utf16);
    for (const char* const name : {"UTF-16", "utf-16le"}) EXPECT_EQ(read_lines(path_, {.encoding = name}), (Lines{"é", "😀", big})) << name;
    write_file(path_, gzip("caf\xe9\n\x80\n"));
    EXPECT_EQ(read_lines(path_, {.encoding = "windows-1252"}), (Lines{"café", "€"}));
}

TEST_F(LineReaderTest, ANamedEncodingHasToBeThatOfTheText) {
    EXPECT_THROW(LineReader(path_, {.encoding = "UTF-61"}), Error);
    write_file(path_, "ab\n\xff\n");
    EXPECT_EQ(message_of<Error>([&] { read_lines(path_, {.encoding = "UTF-8"}); }).find("cannot read '" + path_ + "': not UTF-8 at byte 4"),
              0u);
    write_file(path_, std::string("a\0\n\0b", 5)); // half a character at the end
    EXPECT_NE(message_of<Error>([&] { read_lines(path_, {.encoding = "UTF-16LE"}); }).find("not UTF-16LE"), std::string::npos);
}

// What is said of a text on stderr; each has a name of its own, since a file is told of once.
TEST_F(LineReaderTest, TextThatLooksOddIsToldOfOnce) {
    const auto told = [&](const std::string& name, const std::string& content) {
        const std::string path = folder_ / name;
        write_file(path, content);
        testing::internal::CaptureStderr();
        read_lines(path);
        read_lines(path);
        return testing::internal::GetCapturedStderr();
    };
    std::string latin, mostly;
    for (int i = 0; i < 20; ++i) latin += "caf\xe9\n", mostly += i == 7 ? "caf\xe9\n" : "café\n";
    const std::string warning = told("latin", latin);
    EXPECT_NE(warning.find("latin' is not UTF-8 (20 of 20 lines beyond ASCII)"), std::string::npos) << warning;
    EXPECT_EQ(std::count(warning.begin(), warning.end(), '\n'), 1) << warning;
    EXPECT_EQ(told("mostly", mostly), "");
    EXPECT_NE(told("mac", "one\rtwo\rthree").find("lines that hold several CRs"), std::string::npos);
    EXPECT_EQ(told("windows", "one\r\ntwo\r\n"), "");
    EXPECT_NE(told("utf16", std::string("\0a\n\0b\n\0", 7)).find("is it UTF-16"), std::string::npos);
}

TEST_F(SlowProducerTest, ADescriptorThatDoesNotBlockIsWaitedFor) {
    const int reading = open(path_.c_str(), O_RDONLY | O_NONBLOCK), saved = dup(STDIN_FILENO);
    ASSERT_EQ(dup2(reading, STDIN_FILENO), STDIN_FILENO);
    std::thread producer([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        send("late\n");
    });
    std::string line;
    EXPECT_TRUE(LineReader("-").next(line));
    EXPECT_EQ(line, "late");
    producer.join();
    dup2(saved, STDIN_FILENO);
    ::close(saved);
    ::close(reading);
}

} // namespace
} // namespace nmt
