#include "nmt/data/parallel_reader.hpp"

#include "nmt/base/error.hpp"
#include "nmt/base/paths.hpp"

namespace nmt {
namespace {

// The number of lines of a reader that has already handed out `seen` of them.
std::size_t count_lines(LineReader& reader, std::size_t seen) {
    for (std::string line; reader.next(line);) ++seen;
    return seen;
}

} // namespace

ParallelReader::ParallelReader(const std::string& source_file, const std::string& target_file)
    : source_file_(input_name(source_file)), target_file_(input_name(target_file)), source_(source_file), target_(target_file) {}

bool ParallelReader::next(std::string& source, std::string& target) {
    const bool has_source = source_.next(source), has_target = target_.next(target);
    if (has_source != has_target)
        fail("unequal files: '{}' has {} lines and '{}' has {}; line N of one must translate line N of the other", source_file_,
             count_lines(source_, pairs_ + has_source), target_file_, count_lines(target_, pairs_ + has_target));
    if (has_source) ++pairs_;
    return has_source;
}

} // namespace nmt
