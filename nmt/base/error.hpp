// The one exception type of the toolkit and the one way to throw it.
// Messages say what was found, what was expected and what to do; the command line prints them on one line.
#pragma once

#include <fmt/format.h>

#include <stdexcept>
#include <string>
#include <utility>

namespace nmt {

// The work failed (exit status 1).
class Error : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

// The command was called wrongly (exit status 2).
class UsageError : public Error {
  public:
    using Error::Error;
};

// Writing to stdout failed (exit status 1; of a closed pipe, what ends a program then).
class StandardOutputError : public Error {
  public:
    explicit StandardOutputError(int reason); // errno
    int reason() const { return reason_; }

  private:
    int reason_;
};

// Training or translation was interrupted by a signal and has saved what it had (exit status 128 + signal).
class Interrupted : public Error {
  public:
    Interrupted(int signal, const std::string& message) : Error(message), signal_(signal) {}
    int signal() const { return signal_; }

  private:
    int signal_;
};

// Throws Error with the formatted message.
template <typename... Args>
[[noreturn]] void fail(fmt::format_string<Args...> message, Args&&... args) {
    throw Error(fmt::format(message, std::forward<Args>(args)...));
}

// Throws Error with the formatted message unless `condition` holds.
template <typename... Args>
void check(bool condition, fmt::format_string<Args...> message, Args&&... args) {
    if (!condition) fail(message, std::forward<Args>(args)...);
}

// Throws Error "cannot ACTION 'NAME'" with the system's own reason (errno) unless `done` holds. A function, and no arguments of check(),
// because arguments may be evaluated in any order: errno has to be read after the call that set it.
void check_system(bool done, const char* action, const std::string& name);

// What people are told of the exception that is being handled, whatever its type.
std::string message_of_current_exception();

// A message that may quote anything, on one line and fit for a terminal (printable, utf8.hpp); at most 1,000 bytes of it are left.
std::string one_line(std::string text);

} // namespace nmt
