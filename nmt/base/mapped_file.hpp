// A file in memory as it is on disk, read where it is used; and what is done when somebody writes into it meanwhile. Replacing it by
// another of its name does no harm: what is mapped stays as it was. Used by SafetensorsFile, and by all who give out what they computed
// from mapped weights.
#pragma once

#include <cstddef>
#include <ctime>
#include <filesystem>
#include <string>

namespace nmt {

class MappedFile {
  public:
    // Throws Error, which says why without naming the path, unless it is a regular file that can be mapped.
    explicit MappedFile(const std::filesystem::path& path);
    ~MappedFile();
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;

    // Null if the file is empty. Writing to the bytes changes this process's copy alone.
    std::byte* begin() const { return begin_; }
    std::size_t size() const { return size_; }
    const std::string& name() const { return name_; } // its path, fit for a terminal

    // Whether somebody has written to the file since it was opened.
    bool changed() const;

  private:
    std::string name_;
    int descriptor_ = -1;
    std::byte* begin_ = nullptr;
    std::size_t size_ = 0;
    timespec written_{}; // when somebody last did
};

// Throws Error naming the file if one that is mapped now has changed: what was computed from it may be wrong. To be called before results
// are given out, from any thread.
void check_mapped_files();

// From now on a mapped file that somebody has shortened ends the process with an error message and exit status 1 where it is read beyond
// its new end, and not with a bus error.
void report_shortened_files();

} // namespace nmt
