// Tables of an option's values and their names. An entry has members `value` (of an enumeration) and `name`.
#pragma once

#include "nmt/base/error.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/ranges.h>

namespace nmt {

template <typename Entry>
std::vector<std::string> names_of(std::span<const Entry> table) {
    std::vector<std::string> names;
    for (const Entry& entry : table) names.emplace_back(entry.name);
    return names;
}

// The entry of a value that is in the table.
template <typename Entry>
const Entry& entry_of(std::span<const Entry> table, decltype(Entry::value) value) {
    for (const Entry& entry : table)
        if (entry.value == value) return entry;
    fail("there is no name for value {}", static_cast<int>(value));
}

// Throws Error for an unknown name; `what` says of what: "smoothing of BLEU".
template <typename Entry>
const Entry& entry_named(std::span<const Entry> table, std::string_view what, std::string_view name) {
    for (const Entry& entry : table)
        if (entry.name == name) return entry;
    fail("unknown {} '{}'; expected one of {}", what, name, fmt::join(names_of(table), ", "));
}

} // namespace nmt
