// Which source word a target word comes from: links between pieces, or between the words that hold them, in the format of Pharaoh.
// Used by the translator.
#pragma once

#include "nmt/base/strings.hpp"

#include <compare>
#include <span>
#include <string>
#include <vector>

namespace nmt {

struct AlignmentLink {
    int source, target; // from 0 on
    auto operator<=>(const AlignmentLink&) const = default;
};

// The words [first, end) that a piece is part of: one as a rule; none for white space behind the last word; several for unknown text
// that the tokenizer left in one piece.
struct WordRange {
    int first = 0, end = 0;
    bool operator==(const WordRange&) const = default;
};

// The words, of those of a text in their order (words_of of line_shape.hpp), that each piece of the text is part of. A piece that
// stands for no character of a word belongs to the next word.
std::vector<WordRange> words_of_pieces(std::span<const TextSpan> words, std::span<const TextSpan> pieces);

// A link for each pair of words that have a linked pair of pieces: in order of source, then target, each once.
std::vector<AlignmentLink> word_links(std::span<const AlignmentLink> of_pieces, std::span<const WordRange> source,
                                      std::span<const WordRange> target);

// "0-0 1-2 2-1": source-target.
std::string to_pharaoh(std::span<const AlignmentLink> links);

} // namespace nmt
