#include "nmt/decoding/target_text.hpp"

#include "nmt/decoding/alignment.hpp"

#include <algorithm>

namespace nmt {
namespace {

// Whether white space before unknown text is part of it, and not a piece of its own.
bool unknown_holds_space(const Tokenizer& tokenizer) { return tokenizer.id(Tokenizer::kSpaceMark) == Tokenizer::kUnknown; }

} // namespace

Prefix encode_prefix(const Tokenizer& target, std::string_view text) {
    Prefix prefix{.text = std::string(text)};
    for (const Piece& piece : target.encode_with_spans(text)) {
        prefix.tokens.push_back(piece.id);
        prefix.spans.push_back(piece.span);
    }
    prefix.ends_in_space = !prefix.spans.empty() && prefix.spans.back().end < text.size();
    return prefix;
}

std::vector<std::int32_t> tokens_inside_words(const Tokenizer& target) {
    std::vector<std::int32_t> tokens;
    for (std::int32_t token = 0; token < target.vocabulary_size(); ++token) {
        const bool begins_word =
            token == Tokenizer::kUnknown ? unknown_holds_space(target) : target.piece(token).starts_with(Tokenizer::kSpaceMark);
        if (!begins_word && token != Tokenizer::kEndOfSentence) tokens.push_back(token);
    }
    return tokens;
}

DecodedText text_of(const Tokenizer& target, const std::vector<std::int32_t>& tokens, const Prefix& prefix, const UnknownText& unknown) {
    const DecodedText decoded = target.decode_with_spans(tokens);
    DecodedText result{prefix.text, prefix.spans};
    bool at_space = prefix.ends_in_space; // the next space is there already, or nothing is before it
    for (std::size_t i = prefix.tokens.size(); i < tokens.size(); ++i) {
        const TextSpan& span = decoded.spans[i];
        std::string text = decoded.text.substr(span.begin, span.end - span.begin);
        if (unknown && tokens[i] == Tokenizer::kUnknown) {
            at_space = at_space || result.text.empty();
            text = unknown(i);
            if (!text.empty() && unknown_holds_space(target)) text.insert(text.begin(), ' ');
        }
        const std::size_t begin = result.text.size();
        if (!text.empty()) {
            result.text += at_space && text.starts_with(' ') ? text.substr(1) : text;
            at_space = false;
        }
        result.spans.push_back({begin, result.text.size()});
    }
    return result;
}

std::string copied_text(std::string_view line, std::span<const TextSpan> words, const TextSpan& piece, bool piece_is_unknown) {
    const WordRange range = words_of_pieces(words, std::span(&piece, 1)).front();
    if (range.first == range.end) return {};
    std::size_t begin = words[static_cast<std::size_t>(range.first)].begin, end = words[static_cast<std::size_t>(range.end) - 1].end;
    if (piece_is_unknown) {
        begin = std::max(begin, piece.begin);
        end = std::min(end, piece.end);
    }
    return std::string(line.substr(begin, begin < end ? end - begin : 0));
}

} // namespace nmt
