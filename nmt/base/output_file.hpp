// Files that appear under their names only when they are whole.
#pragma once

#include <cstdio>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace nmt {

// A file that appears under its name when it is complete, and not at all where it is not. Names that are no regular files (/dev/null,
// pipes) are written in place; a symbolic link stays, its target is replaced.
class NewFile {
  public:
    explicit NewFile(const std::filesystem::path& path); // throws Error naming the path
    ~NewFile();                                          // without finish(): what was written is discarded
    NewFile(const NewFile&) = delete;
    NewFile& operator=(const NewFile&) = delete;

    std::FILE* get() const { return file_; }

    // Puts it into its place; with `synced`, after all that was written is on the disk.
    void finish(bool synced);

  private:
    void give_name();

    std::string name_;
    bool in_place_, nameless_ = false, finished_ = false;
    std::filesystem::path final_, temporary_;
    std::FILE* file_ = nullptr;
};

// Replaces `path` by a file with this content, atomically and synced to disk. Throws Error; what stood there stays then.
// Special files and symbolic links: as NewFile.
void write_file(const std::filesystem::path& path, std::string_view content);

// The same for what `fill` writes; an exception from `fill` passes through. `fill` checks its own writes.
void write_file(const std::filesystem::path& path, const std::function<void(std::FILE*)>& fill);

} // namespace nmt
