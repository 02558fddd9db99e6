// Where parallel text stands, and its reader. What loads, audits and analyses parallel text reads it so.
#pragma once

#include "nmt/base/line_reader.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace nmt {

// The files that the value of a key names: the value itself where a file has that name (or where it is "-", standard input), else the
// names between its blanks; a name that holds blanks itself stands in double quotes. Throws Error for a quote that nothing closes.
std::vector<std::string> file_list(const std::string& value);
// The value that file_list() reads as these files.
std::string join_file_list(const std::vector<std::string>& files);

enum class Side { source, target };

// Files that are read one after another as one text. Line N of a part's source belongs to line N of its target; or one file holds both
// sides, SOURCE<TAB>TARGET a line.
struct ParallelText {
    struct Part {
        std::string source, target; // the same file where it holds both
        bool tsv = false;

        const std::string& file(Side side) const { return side == Side::source ? source : target; }
    };
    std::vector<Part> parts;

    ParallelText() = default;
    ParallelText(const std::string& source, const std::string& target) : parts{{source, target}} {}
    // Throws Error unless there are as many sources as targets.
    ParallelText(const std::vector<std::string>& sources, const std::vector<std::string>& targets);

    static ParallelText tsv(const std::vector<std::string>& files);

    bool empty() const { return parts.empty(); }
    std::vector<std::string> files(Side side) const;
    std::string name() const; // as messages call it: "'a.fr' and 'a.en'", "'a.tsv'"
};

// Which file a line of a text stands in. Lines are counted from 0 over all parts.
class LinePlaces {
  public:
    // The part holds the lines from `first` on. Parts come in order.
    void add(const ParallelText::Part& part, std::size_t first);

    // "'b.fr', line 12", counted from 1 in that file; "line 12" where no part was added.
    std::string place(Side side, std::size_t line) const;

  private:
    struct Start {
        ParallelText::Part part;
        std::size_t first;
    };
    std::vector<Start> starts_;
};

class ParallelReader {
  public:
    // Plain or compressed, as LineReader takes it; "-" is stdin, for one file. Throws Error naming a file that cannot be opened: all are
    // tried before one is read.
    explicit ParallelReader(const ParallelText& text);

    // Reads the next line of both sides; false at the end of the last part. Throws Error, naming both files and how many lines each has,
    // where one file of a part ends before the other, and naming the line of a TSV file that has not one TAB.
    bool next(std::string& source, std::string& target);

    // Pairs of lines read so far.
    std::size_t pairs() const { return pairs_; }
    // Of the lines read so far.
    const LinePlaces& places() const { return places_; }

  private:
    struct Open {
        ParallelText::Part part;
        LineReader source;
        std::optional<LineReader> target; // none of a TSV file
    };
    void open_next();
    bool next_of(Open& open, std::string& source, std::string& target) const;
    std::vector<ParallelText::Part> parts_;
    std::size_t part_ = 0;     // the next to open
    std::optional<Open> open_; // none: all are read
    LinePlaces places_;
    std::size_t pairs_ = 0, pairs_before_ = 0; // the last in the parts before
};

// The lines of these sides, one side after another, as a function that gives the next one and false at their end.
std::function<bool(std::string&)> lines_of_sides(const ParallelText& text, const std::vector<Side>& sides);

} // namespace nmt
