#include "nmt/base/line_reader.hpp"

#include "nmt/base/error.hpp"
#include "nmt/base/input_file.hpp"
#include "nmt/base/output_file.hpp"
#include "tests/base/test_support.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

namespace nmt {
namespace {

using Lines = std::vector<std::string>;

// `text` as one gzip member.
std::string gzip(const std::string& text) {
    z_stream stream{};
    check(deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK, "zlib");
    std::string packed(deflateBound(&stream, text.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    check(deflate(&stream, Z_FINISH) == Z_STREAM_END, "zlib");
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    return packed;
}

class LineReaderTest : public testing::Test {
  protected:
    Lines lines_of(const std::string& content) {
        write_file(path_, content);
        return read_lines(path_);
    }
    std::string error_of(const std::string& content) {
        return message_of<Error>([&] { lines_of(content); });
    }

    TemporaryFolder folder_;
    std::string path_ = folder_ / "text";
};

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

TEST_F(LineReaderTest, GzipMembersFollowEachOther) {
    EXPECT_EQ(lines_of(gzip("one\ntw") + gzip("o\nthree") + gzip("") + gzip("\n")), (Lines{"one", "two", "three"}));
}

TEST_F(LineReaderTest, ZeroBytesBehindGzipAreNoText) {
    for (const std::size_t zeros : {1, 4, 512, 200'000}) {
        EXPECT_EQ(lines_of(gzip("one\ntwo\n") + std::string(zeros, '\0')), (Lines{"one", "two"})) << zeros;
        EXPECT_EQ(lines_of(gzip("one\n") + std::string(zeros, '\0') + gzip("two\n")), (Lines{"one", "two"})) << zeros;
    }
}

TEST_F(LineReaderTest, TruncatedOrBrokenGzipIsAnError) {
    std::string packed = gzip("one\ntwo\n" + std::string(1000, 'z'));
    for (std::size_t length = 2; length < packed.size(); ++length)
        EXPECT_NE(error_of(packed.substr(0, length)).find("ends too early"), std::string::npos) << length;
    EXPECT_NE(error_of(packed + "rubbish").find("broken gzip data"), std::string::npos);
    packed[packed.size() - 5] ^= 1; // in the checksum
    EXPECT_EQ(error_of(packed), "cannot read '" + path_ + "': broken gzip data (incorrect data check)");
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

} // namespace
} // namespace nmt
