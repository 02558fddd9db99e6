// A pool of aligned storage. Blocks that are let go are kept and handed out again, since a training step asks for the same
// sizes as the step before. Sizes change all the same, from batch to batch and from step to step of a search: the large blocks that the
// pool holds are at most a third more than were ever in use at once, and what has been idle for longest goes first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>

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

    // Bytes held, in use or idle.
    std::size_t bytes() const;
    // Gives large blocks that nobody uses back to the system, before other work that wants other sizes.
    void free_idle();

  private:
    struct Idle {
        std::byte* block;
        std::uint64_t since; // counts blocks given back
    };

    // A block of at least `size`, which becomes the block's own.
    std::byte* take(std::size_t& size);
    std::byte* take_idle(std::size_t& size); // null: there is none that fits
    void give_back(std::byte* block, std::size_t size);
    void free_idlest();

    mutable std::mutex mutex_;
    std::map<std::size_t, std::deque<Idle>> idle_; // by size, idlest first
    std::size_t bytes_ = 0;
    std::size_t mapped_in_use_ = 0, most_in_use_ = 0, idle_mapped_ = 0; // of large blocks; small ones are many and weigh little
    std::uint64_t given_back_ = 0;
};

} // namespace nmt
