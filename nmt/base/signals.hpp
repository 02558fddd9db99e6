// The signals that ask a long job to save its work and leave: Ctrl-C, the end of a session, and what systems and their batch queues send.
#pragma once

namespace nmt {

// From now on SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2 and SIGXCPU only set a flag; a second SIGINT or SIGTERM ends the process at once.
// A signal that is ignored (as nohup does, and shells for jobs in the background) stays so.
void catch_stop_signals();

// The signal that asked to stop, 0 if none did.
int stop_signal();

} // namespace nmt
