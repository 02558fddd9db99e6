#include "nmt/base/descriptor.hpp"

#include "nmt/base/error.hpp"
#include "tests/base/test_support.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <string>
#include <thread>
#include <utility>

namespace nmt {
namespace {

bool is_open(int number) { return fcntl(number, F_GETFD) != -1; }

struct Pipe {
    explicit Pipe(int flags = 0) {
        std::array<int, 2> ends{};
        EXPECT_EQ(pipe2(ends.data(), flags), 0);
        reading = Descriptor(ends[0]);
        writing = Descriptor(ends[1]);
    }
    Descriptor reading, writing;
};

TEST(DescriptorTest, ClosesWhatItOwnsOnce) {
    int number = -1;
    {
        const Descriptor file(open("/dev/null", O_RDONLY));
        number = file.number();
        EXPECT_TRUE(file);
        EXPECT_TRUE(is_open(number));
    }
    EXPECT_FALSE(is_open(number));
    Descriptor none;
    EXPECT_FALSE(none);
    EXPECT_TRUE(none.close());
    Descriptor file(open("/dev/null", O_RDONLY));
    EXPECT_TRUE(file.close());
    EXPECT_FALSE(file);
    EXPECT_TRUE(file.close()) << "there is nothing left to close";
}

TEST(DescriptorTest, MovesWhatItOwns) {
    Descriptor first(open("/dev/null", O_RDONLY));
    const int number = first.number();
    Descriptor second = std::move(first);
    EXPECT_EQ(second.number(), number);
    EXPECT_TRUE(is_open(number));
    second = Descriptor();
    EXPECT_FALSE(is_open(number));
}

TEST(DescriptorTest, ClosingTellsOfAFailure) {
    Descriptor file(open("/dev/null", O_RDONLY));
    ::close(file.number());
    EXPECT_FALSE(file.close());
    EXPECT_EQ(errno, EBADF);
}

TEST(ReadSome, ReadsWhatIsThereAndThenTheEnd) {
    Pipe pipe;
    EXPECT_TRUE(write_all(pipe.writing.number(), "text"));
    pipe.writing.close();
    std::array<char, 100> buffer;
    EXPECT_EQ(read_some(pipe.reading.number(), buffer.data(), 3, "it"), 3u);
    EXPECT_EQ(read_some(pipe.reading.number(), buffer.data(), buffer.size(), "it"), 1u);
    EXPECT_EQ(buffer[0], 't');
    EXPECT_EQ(read_some(pipe.reading.number(), buffer.data(), buffer.size(), "it"), 0u);
    EXPECT_EQ(message_of<Error>([&] { read_some(-1, buffer.data(), buffer.size(), "the file"); }),
              "cannot read 'the file': Bad file descriptor");
}

// More than a pipe holds, through ends that do not block: both sides wait for one another.
TEST(WriteAll, WaitsForWhoeverReads) {
    Pipe pipe(O_NONBLOCK);
    const std::string sent(1'000'000, 'x');
    std::thread writer([&] {
        EXPECT_TRUE(write_all(pipe.writing.number(), sent));
        pipe.writing.close();
    });
    std::string received;
    std::array<char, 4096> buffer;
    while (const std::size_t got = read_some(pipe.reading.number(), buffer.data(), buffer.size(), "pipe"))
        received.append(buffer.data(), got);
    writer.join();
    EXPECT_EQ(received, sent);
}

TEST(WriteAll, TellsOfAFailure) {
    const Descriptor full(open("/dev/full", O_WRONLY));
    EXPECT_FALSE(write_all(full.number(), "text"));
    EXPECT_EQ(errno, ENOSPC);
    EXPECT_TRUE(write_all(full.number(), "")) << "nothing is to be written";
    Pipe pipe;
    pipe.reading.close();
    const auto before = std::signal(SIGPIPE, SIG_IGN);
    EXPECT_FALSE(write_all(pipe.writing.number(), "text"));
    EXPECT_EQ(errno, EPIPE);
    std::signal(SIGPIPE, before);
}

} // namespace
} // namespace nmt
