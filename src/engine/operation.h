#pragma once
// Operation: one executed statement: its result rows, and the job behind it where there is one.
//
// Rows are pulled with Fetch: those of SHOW, DESCRIBE and the like are at hand; those of a query
// come as its job makes them, with their change kinds; an INSERT gives its job's id. Dropping an
// operation of a query cancels its job; that of an INSERT does not. Thread-safety: Fetch on one
// thread; Cancel from any.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "columnar/batch.h"
#include "types/value.h"

namespace rhei {

class Job;

// The kinds the oracle and the gateway tell apart.
enum class OperationKind : uint8_t {
  kQuery,
  kInsert,
  kDdl,
  kExplain,
  kShow,
  kDescribe,
  kSet,
  kReset,
  kUse,
  kBegin,
  kOther,
};
std::string_view OperationKindName(OperationKind kind);

enum class FetchResult : uint8_t { kRows, kNotReady, kEnd };

class Operation {
 public:
  virtual ~Operation() = default;
  virtual OperationKind kind() const = 0;
  virtual const Schema& schema() const = 0;
  // True for SELECT and its like: rows carry change kinds.
  bool is_query() const { return kind() == OperationKind::kQuery; }
  // No row will be changed or deleted later.
  virtual bool insert_only() const { return true; }
  // Waits at most wait_micros for rows. kEnd comes after the last row; a failed job gives its
  // Status.
  virtual Result<FetchResult> Fetch(int64_t wait_micros, Batch* rows) = 0;
  virtual void Cancel() {}
  // Null when the statement runs no job.
  virtual std::shared_ptr<Job> job() const { return nullptr; }
};

// A result that is at hand. With no columns: the row 'OK' in a column `result`.
std::unique_ptr<Operation> MakeTableResult(OperationKind kind, Schema schema,
                                           std::vector<std::vector<Value>> rows);
std::unique_ptr<Operation> MakeOk(OperationKind kind);
// One STRING column.
std::unique_ptr<Operation> MakeListResult(OperationKind kind, std::string_view column,
                                          const std::vector<std::string>& values);

}  // namespace rhei
