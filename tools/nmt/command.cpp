#include "tools/nmt/command.hpp"

#include "nmt/base/error.hpp"
#include "nmt/base/line_writer.hpp"
#include "nmt/base/log.hpp"
#include "nmt/base/utf8.hpp"

#include <boost/program_options.hpp>

#include <algorithm>
#include <cerrno>
#include <csignal>

namespace nmt {
namespace {

namespace po = boost::program_options;

constexpr std::string_view kExitStatus =
    "Exit status: 0 done; 1 the work failed; 2 wrong usage; 128+N ended by signal N (141: the reader of the output went away).";
constexpr std::size_t kHelpColumn = 34, kHelpWidth = 118;

bool asks_for_help(const std::string& argument) { return argument == "--help" || argument == "-h"; }

std::string group_help(const CommandGroup& group) {
    std::string text = fmt::format("Usage: {} COMMAND [options]\n\n{}\n\nCommands:\n", group.name, group.about);
    for (const Command& command : group.commands) text += fmt::format("  {:<15}{}\n", command.name, command.summary);
    text += fmt::format("\n'{} COMMAND --help' explains a command and its options.\n", group.name);
    if (!group.footer.empty()) text += group.footer + "\n";
    return text + "\n" + std::string(kExitStatus);
}

// Breaks `text` at spaces so that it fits right of `column`.
std::string wrapped(const std::string& text, std::size_t column) {
    std::string result, line;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find(' ', begin), text.size());
        if (!line.empty() && column + line.size() + 1 + (end - begin) > kHelpWidth) {
            result += line + "\n" + std::string(column, ' ');
            line.clear();
        }
        if (!line.empty()) line += ' ';
        line += text.substr(begin, end - begin);
        begin = end + 1;
    }
    return result + line;
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
    std::vector<std::string> known;
    for (const Command& command : group.commands) {
        if (command.name == name) return command.run(rest);
        known.push_back(command.name);
    }
    throw UsageError(fmt::format("unknown {} '{}'{}; '{} --help' lists what there is", name.starts_with('-') ? "option" : "command", name,
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
        if (options_[i].positional_) continue; // it has no name
        const std::string names = letter.size() == 1 ? fmt::format("{},{}", option.name, letter) : option.name;
        if (is_flag(option)) description.add_options()(names.c_str(), "");
        else if (is_list(option)) description.add_options()(names.c_str(), po::value<std::vector<std::string>>()->multitoken(), "");
        else description.add_options()(names.c_str(), po::value<std::string>(), "");
        known.push_back("--" + option.name);
    }
    try {
        const int style =
            po::command_line_style::unix_style & ~(po::command_line_style::allow_guessing | po::command_line_style::allow_sticky);
        const po::parsed_options parsed = po::command_line_parser(with_long_names(arguments)).options(description).style(style).run();
        for (const po::option& option : parsed.options)
            if (option.string_key.empty()) assign_positional(option.value.front());
            else assign(option.string_key, option.value);
    } catch (const po::unknown_option& error) {
        fail_usage(fmt::format("unknown option '{}'{}", error.get_option_name(), did_you_mean(error.get_option_name(), known)));
    } catch (const po::invalid_syntax& error) {
        fail_usage(describe(error));
    }
    check_required();
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
    for (std::size_t i = 0; i < options_.size(); ++i)
        if (options_[i].positional_ && !options_[i].given_) return assign(table_.options()[i].name, {value});
    fail_usage(fmt::format("unexpected argument '{}'", value));
}

void CommandOptions::check_required() const {
    for (std::size_t i = 0; i < options_.size(); ++i) {
        const Option& option = options_[i];
        if (option.required_ && !option.given_)
            fail_usage(option.positional_ ? fmt::format("{} is missing", option.value_)
                                          : fmt::format("--{} {} is missing", table_.options()[i].name, option.value_));
    }
}

bool CommandOptions::given(std::string_view name) const {
    for (std::size_t i = 0; i < options_.size(); ++i)
        if (table_.options()[i].name == name) return options_[i].given_;
    fail("'{}' was asked for option '{}', which it has not declared", help_.command, name);
}

std::string CommandOptions::help_text() const {
    std::string text = fmt::format("Usage: {} {}\n\n{}\n", help_.command, help_.synopsis, help_.description), group;
    for (std::size_t i = 0; i < options_.size(); ++i) {
        const OptionTable::Option& entry = table_.options()[i];
        const Option& option = options_[i];
        if (option.group_ != group) text += fmt::format("\n{}:\n", option.group_);
        group = option.group_;
        const std::string letter = option.short_.empty() ? "    " : fmt::format("-{}, ", option.short_);
        std::string left = option.positional_ ? "  " + option.value_ : fmt::format("  {}--{} {}", letter, entry.name, option.value_);
        if (is_list(entry)) left += " ...";
        std::string right = entry.help;
        if (!is_flag(entry) && !entry.choices.empty()) right += fmt::format(": {}", fmt::join(entry.choices, ", "));
        const std::string value = option_value(entry);
        if (option.required_) right += " (required)";
        else if (!is_flag(entry) && !value.empty()) right += fmt::format(" (default: {})", value);
        text += left.size() + 2 > kHelpColumn ? left + "\n" + std::string(kHelpColumn, ' ') : fmt::format("{:<{}}", left, kHelpColumn);
        text += wrapped(right, kHelpColumn) + "\n";
    }
    if (group.empty()) text += "\nOptions:\n";
    text += fmt::format("{:<{}}{}\n", "  -h, --help", kHelpColumn, "this text");
    if (!help_.examples.empty()) text += fmt::format("\nExamples:\n{}\n", help_.examples);
    return text + "\n" + std::string(kExitStatus);
}

} // namespace nmt
