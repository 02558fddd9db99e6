#include "nmt/base/config.hpp"

#include "nmt/base/error.hpp"
#include "nmt/base/input_file.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <numeric>
#include <sstream>
#include <type_traits>
#include <utility>

namespace nmt {
namespace {

constexpr double kNoLimit = std::numeric_limits<double>::infinity();

std::vector<std::string> split_words(const std::string& text) {
    std::istringstream stream(text);
    std::vector<std::string> words;
    for (std::string word; stream >> word;) words.push_back(word);
    return words;
}

// "from 0 to 1", "of at least 1": the far ends of what a double holds are no bounds worth naming.
std::string describe_range(double lowest, double highest) {
    constexpr double kUnbounded = 1e300;
    if (lowest <= -kUnbounded && highest >= kUnbounded) return "within the range of its type";
    if (lowest <= -kUnbounded) return fmt::format("of at most {:.16g}", highest);
    if (highest >= kUnbounded) return fmt::format("of at least {:.16g}", lowest);
    return fmt::format("from {:.16g} to {:.16g}", lowest, highest);
}

template <typename Number>
Number parse_number(const OptionTable::Option& option, const std::string& text, const std::string& where) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool overflow = error == std::errc::result_out_of_range;
    check((error == std::errc() || overflow) && end == text.data() + text.size(), "{} = '{}': expected {}", where, text,
          std::is_floating_point_v<Number> ? "a number" : "a whole number");
    check(!overflow && static_cast<double>(value) >= option.lowest && static_cast<double>(value) <= option.highest,
          "{} = {}: expected a number {}", where, text, describe_range(option.lowest, option.highest));
    return value;
}

bool parse_flag(const std::string& text, const std::string& where) {
    if (text == "true" || text == "yes" || text == "on" || text == "1") return true;
    if (text == "false" || text == "no" || text == "off" || text == "0") return false;
    fail("{} = '{}': expected true or false", where, text);
}

} // namespace

void OptionTable::add(std::string name, bool& field, std::string help) {
    insert({std::move(name), &field, std::move(help), {"true", "false"}, -kNoLimit, kNoLimit});
}
void OptionTable::add(std::string name, std::vector<std::string>& field, std::string help) {
    insert({std::move(name), &field, std::move(help), {}, -kNoLimit, kNoLimit});
}
void OptionTable::add(std::string name, int& field, std::string help, double lowest, double highest) {
    insert({std::move(name), &field, std::move(help), {}, lowest, highest});
}
void OptionTable::add(std::string name, std::int64_t& field, std::string help, double lowest, double highest) {
    insert({std::move(name), &field, std::move(help), {}, lowest, highest});
}
void OptionTable::add(std::string name, std::uint64_t& field, std::string help) {
    insert({std::move(name), &field, std::move(help), {}, 0, kNoLimit});
}
void OptionTable::add(std::string name, double& field, std::string help, double lowest, double highest) {
    insert({std::move(name), &field, std::move(help), {}, lowest, highest});
}
void OptionTable::add(std::string name, std::string& field, std::string help, std::vector<std::string> choices) {
    insert({std::move(name), &field, std::move(help), std::move(choices), -kNoLimit, kNoLimit});
}

void OptionTable::insert(Option option) {
    const auto same = [&](const Option& other) { return other.name == option.name && other.field == option.field; };
    if (std::none_of(options_.begin(), options_.end(), same)) options_.push_back(std::move(option));
}

void assign_option(const OptionTable::Option& option, const std::string& text, const std::string& where) {
    std::visit(
        [&](auto* field) {
            using T = std::remove_pointer_t<decltype(field)>;
            if constexpr (std::is_same_v<T, bool>) {
                *field = parse_flag(text, where);
            } else if constexpr (std::is_same_v<T, std::vector<std::string>>) {
                *field = split_words(text);
            } else if constexpr (std::is_same_v<T, std::string>) {
                check(option.choices.empty() || std::find(option.choices.begin(), option.choices.end(), text) != option.choices.end(),
                      "{} = '{}': expected one of {}{}", where, text, fmt::join(option.choices, ", "), did_you_mean(text, option.choices));
                *field = text;
            } else {
                *field = parse_number<T>(option, text, where);
            }
        },
        option.field);
}

std::string option_value(const OptionTable::Option& option) {
    return std::visit(
        [](const auto* field) -> std::string {
            using T = std::remove_cv_t<std::remove_pointer_t<decltype(field)>>;
            if constexpr (std::is_same_v<T, std::vector<std::string>>) return fmt::format("{}", fmt::join(*field, " "));
            else return fmt::format("{}", *field);
        },
        option.field);
}

