#include "nmt/tensor/pool.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <new>

namespace nmt {
namespace {

constexpr std::size_t kAlignment = 64;
constexpr std::size_t kLargestFit = 2;   // times as large as needed a block that is there may be
constexpr std::size_t kMapped = 1 << 17; // bytes of a block that is mapped on its own, so that the system has it back when it is freed
constexpr std::size_t kSlack = 3;        // a part in so many is held beyond what was in use at once

// Rounds up to four steps a power of two, so that storage of nearly the same size is used again.
std::size_t size_class(std::size_t bytes) {
    const std::size_t at_least = bytes < 1024 ? 1024 : bytes;
    const std::size_t step = std::bit_floor(at_least) / 4;
    return (at_least + step - 1) / step * step;
}

std::byte* take_from_system(std::size_t size) {
    if (size < kMapped) return static_cast<std::byte*>(std::aligned_alloc(kAlignment, size));
    void* const block = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return block == MAP_FAILED ? nullptr : static_cast<std::byte*>(block);
}

void return_to_system(std::byte* block, std::size_t size) {
    if (size < kMapped) std::free(block);
    else munmap(block, size);
}

} // namespace

Pool::~Pool() {
    for (const auto& [size, blocks] : idle_)
        for (const Idle& idle : blocks) return_to_system(idle.block, size);
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

void Pool::free_idle() {
    const std::lock_guard lock(mutex_);
    while (idle_mapped_ > 0) free_idlest();
    most_in_use_ = mapped_in_use_;
}

std::byte* Pool::take(std::size_t& size) {
    const std::lock_guard lock(mutex_);
    std::byte* block = take_idle(size);
    const std::size_t mapped = mapped_in_use_ + (size >= kMapped ? size : 0), most = std::max(most_in_use_, mapped);
    if (block == nullptr) {
        if (size >= kMapped)
            while (mapped + idle_mapped_ > most + most / kSlack && idle_mapped_ > 0) free_idlest();
        block = take_from_system(size);
        if (block == nullptr) throw std::bad_alloc();
        bytes_ += size;
    }
    mapped_in_use_ = mapped;
    most_in_use_ = most;
    return block;
}

std::byte* Pool::take_idle(std::size_t& size) {
    for (auto fit = idle_.lower_bound(size); fit != idle_.end() && fit->first <= kLargestFit * size; ++fit) {
        std::deque<Idle>& blocks = fit->second;
        if (blocks.empty()) continue;
        std::byte* const block = blocks.back().block; // the one used last is likely in the processor's cache
        blocks.pop_back();
        size = fit->first;
        if (size >= kMapped) idle_mapped_ -= size;
        return block;
    }
    return nullptr;
}

void Pool::give_back(std::byte* block, std::size_t size) {
    const std::lock_guard lock(mutex_);
    idle_[size].push_back({block, given_back_++});
    if (size < kMapped) return;
    mapped_in_use_ -= size;
    idle_mapped_ += size;
}

void Pool::free_idlest() {
    auto idlest = idle_.end();
    for (auto blocks = idle_.lower_bound(kMapped); blocks != idle_.end(); ++blocks)
        if (!blocks->second.empty() && (idlest == idle_.end() || blocks->second.front().since < idlest->second.front().since))
            idlest = blocks;
    return_to_system(idlest->second.front().block, idlest->first);
    idlest->second.pop_front();
    idle_mapped_ -= idlest->first;
    bytes_ -= idlest->first;
}

} // namespace nmt
