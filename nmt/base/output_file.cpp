#include "nmt/base/output_file.hpp"

#include "nmt/base/error.hpp"
#include "nmt/base/paths.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

namespace nmt {
namespace fs = std::filesystem;
namespace {

void flush_to_disk(std::FILE* file, const std::string& name) {
    check_system(std::fflush(file) == 0, "write", name);
    check_system(fsync(fileno(file)) == 0 || errno == EINVAL || errno == EROFS, "write", name);
}

bool is_special_file(const fs::path& path) {
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    return fs::exists(status) && !fs::is_regular_file(status);
}

// Where to put the new file: behind a symbolic link, so that the link stays (/dev/stdout is one, too).
fs::path link_target(const fs::path& path) {
    std::error_code error;
    if (!fs::is_symlink(path, error)) return path;
    const fs::path target = fs::canonical(path, error);
    return error ? path : target;
}

fs::path folder_of(const fs::path& path) { return path.has_parent_path() ? path.parent_path() : fs::path("."); }

// A file in the making, without a name, so that nothing stays of it however the process ends; null where the system has no such files.
std::FILE* open_nameless(const fs::path& folder) {
    if (access("/proc/self/fd", X_OK) != 0) return nullptr; // by which it gets its name
    const int descriptor = ::open(folder.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
    return descriptor < 0 ? nullptr : fdopen(descriptor, "wb");
}

} // namespace

NewFile::NewFile(const fs::path& path) : name_(path.string()), in_place_(is_special_file(path)), final_(link_target(path)) {
    if (in_place_) {
        file_ = std::fopen(path.c_str(), "wb");
    } else {
        temporary_ = final_.string() + fmt::format(".tmp-{}", getpid());
        file_ = open_nameless(folder_of(final_));
        nameless_ = file_ != nullptr;
        if (!nameless_) file_ = std::fopen(temporary_.c_str(), "wb");
    }
    check_system(file_ != nullptr, "write", name_);
}

NewFile::~NewFile() {
    if (file_ != nullptr) std::fclose(file_);
    if (!in_place_ && !nameless_ && !finished_) std::remove(temporary_.c_str());
}

void NewFile::finish(bool synced) {
    if (synced) flush_to_disk(file_, name_);
    check_system(std::fflush(file_) == 0, "write", name_);
    if (nameless_) give_name();
    check_system(std::fclose(std::exchange(file_, nullptr)) == 0, "write", name_);
    finished_ = true;
    if (in_place_) return;
    if (std::rename(temporary_.c_str(), final_.c_str()) != 0) {
        const int reason = errno;
        std::remove(temporary_.c_str());
        fail("cannot write '{}': {}", name_, std::strerror(reason));
    }
    if (synced) sync_folder(folder_of(final_));
}

void NewFile::give_name() {
    std::remove(temporary_.c_str()); // of a dead process with this one's number
    const std::string ours = fmt::format("/proc/self/fd/{}", fileno(file_));
    check_system(linkat(AT_FDCWD, ours.c_str(), AT_FDCWD, temporary_.c_str(), AT_SYMLINK_FOLLOW) == 0, "write", name_);
    nameless_ = false;
}

void write_file(const fs::path& path, const std::function<void(std::FILE*)>& fill) {
    NewFile file(path);
    fill(file.get());
    file.finish(true);
}

void write_file(const fs::path& path, std::string_view content) {
    write_file(path, [&](std::FILE* file) {
        check_system(content.empty() || std::fwrite(content.data(), 1, content.size(), file) == content.size(), "write", path.string());
    });
}

} // namespace nmt
