#include "nmt/tensor/spin_limit.hpp"

#include "nmt/tensor/context.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

namespace nmt {
namespace {

// Threads of this process by the name.
int threads_named(const std::string& wanted) {
    int count = 0;
    for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
        std::string name;
        if (std::getline(std::ifstream(task.path() / "comm") >> std::ws, name) && name == wanted) ++count;
    }
    return count;
}

// Threads take a moment to name themselves, and to leave the list.
bool has_watches(int count) {
    for (int look = 0; look < 500 && threads_named("core watch") != count; ++look)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return threads_named("core watch") == count;
}

void unset_wait_policy() {
    unsetenv("OMP_WAIT_POLICY");
    unsetenv("GOMP_SPINCOUNT");
}

// Restores what the environment says of waiting.
class SpinWatchTest : public testing::Test {
  protected:
    void SetUp() override { unset_wait_policy(); }
    void TearDown() override {
        unset_wait_policy();
        if (was_set_) setenv("OMP_WAIT_POLICY", policy_.c_str(), 1);
    }

  private:
    bool was_set_ = std::getenv("OMP_WAIT_POLICY") != nullptr;
    std::string policy_ = was_set_ ? std::getenv("OMP_WAIT_POLICY") : "";
};

TEST_F(SpinWatchTest, ContextsOfSeveralThreadsShareOneWatch) {
    {
        const Context one(1);
        EXPECT_EQ(threads_named("core watch"), 0);
        const Context two(2);
        EXPECT_TRUE(has_watches(1));
        const Context three(3);
        EXPECT_TRUE(has_watches(1));
    }
    EXPECT_TRUE(has_watches(0));
}

TEST_F(SpinWatchTest, WhatTheUserSetsIsLeftAlone) {
    for (const char* name : {"OMP_WAIT_POLICY", "GOMP_SPINCOUNT"}) {
        unset_wait_policy();
        setenv(name, name[0] == 'O' ? "active" : "5000", 1);
        EXPECT_EQ(watch_spinning(), nullptr) << name;
    }
}

double processor_seconds() {
    timespec time{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

// What a team's second thread uses while it waits for work.
double seconds_of_waiting() {
    const double begin = processor_seconds();
    for (int loop = 0; loop < 20; ++loop) {
#pragma omp parallel num_threads(2)
        { asm volatile(""); }
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return processor_seconds() - begin;
}

[[noreturn]] void compare_waiting_and_exit() {
    const double before = seconds_of_waiting();
    double limited = 0;
    {
        const SpinLimit limit;
        std::this_thread::sleep_for(std::chrono::milliseconds(100)); // its team begins
        limited = seconds_of_waiting();
    }
    const double after = seconds_of_waiting();
    std::fprintf(stderr, "processor seconds of waiting: %g, limited %g, after it %g\n", before, limited, after);
    std::exit(limited < before / 4 && limited < after / 4 ? 0 : 1);
}

// In a program of its own, where no other team has begun and OpenMP has read no setting of the user's. Spinning takes a hundred times what
// the limit leaves of it.
TEST_F(SpinWatchTest, LimitedThreadsDoNotSpin) {
#ifdef __clang__
    GTEST_SKIP() << "the limit is one of GCC's runtime";
#endif
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_EXIT(compare_waiting_and_exit(), testing::ExitedWithCode(0), "");
}

TEST(CrowdingTest, TheFirstLookDecides) {
    EXPECT_FALSE(Crowding().look(0.01));
    EXPECT_TRUE(Crowding().look(0.4));
}

TEST(CrowdingTest, LimitsWhileThreadsKeepWaitingForCores) {
    Crowding crowding;
    EXPECT_FALSE(crowding.look(0.01));
    bool limited = false;
    for (int look = 0; look < 3; ++look) limited = crowding.look(0.5);
    EXPECT_TRUE(limited);
    for (int look = 0; look < 30; ++look) limited = crowding.look(0.01);
    EXPECT_FALSE(limited);
}

// Such as of another program that starts, or of the system's own work.
TEST(CrowdingTest, AMomentIsNoCrowd) {
    Crowding crowding;
    for (int look = 0; look < 200; ++look) EXPECT_FALSE(crowding.look(look > 20 && look % 10 == 0 ? 0.6 : 0.01)) << look;
}

// Looks, of 1000, at which spinning is not limited, where limited threads notice nothing of the crowd.
std::vector<int> trials_in_an_unnoticed_crowd() {
    Crowding crowding;
    std::vector<int> trials;
    bool limited = true;
    for (int look = 0; look < 1000; ++look) {
        limited = crowding.look(limited ? 0 : 0.5);
        if (!limited) trials.push_back(look);
    }
    return trials;
}

TEST(CrowdingTest, TrialsThatFailGetRarer) {
    const std::vector<int> trials = trials_in_an_unnoticed_crowd();
    EXPECT_GT(trials.size(), 10U);
    EXPECT_LT(trials.size(), 60U);
    EXPECT_LT(std::count_if(trials.begin(), trials.end(), [](int look) { return look >= 500; }), 20);
}

TEST(CrowdingTest, ALaterCrowdIsNoFailedTrial) {
    Crowding crowding;
    for (int crowd = 0; crowd < 10; ++crowd) {
        int limited = 0;
        for (int look = 0; look < 100; ++look) limited += crowding.look(look < 5 ? 0.5 : 0) ? 1 : 0;
        EXPECT_LT(limited, 15) << crowd;
    }
}

} // namespace
} // namespace nmt
