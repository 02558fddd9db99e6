// Runs the built program (NMT_PROGRAM) or any shell command, with a text on stdin, and keeps what it wrote and how it ended.
#pragma once

#include "nmt/base/error.hpp"
#include "nmt/base/input_file.hpp"
#include "nmt/base/output_file.hpp"
#include "nmt/base/paths.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

namespace nmt::cli {

struct Outcome {
    int status = -1; // exit status; 128 + signal if a signal killed it
    std::string output, errors;
};

// A folder of its own for each test process, removed at its end.
class Folder {
  public:
    Folder() : path_(std::filesystem::temp_directory_path() / fmt::format("nmt-cli-{}", getpid())) { make_folder(path_); }
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    std::string file(const std::string& name) const { return (path_ / name).string(); }
    // Writes a file and returns its path.
    std::string write(const std::string& name, std::string_view content) const {
        write_file(path_ / name, content);
        return file(name);
    }

  private:
    std::filesystem::path path_;
};

inline std::string quoted(const std::string& argument) {
    std::string text = "'";
    for (const char c : argument) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return text + "'";
}

// Runs `command` in bash; pipes report the status of their first failing part.
inline Outcome shell(const Folder& folder, const std::string& command, std::string_view input = {}) {
    folder.write("stdin", input);
    const std::string script = folder.write("command.sh", "set -o pipefail\n" + command + "\n");
    const std::string line = fmt::format("bash {} < {} > {} 2> {}", quoted(script), quoted(folder.file("stdin")),
                                         quoted(folder.file("stdout")), quoted(folder.file("stderr")));
    const int result = std::system(line.c_str());
    const int status = WIFEXITED(result) ? WEXITSTATUS(result) : 128 + WTERMSIG(result);
    return {status, read_file(folder.file("stdout")), read_file(folder.file("stderr"))};
}

// Runs the program with these arguments, written as in a shell.
inline Outcome nmt(const Folder& folder, const std::string& arguments, std::string_view input = {}) {
    return shell(folder, quoted(NMT_PROGRAM) + " " + arguments, input);
}

// A failure as the contract wants it: this status, nothing on stdout, one line on stderr that begins with "nmt: error: " and holds
// `what`.
inline void expect_failure(const Outcome& outcome, int status, const std::string& what) {
    EXPECT_EQ(outcome.status, status) << outcome.errors;
    EXPECT_EQ(outcome.output, "");
    EXPECT_TRUE(outcome.errors.starts_with("nmt: error: ")) << outcome.errors;
    EXPECT_EQ(outcome.errors.find('\n'), outcome.errors.size() - 1) << outcome.errors;
    EXPECT_NE(outcome.errors.find(what), std::string::npos) << "expected: " << what << "\nfound: " << outcome.errors;
}

} // namespace nmt::cli
