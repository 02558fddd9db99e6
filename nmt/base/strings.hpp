// Small things done to strings, where several folders do them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace nmt {

// The bytes [begin, end) of a text.
struct TextSpan {
    std::size_t begin = 0, end = 0;
    bool operator==(const TextSpan&) const = default;
};

// Replaces each `from`, found from left to right, once.
void replace_all(std::string& text, std::string_view from, std::string_view to);

// "7,812,416".
std::string with_commas(std::int64_t number);

} // namespace nmt
