#pragma once
// ResultPrinter: rows of an operation on standard output, in the form the user asked for.
//
//   table      a grid; a query whose rows may change has a first column `op`
//   json       an object a line; {"op": "+U", "row": {...}} when rows may change
//   csv        a header line, then rows; `op` comes first when rows may change
//   changelog  +I[1, abc], as the print connector
//
// Begin, Print any number of times, End. Thread-safety: one thread. Errors: kIo "closed" when the
// reader of standard output has gone.
#include <memory>
#include <string_view>

#include "base/env.h"
#include "base/status.h"
#include "columnar/batch.h"

namespace rhei {

enum class ResultFormat : uint8_t { kTable, kJson, kCsv, kChangelog };
Result<ResultFormat> ParseResultFormat(std::string_view name);

class ResultPrinter {
 public:
  virtual ~ResultPrinter() = default;
  virtual Status Print(const Batch& rows) = 0;
  virtual Status End() = 0;
  int64_t row_count() const { return row_count_; }

 protected:
  int64_t row_count_ = 0;
};

struct PrinterOptions {
  ResultFormat format = ResultFormat::kTable;
  bool is_query = false;    // rows have change kinds to show
  bool insert_only = true;  // of a query
  std::string time_zone = "UTC";
  OutputStream* out = nullptr;
};

Result<std::unique_ptr<ResultPrinter>> MakeResultPrinter(const Schema& schema,
                                                         const PrinterOptions& options);

}  // namespace rhei
