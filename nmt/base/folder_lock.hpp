// Keeps a folder for one process: two that write into it at once would spoil each other's work. Used by
// `nmt train` and `nmt run`.
#pragma once

#include <filesystem>

namespace nmt {

class FolderLock {
  public:
    // Locks the file `folder`/lock, which is made if need be and stays; the lock itself ends with the processes that hold it (this one and
    // those it forks), also where they are killed. Throws Error, naming the process where it can, if another one holds it.
    explicit FolderLock(const std::filesystem::path& folder);
    ~FolderLock();
    FolderLock(const FolderLock&) = delete;
    FolderLock& operator=(const FolderLock&) = delete;

  private:
    int file_;
};

} // namespace nmt
