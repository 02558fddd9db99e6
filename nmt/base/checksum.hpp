// Checksums of files and texts.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace nmt {

// SHA-256 of a file's bytes (as they are, gzip or not) or of a text, as 64 hexadecimal digits. Throws Error naming the path.
std::string sha256_of_file(const std::filesystem::path& path);
std::string sha256(std::string_view content);

// SHA-256 of the lines of some text files, one file after another, each line ended by LF: the same text has the same, wherever it lies and
// however it is packed; where its last line ends in LF, it is that of the unpacked file. Throws Error as LineReader does.
std::string sha256_of_text(const std::vector<std::string>& files);

} // namespace nmt
