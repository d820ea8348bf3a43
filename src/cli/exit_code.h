#pragma once
// The exit codes of rhei, as documented in docs/CLI.md. When several things end differently the
// process ends with the worst: the highest of these, but an interrupt wins.
#include "base/status.h"

namespace rhei {

enum class ExitCode : int {
  kOk = 0,
  kRuntime = 1,      // a job failed while it ran: bad data, full disk, limits
  kUsage = 2,        // wrong command line
  kSql = 3,          // a statement is wrong or not supported
  kUnreachable = 4,  // a file, broker or database could not be reached
  kState = 5,        // stored state is damaged or does not fit
  kInterrupted = 130,
};

ExitCode ExitCodeOf(const Status& status);
ExitCode WorseOf(ExitCode a, ExitCode b);

}  // namespace rhei
