#include "nmt/base/line_writer.hpp"

#include "nmt/base/error.hpp"
#include "nmt/base/paths.hpp"

#include <unistd.h>

namespace nmt {

LineWriter::LineWriter(const std::string& path)
    : own_(is_standard_stream(path) ? nullptr : std::make_unique<NewFile>(path)), standard_output_(STDOUT_FILENO, "standard output"),
      each_line_(!own_ && isatty(STDOUT_FILENO) == 1) {
    const Codec* const codec = own_ ? codec_of_name(path) : nullptr;
    if (codec != nullptr) compressor_ = codec->packer();
}

LineWriter::~LineWriter() {
    try {
        standard_output_.flush();
    } catch (const Error&) { // what has failed is told of already, or something worse is
    }
}

void LineWriter::pack(bool last) {
    std::string packed;
    compressor_->pack(to_pack_, last, packed);
    to_pack_.clear();
    own_->write(packed);
}

void LineWriter::write(std::string_view line) {
    constexpr std::size_t kBlockSize = 1 << 16;
    const auto append = [&](auto& to) { to.write(line), to.write("\n"); };
    if (compressor_) {
        to_pack_.append(line) += '\n';
        if (to_pack_.size() >= kBlockSize) pack(false);
    } else if (own_) {
        append(*own_);
    } else {
        append(standard_output_);
        if (each_line_) standard_output_.flush();
    }
}

void LineWriter::flush() {
    if (own_) own_->flush();
    else standard_output_.flush();
}

void LineWriter::close() {
    if (compressor_) pack(true);
    if (own_) own_->finish(false);
    else flush();
}

} // namespace nmt
