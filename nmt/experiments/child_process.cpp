#include "nmt/experiments/child_process.hpp"

#include "nmt/base/error.hpp"
#include "nmt/base/signals.hpp"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <string>

namespace nmt {
namespace {

constexpr int kFailed = 1;
constexpr int kPollMilliseconds = 100;

// The child's part: runs the work and writes what went wrong into the pipe.
[[noreturn]] void run_child(const std::function<void()>& work, int pipe) {
    int status = 0;
    std::string message;
    try {
        work();
    } catch (const Interrupted& interrupted) {
        status = 128 + interrupted.signal();
        message = interrupted.what();
    } catch (...) {
        status = kFailed;
        message = message_of_current_exception();
    }
    for (std::size_t written = 0; written < message.size();) {
        const ssize_t n = ::write(pipe, message.data() + written, message.size() - written);
        if (n <= 0) break;
        written += static_cast<std::size_t>(n);
    }
    std::fflush(nullptr);
    _exit(status); // what the parent has buffered or registered is the parent's
}

std::string read_all(int pipe, pid_t child) {
    std::string text;
    std::array<char, 4096> buffer;
    int passed_on = 0;
    for (;;) {
        if (stop_signal() != passed_on) {
            // A terminal sends its signals to both processes, and a second SIGINT or SIGTERM would end the child at once.
            kill(child, SIGUSR1);
            passed_on = stop_signal();
        }
        // A read would wait on through a signal.
        pollfd readable{pipe, POLLIN, 0};
        if (poll(&readable, 1, kPollMilliseconds) <= 0) continue;
        const ssize_t got = ::read(pipe, buffer.data(), buffer.size());
        if (got > 0) text.append(buffer.data(), static_cast<std::size_t>(got));
        else if (got == 0) return text;
        else if (errno != EINTR) fail("cannot read from the step's process: {}", std::strerror(errno));
    }
}

} // namespace

double run_in_child(const std::function<void()>& work) {
    std::fflush(nullptr);
    std::array<int, 2> ends{};
    check(pipe(ends.data()) == 0, "cannot start a step: no pipe could be made");
    const pid_t parent = getpid(), child = fork();
    check(child >= 0, "cannot start a step: no process could be made");
    if (child == 0) {
        ::close(ends[0]);
        // A step must not outlive a killed run: the next run would write into the same folder.
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) _exit(kFailed);
        run_child(work, ends[1]);
    }
    ::close(ends[1]);
    const std::string message = read_all(ends[0], child);
    ::close(ends[0]);
    const auto ours_or = [](int signal) { return stop_signal() != 0 ? stop_signal() : signal; };
    int status = 0;
    rusage usage{};
    while (wait4(child, &status, 0, &usage) < 0 && errno == EINTR) {
    }
    if (WIFSIGNALED(status)) {
        check(WTERMSIG(status) != SIGKILL, "the step's process was killed; is there enough memory?");
        if (WTERMSIG(status) == SIGINT || WTERMSIG(status) == SIGTERM) throw Interrupted(ours_or(WTERMSIG(status)), "stopped by a signal");
        fail("the step's process ended with signal {} ({})", WTERMSIG(status), strsignal(WTERMSIG(status)));
    }
    if (WEXITSTATUS(status) > 128) throw Interrupted(ours_or(WEXITSTATUS(status) - 128), message);
    if (WEXITSTATUS(status) != 0) throw Error(message);
    return static_cast<double>(usage.ru_maxrss) / 1024;
}

} // namespace nmt