std::string nearest_name(std::string_view name, const std::vector<std::string>& known) {
    std::string best;
    std::size_t best_distance = std::max<std::size_t>(3, name.size() / 2);
    for (const std::string& candidate : known) {
        // Levenshtein distance, one row at a time.
        std::vector<std::size_t> row(candidate.size() + 1);
        std::iota(row.begin(), row.end(), std::size_t{0});
        for (std::size_t i = 1; i <= name.size(); ++i) {
            std::size_t diagonal = std::exchange(row[0], i);
            for (std::size_t j = 1; j <= candidate.size(); ++j) {
                const std::size_t substituted = diagonal + (name[i - 1] != candidate[j - 1] ? 1 : 0);
                diagonal = row[j];
                row[j] = std::min({substituted, row[j] + 1, row[j - 1] + 1});
            }
        }
        if (row.back() < best_distance) {
            best_distance = row.back();
            best = candidate;
        }
    }
    // A word more or less, as other programs have it: "--beam-size", "--out".
    constexpr std::size_t kTypingMistake = 2, kFewestLetters = 3;
    if (!best.empty() && best_distance <= kTypingMistake) return best;
    std::string begun;
    for (const std::string& candidate : known) {
        const std::string_view shorter = std::min(name, std::string_view(candidate), [](auto a, auto b) { return a.size() < b.size(); });
        const std::string_view longer = shorter.data() == name.data() ? std::string_view(candidate) : name;
        const std::size_t hyphens = std::min(shorter.find_first_not_of('-'), shorter.size());
        if (!longer.starts_with(shorter) || shorter.size() < hyphens + kFewestLetters) continue;
        if (longer.substr(shorter.size()).starts_with('-')) return candidate;
        if (begun.empty()) begun = candidate;
    }
    return best.empty() ? begun : best;
}

std::string did_you_mean(std::string_view name, const std::vector<std::string>& known) {
    const std::string nearest = nearest_name(name, known);
    return nearest.empty() ? "" : fmt::format(" (did you mean '{}'?)", nearest);
}

namespace {

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view kBlanks = " \t\r\v\f";
    const std::size_t begin = text.find_first_not_of(kBlanks);
    return begin == std::string_view::npos ? "" : text.substr(begin, text.find_last_not_of(kBlanks) + 1 - begin);
}

// Where a comment begins: at a '#' that opens the text or follows a blank. Its end if there is none.
std::size_t comment_begin(std::string_view text) {
    for (std::size_t at = text.find('#'); at != std::string_view::npos; at = text.find('#', at + 1))
        if (at == 0 || text[at - 1] == ' ' || text[at - 1] == '\t') return at;
    return text.size();
}

} // namespace

Configuration Configuration::parse(const std::string& content, const std::string& name) {
    constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf"; // some editors begin a file with it
    std::istringstream stream(content.starts_with(kByteOrderMark) ? content.substr(kByteOrderMark.size()) : content);
    Configuration configuration;
    configuration.name_ = name;
    std::string section;
    std::size_t number = 0;
    for (std::string line; std::getline(stream, line);) {
        ++number;
        const std::string_view text = trimmed(std::string_view(line).substr(0, comment_begin(line)));
        if (text.empty()) continue;
        if (text.starts_with('[') && text.ends_with(']')) {
            section = text.substr(1, text.size() - 2);
            check(!section.empty(), "'{}', line {}: '[]' has no name; expected [section]", name, number);
            configuration.add_section(section);
            continue;
        }
        const std::size_t equals = text.find('=');
        check(equals != std::string_view::npos, "'{}', line {}: expected '[section]' or 'key = value', found '{}'", name, number, text);
        const std::string_view value = trimmed(text.substr(equals + 1));
        check(!value.empty() || comment_begin(line) == line.size(),
              "'{}', line {}: a comment stands where the value should; put it on a line of its own", name, number);
        configuration.add_entry(section, trimmed(text.substr(0, equals)), value);
    }
    return configuration;
}

void Configuration::add_section(const std::string& section) {
    if (std::find(sections_.begin(), sections_.end(), section) == sections_.end()) sections_.push_back(section);
}

void Configuration::add_entry(const std::string& section, std::string_view key, std::string_view value) {
    const std::string full = section.empty() ? std::string(key) : fmt::format("{}.{}", section, key);
    check(find(full) == nullptr, "'{}': '{}' is given twice; keep one", name_, full);
    const std::size_t dot = full.rfind('.');
    check(dot != std::string::npos, "'{}': '{}' stands outside a section; put it under a [section]", name_, full);
    check(dot + 1 < full.size(), "'{}': a line of [{}] has no key before its '='", name_, full.substr(0, dot));
    entries_.push_back({full.substr(0, dot), full.substr(dot + 1), std::string(value)});
}

