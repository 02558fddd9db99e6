// Lines into files and stdout.
#pragma once

#include "nmt/base/codecs.hpp"
#include "nmt/base/output_file.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace nmt {

// Writes lines to a file or, for "-" or "", to stdout. A failed write (full disk, closed pipe) throws Error.
// A file appears under its name only at close() (as NewFile): what stood there before is not touched by a failure. A name that ends as
// those of a codec do (codecs.hpp) makes it a compressed file.
class LineWriter {
  public:
    explicit LineWriter(const std::string& path);
    ~LineWriter(); // without close(): what was written to a file is discarded
    LineWriter(const LineWriter&) = delete;
    LineWriter& operator=(const LineWriter&) = delete;

    void write(std::string_view line); // adds the LF
    void flush();                      // what is compressed waits for close()
    void close();

  private:
    void pack(bool last);

    std::unique_ptr<NewFile> own_;           // null: stdout
    std::unique_ptr<Compressor> compressor_; // null: as it is
    std::string to_pack_;
    BufferedOutput standard_output_;
    bool each_line_; // is shown at once, on a terminal
};

} // namespace nmt
