// Cuts lines that are longer than a model can read into segments, at the most sensible places, so that nothing is lost.
// Used by the translator, which translates the segments and joins them again.
#pragma once

#include "nmt/base/strings.hpp"
#include "tokenizer/tokenizer.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace nmt {

// Where to cut a line of pieces so that no segment has more than `longest` of them: the end of each segment, the last one being
// pieces.size(); empty for no pieces. While more than `longest` are left, the cut is at the last end of a sentence in reach
// (. ! ? … 。 ！ ？ and the like), else of a clause (; : , 、 ، and the like), else before the last white space, else between any
// two pieces (but not between the bytes of one character). A mark counts where white space or a script without spaces follows it, behind
// closing quotes and brackets: "3.14" and "1,000" stay whole. Time is linear in the pieces. Throws Error unless longest > 0.
std::vector<std::size_t> segment_ends(std::span<const Piece> pieces, std::size_t longest);

struct LineSegment {
    std::vector<std::int32_t> tokens; // with </s>
    std::vector<TextSpan> spans;      // where each token but </s> stands in the line; none where that was not asked
};

enum class Spans { wanted, not_wanted };

// A line in one segment or, where it has more than max_length tokens, in several; each has at most max_length tokens, </s> counted.
// None for a line without tokens. Time is linear in the line whatever it holds. Throws Error unless max_length > 1.
std::vector<LineSegment> segment_line(const Tokenizer& tokenizer, std::string_view line, int max_length, Spans spans = Spans::wanted);

} // namespace nmt
