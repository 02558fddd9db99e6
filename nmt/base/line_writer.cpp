#include "nmt/base/line_writer.hpp"

#include "nmt/base/error.hpp"
#include "nmt/base/paths.hpp"

namespace nmt {

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

} // namespace nmt
