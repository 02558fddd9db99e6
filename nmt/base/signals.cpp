#include "nmt/base/signals.hpp"

#include <csignal>

namespace nmt {
namespace {

volatile std::sig_atomic_t caught = 0;

void remember(int signal) {
    caught = signal;
    std::signal(signal, SIG_DFL);
}

} // namespace

void catch_stop_signals() {
    std::signal(SIGINT, remember);
    std::signal(SIGTERM, remember);
}

int stop_signal() { return caught; }

} // namespace nmt
