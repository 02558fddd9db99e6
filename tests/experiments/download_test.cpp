#include "nmt/experiments/download.hpp"

#include "nmt/base/checksum.hpp"
#include "nmt/base/error.hpp"
#include "nmt/base/input_file.hpp"
#include "nmt/base/output_file.hpp"
#include "tests/base/test_support.hpp"

#include <gtest/gtest.h>

#include <filesystem>

namespace nmt {
namespace {

class DownloadTest : public testing::Test {
  protected:
    void SetUp() override { write_file(source_, content_); }

    std::string error_of(const std::string& url, const std::string& expected) {
        return message_of<Error>([&] { download(url, to_, expected); });
    }

    TemporaryFolder folder_;
    std::string source_ = folder_ / "source", to_ = folder_ / "copy";
    std::string url_ = "file://" + source_;
    std::string content_ = std::string(100'000, 'x') + std::string("\0\n\xff", 3);
};

TEST_F(DownloadTest, BringsTheBytes) {
    download(url_, to_, sha256(content_));
    EXPECT_EQ(read_file(to_), content_);
    EXPECT_EQ(folder_.count(), 2u);
}

TEST_F(DownloadTest, AnEmptyFileIsAFile) {
    write_file(source_, "");
    download(url_, to_, sha256(""));
    EXPECT_EQ(read_file(to_), "");
}

TEST_F(DownloadTest, KeepsWhatIsThereAlready) {
    write_file(to_, content_);
    download("file://" + (folder_ / "none"), to_, sha256(content_));
    EXPECT_EQ(read_file(to_), content_);
}

TEST_F(DownloadTest, ReplacesWhatHasAnotherChecksum) {
    write_file(to_, "old");
    download(url_, to_, sha256(content_));
    EXPECT_EQ(read_file(to_), content_);
}

TEST_F(DownloadTest, AWrongChecksumLeavesNothingBehind) {
    write_file(to_, "old");
    EXPECT_EQ(error_of(url_, sha256("other")).find("'" + url_ + "' has the SHA-256 " + sha256(content_) + ", expected " + sha256("other")),
              0u);
    EXPECT_EQ(read_file(to_), "old");
    EXPECT_EQ(folder_.count(), 2u);
}

TEST_F(DownloadTest, FailuresNameTheAddressAndLeaveNothingBehind) {
    const std::string missing = "file://" + (folder_ / "none");
    EXPECT_EQ(error_of(missing, "").find("cannot download '" + missing + "': "), 0u);
    EXPECT_EQ(error_of("ftp://localhost/x", "").find("cannot download 'ftp://localhost/x': "), 0u);
    EXPECT_NE(error_of("ftp://localhost/x", "").find("expected https, http or file"), std::string::npos);
    // Port 1 of this machine: nobody answers.
    EXPECT_NE(error_of("http://127.0.0.1:1/x", "").find("is there a network connection?"), std::string::npos);
    EXPECT_EQ(folder_.count(), 1u);
}

TEST_F(DownloadTest, FailuresToWriteNameTheFile) {
    std::filesystem::create_directory(to_); // in the way
    EXPECT_EQ(error_of(url_, sha256(content_)).find("cannot write '" + to_ + "': "), 0u);
    EXPECT_EQ(folder_.count(), 2u);
    to_ = folder_ / "none/copy";
    EXPECT_NE(error_of(url_, sha256(content_)).find("none/copy"), std::string::npos);
}

} // namespace
} // namespace nmt
