// What went wrong in work of several threads: no exception may leave an OpenMP region or a thread, so it is kept and thrown after it.
#pragma once

#include <atomic>
#include <exception>

namespace nmt {

class ParallelFailure {
  public:
    // Calls body(), which may throw; in any thread.
    template <typename Body>
    void guard(const Body& body) noexcept {
        try {
            body();
        } catch (...) {
            if (!happened_.exchange(true)) failure_ = std::current_exception();
        }
    }

    // Whether one of the bodies has thrown: the others need not go on.
    bool happened() const noexcept { return happened_; }

    // Throws what the first of them has thrown, if one has. After all of them have ended.
    void rethrow() const {
        if (failure_ != nullptr) std::rethrow_exception(failure_);
    }

  private:
    std::atomic<bool> happened_ = false;
    std::exception_ptr failure_;
};

} // namespace nmt
