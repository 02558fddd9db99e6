#include "nmt/base/mapped_file.hpp"

#include "nmt/base/error.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <mutex>
#include <string_view>
#include <vector>

namespace nmt {
namespace {

constexpr std::string_view kAdvice = "' was written to while it was in use; start again, and replace files in use by renaming others (mv)";

// The files that are mapped now: all for those who ask, and the first for the handler of a signal, which may take no lock.
struct Registry {
    std::mutex mutex;
    std::vector<const MappedFile*> files;
    std::array<std::atomic<const MappedFile*>, 64> for_handler{};

    void add(const MappedFile* file) {
        const std::lock_guard lock(mutex);
        files.push_back(file);
        replace_first(nullptr, file);
    }
    void remove(const MappedFile* file) {
        const std::lock_guard lock(mutex);
        std::erase(files, file);
        replace_first(file, nullptr);
    }

  private:
    void replace_first(const MappedFile* old, const MappedFile* by) {
        const auto found = std::find(for_handler.begin(), for_handler.end(), old);
        if (found != for_handler.end()) *found = by;
    }
};

Registry& registry() {
    static Registry& mapped = *new Registry; // files may be closed after what is static has gone
    return mapped;
}

void write_error(std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
        if (written <= 0) return;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
}

void on_bus_error(int signal, siginfo_t* info, void*) {
    const auto* const address = static_cast<const std::byte*>(info->si_addr);
    for (const MappedFile* const file : registry().for_handler) {
        if (file == nullptr || address < file->begin() || address >= file->begin() + file->size()) continue;
        write_error("nmt: error: '");
        write_error(file->name());
        write_error(kAdvice);
        write_error("\n");
        _exit(1);
    }
    std::signal(signal, SIG_DFL); // something else: the access comes again, and ends the process
}

} // namespace

MappedFile::MappedFile(const std::filesystem::path& path) : name_(one_line(path.string())) {
    descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor_ < 0) fail("{}", std::strerror(errno));
    struct stat status {};
    const bool regular = fstat(descriptor_, &status) == 0 && S_ISREG(status.st_mode);
    size_ = regular ? static_cast<std::size_t>(status.st_size) : 0;
    written_ = status.st_mtim;
    void* const address = size_ > 0 ? mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE, descriptor_, 0) : nullptr;
    const int reason = errno;
    if (!regular || address == MAP_FAILED) {
        ::close(descriptor_);
        check(regular, "it is no regular file");
        fail("{}", std::strerror(reason));
    }
    begin_ = static_cast<std::byte*>(address);
    registry().add(this);
}

MappedFile::~MappedFile() {
    registry().remove(this);
    if (begin_ != nullptr) munmap(begin_, size_);
    ::close(descriptor_);
}

bool MappedFile::changed() const {
    struct stat status {};
    return fstat(descriptor_, &status) != 0 || static_cast<std::size_t>(status.st_size) != size_ ||
           status.st_mtim.tv_sec != written_.tv_sec || status.st_mtim.tv_nsec != written_.tv_nsec;
}

void check_mapped_files() {
    Registry& mapped = registry();
    const std::lock_guard lock(mapped.mutex);
    for (const MappedFile* const file : mapped.files) check(!file->changed(), "'{}{}", file->name(), kAdvice);
}

void report_shortened_files() {
    struct sigaction action {};
    action.sa_sigaction = on_bus_error;
    action.sa_flags = SA_SIGINFO;
    sigaction(SIGBUS, &action, nullptr);
}

} // namespace nmt
