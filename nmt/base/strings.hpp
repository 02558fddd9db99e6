// Small things done to strings, where several folders do them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace nmt {

// Replaces each `from`, found from left to right, once.
void replace_all(std::string& text, std::string_view from, std::string_view to);

// "7,812,416".
std::string with_commas(std::int64_t number);

} // namespace nmt
