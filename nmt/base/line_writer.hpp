// Lines into files and stdout.
#pragma once

#include "nmt/base/output_file.hpp"

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

namespace nmt {

// Writes lines to a file or, for "-" or "", to stdout. A failed write (full disk, closed pipe) throws Error.
// A file appears under its name only at close() (as NewFile): what stood there before is not touched by a failure.
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
    std::unique_ptr<NewFile> own_; // null: stdout
    std::FILE* file_;
};

} // namespace nmt
