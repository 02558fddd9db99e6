#include "nmt/base/folder_lock.hpp"

#include "nmt/base/error.hpp"
#include "nmt/base/input_file.hpp"
#include "nmt/base/output_file.hpp"
#include "tests/base/test_support.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

namespace nmt {
namespace {

// A process that holds the lock of a folder until it is killed.
pid_t hold(const std::filesystem::path& folder) {
    int ends[2];
    EXPECT_EQ(pipe(ends), 0);
    const pid_t child = fork();
    if (child == 0) {
        const FolderLock lock(folder);
        EXPECT_EQ(write(ends[1], "x", 1), 1);
        for (;;) pause();
    }
    char byte;
    EXPECT_EQ(read(ends[0], &byte, 1), 1);
    ::close(ends[0]);
    ::close(ends[1]);
    return child;
}

TEST(FolderLock, NamesTheProcessThatHoldsIt) {
    TemporaryFolder folder;
    const pid_t child = hold(folder.path());
    const std::string message = message_of<Error>([&] { FolderLock lock(folder.path()); });
    EXPECT_NE(message.find(fmt::format("process {} works in '{}'", child, folder.path().string())), std::string::npos) << message;
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    EXPECT_EQ(message_of<Error>([&] { FolderLock lock(folder.path()); }), "") << "a killed process keeps no lock";
}

TEST(FolderLock, EndsWithItsScopeAndLeavesTheFile) {
    TemporaryFolder folder;
    { const FolderLock lock(folder.path()); }
    EXPECT_EQ(read_file(folder / "lock"), fmt::format("{}\n", getpid()));
    write_file(folder / "lock", "nonsense that is longer than a number\n");
    const FolderLock again(folder.path());
    EXPECT_EQ(read_file(folder / "lock"), fmt::format("{}\n", getpid()));
}

TEST(FolderLock, SaysNothingOfAHolderThatItCannotRead) {
    TemporaryFolder folder;
    const FolderLock lock(folder.path());
    std::filesystem::resize_file(folder / "lock", 0);
    EXPECT_EQ(message_of<Error>([&] { FolderLock second(folder.path()); }),
              fmt::format("another process works in '{}'; wait for its end, or use another folder", folder.path().string()));
}

TEST(FolderLock, ALinkInItsPlaceIsNotFollowed) {
    TemporaryFolder folder;
    write_file(folder / "precious", "text");
    std::filesystem::create_symlink("precious", folder / "lock");
    EXPECT_EQ(message_of<Error>([&] { FolderLock lock(folder.path()); }),
              fmt::format("'{}' is a symbolic link, expected a file of our own; remove it", folder / "lock"));
    EXPECT_EQ(read_file(folder / "precious"), "text");
}

TEST(FolderLock, AFolderThatIsNotThereIsAnError) {
    TemporaryFolder folder;
    EXPECT_NE(message_of<Error>([&] { FolderLock lock(folder / "none"); }).find("none/lock"), std::string::npos);
}

} // namespace
} // namespace nmt
