#include "nmt/base/work_queue.hpp"

#include <system_error>
#include <utility>

namespace nmt {

WorkQueue::~WorkQueue() {
    {
        const std::lock_guard lock(mutex_);
        waiting_.clear();
    }
    for (std::jthread& thread : threads_) thread.request_stop();
    threads_.clear();
}

void WorkQueue::add(Work work) {
    const std::lock_guard lock(mutex_);
    if (idle_ <= waiting_.size() && threads_.size() < most_) {
        try {
            threads_.emplace_back([this, thread = threads_.size()](const std::stop_token& stop) { serve(stop, thread); });
        } catch (const std::system_error&) {
            if (threads_.empty()) throw; // else those that there are do it
        }
    }
    waiting_.push_back(std::move(work));
    added_.notify_one();
}

void WorkQueue::serve(const std::stop_token& stop, std::size_t thread) {
    std::unique_lock lock(mutex_);
    for (;;) {
        ++idle_;
        const bool found = added_.wait(lock, stop, [&] { return !waiting_.empty(); });
        --idle_;
        if (!found) return;
        Work work = std::move(waiting_.front());
        waiting_.pop_front();
        lock.unlock();
        work(thread);
        work = nullptr; // what it holds ends before the others have to wait
        lock.lock();
    }
}

} // namespace nmt
