#include "nmt/base/output_file.hpp"

#include "nmt/base/error.hpp"
#include "nmt/base/log.hpp"
#include "nmt/base/paths.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

namespace nmt {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kBlockSize = 1 << 16;

} // namespace

void BufferedOutput::write(std::string_view bytes) {
    if (block_.size() + bytes.size() > kBlockSize) flush();
    if (bytes.size() >= kBlockSize) hand_over(bytes);
    else block_ += bytes;
}

void BufferedOutput::flush() { hand_over(std::exchange(block_, {})); }

void BufferedOutput::hand_over(std::string_view bytes) {
    if (write_all(descriptor_, bytes)) return;
    const int reason = errno;
    if (descriptor_ == STDOUT_FILENO) throw StandardOutputError(reason);
    fail("cannot write '{}': {}", name_, std::strerror(reason));
}

namespace {

using Status = std::optional<struct stat>;

Status status_of(const fs::path& path) {
    struct stat status {};
    return stat(path.c_str(), &status) == 0 ? Status(status) : std::nullopt;
}

fs::path folder_of(const fs::path& path) { return path.has_parent_path() ? path.parent_path() : fs::path("."); }

// Whether Linux would follow the link with fs.protected_symlinks: in a folder like /tmp, none that another user may have planted.
bool is_trusted_link(const fs::path& link) {
    struct stat own {};
    const Status folder = status_of(folder_of(link));
    if (lstat(link.c_str(), &own) != 0 || !folder) return false;
    const bool anybody_may_make_it = (folder->st_mode & S_ISVTX) != 0 && (folder->st_mode & S_IWOTH) != 0;
    return !anybody_may_make_it || own.st_uid == geteuid() || own.st_uid == folder->st_uid;
}

// What the symbolic links from `path` on lead to, there or not.
fs::path behind_links(const fs::path& path) {
    constexpr int kMostLinks = 40; // as Linux has it
    fs::path target = path;
    std::error_code error;
    for (int links = 0; fs::is_symlink(target, error); ++links) {
        check(links < kMostLinks, "cannot write '{}': {}", path.string(), std::strerror(ELOOP));
        check(is_trusted_link(target), "cannot write '{}': '{}' is a symbolic link of another user in a folder in which all may make files",
              path.string(), target.string());
        const fs::path next = fs::read_symlink(target, error);
        check(!error, "cannot write '{}': {}", path.string(), error.message());
        target = folder_of(target) / next;
    }
    return target;
}

// Whether something else is mounted there than on its folder.
bool is_mount_point(const fs::path& path) {
    struct statx own {
    }, folder{};
    const bool known = statx(AT_FDCWD, path.c_str(), 0, STATX_MNT_ID, &own) == 0 && (own.stx_mask & STATX_MNT_ID) != 0 &&
                       statx(AT_FDCWD, folder_of(path).c_str(), 0, STATX_MNT_ID, &folder) == 0;
    return known && own.stx_mnt_id != folder.stx_mnt_id;
}

// A file in the making, without a name, so that nothing stays of it however the process ends; none where the system has no such files.
Descriptor open_nameless(const fs::path& folder) {
    if (access("/proc/self/fd", X_OK) != 0) return Descriptor(); // by which it gets its name
    return Descriptor(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0666));
}

Descriptor open_new(const fs::path& path) {
    std::remove(path.c_str()); // of a dead process with this one's number
    return Descriptor(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666));
}

// Gives a new file the owners and permissions of the one that it is to replace; false where that is not allowed.
bool pass_on_ownership(int file, const struct stat& from) {
    struct stat own {};
    if (fstat(file, &own) != 0) return false;
    const bool same = own.st_uid == from.st_uid && own.st_gid == from.st_gid;
    return (same || fchown(file, from.st_uid, from.st_gid) == 0) && fchmod(file, from.st_mode & 07777) == 0;
}

void sync(int file, const std::string& name) { check_system(fsync(file) == 0 || errno == EINVAL || errno == EROFS, "write", name); }

} // namespace

struct NewFile::Place {
    explicit Place(const fs::path& path) : target(behind_links(path)), there(status_of(target)) {
        if (const Status direct = status_of(path); direct && !there) { // a link of /proc to what has no name
            target = path;
            there = direct;
        }
        at_once = there && !S_ISREG(there->st_mode);
        temporary = target.string() + fmt::format(".tmp-{}", getpid());
    }
    ~Place() {
        if (has_temporary) std::remove(temporary.c_str());
    }

