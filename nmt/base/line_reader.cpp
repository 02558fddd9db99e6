#include "nmt/base/line_reader.hpp"

#include "nmt/base/error.hpp"
#include "nmt/base/paths.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <system_error>

namespace nmt {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kBufferSize = 1 << 16;

} // namespace

std::string_view without_carriage_return(std::string_view line) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

// Bytes come from a descriptor, pass through zlib where they are gzip, and are cut into lines.
struct LineReader::Source {
    explicit Source(const std::string& path) : name(input_name(path)) {
        if (is_standard_stream(path)) {
            descriptor = STDIN_FILENO;
            return;
        }
        std::error_code ignored;
        check(!fs::is_directory(path, ignored), "cannot read '{}': it is a folder, expected a file", path);
        descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
        check_system(descriptor >= 0, "read", path);
    }

    ~Source() {
        if (inflating) inflateEnd(&stream);
        if (descriptor > STDERR_FILENO) ::close(descriptor);
    }

    std::size_t read_raw(char* to, std::size_t size) {
        for (;;) {
            const ssize_t got = ::read(descriptor, to, size);
            if (got >= 0) return static_cast<std::size_t>(got);
            check_system(errno == EINTR, "read", name);
        }
    }

    // Reads once and appends what that gives, if anything, to `text`; false at the end of the input.
    bool fill() {
        if (ended) return false;
        if (begin > 0) {
            text.erase(0, begin);
            scanned -= begin;
            begin = 0;
        }
        if (!started) start();
        else if (!inflating) raw_size = read_raw(raw.data(), raw.size());
        return inflating ? fill_inflated() : fill_plain();
    }

    // Looks at the first two bytes for the gzip magic number. Waits for the second only where the first is gzip's.
    void start() {
        started = true;
        raw_size = read_raw(raw.data(), raw.size());
        if (raw_size == 1 && raw[0] == '\x1f') raw_size += read_raw(raw.data() + 1, raw.size() - 1);
        if (raw_size < 2 || raw[0] != '\x1f' || raw[1] != '\x8b') return;
        check(inflateInit2(&stream, 16 + MAX_WBITS) == Z_OK, "cannot read '{}': zlib failed to start", name);
        inflating = true;
        stream.next_in = reinterpret_cast<Bytef*>(raw.data());
        stream.avail_in = static_cast<uInt>(raw_size);
    }

    bool fill_plain() {
        if (raw_size == 0) {
            ended = true;
            return false;
        }
        text.append(raw.data(), raw_size);
        return true;
    }

    bool fill_inflated() {
        if (stream.avail_in == 0) {
            const std::size_t got = read_raw(raw.data(), raw.size());
            if (got == 0) {
                check(member_done, "cannot read '{}': the gzip data ends too early; is the file complete?", name);
                ended = true;
                return false;
            }
            stream.next_in = reinterpret_cast<Bytef*>(raw.data());
            stream.avail_in = static_cast<uInt>(got);
        }
        if (member_done) { // another gzip member follows, or the zero bytes that fill a block of a tape
            for (; stream.avail_in > 0 && *stream.next_in == 0; --stream.avail_in) ++stream.next_in;
            if (stream.avail_in == 0) return true;
            check(inflateReset(&stream) == Z_OK, "cannot read '{}': zlib failed", name);
            member_done = false;
        }
        std::array<char, kBufferSize> out;
        stream.next_out = reinterpret_cast<Bytef*>(out.data());
        stream.avail_out = static_cast<uInt>(out.size());
        const int result = inflate(&stream, Z_NO_FLUSH);
        check(result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR, "cannot read '{}': broken gzip data ({})", name,
              stream.msg != nullptr ? stream.msg : "unknown error");
        member_done = result == Z_STREAM_END;
        text.append(out.data(), out.size() - stream.avail_out);
        return true;
    }

    // Whether the next fill() has to ask the descriptor for bytes that do not come within `patience`.
    bool would_wait(std::chrono::milliseconds patience) const {
        if (inflating && stream.avail_in > 0) return false;
        pollfd waiting{descriptor, POLLIN, 0};
        return poll(&waiting, 1, static_cast<int>(patience.count())) <= 0;
    }

    // Position of the next LF at or after `begin`, npos if none has been read yet.
    std::size_t find_line_end() {
        const std::size_t end = text.find('\n', std::max(begin, scanned));
        scanned = end == std::string::npos ? text.size() : end;
        return end;
    }

    std::string name;
    int descriptor = -1;
    bool started = false, inflating = false, member_done = false, ended = false;
    z_stream stream{};
    std::array<char, kBufferSize> raw{};
    std::size_t raw_size = 0;
    std::string text;                   // decompressed, not yet handed out from `begin` on
    std::size_t begin = 0, scanned = 0; // no LF in [begin, scanned)
};

LineReader::LineReader(const std::string& path) : source_(std::make_unique<Source>(path)) {}
LineReader::~LineReader() = default;
LineReader::LineReader(LineReader&&) noexcept = default;
LineReader& LineReader::operator=(LineReader&&) noexcept = default;

bool LineReader::next(std::string& line) {
    Source& in = *source_;
    std::size_t end = in.find_line_end();
    while (end == std::string::npos) {
        if (!in.fill()) {
            if (in.begin == in.text.size()) return false;
            line.assign(in.text, in.begin);
            in.begin = in.scanned = in.text.size();
            return true;
        }
        end = in.find_line_end();
    }
    line.assign(in.text, in.begin, end - in.begin);
    in.begin = in.scanned = end + 1;
    return true;
}

bool LineReader::ready(std::chrono::milliseconds patience) {
    Source& in = *source_;
    while (!in.ended && in.find_line_end() == std::string::npos) {
        if (in.would_wait(patience)) return false;
        in.fill();
    }
    return true;
}

std::vector<std::string> read_lines(const std::string& path) {
    LineReader reader(path);
    std::vector<std::string> lines;
    for (std::string line; reader.next(line);) lines.push_back(line);
    return lines;
}

} // namespace nmt
