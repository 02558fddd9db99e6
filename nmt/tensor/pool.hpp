// A pool of aligned storage. Blocks that are let go are kept and handed out again, since a training step asks for the same
// sizes as the step before.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

namespace nmt {

class Pool : public std::enable_shared_from_this<Pool> {
  public:
    Pool() = default;
    ~Pool();
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    // At least `bytes`, aligned to 64 bytes, not initialized. The storage keeps its pool alive.
    // Throws std::bad_alloc.
    std::shared_ptr<std::byte> allocate(std::size_t bytes);

    // Bytes taken from the system so far.
    std::size_t bytes() const;

  private:
    // A block of at least `size`, which becomes the block's own.
    std::byte* take(std::size_t& size);
    void give_back(std::byte* block, std::size_t size);

    mutable std::mutex mutex_;
    std::map<std::size_t, std::vector<std::byte*>> free_; // by size
    std::size_t bytes_ = 0;
};

} // namespace nmt
