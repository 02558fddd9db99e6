// The safetensors file format: named tensors behind a JSON header (https://huggingface.co/docs/safetensors), little-endian.
// Models and checkpoints are kept in it; Python's safetensors reads what is written here, and the other way round.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace nmt {

struct SafetensorsEntry {
    std::string name;
    std::string dtype;               // "F32", "I32", "I64", "BF16", "U8" or "I8"
    std::vector<std::int64_t> shape; // row-major; empty: one number
    const void* data = nullptr;      // may be null where the shape holds a 0
};

// The size of the entry's data. Throws Error for an unknown dtype or a negative or too large shape.
std::uint64_t size_in_bytes(const SafetensorsEntry& entry);

// Replaces `path` by a file with these tensors, atomically and synced to disk. In the file they stand one behind the other, those with
// the widest elements first, from a multiple of 64 bytes on, so that each is aligned to its elements.
// Throws Error for names that are empty, reserved, given twice or no UTF-8, for what size_in_bytes refuses, and for a failed write.
void write_safetensors(const std::filesystem::path& path, const std::vector<SafetensorsEntry>& entries,
                       const std::map<std::string, std::string>& metadata = {});

class MappedFile;

// A safetensors file, mapped into memory: opening it reads the header alone. The data live as long as this object, and stay as they are
// unless somebody writes into the file (check_mapped_files in mapped_file.hpp).
class SafetensorsFile {
  public:
    // Throws Error, one line that names the path and what is wrong, for a file that is missing, truncated or no safetensors file,
    // for a tensor whose place does not fit its dtype and shape, and for gaps, overlaps and names given twice.
    explicit SafetensorsFile(const std::filesystem::path& path);
    ~SafetensorsFile();
    SafetensorsFile(SafetensorsFile&&) noexcept;
    SafetensorsFile& operator=(SafetensorsFile&&) noexcept;

    // The tensor of that name, null if there is none.
    const SafetensorsEntry* find(const std::string& name) const;

    // In the order of their data. In a file from elsewhere, `data` may be less aligned than its elements: copy it with memcpy, or take
    // storage().
    const std::vector<SafetensorsEntry>& entries() const { return entries_; }

    const std::map<std::string, std::string>& metadata() const { return metadata_; }

    // The data of one of the entries, aligned to its elements, which live as long as what is returned. Writing to them changes this
    // process's copy alone.
    std::shared_ptr<std::byte> storage(const SafetensorsEntry& entry) const;

  private:
    std::shared_ptr<const MappedFile> file_;
    std::vector<SafetensorsEntry> entries_;
    std::map<std::string, std::size_t> index_; // of a name in entries_
    std::map<std::string, std::string> metadata_;
};

} // namespace nmt
