// The frame of the command line: groups of commands, the options of a command declared once, errors turned into exit
// statuses. Every file of a command uses it; Boost.Program_options stays behind it.
#pragma once

#include "nmt/base/config.hpp"
#include "nmt/base/line_reader.hpp"

#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nmt {

struct Command {
    std::string name;
    std::string summary; // one line
    int (*run)(const std::vector<std::string>& arguments);
};

// "nmt", or a command that has commands of its own.
struct CommandGroup {
    std::string name; // as it is called: "nmt", "nmt tokenizer"
    std::string about;
    std::vector<Command> commands;
    std::string footer;
    std::vector<std::string> options = {}; // that it takes besides --help
};

// Runs the command that arguments[0] names, with the rest. Answers --help, -h and "help COMMAND ..." itself.
// Throws UsageError for a missing or unknown command, naming the nearest known one.
int dispatch(const CommandGroup& group, const std::vector<std::string>& arguments);

// Runs `work` and returns its exit status. What it throws becomes one line on stderr and an exit status: 2 for UsageError, 128 +
// signal for Interrupted, 1 for everything else; but 141 (128 + SIGPIPE) and no line where the reader of stdout has gone away.
int report_errors(const std::function<int()>& work);

// Writes text for people (or JSON) to stdout, made printable (utf8.hpp), plus LF. Throws Error if that fails.
void print(std::string_view text);

// The same of the keys of a configuration, whose comments are broken to a terminal's width and whose keys stay as they are.
void print_keys(std::string_view text);

// The same of a report for people, which a terminal shows broken to its width (terminal.hpp).
void print_report(std::string_view text);

// Whether reports go to a terminal of so few columns that it should show their essence alone.
bool has_few_columns();

// Throws UsageError if more than one of some files, each with the option that names it ("--source"), is standard input.
void check_standard_input(const std::vector<std::pair<std::string, std::string>>& files);

// The options of one command: each is declared once, with the variable that it sets; parsing, checks and --help follow.
//
//     CommandOptions options({"nmt score", "--model DIR --source FILE --target FILE [options]", "Prints ...", "  nmt score ..."});
//     options.add("model,m", "DIR", model, "folder of the model").required();
//     if (!options.parse(arguments)) return 0; // --help was asked for and answered
class CommandOptions {
  public:
    struct Help {
        std::string command;     // "nmt score"
        std::string synopsis;    // what follows it in the usage line
        std::string description; // a paragraph or more, one a line
        std::string examples;    // indented lines of up to 80 columns
    };

    class Option {
      public:
        // The command cannot run without it.
        Option& required() { return required_ = true, *this; }
        // Its name may be left out, as in "nmt run RECIPE"; one a command.
        Option& positional() { return positional_ = true, *this; }
        // A list that takes one value a time: what follows is not its own.
        Option& repeated() { return repeated_ = true, *this; }

      private:
        friend class CommandOptions;
        std::string short_; // without its hyphen
        std::string value_, group_;
        bool required_ = false, positional_ = false, repeated_ = false, given_ = false;
    };

    explicit CommandOptions(Help help) : help_(std::move(help)) {}

    // The options that follow stand under this title in --help.
    void group(std::string title) { group_ = std::move(title); }

    // names: "input", "input,i" or, where the short name has several letters ("-sl"), "sentence-level,sl". value: what stands for the
    // value in --help ("" for flags). field and limits: as OptionTable::add takes them; what the field holds now is the default. A list
    // takes one or more values and may be repeated, a flag takes none.
    template <typename Field, typename... Limits>
    Option& add(const std::string& names, std::string value, Field& field, std::string help, Limits&&... limits) {
        table_.add(names.substr(0, names.find(',')), field, std::move(help), std::forward<Limits>(limits)...);
        return remember(names, std::move(value));
    }

    // An option that a table has already, as a configuration's key, with its field, help, choices and range. The field must stay.
    Option& add(const std::string& names, std::string value, const OptionTable& declared);

    // The option --max-line, for a command that reads text in lines.
    void add_line_limit() { add("max-line", "MIB", line_limit_, "longest line of text that is read, in MiB", 1, 1 << 20); }

    // Sets the fields. False if the arguments ask for --help, which has then been printed.
    // Throws UsageError for an unknown option (naming the nearest known one), a stray argument, a bad value, an option given
    // twice and a missing required option. Of a stray file or folder it says which option may have been meant.
    bool parse(const std::vector<std::string>& arguments);

    // Whether the option was on the command line.
    bool given(std::string_view name) const;

    // Throws UsageError for a value that an option has been given twice.
    void check_distinct(const std::string& option, const std::vector<std::string>& values) const;

    // Throws UsageError with the message and where to find help.
    [[noreturn]] void fail_usage(const std::string& message) const;

  private:
    std::vector<std::string> with_long_names(std::vector<std::string> arguments) const;
    Option& remember(const std::string& names, std::string value);
    void assign(const std::string& name, const std::vector<std::string>& values);
    void assign_positional(const std::string& value);
    std::string meant_by(const std::string& value) const;
    void check_required() const;
    std::string help_text() const;
    std::string options_help(std::size_t columns) const;

    Help help_;
    int line_limit_ = static_cast<int>(longest_line() >> 20);
    std::string group_ = "Options";
    OptionTable table_;
    std::deque<Option> options_; // one for each of table_
};

} // namespace nmt
