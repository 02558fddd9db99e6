// Paths: names that stand for the standard streams, folders.
#pragma once

#include <filesystem>
#include <string>

namespace nmt {

// Whether `path` stands for stdin or stdout: "-" and "".
bool is_standard_stream(const std::string& path);

// What messages call the file that is read from `path`: "standard input" for "-" and "".
std::string input_name(const std::string& path);

// Syncs a folder's own entries to disk.
void sync_folder(const std::filesystem::path& folder);

// Creates a folder and those above it. Throws Error naming it.
void make_folder(const std::filesystem::path& folder);

// Checks that `folder` can be written into; throws Error naming it otherwise.
void check_writable(const std::filesystem::path& folder);

} // namespace nmt
