// Whole files in memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace nmt {

// The whole content of an ordinary file (not decompressed): devices and pipes, which need not have an end, and files of more than
// `most_bytes` are refused. Throws Error naming the path.
std::string read_file(const std::filesystem::path& path, std::uintmax_t most_bytes = std::uintmax_t{1} << 30);

// Hands the bytes of a file to `take`, block after block. Throws Error naming the path.
void read_blocks(const std::filesystem::path& path, const std::function<void(const char*, std::size_t)>& take);

} // namespace nmt
