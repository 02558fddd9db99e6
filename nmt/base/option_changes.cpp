#include "nmt/base/option_changes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace nmt {
namespace {

// Nothing where the table lacks the option.
std::optional<std::string> value_in(const OptionTable& table, const std::string& name) {
    const auto found = std::find_if(table.options().begin(), table.options().end(), [&](const auto& option) { return option.name == name; });
    return found == table.options().end() ? std::nullopt : std::optional(option_value(*found));
}

} // namespace

std::vector<OptionChange> option_changes(const std::string& section, const OptionTable& before, const OptionTable& after) {
    std::vector<OptionChange> changes;
    for (const OptionTable::Option& option : before.options()) {
        const std::string value = option_value(option), other = value_in(after, option.name).value_or("");
        if (value != other) changes.push_back({section + "." + option.name, value, other});
    }
    for (const OptionTable::Option& option : after.options())
        if (!value_in(before, option.name)) changes.push_back({section + "." + option.name, "", option_value(option)});
    return changes;
}

std::string describe(const OptionChange& change) {
    const auto value = [](const std::string& text) { return text.empty() ? "nothing" : text; };
    return fmt::format("{} from {} to {}", change.key, value(change.before), value(change.after));
}

} // namespace nmt
