#include "nmt/base/input_file.hpp"

#include "nmt/base/error.hpp"
#include "nmt/base/output_file.hpp"
#include "tests/base/test_support.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <string>

namespace nmt {
namespace {

TEST(InputFile, OrdinaryFilesUpToALimit) {
    const TemporaryFolder folder;
    const std::string path = folder / "file";
    write_file(path, std::string(1000, 'x'));
    EXPECT_EQ(read_file(path, 1000), std::string(1000, 'x'));
    EXPECT_EQ(message_of<Error>([&] { read_file(path, 999); }),
              "cannot read '" + path + "': it has more than 999 bytes; is it the right file?");
}

TEST(InputFile, DevicesAndPipesAreNoFiles) {
    const TemporaryFolder folder;
    const std::string pipe = folder / "pipe";
    ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
    for (const std::string& path : {std::string("/dev/zero"), pipe})
        EXPECT_EQ(message_of<Error>([&] { read_file(path); }),
                  "cannot read '" + path + "': it is a device or a pipe, expected an ordinary file");
}

} // namespace
} // namespace nmt
