// File descriptors: closed by their owner, and read and written to the end: calls that a signal interrupts are made again, and a pipe or
// terminal that does not block is waited for. Every reader and writer of this folder works on them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace nmt {

// Closes what it owns; -1 is none.
class Descriptor {
  public:
    explicit Descriptor(int number = -1) : number_(number) {}
    ~Descriptor() { close(); }
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }

    int number() const { return number_; }
    explicit operator bool() const { return number_ >= 0; }
    bool close(); // false, with errno, where closing tells of a failed write

  private:
    int number_;
};

// Reads once, and waits for what there is to read; 0 is the end. Throws Error naming `name`.
std::size_t read_some(int descriptor, char* to, std::size_t size, const std::string& name);

// Writes all of it. False, with errno, where that fails.
bool write_all(int descriptor, std::string_view bytes);

} // namespace nmt
