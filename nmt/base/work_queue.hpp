// Threads that do what they are given, first come, first served. Used where work arrives while other work is under way.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

namespace nmt {

class WorkQueue {
  public:
    // Done by one of the threads, whose number is given. Must not throw.
    using Work = std::function<void(std::size_t thread)>;

    explicit WorkQueue(std::size_t threads) : most_(threads) {} // they start when there is work for them
    ~WorkQueue();                                               // waits for the work under way; what has not begun is dropped
    WorkQueue(const WorkQueue&) = delete;
    WorkQueue& operator=(const WorkQueue&) = delete;

    // Throws std::system_error where not even one thread can be started.
    void add(Work work);

  private:
    void serve(const std::stop_token& stop, std::size_t thread);

    std::size_t most_;
    std::mutex mutex_;
    std::condition_variable_any added_;
    std::deque<Work> waiting_;
    std::size_t idle_ = 0; // threads
    std::vector<std::jthread> threads_;
};

} // namespace nmt
