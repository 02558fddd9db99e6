#include "nmt/base/folder_lock.hpp"

#include "nmt/base/error.hpp"
#include "nmt/base/log.hpp"
#include "nmt/base/resources.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstring>
#include <string>
#include <thread>

namespace nmt {
namespace {

// The process that has written its number into the file; 0 where none can be read.
pid_t holder(int file) {
    std::array<char, 24> text{};
    const ssize_t size = pread(file, text.data(), text.size(), 0);
    pid_t process = 0;
    if (size > 0) std::from_chars(text.data(), text.data() + size, process);
    return std::max(process, 0);
}

// Whether the lock was taken. Children of a killed holder keep it until the system has taken them down, which is waited for; somebody
// else's end is not, but for the moment in which it has not written its number.
bool take(int file) {
    constexpr double kShort = 0.5, kLong = 20;
    const Stopwatch watch;
    while (flock(file, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK) { // a file system without locks
            log_warning("a folder cannot be locked ({}); see to it that no other process works in it", std::strerror(errno));
            return true;
        }
        const pid_t process = holder(file);
        const bool killed = process > 0 && kill(process, 0) != 0 && errno == ESRCH;
        if (watch.seconds() > (killed ? kLong : kShort)) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return true;
}

void write_holder(int file) {
    const std::string text = std::to_string(getpid()) + "\n";
    // It is for messages alone: a full disk is told of by what needs its room.
    if (ftruncate(file, 0) != 0 || pwrite(file, text.data(), text.size(), 0) < 0) return;
}

} // namespace

FolderLock::FolderLock(const std::filesystem::path& folder) {
    const std::string path = (folder / "lock").string();
    file_ = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0666);
    check(file_ >= 0 || errno != ELOOP, "'{}' is a symbolic link, expected a file of our own; remove it", path);
    check_system(file_ >= 0, "open", path);
    if (take(file_)) {
        write_holder(file_);
        return;
    }
    const pid_t process = holder(file_);
    ::close(file_);
    fail("{} works in '{}'; wait for its end, or use another folder", process > 0 ? fmt::format("process {}", process) : "another process",
         folder.string());
}

FolderLock::~FolderLock() { ::close(file_); }

} // namespace nmt
