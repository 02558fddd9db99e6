// Lines of any content from files, gzip and stdin.
#pragma once

#include <chrono>
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

// All lines of a file. Throws Error naming the path.
std::vector<std::string> read_lines(const std::string& path);

} // namespace nmt
