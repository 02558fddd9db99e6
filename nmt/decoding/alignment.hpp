// Which source word a target word comes from: links between pieces, or between the words that hold them, in the format of Pharaoh.
// Used by the translator.
#pragma once

#include <compare>
#include <span>
#include <string>
#include <vector>

namespace nmt {

struct AlignmentLink {
    int source, target; // from 0 on
    auto operator<=>(const AlignmentLink&) const = default;
};

// The words [first, end) that a piece is part of: one as a rule; none for what holds no word, such as a space at the end; several
// for unknown text that the tokenizer left in one piece.
struct WordRange {
    int first = 0, end = 0;
    bool operator==(const WordRange&) const = default;
};

// The words of each piece of a text. A word is what stands between white space, which is U+2581 in pieces (Kudo and Richardson, 2018)
// and also what a byte piece such as <0x20> spells; so a text without spaces is one word, in any kind of tokenizer. A mark
// in a piece of its own belongs to the word that it begins.
std::vector<WordRange> words_of_pieces(std::span<const std::string> pieces);

// A link for each pair of words that have a linked pair of pieces: in order of source, then target, each once.
std::vector<AlignmentLink> word_links(std::span<const AlignmentLink> of_pieces, std::span<const WordRange> source,
                                      std::span<const WordRange> target);

// "0-0 1-2 2-1": source-target.
std::string to_pharaoh(std::span<const AlignmentLink> links);

} // namespace nmt
