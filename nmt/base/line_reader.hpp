// Lines of any content from files, compressed ones too, and stdin.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace nmt {

// The limit of a line in bytes, which must fit into memory: 256 MiB, or what was set last. For readers that are made from then on.
std::size_t longest_line();
void set_longest_line(std::size_t bytes);

struct ReadOptions {
    std::string encoding = {};                      // of the text, by a name that ICU knows; "": UTF-8, or whatever bytes there are
    std::size_t longest_line = nmt::longest_line(); // in bytes
    std::string prompt = {};                        // on a terminal, before each line that somebody types
};

// Reads lines from a file, from a compressed file (known by its content: codecs.hpp) or from stdin.
// Only LF ends a line; a last line without one counts as a line; every other byte is content.
// Text that begins with the mark of UTF-16 or UTF-32 is refused, unless its encoding is named. What looks otherwise like no UTF-8 goes
// through, with one warning. Who types the text is told once how to end it.
class LineReader {
  public:
    // `path` "-" or "" is stdin. Throws Error naming the path if it cannot be opened, UsageError for an unknown encoding.
    explicit LineReader(const std::string& path, const ReadOptions& options = {});
    ~LineReader();
    LineReader(LineReader&&) noexcept;
    LineReader& operator=(LineReader&&) noexcept;

    // Reads the next line without its LF. False at the end. Throws Error on a read error, for broken or unfinished compressed data, bytes
    // that are not of the encoding, and a line above the limit.
    bool next(std::string& line);

    // Whether next() would return at once, without waiting for a slow producer. Waits up to `patience` for the producer's next bytes;
    // a signal ends that wait.
    bool ready(std::chrono::milliseconds patience = {});

    // Whether somebody types the lines: stdin is a terminal, and is what is read.
    bool is_typed() const;

  private:
    struct Source;
    std::unique_ptr<Source> source_;
};

// The line without the carriage return that ends it in files from Windows, which is no part of the text.
std::string_view without_carriage_return(std::string_view line);

// All lines of a file. Throws Error naming the path.
std::vector<std::string> read_lines(const std::string& path, const ReadOptions& options = {});

} // namespace nmt
