// Reading and writing files: lines of any content, gzip, whole-file replacement, checksums.
#pragma once

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace nmt {

// Reads lines from a file, from a gzip file (known by its content) or from stdin.
// Only LF ends a line; a last line without one counts as a line; every other byte is content.
class LineReader {
  public:
    // `path` "-" or "" is stdin. Throws Error naming the path if it cannot be opened.
    explicit LineReader(const std::string& path);
    ~LineReader();
    LineReader(LineReader&&) noexcept;
    LineReader& operator=(LineReader&&) noexcept;

    // Reads the next line without its LF. False at the end. Throws Error on a read error or a broken gzip stream.
    bool next(std::string& line);

    // Whether next() would return at once, without waiting for a slow producer. Waits up to `patience` for the producer's next bytes;
    // a signal ends that wait.
    bool ready(std::chrono::milliseconds patience = {});

  private:
    struct Source;
    std::unique_ptr<Source> source_;
};

// The line without the carriage return that ends it in files from Windows, which is no part of the text.
std::string_view without_carriage_return(std::string_view line);

// What messages call the file that is read from `path`: "standard input" for "-" and "".
std::string input_name(const std::string& path);

// All lines of a file. Throws Error naming the path.
std::vector<std::string> read_lines(const std::string& path);

// The whole content of a file (not decompressed). Throws Error naming the path.
std::string read_file(const std::filesystem::path& path);

// Writes lines to a file or, for "-" or "", to stdout. A failed write (full disk, closed pipe) throws Error.
// A file appears under its name only at close(): what stood there before is not touched by a failure.
// Names that are no regular files (/dev/null, pipes) are written in place; a symbolic link stays, its target is replaced.
class LineWriter {
  public:
    explicit LineWriter(const std::string& path);
    ~LineWriter(); // without close(): what was written is discarded
    LineWriter(const LineWriter&) = delete;
    LineWriter& operator=(const LineWriter&) = delete;

    void write(std::string_view line); // adds the LF
    void flush();
    void close();

  private:
    std::string name_;
    std::unique_ptr<class NewFile> own_; // null: stdout
    std::FILE* file_;
};

// Replaces `path` by a file with this content, atomically and synced to disk. Throws Error; what stood there stays then.
// Special files and symbolic links: as LineWriter.
void write_file(const std::filesystem::path& path, std::string_view content);

// The same for what `fill` writes; an exception from `fill` passes through. `fill` checks its own writes.
void write_file(const std::filesystem::path& path, const std::function<void(std::FILE*)>& fill);

// Syncs a folder's own entries to disk.
void sync_folder(const std::filesystem::path& folder);

// Creates a folder and those above it. Throws Error naming it.
void make_folder(const std::filesystem::path& folder);

// Checks that `folder` can be written into; throws Error naming it otherwise.
void check_writable(const std::filesystem::path& folder);

// SHA-256 of a file's bytes (as they are, gzip or not) or of a text, as 64 hexadecimal digits. Throws Error naming the path.
std::string sha256_of_file(const std::filesystem::path& path);
std::string sha256(std::string_view content);

} // namespace nmt
