#include "nmt/base/paths.hpp"

#include "nmt/base/error.hpp"
#include "nmt/base/output_file.hpp"
#include "tests/base/test_support.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

namespace nmt {
namespace {

namespace fs = std::filesystem;

TEST(Paths, FoldersAreMade) {
    const TemporaryFolder folder;
    const std::string path = folder / "file";
    make_folder(folder / "a/b/c");
    make_folder(folder / "a/b/c/");
    EXPECT_TRUE(fs::is_directory(folder / "a/b/c"));
    check_writable(folder / "a/b/c");
    write_file(path, "x");
    EXPECT_EQ(message_of<Error>([&] { make_folder(path); }).find("cannot make folder '" + path + "': "), 0u);
    EXPECT_THROW(make_folder(path + "/below"), Error);
    EXPECT_EQ(message_of<Error>([&] { check_writable(folder / "none"); }),
              "cannot write into folder '" + (folder / "none") + "': No such file or directory");
}

} // namespace
} // namespace nmt
