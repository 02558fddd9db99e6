#include "nmt/data/parallel_text.hpp"

#include "nmt/base/error.hpp"
#include "nmt/base/paths.hpp"

#include <algorithm>
#include <filesystem>
#include <memory>

namespace nmt {
namespace {

constexpr std::string_view kBlanks = " \t";

bool holds_blanks(const std::string& name) { return name.find_first_of(kBlanks) != std::string::npos; }

std::string quoted_names(std::vector<std::string> files) {
    std::transform(files.begin(), files.end(), files.begin(), input_name);
    return fmt::format("'{}'", fmt::join(files, "', '"));
}

// Leaves in `source` what stands before the TAB; `where` is asked for where there is not one.
template <typename Where>
void split_at_tab(std::string& source, std::string& target, Where where) {
    const std::size_t tab = source.find('\t');
    if (tab == std::string::npos) fail("{}: found no TAB; expected SOURCE<TAB>TARGET", where());
    if (source.find('\t', tab + 1) != std::string::npos)
        fail("{}: found {} columns; expected SOURCE<TAB>TARGET: 'cut -f 1,2' picks two columns", where(),
             std::count(source.begin(), source.end(), '\t') + 1);
    target.assign(source, tab + 1);
    source.resize(tab);
}

// The number of lines of a reader that has already handed out `seen` of them.
std::size_t count_lines(LineReader& reader, std::size_t seen) {
    for (std::string line; reader.next(line);) ++seen;
    return seen;
}

} // namespace

std::vector<std::string> file_list(const std::string& value) {
    std::error_code ignored;
    if (value.empty()) return {};
    if (std::filesystem::exists(value, ignored)) return {value};
    std::vector<std::string> files;
    for (std::size_t begin = 0; (begin = value.find_first_not_of(kBlanks, begin)) != std::string::npos;) {
        if (value[begin] == '"') {
            const std::size_t end = value.find('"', begin + 1);
            check(end != std::string::npos && end > begin + 1, "{}: expected \"my file\" for a name with blanks", value.substr(begin));
            files.push_back(value.substr(begin + 1, end - begin - 1));
            begin = end + 1;
        } else {
            const std::size_t end = std::min(value.find_first_of(kBlanks, begin), value.size());
            files.push_back(value.substr(begin, end - begin));
            begin = end;
        }
    }
    return files;
}

std::string join_file_list(const std::vector<std::string>& files) {
    std::vector<std::string> names;
    for (const std::string& file : files) names.push_back(files.size() > 1 && holds_blanks(file) ? '"' + file + '"' : file);
    return fmt::format("{}", fmt::join(names, " "));
}

ParallelText::ParallelText(const std::vector<std::string>& sources, const std::vector<std::string>& targets) {
    check(sources.size() == targets.size(),
          "{} source files ({}) for {} target files ({}); expected as many: file N of one must translate file N of the other, and a name "
          "with blanks stands in double quotes",
          sources.size(), quoted_names(sources), targets.size(), quoted_names(targets));
    for (std::size_t i = 0; i < sources.size(); ++i) parts.push_back({sources[i], targets[i]});
}

ParallelText ParallelText::tsv(const std::vector<std::string>& files) {
    ParallelText text;
    for (const std::string& file : files) text.parts.push_back({file, file, true});
    return text;
}

std::vector<std::string> ParallelText::files(Side side) const {
    std::vector<std::string> files;
    for (const Part& part : parts) files.push_back(part.file(side));
    return files;
}

std::string ParallelText::name() const {
    const std::string sources = quoted_names(files(Side::source));
    const bool tsv = std::all_of(parts.begin(), parts.end(), [](const Part& part) { return part.tsv; });
    return tsv ? sources : fmt::format("{} and {}", sources, quoted_names(files(Side::target)));
}

void LinePlaces::add(const ParallelText::Part& part, std::size_t first) { starts_.push_back({part, first}); }

std::string LinePlaces::place(Side side, std::size_t line) const {
    const auto next = std::upper_bound(starts_.begin(), starts_.end(), line, [](std::size_t l, const Start& s) { return l < s.first; });
    if (next == starts_.begin()) return fmt::format("line {}", line + 1);
    const Start& start = *std::prev(next);
    return fmt::format("'{}', line {}", input_name(start.part.file(side)), line - start.first + 1);
}

ParallelReader::ParallelReader(const ParallelText& text) : parts_(text.parts) {
    for (const ParallelText::Part& part : parts_)
        for (const std::string& file : {part.source, part.target})
            if (std::error_code ignored; !std::filesystem::is_fifo(file, ignored) && !is_standard_stream(file)) LineReader probe(file);
    open_next();
}

void ParallelReader::open_next() {
    open_.reset();
    if (part_ == parts_.size()) return;
    const ParallelText::Part& part = parts_[part_++];
    open_.emplace(Open{part, LineReader(part.source), {}});
    if (!part.tsv) open_->target.emplace(part.target);
    places_.add(part, pairs_);
}

bool ParallelReader::next(std::string& source, std::string& target) {
    for (; open_; open_next()) {
        if (next_of(*open_, source, target)) {
            ++pairs_;
            return true;
        }
        pairs_before_ = pairs_;
    }
    return false;
}

bool ParallelReader::next_of(Open& open, std::string& source, std::string& target) const {
    const bool has_source = open.source.next(source);
    if (open.part.tsv) {
        if (has_source) split_at_tab(source, target, [&] { return places_.place(Side::source, pairs_); });
        return has_source;
    }
    const bool has_target = open.target->next(target);
    const std::size_t seen = pairs_ - pairs_before_;
    if (has_source != has_target)
        fail("unequal files: '{}' has {} lines and '{}' has {}; line N of one must translate line N of the other",
             input_name(open.part.source), count_lines(open.source, seen + has_source), input_name(open.part.target),
             count_lines(*open.target, seen + has_target));
    return has_source;
}

std::function<bool(std::string&)> lines_of_sides(const ParallelText& text, const std::vector<Side>& sides) {
    struct Lines {
        ParallelText text;
        std::vector<Side> sides;
        std::size_t begun = 0; // sides
        std::optional<ParallelReader> reader;
        std::string source, target;
    };
    return [lines = std::make_shared<Lines>(Lines{text, sides, 0, {}, {}, {}})](std::string& line) {
        Lines& l = *lines;
        while (!l.reader || !l.reader->next(l.source, l.target)) {
            if (l.begun == l.sides.size()) return false;
            l.reader.emplace(l.text);
            ++l.begun;
        }
        line.swap(l.sides[l.begun - 1] == Side::source ? l.source : l.target);
        return true;
    };
}

} // namespace nmt
