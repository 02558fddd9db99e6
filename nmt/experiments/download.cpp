#include "nmt/experiments/download.hpp"

#include "nmt/base/checksum.hpp"
#include "nmt/base/dynamic_library.hpp"
#include "nmt/base/error.hpp"
#include "nmt/base/log.hpp"
#include "nmt/base/output_file.hpp"
#include "nmt/base/progress.hpp"
#include "nmt/base/resources.hpp"
#include "nmt/base/signals.hpp"
#include "nmt/base/strings.hpp"

#include <curl/curl.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string_view>
#include <system_error>

namespace nmt {
namespace {

namespace fs = std::filesystem;

constexpr double kPlainLineSeconds = 60; // where stderr is a file

// libcurl's functions. It is loaded at the first download, and stays: it brings thirty libraries along, and to link them would take each
// start of the program as long as all the others do.
class Curl {
    const DynamicLibrary library_{"libcurl.so.4", "a download", "libcurl4"};

  public:
    decltype(curl_easy_init)* const init = library_.find<decltype(curl_easy_init)>("curl_easy_init");
    decltype(curl_easy_setopt)* const set_option = library_.find<decltype(curl_easy_setopt)>("curl_easy_setopt");
    decltype(curl_easy_perform)* const perform = library_.find<decltype(curl_easy_perform)>("curl_easy_perform");
    decltype(curl_easy_strerror)* const message = library_.find<decltype(curl_easy_strerror)>("curl_easy_strerror");
    decltype(curl_easy_cleanup)* const clean_up = library_.find<decltype(curl_easy_cleanup)>("curl_easy_cleanup");
};

const Curl& libcurl() {
    static const Curl loaded;
    return loaded;
}

// What libcurl's callbacks, which must not throw, work with.
struct Transfer {
    NewFile& file;
    const DownloadLimits& limits;
    Progress progress;
    Stopwatch since_start{};
    std::int64_t bytes = 0;
    std::string write_error{};

    bool too_large() const { return bytes > limits.bytes; }
    bool too_long() const { return since_start.seconds() > limits.seconds; }
};

std::size_t take_bytes(char* bytes, std::size_t, std::size_t size, void* transfer) {
    auto& self = *static_cast<Transfer*>(transfer);
    self.bytes += static_cast<std::int64_t>(size);
    if (self.too_large()) return 0;
    try {
        self.file.write({bytes, size});
    } catch (const Error& error) {
        self.write_error = error.what();
        return 0;
    }
    return size;
}

// Anything but 0 ends the transfer.
int show_progress(void* transfer, curl_off_t total, curl_off_t done, curl_off_t, curl_off_t) {
    auto& self = *static_cast<Transfer*>(transfer);
    try {
        const double rate = static_cast<double>(done) / (self.since_start.seconds() + 1e-3);
        self.progress.update(static_cast<std::uint64_t>(done), static_cast<std::uint64_t>(total), fmt::format("{:.1f} MB/s", rate / 1e6));
    } catch (...) {
        return 1;
    }
    return stop_signal() != 0 || self.too_long() ? 1 : 0;
}

void set_options(CURL* handle, const std::string& url, Transfer& transfer, char* reason) {
    const auto set = [&](CURLoption option, auto value) {
        const CURLcode code = libcurl().set_option(handle, option, value);
        check(code == CURLE_OK, "cannot download '{}': {}", url, libcurl().message(code));
    };
    set(CURLOPT_URL, url.c_str());
    set(CURLOPT_PROTOCOLS_STR, transfer.limits.protocols.c_str());
    set(CURLOPT_REDIR_PROTOCOLS_STR, transfer.limits.protocols.c_str());
    set(CURLOPT_FOLLOWLOCATION, 1L);
    set(CURLOPT_MAXREDIRS, 10L);
    set(CURLOPT_FAILONERROR, 1L);
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_CONNECTTIMEOUT, 30L);
    set(CURLOPT_LOW_SPEED_LIMIT, 1L); // not a byte in a minute: give up
    set(CURLOPT_LOW_SPEED_TIME, 60L);
    set(CURLOPT_USERAGENT, "nmt");
    set(CURLOPT_ERRORBUFFER, reason);
    set(CURLOPT_WRITEFUNCTION, &take_bytes);
    set(CURLOPT_WRITEDATA, &transfer);
    set(CURLOPT_XFERINFOFUNCTION, &show_progress);
    set(CURLOPT_XFERINFODATA, &transfer);
    set(CURLOPT_NOPROGRESS, 0L);
}

// What to do about a failure.
std::string_view advice(CURLcode code) {
    switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
    case CURLE_OPERATION_TIMEDOUT:
        return "; is there a network connection? Data that is there already can be given as a folder (--data)";
    case CURLE_HTTP_RETURNED_ERROR:
    case CURLE_FILE_COULDNT_READ_FILE:
    case CURLE_REMOTE_FILE_NOT_FOUND:
        return "; has the file moved?";
    case CURLE_UNSUPPORTED_PROTOCOL:
        return "; expected https";
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
        return "; try again";
    default:
        return "";
    }
}

void fetch(const std::string& url, NewFile& file, const fs::path& to, const DownloadLimits& limits) {
    const Curl& curl = libcurl();
    const std::unique_ptr<CURL, decltype(curl_easy_cleanup)*> handle(curl.init(), curl.clean_up);
    check(handle != nullptr, "cannot download '{}': libcurl does not start", url);
    log_info("downloading {}", url);
    Transfer transfer{file, limits, Progress({"downloading " + to.filename().string(), "bytes", kPlainLineSeconds, {}})};
    std::array<char, CURL_ERROR_SIZE> reason{};
    set_options(handle.get(), url, transfer, reason.data());
    const CURLcode code = curl.perform(handle.get());
    if (const int signal = stop_signal(); signal != 0 && code != CURLE_OK)
        throw Interrupted(signal, fmt::format("the download of '{}' was interrupted", url));
    check(!transfer.too_large(),
          "'{}' is larger than {} bytes, the most that is downloaded; get it by other means, and give its folder (--data)", url,
          with_commas(limits.bytes));
    check(code == CURLE_OK || !transfer.too_long(),
          "the download of '{}' took longer than {} and was given up; get the file by other means, and give its folder (--data)", url,
          format_duration(limits.seconds));
    check(transfer.write_error.empty(), "{}", transfer.write_error);
    check(code == CURLE_OK, "cannot download '{}': {}{}", url, reason[0] != '\0' ? reason.data() : curl.message(code), advice(code));
}

} // namespace

void download(const std::string& url, const fs::path& to, const std::string& expected_sha256, const DownloadLimits& limits) {
    std::error_code error;
    if (fs::is_regular_file(to, error) && sha256_of_file(to) == expected_sha256) return;
    const fs::path part = to.string() + ".part";
    write_file(part, [&](NewFile& file) { fetch(url, file, to, limits); });
    const std::string found = sha256_of_file(part);
    error.clear();
    if (found == expected_sha256) fs::rename(part, to, error);
    else fs::remove(part, error);
    check(
        found == expected_sha256,
        "'{}' has the SHA-256 {}, expected {}; the file has changed at its source, or on its way: try again, or compare the recipe with it",
        url, found, expected_sha256);
    if (!error) return;
    const std::string reason = error.message();
    fs::remove(part, error);
    fail("cannot write '{}': {}", to.string(), reason);
}

} // namespace nmt
