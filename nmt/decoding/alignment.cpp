#include "nmt/decoding/alignment.hpp"

#include "nmt/base/error.hpp"
#include "tokenizer/tokenizer.hpp"

#include <algorithm>
#include <string_view>

namespace nmt {
namespace {

bool is_space_byte(std::string_view piece) {
    return piece == "<0x20>" || piece == "<0x09>" || piece == "<0x0A>" || piece == "<0x0B>" || piece == "<0x0C>" || piece == "<0x0D>";
}

const WordRange& at(std::span<const WordRange> words, int piece) {
    check(piece >= 0 && static_cast<std::size_t>(piece) < words.size(), "a link to piece {} of {}", piece, words.size());
    return words[static_cast<std::size_t>(piece)];
}

} // namespace

std::vector<WordRange> words_of_pieces(std::span<const std::string> pieces) {
    std::vector<WordRange> words;
    int begun = 0;       // words so far
    bool between = true; // white space, or nothing yet, stands before the next character
    for (const std::string& piece : pieces) {
        int first = begun; // unless the piece goes on with a word
        if (!between && !piece.starts_with(Tokenizer::kSpaceMark) && !is_space_byte(piece)) --first;
        for (std::string_view rest = is_space_byte(piece) ? Tokenizer::kSpaceMark : std::string_view(piece); !rest.empty();) {
            if (rest.starts_with(Tokenizer::kSpaceMark)) {
                between = true;
                rest.remove_prefix(Tokenizer::kSpaceMark.size());
            } else {
                begun += between ? 1 : 0;
                between = false;
                rest.remove_prefix(1);
            }
        }
        words.push_back({first, std::max(begun, first + 1)});
    }
    // What was to begin a word, but none came.
    for (WordRange& range : words) range = {std::min(range.first, begun), std::min(range.end, begun)};
    return words;
}

std::vector<AlignmentLink> word_links(std::span<const AlignmentLink> of_pieces, std::span<const WordRange> source,
                                      std::span<const WordRange> target) {
    std::vector<AlignmentLink> links;
    for (const AlignmentLink& link : of_pieces) {
        const WordRange from = at(source, link.source), to = at(target, link.target);
        for (int s = from.first; s < from.end; ++s)
            for (int t = to.first; t < to.end; ++t) links.push_back({s, t});
    }
    std::sort(links.begin(), links.end());
    links.erase(std::unique(links.begin(), links.end()), links.end());
    return links;
}

std::string to_pharaoh(std::span<const AlignmentLink> links) {
    std::string text;
    for (const AlignmentLink& link : links) text += fmt::format("{}{}-{}", text.empty() ? "" : " ", link.source, link.target);
    return text;
}

} // namespace nmt
