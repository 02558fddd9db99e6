#include "nmt/base/paths.hpp"

#include "nmt/base/error.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <system_error>

namespace nmt {
namespace fs = std::filesystem;

bool is_standard_stream(const std::string& path) { return path.empty() || path == "-"; }

std::string input_name(const std::string& path) { return is_standard_stream(path) ? "standard input" : path; }

void sync_folder(const fs::path& folder) {
    const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return; // some file systems do not open folders; the rename itself has succeeded
    fsync(descriptor);
    ::close(descriptor);
}

void make_folder(const fs::path& folder) {
    std::error_code error;
    fs::create_directories(folder, error);
    check(!error && fs::is_directory(folder), "cannot make folder '{}': {}", folder.string(),
          error ? error.message() : "a file of that name is in the way");
}

void check_writable(const fs::path& folder) {
    check_system(access(folder.c_str(), W_OK | X_OK) == 0, "write into folder", folder.string());
}

} // namespace nmt
