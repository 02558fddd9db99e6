// The text of a translation: what its tokens spell, but for a beginning that was given and for unknown pieces.
// Used by the translator where it writes what search has found.
#pragma once

#include "nmt/base/strings.hpp"
#include "tokenizer/tokenizer.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nmt {

// A text that a translation begins with, byte by byte, and how the target tokenizer spells it for the model, which may be another
// text: normalized, and with <unk> for what the model does not know.
struct Prefix {
    std::string text; // empty: the translation is free
    std::vector<std::int32_t> tokens = {};
    std::vector<TextSpan> spans = {}; // of the tokens in the text
    bool ends_in_space = false;       // behind the last token: what follows must begin a word
};

Prefix encode_prefix(const Tokenizer& target, std::string_view text);

// The tokens, ascending, that cannot follow a space: those that go on with a word.
std::vector<std::int32_t> tokens_inside_words(const Tokenizer& target);

// What stands for <unk> at a position of a translation.
using UnknownText = std::function<std::string(std::size_t position)>;

// The text of tokens that begin with those of the prefix, and what each stands for in it. Without `unknown` <unk> becomes " \u2047 ".
DecodedText text_of(const Tokenizer& target, const std::vector<std::int32_t>& tokens, const Prefix& prefix, const UnknownText& unknown);

// What is copied for the source piece that <unk> is aligned to: the unknown text itself where that piece is <unk>, too, else the word
// that it is part of (words_of of line_shape.hpp; several for a piece of several). Empty where it is part of none.
std::string copied_text(std::string_view line, std::span<const TextSpan> words, const TextSpan& piece, bool piece_is_unknown);

} // namespace nmt
