#include "nmt/experiments/download.hpp"

#include "nmt/base/checksum.hpp"
#include "nmt/base/error.hpp"
#include "nmt/base/input_file.hpp"
#include "nmt/base/output_file.hpp"
#include "tests/base/test_support.hpp"

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

namespace nmt {
namespace {

// Answers each connection to a port of this machine with the same bytes, as far as they are read.
class Server {
  public:
    explicit Server(std::string answer) : answer_(std::move(answer)), listener_(socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
        EXPECT_EQ(listen(listener_, 8), 0);
        getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
        url_ = fmt::format("http://127.0.0.1:{}/x", ntohs(address.sin_port));
        thread_ = std::thread([this] { serve(); });
    }
    ~Server() {
        shutdown(listener_, SHUT_RDWR);
        thread_.join();
        close(listener_);
    }
    const std::string& url() const { return url_; }

  private:
    void serve() const {
        for (int client; (client = accept(listener_, nullptr, nullptr)) >= 0; close(client)) {
            char request[4096];
            if (recv(client, request, sizeof request, 0) > 0) send(client, answer_.data(), answer_.size(), MSG_NOSIGNAL);
        }
    }
    std::string answer_, url_;
    int listener_;
    std::thread thread_;
};

class DownloadTest : public testing::Test {
  protected:
    void SetUp() override { write_file(source_, content_); }

    // Of this machine's own files and servers, which have no certificates.
    void get(const std::string& url, const std::string& sum) { download(url, to_, sum, limits_); }
    std::string error_of(const std::string& url, const std::string& sum) {
        return message_of<Error>([&] { get(url, sum); });
    }

    DownloadLimits limits_{.protocols = "http,file"};
    TemporaryFolder folder_;
    std::string source_ = folder_ / "source", to_ = folder_ / "copy";
    std::string url_ = "file://" + source_;
    std::string content_ = std::string(100'000, 'x') + std::string("\0\n\xff", 3);
};

TEST_F(DownloadTest, BringsTheBytes) {
    get(url_, sha256(content_));
    EXPECT_EQ(read_file(to_), content_);
    EXPECT_EQ(folder_.count(), 2u);
}

TEST_F(DownloadTest, AnEmptyFileIsAFile) {
    write_file(source_, "");
    get(url_, sha256(""));
    EXPECT_EQ(read_file(to_), "");
}

TEST_F(DownloadTest, KeepsWhatIsThereAlready) {
    write_file(to_, content_);
    get("file://" + (folder_ / "none"), sha256(content_));
    EXPECT_EQ(read_file(to_), content_);
}

TEST_F(DownloadTest, ReplacesWhatHasAnotherChecksum) {
    write_file(to_, "old");
    get(url_, sha256(content_));
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
    EXPECT_NE(error_of("ftp://localhost/x", "").find("expected https"), std::string::npos);
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

TEST_F(DownloadTest, HttpsAloneIsTakenUnlessSaidOtherwise) {
    for (const std::string& url : {url_, std::string("http://127.0.0.1:1/x")}) {
        const std::string error = message_of<Error>([&] { download(url, to_, sha256(content_)); });
        EXPECT_EQ(error.find("cannot download '" + url + "': "), 0u) << error;
        EXPECT_NE(error.find("expected https"), std::string::npos) << error;
    }
    EXPECT_EQ(folder_.count(), 1u);
}

TEST_F(DownloadTest, ARedirectionLeadsToNoOtherProtocol) {
    const Server server("HTTP/1.1 302 Found\r\nLocation: " + url_ + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    limits_.protocols = "http";
    EXPECT_NE(error_of(server.url(), sha256(content_)).find("expected https"), std::string::npos) << error_of(server.url(), "");
    EXPECT_EQ(folder_.count(), 1u);
}

TEST_F(DownloadTest, HasALimitOfSize) {
    const Server server("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + content_); // its size is not told before
    get(server.url(), sha256(content_));
    EXPECT_EQ(read_file(to_), content_);
    std::filesystem::remove(to_);
    limits_.bytes = static_cast<std::int64_t>(content_.size()) - 1;
    EXPECT_EQ(error_of(server.url(), sha256(content_)).find("'" + server.url() + "' is larger than 100,002 bytes"), 0u);
    EXPECT_EQ(folder_.count(), 1u);
}

TEST_F(DownloadTest, HasALimitOfTime) {
    const Server server("HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: close\r\n\r\n1234");
    limits_.seconds = 0;
    EXPECT_EQ(error_of(server.url(), sha256("")).find("the download of '" + server.url() + "' took longer than 0.0 s"), 0u);
    EXPECT_EQ(folder_.count(), 1u);
}

} // namespace
} // namespace nmt
