#include "nmt/base/signals.hpp"

#include <atomic>
#include <csignal>
#include <initializer_list>

#include <signal.h>

namespace nmt {
namespace {

std::atomic<int> caught{0};
static_assert(std::atomic<int>::is_always_lock_free, "a handler may use nothing else");

void remember(int signal) { caught = signal; }

void catch_signal(int signal, int flags) {
    struct sigaction action {};
    if (sigaction(signal, nullptr, &action) != 0 || action.sa_handler == SIG_IGN) return;
    action = {};
    action.sa_handler = remember;
    action.sa_flags = SA_RESTART | flags;
    sigaction(signal, &action, nullptr);
}

} // namespace

void catch_stop_signals() {
    for (const int signal : {SIGINT, SIGTERM}) catch_signal(signal, SA_RESETHAND);        // a second one is for the impatient
    for (const int signal : {SIGHUP, SIGUSR1, SIGUSR2, SIGXCPU}) catch_signal(signal, 0); // the system itself may send these again
}

int stop_signal() { return caught; }

} // namespace nmt
