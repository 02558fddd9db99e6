#include "nmt/base/output_file.hpp"

#include "nmt/base/error.hpp"
#include "nmt/base/input_file.hpp"
#include "nmt/base/line_writer.hpp"
#include "tests/base/test_support.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>

namespace nmt {
namespace {

namespace fs = std::filesystem;

class WriterTest : public testing::Test {
  protected:
    TemporaryFolder folder_;
    std::string path_ = folder_ / "out";
};

TEST_F(WriterTest, LineWriterShowsTheFileAtClose) {
    write_file(path_, "old");
    {
        LineWriter writer(path_);
        writer.write("one");
        writer.write(std::string("t\0wo", 4));
        writer.write("");
        writer.flush();
        EXPECT_EQ(read_file(path_), "old");
        writer.close();
    }
    EXPECT_EQ(read_file(path_), std::string("one\nt\0wo\n\n", 10));
    EXPECT_EQ(folder_.count(), 1u);
}

TEST_F(WriterTest, LineWriterWithoutCloseLeavesWhatWasThere) {
    write_file(path_, "old");
    { LineWriter(path_).write("new"); }
    EXPECT_EQ(read_file(path_), "old");
    EXPECT_EQ(folder_.count(), 1u);
}

TEST_F(WriterTest, LineWriterNamesWhatItCannotWrite) {
    EXPECT_EQ(message_of<Error>([&] { LineWriter(folder_ / "none/out"); }),
              "cannot write '" + (folder_ / "none/out") + "': No such file or directory");
    EXPECT_EQ(message_of<Error>([&] { LineWriter(folder_.path().string()); }),
              "cannot write '" + folder_.path().string() + "': Is a directory");
}

TEST_F(WriterTest, LineWriterReportsAFullDisk) {
    EXPECT_EQ(message_of<Error>([] {
                  LineWriter writer("/dev/full");
                  writer.write("x");
                  writer.close();
              }),
              "cannot write '/dev/full': No space left on device");
    EXPECT_THROW(
        {
            LineWriter writer("/dev/full");
            for (int i = 0; i < 10; ++i) writer.write(std::string(10'000, 'x'));
        },
        Error);
}

TEST_F(WriterTest, AFailedRenameLeavesNoTemporaryFile) {
    LineWriter writer(path_);
    writer.write("x");
    fs::create_directory(path_); // in the way
    EXPECT_EQ(message_of<Error>([&] { writer.close(); }), "cannot write '" + path_ + "': Is a directory");
    EXPECT_EQ(folder_.count(), 1u);
}

TEST_F(WriterTest, SpecialFilesAreWrittenInPlace) {
    LineWriter writer("/dev/null");
    writer.write("x");
    writer.close();
    write_file("/dev/null", "x");
    EXPECT_TRUE(fs::is_character_file("/dev/null"));
    EXPECT_EQ(message_of<Error>([] { write_file("/dev/full", "x"); }), "cannot write '/dev/full': No space left on device");
    EXPECT_TRUE(fs::is_character_file("/dev/full"));
}

TEST_F(WriterTest, SymbolicLinksStay) {
    const std::string link = folder_ / "link";
    write_file(path_, "old");
    fs::create_symlink("out", link);
    LineWriter writer(link);
    writer.write("new");
    writer.close();
    EXPECT_TRUE(fs::is_symlink(link));
    EXPECT_EQ(read_file(path_), "new\n");
    write_file(link, "newer");
    EXPECT_TRUE(fs::is_symlink(link));
    EXPECT_EQ(read_file(path_), "newer");
    EXPECT_EQ(folder_.count(), 2u);
}

TEST_F(WriterTest, WriteFileReplacesOrLeavesAlone) {
    write_file(path_, "old");
    write_file(path_, std::string("n\0w", 3));
    EXPECT_EQ(read_file(path_), std::string("n\0w", 3));
    const auto failing = [](NewFile& file) {
        file.write("half");
        fail("no more");
    };
    EXPECT_EQ(message_of<Error>([&] { write_file(path_, failing); }), "no more");
    EXPECT_EQ(read_file(path_), std::string("n\0w", 3));
    EXPECT_THROW(write_file(folder_ / "none/out", "x"), Error);
    EXPECT_EQ(folder_.count(), 1u);
}

TEST_F(WriterTest, WriteFileWorksInTheCurrentFolder) {
    const fs::path before = fs::current_path();
    fs::current_path(folder_.path());
    write_file("out", "here");
    fs::current_path(before);
    EXPECT_EQ(read_file(path_), "here");
}

mode_t mode_of(const std::string& path) {
    struct stat status {};
    return stat(path.c_str(), &status) == 0 ? status.st_mode & 07777 : 0;
}

TEST_F(WriterTest, PermissionsOfAReplacedFileStay) {
    for (const mode_t mode : {0600, 0644, 0660, 0755}) {
        write_file(path_, "old");
        ASSERT_EQ(chmod(path_.c_str(), mode), 0);
        write_file(path_, "new");
        EXPECT_EQ(read_file(path_), "new");
        EXPECT_EQ(mode_of(path_), mode);
    }
    const mode_t before = umask(027);
    write_file(folder_ / "fresh", "new");
    umask(before);
    EXPECT_EQ(mode_of(folder_ / "fresh"), mode_t{0640});
}

TEST_F(WriterTest, OwnersOfAReplacedFileStay) {
    if (geteuid() != 0) GTEST_SKIP() << "only root can give files away";
    write_file(path_, "old");
    ASSERT_EQ(chown(path_.c_str(), 1234, 4321), 0);
    ASSERT_EQ(chmod(path_.c_str(), 0640), 0);
    write_file(path_, "new");
    struct stat status {};
    ASSERT_EQ(stat(path_.c_str(), &status), 0);
    EXPECT_EQ(status.st_uid, 1234u);
    EXPECT_EQ(status.st_gid, 4321u);
    EXPECT_EQ(mode_of(path_), mode_t{0640});
}

TEST_F(WriterTest, AWriteProtectedFileIsNotReplaced) {
    write_file(path_, "old");
    ASSERT_EQ(chmod(path_.c_str(), 0444), 0);
    EXPECT_EQ(message_of<Error>([&] { LineWriter writer(path_); }),
              "cannot write '" + path_ + "': the file is write-protected; remove it, or name another");
    EXPECT_EQ(read_file(path_), "old");
    EXPECT_EQ(folder_.count(), 1u);
}

TEST_F(WriterTest, LinksToWhatIsNotThereAreFollowed) {
    fs::create_directory(folder_ / "disk");
    fs::create_symlink("second", folder_ / "first");
    fs::create_symlink("disk/out", folder_ / "second");
    LineWriter writer(folder_ / "first");
    writer.write("new");
    writer.close();
    EXPECT_TRUE(fs::is_symlink(folder_ / "first"));
    EXPECT_TRUE(fs::is_symlink(folder_ / "second"));
    EXPECT_EQ(read_file(folder_ / "disk/out"), "new\n");
    fs::create_symlink("circle", folder_ / "circle");
    EXPECT_EQ(message_of<Error>([&] { LineWriter(folder_ / "circle"); }),
              "cannot write '" + (folder_ / "circle") + "': Too many levels of symbolic links");
    fs::create_symlink("none/out", folder_ / "nowhere");
    EXPECT_THROW(LineWriter(folder_ / "nowhere"), Error);
}

TEST_F(WriterTest, APlantedLinkIsNotFollowed) {
    if (geteuid() != 0) GTEST_SKIP() << "only root can make another user's link";
    const std::string link = folder_ / "public/link";
    fs::create_directory(folder_ / "public");
    ASSERT_EQ(chmod((folder_ / "public").c_str(), 01777), 0);
    write_file(path_, "old");
    fs::create_symlink(path_, link);
    write_file(link, "mine"); // our own is followed
    ASSERT_EQ(lchown(link.c_str(), 1234, 1234), 0);
    EXPECT_EQ(message_of<Error>([&] { write_file(link, "theirs"); }),
              "cannot write '" + link + "': '" + link + "' is a symbolic link of another user in a folder in which all may make files");
    EXPECT_EQ(read_file(path_), "mine");
}

TEST_F(WriterTest, AFileInAFolderThatTakesNoNewOnesIsWrittenOver) {
    if (geteuid() == 0) GTEST_SKIP() << "root may make files everywhere";
    write_file(path_, "older and longer");
    ASSERT_EQ(chmod(folder_.path().c_str(), 0555), 0);
    testing::internal::CaptureStderr();
    {
        LineWriter writer(path_);
        writer.write("new");
        EXPECT_EQ(read_file(path_), "older and longer");
        writer.close();
    }
    chmod(folder_.path().c_str(), 0755);
    EXPECT_NE(testing::internal::GetCapturedStderr().find("is in a folder that takes no new files"), std::string::npos);
    EXPECT_EQ(read_file(path_), "new\n");
}

// A mount needs root and a namespace of its own: both in a child, which tells by its status how it went.
TEST_F(WriterTest, AMountPointIsWrittenOver) {
    write_file(path_, "older and longer");
    write_file(folder_ / "real", "older and longer");
    constexpr int kNoMounts = 77;
    EXPECT_EXIT(
        {
            const bool mounted = unshare(CLONE_NEWNS) == 0 && mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                                 mount((folder_ / "real").c_str(), path_.c_str(), nullptr, MS_BIND, nullptr) == 0;
            if (!mounted) std::_Exit(kNoMounts);
            write_file(path_, "new");
            std::_Exit(read_file(path_) == "new" && read_file(folder_ / "real") == "new" ? 0 : 1);
        },
        [](int status) { return WIFEXITED(status) && (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == kNoMounts); }, "");
}

TEST_F(WriterTest, AFileThatGrowsTooLargeIsAnError) {
    EXPECT_EXIT(
        {
            std::signal(SIGXFSZ, SIG_IGN);
            rlimit limit{};
            limit.rlim_cur = limit.rlim_max = 4096;
            setrlimit(RLIMIT_FSIZE, &limit);
            const std::string message = message_of<Error>([&] { write_file(path_, std::string(10'000, 'x')); });
            std::_Exit(message == "cannot write '" + path_ + "': File too large" ? 0 : 1);
        },
        testing::ExitedWithCode(0), "");
    EXPECT_EQ(folder_.count(), 0u);
}

TEST_F(WriterTest, APipeThatDoesNotBlockIsWaitedFor) {
    ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
    const int reading = open(path_.c_str(), O_RDONLY | O_NONBLOCK);
    const int writing = open(path_.c_str(), O_WRONLY | O_NONBLOCK);
    const std::string text(1'000'000, 'x'); // more than a pipe holds
    std::string found;
    std::thread consumer([&] {
        std::string block(5000, '\0');
        for (std::size_t got; (got = read_some(reading, block.data(), block.size(), "pipe")) > 0;) found.append(block, 0, got);
    });
    EXPECT_TRUE(write_all(writing, text));
    ::close(writing);
    consumer.join();
    ::close(reading);
    EXPECT_EQ(found, text);
}

} // namespace
} // namespace nmt
