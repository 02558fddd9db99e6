#include "tools/nmt/command.hpp"

#include "nmt/base/error.hpp"
#include "nmt/base/line_writer.hpp"
#include "nmt/base/log.hpp"
#include "nmt/base/terminal.hpp"
#include "nmt/base/utf8.hpp"

#include <boost/program_options.hpp>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <filesystem>

namespace nmt {
namespace {

namespace po = boost::program_options;

constexpr std::string_view kExitStatus =
    "Exit status: 0 done; 1 the work failed; 2 wrong usage; 128+N ended by signal N (141: the reader of the output went away).";
constexpr std::size_t kHelpColumn = 28; // where the options' meanings begin

bool asks_for_help(const std::string& argument) { return argument == "--help" || argument == "-h"; }

// The end of help: where there is more, or what a caller may want to know.
std::string help_end(const std::string& command, std::size_t columns) {
    return columns < kFewColumns ? fmt::format("\nAll of it: COLUMNS=80 {} --help", command) : fmt::format("\n{}", kExitStatus);
}

// As much of the beginning of a text as makes sense alone and has `size` bytes, if there is such a beginning; else the shortest that does.
std::string essence(std::string text, std::size_t size) {
    for (const std::string_view end : {". ", "; ", ": ", " (", ", "})
        if (text.size() > size) text.resize(std::min(text.find(end), text.size()));
    return text;
}

std::string group_help(const CommandGroup& group) {
    const std::size_t columns = text_columns();
    const bool few = columns < kFewColumns;
    std::string text =
        fmt::format("Usage: {} COMMAND [options]\n\n{}\n\nCommands:\n", group.name, few ? essence(group.about, columns) : group.about);
    for (const Command& command : group.commands) text += fmt::format("  {:<14} {}\n", command.name, command.summary);
    text += fmt::format("\n'{} COMMAND --help' explains a command and its options.\n", group.name);
    if (!group.footer.empty() && !few) text += group.footer + "\n";
    return fit_text(text + help_end(group.name, columns), columns);
}

// Boost's own messages are not asked for: they expand what they quote, without an end where it quotes their own marks ("%value%").
std::string describe(const po::invalid_syntax& error) {
    switch (error.kind()) {
    case po::invalid_syntax::missing_parameter:
    case po::invalid_syntax::empty_adjacent_parameter:
        return fmt::format("the required argument for option '{}' is missing", error.get_option_name());
    case po::invalid_syntax::extra_parameter:
        return fmt::format("option '{}' does not take any arguments", error.get_option_name());
    default:
        return fmt::format("option '{}' is not understood", error.get_option_name());
    }
}

int report(const std::string& message, int status, std::string_view kind = "error: ") {
    log_line(fmt::format("nmt: {}{}", kind, one_line(message)));
    return status;
}

bool is_flag(const OptionTable::Option& option) { return std::holds_alternative<bool*>(option.field); }
bool is_list(const OptionTable::Option& option) { return std::holds_alternative<std::vector<std::string>*>(option.field); }

} // namespace

int dispatch(const CommandGroup& group, const std::vector<std::string>& arguments) {
    if (arguments.empty()) throw UsageError(fmt::format("no command given; '{} --help' lists them", group.name));
    const std::string& name = arguments.front();
    std::vector<std::string> rest(arguments.begin() + 1, arguments.end());
    if (asks_for_help(name) || (name == "help" && rest.empty())) {
        print(group_help(group));
        return 0;
    }
    if (name == "help") {
        rest.push_back("--help");
        return dispatch(group, rest);
    }
    const bool is_option = name.starts_with('-');
    std::vector<std::string> known = is_option ? group.options : std::vector<std::string>();
    if (is_option) known.push_back("--help");
    for (const Command& command : group.commands) {
        if (command.name == name) return command.run(rest);
        if (!is_option) known.push_back(command.name);
    }
    throw UsageError(fmt::format("unknown {} '{}'{}; '{} --help' lists what there is", is_option ? "option" : "command", name,
                                 did_you_mean(name, known), group.name));
}

int report_errors(const std::function<int()>& work) {
    try {
        return work();
    } catch (const UsageError& error) {
        return report(error.what(), 2);
    } catch (const Interrupted& stop) {
        return report(stop.what(), 128 + stop.signal(), "");
    } catch (const StandardOutputError& error) {
        // As the tools of the system end when `head` has seen enough.
        return error.reason() == EPIPE ? 128 + SIGPIPE : report(error.what(), 1);
    } catch (...) {
        return report(message_of_current_exception(), 1);
    }
}

void print(std::string_view text) {
    LineWriter writer("-");
    writer.write(printable(text));
    writer.close();
}

void print_keys(std::string_view text) {
    std::string fitted;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        const std::string_view line = text.substr(begin, end - begin);
        if (begin > 0) fitted += '\n';
        fitted += line.starts_with('#') ? fit_text(line, text_columns()) : std::string(line);
        begin = end + 1;
    }
    print(fitted);
}

