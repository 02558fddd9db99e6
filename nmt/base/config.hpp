// Configuration: INI files, key=value overrides, and structs of options that describe themselves.
// An options struct lists its fields once, in a method `void describe(OptionTable&)`; reading a configuration, writing it
// back in full and explaining it in --help all follow from that list.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace nmt {

// The fields of an options struct: name, address, explanation. Names are lower-case words joined by '-'. A field that is added again
// under its name, by another part that reads it, is listed once.
class OptionTable {
  public:
    using Field = std::variant<bool*, int*, std::int64_t*, std::uint64_t*, double*, std::string*, std::vector<std::string>*>;
    struct Option {
        std::string name;
        Field field;
        std::string help;
        std::vector<std::string> choices; // empty: any value
        double lowest, highest;           // of numbers
    };

    // A flag or a list of words (separated by white space).
    void add(std::string name, bool& field, std::string help);
    void add(std::string name, std::vector<std::string>& field, std::string help);
    // A number within [lowest, highest].
    void add(std::string name, int& field, std::string help, double lowest = 0, double highest = 1e9);
    void add(std::string name, std::int64_t& field, std::string help, double lowest = 0, double highest = 1e18);
    void add(std::string name, std::uint64_t& field, std::string help);
    void add(std::string name, double& field, std::string help, double lowest = -1e300, double highest = 1e300);
    // A text, one of `choices` where there are any.
    void add(std::string name, std::string& field, std::string help, std::vector<std::string> choices = {});
    // One of another table.
    void add(Option option) { insert(std::move(option)); }

    const std::vector<Option>& options() const { return options_; }

  private:
    void insert(Option option);
    std::vector<Option> options_;
};

// An options struct.
template <typename Options>
concept DescribesItself = requires(Options& options, OptionTable& table) {
    options.describe(table);
};

// Its fields, where they are: it must outlive the table.
template <DescribesItself Options>
OptionTable table_of(Options& options) {
    OptionTable table;
    options.describe(table);
    return table;
}

// Parses `text` into an option's field. `where` names the option in the message of the Error thrown for a bad value.
void assign_option(const OptionTable::Option& option, const std::string& text, const std::string& where);
// The field's present value as text that assign_option reads back.
std::string option_value(const OptionTable::Option& option);

// The known name nearest to `name` by edit distance, or one that begins with it or with which it begins; empty if none is near.
std::string nearest_name(std::string_view name, const std::vector<std::string>& known);
// " (did you mean 'x'?)" or nothing.
std::string did_you_mean(std::string_view name, const std::vector<std::string>& known);

// An ordered list of "section.key" = value, as an INI file holds them. A '#' begins a comment at the start of a line and behind a blank;
// elsewhere it is part of the value ("data#2.de").
class Configuration {
  public:
    Configuration() = default;
    // `name` stands for the file in messages.
    static Configuration parse(const std::string& content, const std::string& name);
    static Configuration load(const std::filesystem::path& path);

    // Overrides or adds one value; "section.key=value" as --set takes it.
    void set(const std::string& key, const std::string& value);
    void set_assignment(const std::string& assignment);

    bool has(const std::string& key) const;
    // Throws Error naming the key if it is missing. Marks it as used.
    std::string get(const std::string& key);
    std::string get(const std::string& key, const std::string& otherwise);

    bool has_section(const std::string& section) const;
    // The sections in the order of the file, also those without a key. A section may hold dots: [model.rnn] gives "model.rnn".
    std::vector<std::string> sections() const;
    // The keys of a section, without its name.
    std::vector<std::string> keys(const std::string& section) const;

    // Sets the fields of an options struct from a section and marks its keys as used.
    // An unknown key of the section throws Error naming the nearest known one.
    void read(const std::string& section, const OptionTable& table);
    template <DescribesItself Options>
    void read(const std::string& section, Options& options) {
        read(section, table_of(options));
    }

    // Throws Error for the first section that is not `known`, naming the nearest that is. Those that begin with one of `prefixes` are.
    void check_sections(const std::vector<std::string>& known, const std::vector<std::string>& prefixes = {}) const;

    // Throws Error for the first key that nobody has used.
    void check_all_used() const;

    const std::string& name() const { return name_; }

  private:
    struct Entry {
        std::string section, key, value;
        bool used = false;
        bool is(const std::string& name) const; // "section.key"
    };
    Entry* find(const std::string& key); // null if there is none
    void add_section(const std::string& section);
    void add_entry(const std::string& section, std::string_view key, std::string_view value);
    std::string name_;
    std::vector<std::string> sections_; // of the file
    std::vector<Entry> entries_;
};

// "[section]" and one "key = value" line an option: what Configuration::parse reads back. Throws Error for a value that an INI file
// cannot hold.
std::string format_section(const std::string& section, const OptionTable& table);
template <DescribesItself Options>
std::string format_section(const std::string& section, Options options) {
    return format_section(section, table_of(options));
}

} // namespace nmt
