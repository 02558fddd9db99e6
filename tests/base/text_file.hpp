// A text file of whatever content, and what comes of reading it: for tests of what reads files line by line.
#pragma once

#include "nmt/base/codecs.hpp"
#include "nmt/base/error.hpp"
#include "nmt/base/line_reader.hpp"
#include "nmt/base/output_file.hpp"
#include "tests/base/test_support.hpp"

#include <string>
#include <vector>

namespace nmt {

using Lines = std::vector<std::string>;

// `text` as one member.
inline std::string packed(const Codec& codec, const std::string& text) {
    std::string result;
    codec.packer()->pack(text, true, result);
    return result;
}
inline std::string gzip(const std::string& text) { return packed(*codec_of_name(".gz"), text); }

// For fixtures to inherit.
class TextFile {
  protected:
    Lines lines_of(const std::string& content) {
        write_file(path_, content);
        return read_lines(path_);
    }
    std::string error_of(const std::string& content) {
        return message_of<Error>([&] { lines_of(content); });
    }

    TemporaryFolder folder_;
    std::string path_ = folder_ / "text";
};

} // namespace nmt
