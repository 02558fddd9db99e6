#include "nmt/base/work_queue.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <memory>
#include <vector>

namespace nmt {
namespace {

TEST(WorkQueue, DoesAllWorkWithThreadsThatAreNumbered) {
    std::vector<std::atomic<int>> done(500), by_thread(3);
    std::latch all(500);
    WorkQueue queue(3);
    for (std::size_t i = 0; i < done.size(); ++i)
        queue.add([&, i](std::size_t thread) {
            ++done[i];
            ++by_thread.at(thread);
            all.count_down();
        });
    all.wait();
    for (const std::atomic<int>& times : done) EXPECT_EQ(times, 1);
    EXPECT_EQ(by_thread[0] + by_thread[1] + by_thread[2], 500);
}

TEST(WorkQueue, OneThreadDoesItInOrder) {
    std::vector<int> order;
    std::latch all(50);
    WorkQueue queue(1);
    for (int i = 0; i < 50; ++i)
        queue.add([&, i](std::size_t thread) {
            EXPECT_EQ(thread, 0u);
            order.push_back(i);
            all.count_down();
        });
    all.wait();
    ASSERT_EQ(order.size(), 50u);
    for (int i = 0; i < 50; ++i) EXPECT_EQ(order[static_cast<std::size_t>(i)], i);
}

TEST(WorkQueue, SeveralThreadsWorkAtOnce) {
    std::latch both(2), all(2);
    WorkQueue queue(2);
    for (int i = 0; i < 2; ++i)
        queue.add([&](std::size_t) {
            both.arrive_and_wait(); // never returns unless the other one comes, too
            all.count_down();
        });
    all.wait();
}

TEST(WorkQueue, WhatHasNotBegunIsDroppedAtItsEnd) {
    std::atomic<int> ended = 0;
    std::latch begun(1), may_end(1);
    {
        WorkQueue queue(1);
        queue.add([&](std::size_t) {
            begun.count_down();
            may_end.wait();
            ++ended;
        });
        begun.wait();
        // The destructor drops these while the first one is under way; what is dropped lets it end.
        struct Dropped {
            std::latch& latch;
            ~Dropped() { latch.count_down(); }
        };
        queue.add([&, dropped = std::make_shared<Dropped>(may_end)](std::size_t) { ended += 100; });
    }
    EXPECT_EQ(ended, 1);
}

TEST(WorkQueue, WithoutWorkItEnds) { WorkQueue queue(4); }

} // namespace
} // namespace nmt
