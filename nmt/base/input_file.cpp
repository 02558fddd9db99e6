#include "nmt/base/input_file.hpp"

#include "nmt/base/descriptor.hpp"
#include "nmt/base/error.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>

namespace nmt {
namespace fs = std::filesystem;
namespace {

Descriptor open_to_read(const fs::path& path, int flags) {
    Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | flags));
    check_system(static_cast<bool>(file), "read", path.string());
    return file;
}

void read_blocks(const Descriptor& file, const fs::path& path, const std::function<void(const char*, std::size_t)>& take) {
    std::array<char, 1 << 16> buffer;
    while (const std::size_t size = read_some(file.number(), buffer.data(), buffer.size(), path.string())) take(buffer.data(), size);
}

} // namespace

void read_blocks(const fs::path& path, const std::function<void(const char*, std::size_t)>& take) {
    read_blocks(open_to_read(path, 0), path, take);
}

std::string read_file(const fs::path& path, std::uintmax_t most_bytes) {
    const Descriptor file = open_to_read(path, O_NONBLOCK); // lest a pipe without a writer be waited for
    struct stat status {};
    check_system(fstat(file.number(), &status) == 0, "read", path.string());
    if (S_ISDIR(status.st_mode)) errno = EISDIR;
    check_system(!S_ISDIR(status.st_mode), "read", path.string());
    check(S_ISREG(status.st_mode), "cannot read '{}': it is a device or a pipe, expected an ordinary file", path.string());
    std::string content;
    read_blocks(file, path, [&](const char* bytes, std::size_t size) {
        content.append(bytes, size);
        check(content.size() <= most_bytes, "cannot read '{}': it has more than {} bytes; is it the right file?", path.string(),
              most_bytes);
    });
    return content;
}

} // namespace nmt
