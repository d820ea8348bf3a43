#include "cli/exit_code.h"

#include <algorithm>

#include "base/check.h"

namespace rhei {

ExitCode ExitCodeOf(const Status& status) {
  switch (status.code()) {
    case ErrorCode::kOk: return ExitCode::kOk;
    case ErrorCode::kInvalidSql:
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kUnsupported: return ExitCode::kSql;
    case ErrorCode::kNotFound:
      // A table that does not exist is a wrong statement; a file that does not is the outside.
      return status.position().known() ? ExitCode::kSql : ExitCode::kUnreachable;
    case ErrorCode::kDataError:
    case ErrorCode::kResource: return ExitCode::kRuntime;
    case ErrorCode::kIo: return ExitCode::kUnreachable;
    case ErrorCode::kCancelled: return ExitCode::kInterrupted;
    case ErrorCode::kStateMismatch: return ExitCode::kState;
  }
  CHECK(false);
}

ExitCode WorseOf(ExitCode a, ExitCode b) {
  return static_cast<ExitCode>(std::max(static_cast<int>(a), static_cast<int>(b)));
}

}  // namespace rhei