    // Opens the file that is there, to be written over at the end.
    void open_for_writing_over(std::string_view why, const std::string& name) {
        over = Descriptor(::open(target.c_str(), O_WRONLY | O_CLOEXEC));
        check_system(static_cast<bool>(over), "write", name);
        log_warning("'{}' {}: it is written over at the end, not replaced by a new file", name, why);
    }

    fs::path target, temporary;
    Status there;
    bool at_once = false;
    bool nameless = false, has_temporary = false;
    Descriptor over; // the file that is there, where it is written over
};

NewFile::NewFile(const fs::path& path)
    : name_(path.string()), place_(std::make_unique<Place>(path)), file_(open(*place_)), output_(file_.number(), name_) {}

NewFile::~NewFile() = default;

Descriptor NewFile::open(Place& place) {
    if (place.at_once) {
        Descriptor file(::open(place.target.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC | O_NOCTTY));
        check_system(static_cast<bool>(file), "write", name_);
        return file;
    }
    const bool is_protected =
        place.there && ((place.there->st_mode & 0222) == 0 || faccessat(AT_FDCWD, place.target.c_str(), W_OK, AT_EACCESS) != 0);
    check(!is_protected, "cannot write '{}': the file is write-protected; remove it, or name another", name_);
    if (place.there && is_mount_point(place.target)) {
        place.open_for_writing_over("is a mount point of its own", name_);
    } else {
        Descriptor file = open_nameless(folder_of(place.target));
        place.nameless = static_cast<bool>(file);
        if (!file) file = open_new(place.temporary);
        place.has_temporary = file && !place.nameless;
        if (file && (!place.there || pass_on_ownership(file.number(), *place.there))) return file;
        check_system(file || place.there, "write", name_);
        place.open_for_writing_over(file ? "has an owner who cannot be given to a new file" : "is in a folder that takes no new files",
                                    name_);
    }
    std::error_code error;
    Descriptor aside = open_nameless(fs::temp_directory_path(error));
    if (!aside) aside = Descriptor(::memfd_create("nmt", MFD_CLOEXEC));
    check_system(static_cast<bool>(aside), "write", "a temporary file");
    return aside;
}

void NewFile::finish(bool synced) {
    flush();
    if (place_->at_once) {
        if (synced) sync(file_.number(), name_);
        check_system(file_.close(), "write", name_);
        return;
    }
    if (place_->over) write_over();
    else replace(synced);
}

void NewFile::replace(bool synced) {
    Place& place = *place_;
    if (synced) sync(file_.number(), name_);
    if (place.nameless) {
        std::remove(place.temporary.c_str()); // of a dead process with this one's number
        const std::string ours = fmt::format("/proc/self/fd/{}", file_.number());
        check_system(linkat(AT_FDCWD, ours.c_str(), AT_FDCWD, place.temporary.c_str(), AT_SYMLINK_FOLLOW) == 0, "write", name_);
        place.has_temporary = true;
    }
    check_system(file_.close(), "write", name_);
    const int reason = std::rename(place.temporary.c_str(), place.target.c_str()) == 0 ? 0 : errno;
    if (reason != 0) std::remove(place.temporary.c_str());
    place.has_temporary = false;
    check(reason == 0, "cannot write '{}': {}", name_, std::strerror(reason));
    if (synced) sync_folder(folder_of(place.target));
}

void NewFile::write_over() {
    const int to = place_->over.number();
    check_system(lseek(file_.number(), 0, SEEK_SET) == 0 && ftruncate(to, 0) == 0, "write", name_);
    std::array<char, kBlockSize> block;
    while (const std::size_t size = read_some(file_.number(), block.data(), block.size(), name_))
        check_system(write_all(to, {block.data(), size}), "write", name_);
    sync(to, name_);
    check_system(place_->over.close(), "write", name_);
}

void write_file(const fs::path& path, const std::function<void(NewFile&)>& fill) {
    NewFile file(path);
    fill(file);
    file.finish(true);
}

void write_file(const fs::path& path, std::string_view content) {
    write_file(path, [&](NewFile& file) { file.write(content); });
}

} // namespace nmt
