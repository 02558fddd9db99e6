// Checksums of files and texts.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace nmt {

// SHA-256 of a file's bytes (as they are, gzip or not) or of a text, as 64 hexadecimal digits. Throws Error naming the path.
std::string sha256_of_file(const std::filesystem::path& path);
std::string sha256(std::string_view content);

} // namespace nmt