Configuration Configuration::load(const std::filesystem::path& path) {
    constexpr std::uintmax_t kMostBytes = 4 << 20;
    return parse(read_file(path, kMostBytes), path.string());
}

void Configuration::check_sections(const std::vector<std::string>& known, const std::vector<std::string>& prefixes) const {
    for (const std::string& section : sections()) {
        if (std::find(known.begin(), known.end(), section) != known.end()) continue;
        std::vector<std::string> candidates = known;
        for (const std::string& prefix : prefixes) { // such as "model."
            if (prefix == section + ".") fail("'{}': [{}] needs a name: [{}NAME]", name_, section, prefix);
            if (const std::size_t dot = section.find('.'); dot != std::string::npos) candidates.push_back(prefix + section.substr(dot + 1));
        }
        const auto begins = [&](const std::string& prefix) { return section.starts_with(prefix) && section.size() > prefix.size(); };
        check(std::any_of(prefixes.begin(), prefixes.end(), begins), "'{}': unknown section [{}]{}", name_, section,
              did_you_mean(section, candidates));
    }
}

bool Configuration::Entry::is(const std::string& name) const {
    return name.size() == section.size() + 1 + key.size() && name.starts_with(section + ".") && name.ends_with(key);
}

Configuration::Entry* Configuration::find(const std::string& key) {
    const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) { return entry.is(key); });
    return found == entries_.end() ? nullptr : &*found;
}

void Configuration::set(const std::string& key, const std::string& value) {
    if (Entry* const entry = find(key)) {
        entry->value = value;
        return;
    }
    const std::size_t dot = key.rfind('.');
    if (dot == std::string::npos || dot == 0 || dot + 1 == key.size())
        throw UsageError(fmt::format("'{}' is no configuration key; expected section.key", key));
    entries_.push_back({key.substr(0, dot), key.substr(dot + 1), value});
}

void Configuration::set_assignment(const std::string& assignment) {
    const std::size_t equals = assignment.find('=');
    if (equals == std::string::npos) throw UsageError(fmt::format("--set '{}': expected section.key=value", assignment));
    set(assignment.substr(0, equals), assignment.substr(equals + 1));
}

bool Configuration::has(const std::string& key) const {
    return std::any_of(entries_.begin(), entries_.end(), [&](const Entry& entry) { return entry.is(key); });
}

std::string Configuration::get(const std::string& key) {
    Entry* const entry = find(key);
    check(entry != nullptr, "'{}' has no value for {}", name_, key);
    entry->used = true;
    return entry->value;
}

std::string Configuration::get(const std::string& key, const std::string& otherwise) { return has(key) ? get(key) : otherwise; }

bool Configuration::has_section(const std::string& section) const {
    const std::vector<std::string> names = sections();
    return std::find(names.begin(), names.end(), section) != names.end();
}

std::vector<std::string> Configuration::sections() const {
    std::vector<std::string> names = sections_;
    for (const Entry& entry : entries_) // those that set() has added
        if (std::find(names.begin(), names.end(), entry.section) == names.end()) names.push_back(entry.section);
    return names;
}

std::vector<std::string> Configuration::keys(const std::string& section) const {
    std::vector<std::string> names;
    for (const Entry& entry : entries_)
        if (entry.section == section) names.push_back(entry.key);
    return names;
}

void Configuration::read(const std::string& section, const OptionTable& table) {
    std::vector<std::string> known;
    for (const OptionTable::Option& option : table.options()) known.push_back(option.name);
    for (Entry& entry : entries_) {
        if (entry.section != section) continue;
        const auto option =
            std::find_if(table.options().begin(), table.options().end(), [&](const auto& o) { return o.name == entry.key; });
        if (option == table.options().end()) {
            if (entry.used) continue;
            fail("'{}': unknown key '{}' in [{}]{}", name_, entry.key, section, did_you_mean(entry.key, known));
        }
        assign_option(*option, entry.value, fmt::format("'{}': {}.{}", name_, section, entry.key));
        entry.used = true;
    }
}

void Configuration::check_all_used() const {
    for (const Entry& entry : entries_) check(entry.used, "'{}': unknown key '{}' in [{}]", name_, entry.key, entry.section);
}

std::string format_section(const std::string& section, const OptionTable& table) {
    std::string text = fmt::format("[{}]\n", section);
    for (const OptionTable::Option& option : table.options()) {
        const std::string value = option_value(option);
        check(value == trimmed(value) && value.find('\n') == std::string::npos && comment_begin(value) == value.size(),
              "{}.{} = '{}' cannot stand in an INI file: no line end, surrounding blanks, or '#' that begins a word", section, option.name,
              value);
        text += fmt::format("{} = {}\n", option.name, value);
    }
    return text;
}

} // namespace nmt
