#include "nmt/tensor/spin_limit.hpp"

#include <omp.h>
#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <optional>
#include <stop_token>
#include <system_error>

namespace nmt {
namespace {

constexpr std::chrono::milliseconds kCoreLook{100};
constexpr double kWeightOfLook = 0.2; // a crowd is noticed in two or three looks; half a look of it now and then is none
constexpr int kLooksOfTrial = 10;     // longer than it takes to notice a crowd
constexpr int kMostCalmLooks = 100;   // so that trials on a busy machine cost a thirtieth at most

// While it lives, threads that are started leave signals to those that there are: a signal is to interrupt their reading.
class SignalsLeftToOthers {
  public:
    SignalsLeftToOthers() {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~SignalsLeftToOthers() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    SignalsLeftToOthers(const SignalsLeftToOthers&) = delete;
    SignalsLeftToOthers& operator=(const SignalsLeftToOthers&) = delete;

  private:
    sigset_t before_;
};

// Nanoseconds of all threads of the process.
struct CoreTime {
    std::int64_t ran = 0, waited = 0; // on a core, for a core
};

// As the kernel counts it; zeros where it does not.
CoreTime core_time() {
    CoreTime total;
    std::error_code ignored; // threads end while they are listed
    for (auto task = std::filesystem::directory_iterator("/proc/self/task", ignored); task != std::filesystem::directory_iterator();
         task.increment(ignored)) {
        CoreTime time;
        if (!(std::ifstream(task->path() / "schedstat") >> time.ran >> time.waited)) continue;
        total.ran += time.ran;
        total.waited += time.waited;
    }
    return total;
}

double share_waited(const CoreTime& before, const CoreTime& after) {
    const auto ran = static_cast<double>(std::max<std::int64_t>(after.ran - before.ran, 0));
    const auto waited = static_cast<double>(std::max<std::int64_t>(after.waited - before.waited, 0));
    return waited > 0 ? waited / (ran + waited) : 0;
}

} // namespace

SpinLimit::SpinLimit() {
    const SignalsLeftToOthers signals;
    holder_ = std::thread([this] {
        pthread_setname_np(pthread_self(), "spin limit"); // and its team's
        const int cores = omp_get_num_procs(); // with the one thread more that every team has beside its first, more than the cores
#pragma omp parallel num_threads(cores)
        { asm volatile(""); } // lest the team be optimized away
        over_.acquire();
    });
}

SpinLimit::~SpinLimit() {
    over_.release();
    holder_.join();
}

bool Crowding::look(double share_waited) {
    average_ += kWeightOfLook * (share_waited - average_);
    const bool crowded = average_ > kCrowdedShare;
    calm_ = crowded ? 0 : calm_ + 1;
    ++looks_;
    if (crowded && !limited_) calm_needed_ = looks_ <= kLooksOfTrial ? std::min(2 * calm_needed_, kMostCalmLooks) : 1;
    if (limited_ ? calm_ >= calm_needed_ : crowded) {
        limited_ = !limited_;
        looks_ = 0;
    }
    return limited_;
}

class SpinWatch {
  public:
    SpinWatch() {
        const SignalsLeftToOthers signals;
        thread_ = std::jthread([this](const std::stop_token& stop) { watch(stop); });
    }

  private:
    void watch(const std::stop_token& stop) {
        pthread_setname_np(pthread_self(), "core watch");
        Crowding crowding;
        std::optional<SpinLimit> limit;
        std::mutex mutex;
        std::condition_variable_any never;
        std::unique_lock lock(mutex);
        for (bool limited = true;;) {
            try {
                if (!limited) limit.reset();
                else if (!limit) limit.emplace();
            } catch (const std::system_error&) { // perhaps at the next look
            }
            const CoreTime before = core_time();
            if (never.wait_for(lock, stop, kCoreLook, [&] { return stop.stop_requested(); })) return;
            limited = crowding.look(share_waited(before, core_time()));
        }
    }

    std::jthread thread_;
};

std::shared_ptr<SpinWatch> watch_spinning() {
    static std::mutex mutex;
    static std::weak_ptr<SpinWatch> watch;
    if (std::getenv("OMP_WAIT_POLICY") != nullptr || std::getenv("GOMP_SPINCOUNT") != nullptr) return nullptr;
    const std::lock_guard lock(mutex);
    std::shared_ptr<SpinWatch> shared = watch.lock();
    try {
        if (shared == nullptr) watch = shared = std::make_shared<SpinWatch>();
    } catch (const std::system_error&) { // waiting threads spin, as they would by themselves
    }
    return shared;
}

} // namespace nmt
