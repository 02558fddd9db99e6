// What went wrong in a loop of several threads: no exception may leave an OpenMP region, so it is kept and thrown after it.
#pragma once

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
#pragma omp critical(nmt_parallel_failure)
            if (failure_ == nullptr) failure_ = std::current_exception();
        }
    }

    // Throws what one of the bodies has thrown, if one has.
    void rethrow() const {
        if (failure_ != nullptr) std::rethrow_exception(failure_);
    }

  private:
    std::exception_ptr failure_;
};

} // namespace nmt
