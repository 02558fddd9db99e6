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
            catch_stop_signals();
            std::raise(SIGINT);
            std::raise(SIGINT);
            std::_Exit(0);
        },
        testing::KilledBySignal(SIGINT), "");
}

} // namespace
} // namespace nmt
