// Cuts lines that are longer than a model can read into segments, at the most sensible places, so that nothing is lost.
// Used by the translator, which translates the segments and joins them again.
#pragma once

#include "tokenizer/tokenizer.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nmt {

// Where to cut a line of pieces so that no segment has more than `longest` of them: the end of each segment, the last one being
// pieces.size(); empty for no pieces. While more than `longest` are left, the cut is at the last end of a sentence in reach
// (. ! ? … 。 ！ ？ and the like), else of a clause (; : , 、 ، and the like), else before the last white space, else between any
// two pieces (but not between the bytes of one character). A mark counts where white space or a script without spaces follows it, behind
// closing quotes and brackets: "3.14" and "1,000" stay whole. Time is linear in the pieces. Throws Error unless longest > 0.
std::vector<std::size_t> segment_ends(std::span<const std::string> pieces, std::size_t longest);

// The tokens of a line in one segment or, where it has more than max_length tokens, in several; each ends in </s> and has at most
// max_length tokens with it. None for a line without tokens. Lines of more than 8192 bytes (or 32 times max_length) are first cut
// as text, at places of the same kinds, so that time is linear in the line whatever it holds.
// pieces, if given, receives the pieces of all segments, one a token, without </s>: unknown text is there as it stands in the line, and
// white space comes before a piece only where it does in the line.
// Throws Error unless max_length > 1.
std::vector<std::vector<std::int32_t>> segment_line(const Tokenizer& tokenizer, std::string_view line, int max_length,
                                                    std::vector<std::string>* pieces = nullptr);

} // namespace nmt
