// Two files whose lines belong together, read side by side. What loads, audits and analyses parallel text reads it so.
#pragma once

#include "nmt/base/line_reader.hpp"

#include <cstddef>
#include <string>

namespace nmt {

class ParallelReader {
  public:
    // gzip is welcome; "-" is stdin, for one of the two. Throws Error naming a file that cannot be opened.
    ParallelReader(const std::string& source_file, const std::string& target_file);

    // Reads the next line of both; false at their common end. Throws Error, naming both files and how many lines each has, where one
    // ends before the other.
    bool next(std::string& source, std::string& target);

    // Pairs of lines read so far.
    std::size_t pairs() const { return pairs_; }

  private:
    std::string source_file_, target_file_; // as messages name them
    LineReader source_, target_;
    std::size_t pairs_ = 0;
};

} // namespace nmt
