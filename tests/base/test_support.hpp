// What tests of every floor need: a folder that disappears with its test, and the message of an exception.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <stdexcept>
#include <string>

namespace nmt {

class TemporaryFolder {
  public:
    TemporaryFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "nmt-test-XXXXXX").string();
        if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make a temporary folder");
        path_ = name;
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    const std::filesystem::path& path() const { return path_; }
    // The path of a file of that name in the folder.
    std::string operator/(const std::string& name) const { return (path_ / name).string(); }
    // How many files and folders it holds.
    std::size_t count() const {
        return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(path_), std::filesystem::directory_iterator()));
    }

  private:
    std::filesystem::path path_;
};

// The message of the exception of type E that `work` throws, empty if it throws none.
template <typename E, typename Work>
std::string message_of(Work&& work) {
    try {
        work();
    } catch (const E& error) {
        return error.what();
    }
    return {};
}

} // namespace nmt
