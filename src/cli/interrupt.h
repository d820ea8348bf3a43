#pragma once
// Ctrl-C: the first asks for a clean stop, the second ends the process at once (exit code 130).
// SIGTERM is a first Ctrl-C. SIGPIPE is ignored, so that a closed output is a Status.

namespace rhei {

// `presses_that_end`: which press ends the process.
void InstallInterruptHandler(int presses_that_end = 2);
// Ctrl-C presses since the handler was installed or Reset.
int InterruptCount();
void ResetInterrupts();

}  // namespace rhei