void print_report(std::string_view text) { print(isatty(STDOUT_FILENO) == 1 ? fit_text(text, text_columns()) : std::string(text)); }

bool has_few_columns() { return isatty(STDOUT_FILENO) == 1 && text_columns() < kFewColumns; }

void check_standard_input(const std::vector<std::pair<std::string, std::string>>& files) {
    const std::string* first = nullptr;
    for (const auto& [option, file] : files) {
        if (!file.empty() && file != "-") continue;
        if (first != nullptr) throw UsageError(fmt::format("{} and {} cannot both be standard input; name a file", *first, option));
        first = &option;
    }
}

CommandOptions::Option& CommandOptions::remember(const std::string& names, std::string value) {
    Option& option = options_.emplace_back();
    const std::size_t comma = names.find(',');
    if (comma != std::string::npos) option.short_ = names.substr(comma + 1);
    option.value_ = std::move(value);
    option.group_ = group_;
    return option;
}

CommandOptions::Option& CommandOptions::add(const std::string& names, std::string value, const OptionTable& declared) {
    const auto& known = declared.options();
    const auto is_named = [name = names.substr(0, names.find(','))](const OptionTable::Option& option) { return option.name == name; };
    const auto found = std::find_if(known.begin(), known.end(), is_named);
    check(found != known.end(), "'{}' declares the option '{}', which no table has", help_.command, names);
    table_.add(*found);
    return remember(names, std::move(value));
}

void CommandOptions::fail_usage(const std::string& message) const {
    throw UsageError(fmt::format("{}; see '{} --help'", message, help_.command));
}

void CommandOptions::check_distinct(const std::string& option, const std::vector<std::string>& values) const {
    for (auto value = values.begin(); value != values.end(); ++value)
        if (std::find(values.begin(), value, *value) != value) fail_usage(fmt::format("--{} names '{}' twice", option, *value));
}

// Boost knows short names of one letter only.
std::vector<std::string> CommandOptions::with_long_names(std::vector<std::string> arguments) const {
    for (std::string& argument : arguments) {
        if (argument == "--") break;
        for (std::size_t i = 0; i < options_.size(); ++i)
            if (options_[i].short_.size() > 1 && argument == "-" + options_[i].short_) argument = "--" + table_.options()[i].name;
    }
    return arguments;
}

bool CommandOptions::parse(const std::vector<std::string>& arguments) {
    const auto end_of_options = std::find(arguments.begin(), arguments.end(), "--");
    if (std::any_of(arguments.begin(), end_of_options, asks_for_help)) {
        print(help_text());
        return false;
    }
    po::options_description description;
    std::vector<std::string> known;
    for (std::size_t i = 0; i < options_.size(); ++i) {
        const OptionTable::Option& option = table_.options()[i];
        const std::string& letter = options_[i].short_;
        const std::string names = letter.size() == 1 ? fmt::format("{},{}", option.name, letter) : option.name;
        if (is_flag(option)) description.add_options()(names.c_str(), "");
        else if (is_list(option) && !options_[i].repeated_)
            description.add_options()(names.c_str(), po::value<std::vector<std::string>>()->multitoken(), "");
        else description.add_options()(names.c_str(), po::value<std::string>(), "");
        known.push_back("--" + option.name);
    }
    try {
        const int style =
            po::command_line_style::unix_style & ~(po::command_line_style::allow_guessing | po::command_line_style::allow_sticky);
        const po::parsed_options parsed = po::command_line_parser(with_long_names(arguments)).options(description).style(style).run();
        for (const po::option& option : parsed.options)
            if (!option.string_key.empty()) assign(option.string_key, option.value);
        for (const po::option& option : parsed.options)
            if (option.string_key.empty()) assign_positional(option.value.front());
    } catch (const po::unknown_option& error) {
        fail_usage(fmt::format("unknown option '{}'{}", error.get_option_name(), did_you_mean(error.get_option_name(), known)));
    } catch (const po::invalid_syntax& error) {
        fail_usage(describe(error));
    }
    check_required();
    set_longest_line(static_cast<std::size_t>(line_limit_) << 20);
    return true;
}

