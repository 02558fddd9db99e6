#include "nmt/decoding/alignment.hpp"

#include "nmt/base/error.hpp"

#include <algorithm>

namespace nmt {
namespace {

const WordRange& at(std::span<const WordRange> words, int piece) {
    check(piece >= 0 && static_cast<std::size_t>(piece) < words.size(), "a link to piece {} of {}", piece, words.size());
    return words[static_cast<std::size_t>(piece)];
}

} // namespace

std::vector<WordRange> words_of_pieces(std::span<const TextSpan> words, std::span<const TextSpan> pieces) {
    std::vector<WordRange> ranges;
    ranges.reserve(pieces.size());
    for (const TextSpan& piece : pieces) {
        const auto ends_before = [](const TextSpan& word, std::size_t place) { return word.end <= place; };
        const auto begins_before = [](const TextSpan& word, std::size_t place) { return word.begin < place; };
        const auto first = std::lower_bound(words.begin(), words.end(), piece.begin, ends_before);
        const auto end = std::lower_bound(first, words.end(), piece.end, begins_before);
        const auto number = static_cast<int>(first - words.begin());
        ranges.push_back({number, std::max(static_cast<int>(end - words.begin()), first == words.end() ? number : number + 1)});
    }
    return ranges;
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
