#pragma once
// Where a user's Rhei keeps what outlives a process: side tables, checkpoints of jobs without a
// directory of their own, the shell's history. Thread-safety: reads the process's environment,
// which nobody changes.
#include <string>

namespace rhei {

// $XDG_STATE_HOME/rhei, else ~/.local/state/rhei; empty when neither variable is set.
std::string DefaultStateDirectory();

}  // namespace rhei
