#pragma once
// PrintOperation: the result of one executed statement on standard output, until it ends or Ctrl-C
// cancels it. For `rhei run` and the shell.
#include <string>

#include "cli/commands.h"
#include "engine/session.h"

namespace rhei {

struct PrintedResult {
  bool has_rows = false;  // the statement has a result of its own
  bool stopped = false;   // Ctrl-C cancelled a query
  int64_t row_count = 0;
};

// Statements without a result (DDL, INSERT, SET KEY = VALUE, ...) print nothing. kIo "closed" when
// the reader of standard output has gone (OutputStream::closed).
Result<PrintedResult> PrintOperation(Operation* operation, ResultFormat format,
                                     const std::string& time_zone, const Environment& env);

}  // namespace rhei
