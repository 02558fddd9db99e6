#include "nmt/tensor/pool.hpp"

#include <bit>
#include <cstdlib>
#include <new>

namespace nmt {
namespace {

constexpr std::size_t kAlignment = 64;
constexpr std::size_t kLargestFit = 2; // times as large as needed a block that is there may be

// Rounds up to four steps a power of two, so that storage of nearly the same size is used again.
std::size_t size_class(std::size_t bytes) {
    const std::size_t at_least = bytes < 1024 ? 1024 : bytes;
    const std::size_t step = std::bit_floor(at_least) / 4;
    return (at_least + step - 1) / step * step;
}

} // namespace

Pool::~Pool() {
    for (const auto& [size, blocks] : free_)
        for (std::byte* block : blocks) std::free(block);
}

std::shared_ptr<std::byte> Pool::allocate(std::size_t bytes) {
    std::size_t size = size_class(bytes);
    std::byte* const block = take(size);
    return {block, [pool = shared_from_this(), size](std::byte* block) { pool->give_back(block, size); }};
}

std::size_t Pool::bytes() const {
    const std::lock_guard lock(mutex_);
    return bytes_;
}

std::byte* Pool::take(std::size_t& size) {
    const std::lock_guard lock(mutex_);
    for (auto fit = free_.lower_bound(size); fit != free_.end() && fit->first <= kLargestFit * size; ++fit) {
        std::vector<std::byte*>& blocks = fit->second;
        if (blocks.empty()) continue;
        std::byte* const block = blocks.back();
        blocks.pop_back();
        size = fit->first;
        return block;
    }
    void* const fresh = std::aligned_alloc(kAlignment, size);
    if (fresh == nullptr) throw std::bad_alloc();
    bytes_ += size;
    return static_cast<std::byte*>(fresh);
}

void Pool::give_back(std::byte* block, std::size_t size) {
    const std::lock_guard lock(mutex_);
    free_[size].push_back(block);
}

} // namespace nmt