void CommandOptions::assign(const std::string& name, const std::vector<std::string>& values) {
    const auto& table = table_.options();
    const auto found = std::find_if(table.begin(), table.end(), [&](const auto& option) { return option.name == name; });
    Option& option = options_[static_cast<std::size_t>(found - table.begin())];
    const bool first = !std::exchange(option.given_, true);
    if (is_list(*found)) {
        auto& list = *std::get<std::vector<std::string>*>(found->field);
        if (first) list.clear();
        list.insert(list.end(), values.begin(), values.end());
        return;
    }
    if (!first) fail_usage(fmt::format("--{} is given twice", name));
    try {
        assign_option(*found, is_flag(*found) ? "true" : values.front(), "--" + name);
    } catch (const Error& error) {
        fail_usage(error.what());
    }
}

void CommandOptions::assign_positional(const std::string& value) {
    std::error_code no_folder;
    for (std::size_t i = 0; i < options_.size(); ++i) // "-m A B": one more of the list
        if (options_[i].value_ == "DIR" && options_[i].repeated_ && options_[i].given_ && std::filesystem::is_directory(value, no_folder))
            return assign(table_.options()[i].name, {value});
    for (std::size_t i = 0; i < options_.size(); ++i) {
        const OptionTable::Option& option = table_.options()[i];
        if (!options_[i].positional_ || (options_[i].given_ && !is_list(option))) continue;
        std::error_code ignored;
        if (options_[i].value_ == "FILE" && std::filesystem::is_directory(value, ignored))
            fail_usage(fmt::format("'{}' is a folder; expected a file for --{}{}", value, option.name, meant_by(value)));
        return assign(option.name, {value});
    }
    fail_usage(fmt::format("unexpected argument '{}'{}", value, meant_by(value)));
}

// The first option that still wants such a value, if it is the name of what is there.
std::string CommandOptions::meant_by(const std::string& value) const {
    std::error_code ignored;
    if (!std::filesystem::exists(value, ignored)) return "";
    const std::string kind = std::filesystem::is_directory(value, ignored) ? "DIR" : "FILE";
    for (std::size_t i = 0; i < options_.size(); ++i)
        if (options_[i].value_ == kind && (!options_[i].given_ || is_list(table_.options()[i])))
            return fmt::format(" (did you mean --{} {}?)", table_.options()[i].name, value);
    return "";
}

void CommandOptions::check_required() const {
    for (std::size_t i = 0; i < options_.size(); ++i)
        if (options_[i].required_ && !options_[i].given_)
            fail_usage(fmt::format("--{} {} is missing", table_.options()[i].name, options_[i].value_));
}

bool CommandOptions::given(std::string_view name) const {
    for (std::size_t i = 0; i < options_.size(); ++i)
        if (table_.options()[i].name == name) return options_[i].given_;
    fail("'{}' was asked for option '{}', which it has not declared", help_.command, name);
}

std::string CommandOptions::help_text() const {
    const std::size_t columns = text_columns();
    const bool few = columns < kFewColumns;
    constexpr std::size_t kUsageHang = 9;
    std::string text = wrap_words(fmt::format("Usage: {} {}", help_.command, help_.synopsis), columns, kUsageHang) + "\n\n" +
                       (few ? essence(help_.description, 2 * columns) : help_.description) + "\n" + options_help(columns);
    if (!help_.examples.empty() && columns >= 80) text += fmt::format("\nExamples:\n{}\n", help_.examples);
    return fit_text(text + help_end(help_.command, columns), columns);
}

std::string CommandOptions::options_help(std::size_t columns) const {
    const bool few = columns < kFewColumns;
    const std::size_t column = few ? 8 : kHelpColumn;
    std::string text, group;
    const auto line = [&](const std::string& left, const std::string& right) {
        const bool beside = left.size() + 2 <= column;
        text += beside ? fmt::format("{:<{}}{}\n", left, column, right) : fmt::format("{}\n{:{}}{}\n", left, "", column, right);
    };
    for (std::size_t i = 0; i < options_.size(); ++i) {
        const OptionTable::Option& entry = table_.options()[i];
        const Option& option = options_[i];
        if (option.group_ != group) text += fmt::format("\n{}:\n", option.group_);
        group = option.group_;
        const std::string letter = option.short_.empty() ? few ? "" : "    " : fmt::format("-{}, ", option.short_);
        const std::string value_name = option.value_.empty() ? "" : " " + option.value_;
        const std::string left = fmt::format("  {}--{}{}{}", letter, entry.name, value_name, is_list(entry) ? " ..." : "");
        std::string right = few ? essence(entry.help, columns - column) : entry.help;
        if (!few && !is_flag(entry) && !entry.choices.empty()) right += fmt::format(": {}", fmt::join(entry.choices, ", "));
        const std::string value = option_value(entry);
        if (option.required_) right += " (required)";
        else if (!few && !is_flag(entry) && !value.empty()) right += fmt::format(" (default: {})", value);
        line(left, right);
    }
    if (group.empty()) text += "\nOptions:\n";
    line("  -h, --help", "this text");
    return text;
}

} // namespace nmt
