#include "nmt/base/signals.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>

namespace nmt {
namespace {

// Signals are the whole process's: each test runs in a child of its own.
TEST(SignalsDeathTest, TheFirstSignalIsRemembered) {
    EXPECT_EXIT(
        {
            catch_stop_signals();
            if (stop_signal() != 0) std::_Exit(1);
            std::raise(SIGTERM);
            std::_Exit(stop_signal() == SIGTERM ? 0 : 1);
        },
        testing::ExitedWithCode(0), "");
}

TEST(SignalsDeathTest, TheSecondOfAKindEndsTheProcess) {
    EXPECT_EXIT(
        {
            std::signal(SIGINT, SIG_DFL); // which is ignored where the tests run in the background of a shell
            catch_stop_signals();
            std::raise(SIGINT);
            std::raise(SIGINT);
            std::_Exit(0);
        },
        testing::KilledBySignal(SIGINT), "");
}

TEST(SignalsDeathTest, TheEndOfASessionAndBatchSystemsAskToo) {
    for (const int signal : {SIGHUP, SIGUSR1, SIGUSR2, SIGXCPU})
        EXPECT_EXIT(
            {
                std::signal(signal, SIG_DFL);
                catch_stop_signals();
                std::raise(signal);
                std::raise(signal); // the system sends some of them again
                std::_Exit(stop_signal() == signal ? 0 : 1);
            },
            testing::ExitedWithCode(0), "")
            << signal;
}

TEST(SignalsDeathTest, WhatIsIgnoredStaysIgnored) {
    for (const int signal : {SIGINT, SIGTERM, SIGHUP})
        EXPECT_EXIT(
            {
                std::signal(signal, SIG_IGN);
                catch_stop_signals();
                std::raise(signal);
                std::_Exit(stop_signal() == 0 ? 0 : 1);
            },
            testing::ExitedWithCode(0), "")
            << signal;
}

} // namespace
} // namespace nmt
