// A file that is mapped, and what is noticed of those who write into it.
#include "nmt/base/mapped_file.hpp"

#include "nmt/base/error.hpp"
#include "nmt/base/input_file.hpp"
#include "nmt/base/output_file.hpp"
#include "tests/base/test_support.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <string_view>

namespace nmt {
namespace {

namespace fs = std::filesystem;

class MappedFileTest : public testing::Test {
  protected:
    MappedFileTest() : path_(folder_ / "file") {
        write_file(path_, std::string(10'000, 'x'));
        // It was written long ago: clocks of file systems may tick slowly.
        fs::last_write_time(path_, fs::file_time_type::clock::now() - std::chrono::hours(1));
    }

    void write_in_place(std::string_view text) const {
        std::FILE* const file = std::fopen(path_.c_str(), "r+b");
        ASSERT_NE(file, nullptr);
        EXPECT_EQ(std::fwrite(text.data(), 1, text.size(), file), text.size());
        std::fclose(file);
    }

    TemporaryFolder folder_;
    std::string path_;
};

TEST_F(MappedFileTest, HoldsTheBytes) {
    const MappedFile file(path_);
    EXPECT_EQ(std::string_view(reinterpret_cast<const char*>(file.begin()), file.size()), read_file(path_));
    file.begin()[0] = std::byte{'y'}; // this process's alone
    EXPECT_EQ(read_file(path_)[0], 'x');
    EXPECT_FALSE(file.changed());
    check_mapped_files();
    write_file(folder_ / "empty", "");
    EXPECT_EQ(MappedFile(folder_ / "empty").size(), 0u);
    for (const fs::path& path : {folder_.path(), fs::path("/dev/null"), fs::path(folder_ / "nothing")})
        EXPECT_NE(message_of<Error>([&] { MappedFile{path}; }), "") << path;
}

TEST_F(MappedFileTest, ReplacingItByAnotherDoesNoHarm) {
    const MappedFile file(path_);
    write_file(path_, "another");
    EXPECT_FALSE(file.changed());
    fs::remove(path_);
    check_mapped_files();
    EXPECT_EQ(file.begin()[9'999], std::byte{'x'});
}

TEST_F(MappedFileTest, WritingIntoItIsNoticed) {
    {
        const MappedFile file(path_);
        write_in_place("another");
        EXPECT_TRUE(file.changed());
        EXPECT_NE(message_of<Error>(check_mapped_files).find("'" + path_ + "' was written to while it was in use"), std::string::npos);
    }
    check_mapped_files(); // it is closed
    const MappedFile again(path_);
    check_mapped_files();
    fs::resize_file(path_, 20'000);
    EXPECT_TRUE(again.changed());
}

using MappedFileDeathTest = MappedFileTest;

TEST_F(MappedFileDeathTest, ReadingBeyondTheEndOfAShortenedOneIsAnError) {
    const auto read_shortened = [&] {
        report_shortened_files();
        const MappedFile file(path_);
        fs::resize_file(path_, 10);
        const volatile std::byte* const last = file.begin() + 9'999;
        _exit(*last == std::byte{'x'} ? 2 : 3);
    };
    EXPECT_EXIT(read_shortened(), testing::ExitedWithCode(1), "^nmt: error: '.*/file' was written to while it was in use; .*\n$");
}

} // namespace
} // namespace nmt
