#include "cli/print_operation.h"

#include "cli/interrupt.h"
#include "columnar/column.h"

namespace rhei {
namespace {

constexpr int64_t kPollMicros = 50'000;

bool HasResult(const Operation& operation) {
  switch (operation.kind()) {
    case OperationKind::kDdl:
    case OperationKind::kReset:
    case OperationKind::kUse:
    case OperationKind::kBegin:
    case OperationKind::kOther:
    case OperationKind::kInsert: return false;
    case OperationKind::kSet: return operation.schema().size() != 1;
    case OperationKind::kQuery:
    case OperationKind::kShow:
    case OperationKind::kDescribe:
    case OperationKind::kExplain: break;
  }
  return true;
}

// EXPLAIN's one cell is a text of many lines.
Status PrintText(Operation* operation, const Environment& env) {
  Batch rows;
  ASSIGN_OR_RETURN(const FetchResult fetched, operation->Fetch(0, &rows));
  if (fetched != FetchResult::kRows) return {};
  const Value text = GetValue(rows.columns[0], 0, operation->schema().type(0));
  return env.standard_output->Write(text.text() + "\n");
}

}  // namespace

Result<PrintedResult> PrintOperation(Operation* operation, ResultFormat format,
                                     const std::string& time_zone, const Environment& env) {
  PrintedResult printed;
  if (!HasResult(*operation)) return printed;
  printed.has_rows = true;
  if (operation->kind() == OperationKind::kExplain) {
    RETURN_IF_ERROR(PrintText(operation, env));
    printed.row_count = 1;
    return printed;
  }
  PrinterOptions options;
  options.format = format;
  options.is_query = operation->is_query();
  options.insert_only = operation->insert_only();
  options.time_zone = time_zone;
  options.out = env.standard_output;
  ASSIGN_OR_RETURN(std::unique_ptr<ResultPrinter> printer,
                   MakeResultPrinter(operation->schema(), options));
  while (true) {
    if (InterruptCount() > 0 && !printed.stopped) {
      printed.stopped = true;
      operation->Cancel();
    }
    Batch rows;
    ASSIGN_OR_RETURN(const FetchResult fetched, operation->Fetch(kPollMicros, &rows));
    if (fetched == FetchResult::kEnd) break;
    if (fetched == FetchResult::kNotReady) continue;
    RETURN_IF_ERROR(printer->Print(rows));
  }
  RETURN_IF_ERROR(printer->End());
  printed.row_count = printer->row_count();
  return printed;
}

}  // namespace rhei
