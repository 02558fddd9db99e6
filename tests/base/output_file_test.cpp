#include "nmt/base/output_file.hpp"

#include "nmt/base/error.hpp"
#include "nmt/base/input_file.hpp"
#include "nmt/base/line_writer.hpp"
#include "tests/base/test_support.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <string>

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
    const auto failing = [](std::FILE* file) {
        std::fputs("half", file);
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

} // namespace
} // namespace nmt
