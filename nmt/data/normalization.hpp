// What a tokenizer's normalization makes of a text beyond its white space: where it changes characters, the model can neither read nor
// write them as they stand. Used by the audit of parallel text and at the start of a training.
#pragma once

#include "tokenizer/tokenizer.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace nmt {

// Some characters that became others, white space left out: {"²", "2"}, {"，", ","}, {a joiner, ""}.
struct TextChange {
    std::string from, to;

    auto operator<=>(const TextChange&) const = default;
};

// In the order of the line. Invalid UTF-8, which every normalization replaces, is no change.
std::vector<TextChange> normalization_changes(const Tokenizer& tokenizer, std::string_view line);

// "² to 2", "U+200D to nothing": characters that show nothing by themselves by their numbers.
std::string show(const TextChange& change);

} // namespace nmt
