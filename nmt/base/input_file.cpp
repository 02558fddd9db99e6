#include "nmt/base/input_file.hpp"

#include "nmt/base/error.hpp"

#include <array>
#include <cstdio>
#include <memory>

namespace nmt {
namespace fs = std::filesystem;

void read_blocks(const fs::path& path, const std::function<void(const char*, std::size_t)>& take) {
    constexpr std::size_t kBufferSize = 1 << 16;
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), &std::fclose);
    check_system(file != nullptr, "read", path.string());
    std::array<char, kBufferSize> buffer;
    for (std::size_t got; (got = std::fread(buffer.data(), 1, buffer.size(), file.get())) > 0;) take(buffer.data(), got);
    check_system(std::ferror(file.get()) == 0, "read", path.string());
}

std::string read_file(const fs::path& path) {
    std::string content;
    read_blocks(path, [&](const char* bytes, std::size_t size) { content.append(bytes, size); });
    return content;
}

} // namespace nmt
