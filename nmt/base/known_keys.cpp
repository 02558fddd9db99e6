#include "nmt/base/known_keys.hpp"

#include "nmt/base/error.hpp"

#include <algorithm>

namespace nmt {
namespace {

constexpr std::string_view kAnyName = ".NAME";

bool takes_any_name(const KnownSection& known) { return known.name.ends_with(kAnyName); }

// What stands before NAME: "training.".
std::string_view prefix_of(const KnownSection& known) {
    return std::string_view(known.name).substr(0, known.name.size() - kAnyName.size() + 1);
}

bool matches(const KnownSection& known, const std::string& section) {
    if (!takes_any_name(known)) return known.name == section;
    return section.starts_with(prefix_of(known)) && section.size() > prefix_of(known).size();
}

bool has_key(const KnownSection& known, const std::string& key) {
    return std::find(known.keys.begin(), known.keys.end(), key) != known.keys.end();
}

std::string hint_for_key(const std::string& key, const KnownSection& section, const std::vector<KnownSection>& known) {
    for (const KnownSection& other : known)
        for (const auto& [word, advice] : other.advice)
            if (word == key) return "; " + advice;
    for (const KnownSection& other : known)
        if (has_key(other, key)) return fmt::format("; it belongs to [{}]", other.name);
    if (const std::string nearest = did_you_mean(key, section.keys); !nearest.empty()) return nearest;
    constexpr std::size_t kShortestWord = 4;
    for (const std::string& other : section.keys) // "epochs"
        if (key.size() >= kShortestWord && other.find(key) != std::string::npos) return fmt::format(" (did you mean '{}'?)", other);
    for (const KnownSection& other : known)
        if (const std::string nearest = nearest_name(key, other.keys); !nearest.empty())
            return fmt::format(" (did you mean '{}' of [{}]?)", nearest, other.name);
    return "";
}

} // namespace

KnownSection known_section(std::string name, const OptionTable& table) {
    KnownSection section{std::move(name), {}};
    for (const OptionTable::Option& option : table.options()) section.keys.push_back(option.name);
    return section;
}

void check_known(const Configuration& configuration, const std::vector<KnownSection>& known) {
    std::vector<std::string> names, prefixes;
    for (const KnownSection& section : known)
        if (takes_any_name(section)) prefixes.emplace_back(prefix_of(section));
        else names.push_back(section.name);
    configuration.check_sections(names, prefixes);
    for (const std::string& section : configuration.sections()) {
        const auto found = std::find_if(known.begin(), known.end(), [&](const KnownSection& other) { return matches(other, section); });
        for (const std::string& key : configuration.keys(section))
            check(found->keys.empty() || has_key(*found, key), "'{}': unknown key '{}' in [{}]{}", configuration.name(), key, section,
                  hint_for_key(key, *found, known));
    }
}

std::string explain_section(const std::string& section, const OptionTable& table) {
    std::string text = fmt::format("\n[{}]\n", section);
    for (const OptionTable::Option& option : table.options()) {
        std::vector<std::string> choices = option.choices;
        std::replace(choices.begin(), choices.end(), std::string(), std::string("nothing"));
        text += fmt::format("# {}{}\n", option.help, choices.empty() ? "" : fmt::format(": {}", fmt::join(choices, ", ")));
        text += fmt::format("{} = {}\n", option.name, option_value(option));
    }
    return text;
}

} // namespace nmt
