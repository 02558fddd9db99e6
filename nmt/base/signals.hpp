// SIGINT and SIGTERM ask a long job to save its work and leave.
#pragma once

namespace nmt {

// From now on SIGINT and SIGTERM only set a flag; a second one of the same kind ends the process at once.
void catch_stop_signals();

// The signal that asked to stop, 0 if none did.
int stop_signal();

} // namespace nmt
