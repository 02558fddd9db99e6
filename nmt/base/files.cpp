#include "nmt/base/files.hpp"

#include "nmt/base/error.hpp"

#include <fcntl.h>
#include <openssl/evp.h>
#include <poll.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace nmt {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kBufferSize = 1 << 16;

bool is_standard_stream(const std::string& path) { return path.empty() || path == "-"; }

} // namespace

std::string_view without_carriage_return(std::string_view line) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

std::string input_name(const std::string& path) { return is_standard_stream(path) ? "standard input" : path; }

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

namespace {

void read_blocks(const fs::path& path, const std::function<void(const char*, std::size_t)>& take) {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), &std::fclose);
    check_system(file != nullptr, "read", path.string());
    std::array<char, kBufferSize> buffer;
    for (std::size_t got; (got = std::fread(buffer.data(), 1, buffer.size(), file.get())) > 0;) take(buffer.data(), got);
    check_system(std::ferror(file.get()) == 0, "read", path.string());
}

} // namespace

std::string read_file(const fs::path& path) {
    std::string content;
    read_blocks(path, [&](const char* bytes, std::size_t size) { content.append(bytes, size); });
    return content;
}

namespace {

void flush_to_disk(std::FILE* file, const std::string& name) {
    check_system(std::fflush(file) == 0, "write", name);
    check_system(fsync(fileno(file)) == 0 || errno == EINVAL || errno == EROFS, "write", name);
}

bool is_special_file(const fs::path& path) {
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    return fs::exists(status) && !fs::is_regular_file(status);
}

// Where to put the new file: behind a symbolic link, so that the link stays (/dev/stdout is one, too).
fs::path link_target(const fs::path& path) {
    std::error_code error;
    if (!fs::is_symlink(path, error)) return path;
    const fs::path target = fs::canonical(path, error);
    return error ? path : target;
}

fs::path folder_of(const fs::path& path) { return path.has_parent_path() ? path.parent_path() : fs::path("."); }

// A file in the making, without a name, so that nothing stays of it however the process ends; null where the system has no such files.
std::FILE* open_nameless(const fs::path& folder) {
    if (access("/proc/self/fd", X_OK) != 0) return nullptr; // by which it gets its name
    const int descriptor = ::open(folder.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
    return descriptor < 0 ? nullptr : fdopen(descriptor, "wb");
}

} // namespace

// A file that appears under its name when it is complete, and not at all where it is not.
class NewFile {
  public:
    explicit NewFile(const fs::path& path) : name_(path.string()), in_place_(is_special_file(path)), final_(link_target(path)) {
        if (in_place_) {
            file_ = std::fopen(path.c_str(), "wb");
        } else {
            temporary_ = final_.string() + fmt::format(".tmp-{}", getpid());
            file_ = open_nameless(folder_of(final_));
            nameless_ = file_ != nullptr;
            if (!nameless_) file_ = std::fopen(temporary_.c_str(), "wb");
        }
        check_system(file_ != nullptr, "write", name_);
    }

    ~NewFile() {
        if (file_ != nullptr) std::fclose(file_);
        if (!in_place_ && !nameless_ && !finished_) std::remove(temporary_.c_str());
    }
    NewFile(const NewFile&) = delete;
    NewFile& operator=(const NewFile&) = delete;

    std::FILE* get() const { return file_; }

    // Puts it into its place; with `synced`, after all that was written is on the disk.
    void finish(bool synced) {
        if (synced) flush_to_disk(file_, name_);
        check_system(std::fflush(file_) == 0, "write", name_);
        if (nameless_) give_name();
        check_system(std::fclose(std::exchange(file_, nullptr)) == 0, "write", name_);
        finished_ = true;
        if (in_place_) return;
        if (std::rename(temporary_.c_str(), final_.c_str()) != 0) {
            const int reason = errno;
            std::remove(temporary_.c_str());
            fail("cannot write '{}': {}", name_, std::strerror(reason));
        }
        if (synced) sync_folder(folder_of(final_));
    }

  private:
    void give_name() {
        std::remove(temporary_.c_str()); // of a dead process with this one's number
        const std::string ours = fmt::format("/proc/self/fd/{}", fileno(file_));
        check_system(linkat(AT_FDCWD, ours.c_str(), AT_FDCWD, temporary_.c_str(), AT_SYMLINK_FOLLOW) == 0, "write", name_);
        nameless_ = false;
    }

    std::string name_;
    bool in_place_, nameless_ = false, finished_ = false;
    fs::path final_, temporary_;
    std::FILE* file_ = nullptr;
};

LineWriter::LineWriter(const std::string& path)
    : name_(is_standard_stream(path) ? "standard output" : path),
      own_(is_standard_stream(path) ? nullptr : std::make_unique<NewFile>(path)), file_(own_ ? own_->get() : stdout) {}

LineWriter::~LineWriter() = default;

void LineWriter::write(std::string_view line) {
    const bool written = (line.empty() || std::fwrite(line.data(), 1, line.size(), file_) == line.size()) && std::fputc('\n', file_) != EOF;
    check_system(written, "write", name_);
}

void LineWriter::flush() { check_system(std::fflush(file_) == 0, "write", name_); }

void LineWriter::close() {
    if (own_) own_->finish(false);
    else flush();
}

void write_file(const fs::path& path, const std::function<void(std::FILE*)>& fill) {
    NewFile file(path);
    fill(file.get());
    file.finish(true);
}

void write_file(const fs::path& path, std::string_view content) {
    write_file(path, [&](std::FILE* file) {
        check_system(content.empty() || std::fwrite(content.data(), 1, content.size(), file) == content.size(), "write", path.string());
    });
}

void sync_folder(const fs::path& folder) {
    const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return; // some file systems do not open folders; the rename itself has succeeded
    fsync(descriptor);
    ::close(descriptor);
}

void make_folder(const fs::path& folder) {
    std::error_code error;
    fs::create_directories(folder, error);
    check(!error && fs::is_directory(folder), "cannot make folder '{}': {}", folder.string(),
          error ? error.message() : "a file of that name is in the way");
}

void check_writable(const fs::path& folder) {
    check_system(access(folder.c_str(), W_OK | X_OK) == 0, "write into folder", folder.string());
}

namespace {

// A SHA-256 in the making: add the pieces in order, then take the digits.
class Checksum {
  public:
    Checksum() : context_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) {
        check(context_ != nullptr && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1, "OpenSSL offers no SHA-256");
    }

    void add(const void* bytes, std::size_t size) {
        check(EVP_DigestUpdate(context_.get(), bytes, size) == 1, "computing a SHA-256 checksum failed");
    }

    std::string digits() {
        std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
        unsigned size = 0;
        check(EVP_DigestFinal_ex(context_.get(), digest.data(), &size) == 1, "computing a SHA-256 checksum failed");
        std::string text;
        for (unsigned i = 0; i < size; ++i) text += fmt::format("{:02x}", digest[i]);
        return text;
    }

  private:
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

} // namespace

std::string sha256(std::string_view content) {
    Checksum checksum;
    checksum.add(content.data(), content.size());
    return checksum.digits();
}

std::string sha256_of_file(const fs::path& path) {
    Checksum checksum;
    read_blocks(path, [&](const char* bytes, std::size_t size) { checksum.add(bytes, size); });
    return checksum.digits();
}

} // namespace nmt
