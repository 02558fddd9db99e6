// Bytes into files that appear under their names only when they are whole, and into streams.
#pragma once

#include "nmt/base/descriptor.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace nmt {

// Bytes on their way to a descriptor, which stays the caller's; they are handed to the system in blocks. A failed write (full disk,
// closed pipe) throws Error naming `name`, StandardOutputError for stdout; what was in the block is lost then.
class BufferedOutput {
  public:
    BufferedOutput(int descriptor, std::string name) : descriptor_(descriptor), name_(std::move(name)) {}

    void write(std::string_view bytes);
    void flush();

  private:
    void hand_over(std::string_view bytes);

    int descriptor_;
    std::string name_;
    std::string block_;
};

// A file that appears under its name when it is complete, and not at all where it is not.
// - A file that is replaced passes its permissions and owners on; one that is write-protected is not replaced.
// - A symbolic link stays, and the file that it names, there or not, is written; but not the link of another user in a folder in which all
//   may make files (as Linux does with fs.protected_symlinks).
// - Names that are no regular files (/dev/null, pipes) are written at once.
// - A file that cannot be replaced (a mount point of its own, in a folder that takes no new files, of an owner that cannot be given) is
//   written over at the end, with a warning.
class NewFile {
  public:
    explicit NewFile(const std::filesystem::path& path); // throws Error naming the path
    ~NewFile();                                          // without finish(): what was written is discarded
    NewFile(const NewFile&) = delete;
    NewFile& operator=(const NewFile&) = delete;

    void write(std::string_view bytes) { output_.write(bytes); }
    void flush() { output_.flush(); }

    // Puts it into its place; with `synced`, after all that was written is on the disk.
    void finish(bool synced);

  private:
    struct Place; // where it goes, and how
    Descriptor open(Place& place);
    void replace(bool synced);
    void write_over();

    std::string name_;
    std::unique_ptr<Place> place_;
    Descriptor file_;
    BufferedOutput output_;
};

// Replaces `path` by a file with this content, atomically and synced to disk. Throws Error; what stood there stays then.
// Special files, symbolic links, permissions: as NewFile.
void write_file(const std::filesystem::path& path, std::string_view content);

// The same for what `fill` writes; an exception from `fill` passes through.
void write_file(const std::filesystem::path& path, const std::function<void(NewFile&)>& fill);

} // namespace nmt
