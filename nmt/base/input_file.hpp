// Whole files in memory.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>

namespace nmt {

// The whole content of a file (not decompressed). Throws Error naming the path.
std::string read_file(const std::filesystem::path& path);

// Hands the bytes of a file to `take`, block after block. Throws Error naming the path.
void read_blocks(const std::filesystem::path& path, const std::function<void(const char*, std::size_t)>& take);

} // namespace nmt
