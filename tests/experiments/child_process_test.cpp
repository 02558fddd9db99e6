#include "nmt/experiments/child_process.hpp"

#include "nmt/base/error.hpp"
#include "nmt/base/input_file.hpp"
#include "nmt/base/output_file.hpp"
#include "nmt/base/signals.hpp"
#include "tests/base/test_support.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <thread>
#include <vector>

namespace nmt {
namespace {

using std::chrono::milliseconds;

void wait_for(const std::string& file) {
    while (!std::filesystem::exists(file)) std::this_thread::sleep_for(milliseconds(5));
}

// The exit status of a forked process that runs `work`, or 128 + the signal that killed it.
int status_of(pid_t child) {
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

TEST(ChildProcess, RunsInAProcessOfItsOwn) {
    TemporaryFolder folder;
    int touched = 0;
    run_in_child([&] {
        touched = 1;
        write_file(folder / "pid", std::to_string(getpid()));
    });
    EXPECT_EQ(touched, 0);
    EXPECT_NE(read_file(folder / "pid"), std::to_string(getpid()));
}

TEST(ChildProcess, TellsItsMemory) {
    constexpr std::size_t kMib = 1 << 20;
    const double small = run_in_child([] {});
    const double large = run_in_child([] {
        std::vector<char> bytes(100 * kMib, 1);
        volatile char sink = bytes[5 * kMib];
        (void)sink;
    });
    EXPECT_GT(small, 1);
    EXPECT_GT(large, small + 90);
    EXPECT_LT(large, small + 300);
}

TEST(ChildProcess, ThrowsWhatTheWorkThrows) {
    EXPECT_EQ(message_of<Error>([] { run_in_child([] { fail("bad line {}", 7); }); }), "bad line 7");
    EXPECT_EQ(message_of<Error>([] { run_in_child([] { throw std::runtime_error("other"); }); }), "internal: other");
    EXPECT_EQ(message_of<Error>([] { run_in_child([] { throw std::bad_alloc(); }); }), "out of memory; try smaller batches");
    const std::string longer(200'000, 'x'); // more than a pipe holds
    EXPECT_EQ(message_of<Error>([&] { run_in_child([&] { fail("{}", longer); }); }), longer);
    try {
        run_in_child([] { throw Interrupted(SIGTERM, "stopped here"); });
        FAIL();
    } catch (const Interrupted& interrupted) {
        EXPECT_EQ(interrupted.signal(), SIGTERM);
        EXPECT_STREQ(interrupted.what(), "stopped here");
    }
}

TEST(ChildProcess, SaysHowItsProcessWasKilled) {
    EXPECT_NE(message_of<Error>([] { run_in_child([] { raise(SIGKILL); }); }).find("memory"), std::string::npos);
    EXPECT_NE(message_of<Error>([] {
                  run_in_child([] {
                      std::signal(SIGUSR1, SIG_DFL);
                      raise(SIGUSR1);
                  });
              }).find(fmt::format("signal {}", SIGUSR1)),
              std::string::npos);
    EXPECT_NE(message_of<Interrupted>([] { run_in_child([] { raise(SIGINT); }); }), "");
}

// A parent that waits for a step which works until it is asked to stop, and then takes its time to save.
[[noreturn]] void wait_for_a_step(const std::string& folder) {
    std::signal(SIGINT, SIG_DFL); // which is ignored where the tests run in the background of a shell
    catch_stop_signals();
    int status = 0;
    try {
        run_in_child([&] {
            write_file(folder + "/child", std::to_string(getpid()));
            while (stop_signal() == 0) std::this_thread::sleep_for(milliseconds(5));
            std::this_thread::sleep_for(milliseconds(300));
            write_file(folder + "/saved", "");
            throw Interrupted(stop_signal(), "saved");
        });
    } catch (const Interrupted& interrupted) {
        status = interrupted.signal();
    } catch (const std::exception&) {
        status = 99;
    }
    _exit(status);
}

TEST(ChildProcess, PassesASignalOn) {
    for (const int signal : {SIGTERM, SIGINT}) {
        TemporaryFolder folder;
        const pid_t parent = fork();
        if (parent == 0) wait_for_a_step(folder.path().string());
        wait_for(folder / "child");
        kill(parent, signal);
        EXPECT_EQ(status_of(parent), signal);
        EXPECT_TRUE(std::filesystem::exists(folder / "saved"));
    }
}

TEST(ChildProcess, ASignalToBothIsNoSecondOne) {
    TemporaryFolder folder;
    const pid_t parent = fork();
    if (parent == 0) {
        setpgid(0, 0);
        wait_for_a_step(folder.path().string());
    }
    wait_for(folder / "child");
    kill(-parent, SIGINT); // as Ctrl-C in a terminal does
    EXPECT_EQ(status_of(parent), SIGINT);
    EXPECT_TRUE(std::filesystem::exists(folder / "saved"));
}

TEST(ChildProcess, DiesWithAKilledParent) {
    TemporaryFolder folder;
    const pid_t parent = fork();
    if (parent == 0) wait_for_a_step(folder.path().string());
    wait_for(folder / "child");
    kill(parent, SIGKILL);
    EXPECT_EQ(status_of(parent), 128 + SIGKILL);
    const pid_t child = std::stoi(read_file(folder / "child"));
    // It is gone, or at least dead and waits for the process that adopted it to notice.
    const auto alive = [&] {
        const std::string stat = kill(child, 0) == 0 ? read_file(fmt::format("/proc/{}/stat", child)) : std::string();
        return !stat.empty() && stat.find(") Z ") == std::string::npos;
    };
    for (int i = 0; i < 1000; ++i) {
        bool lives = false;
        EXPECT_EQ(message_of<std::logic_error>([&] { lives = alive(); }), "");
        if (!lives) return;
        std::this_thread::sleep_for(milliseconds(10));
    }
    FAIL() << "the step outlived its parent";
}

} // namespace
} // namespace nmt
