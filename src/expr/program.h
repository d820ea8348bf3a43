#pragma once
// ExprProgram: a bound expression compiled for running over batches.
//
// Compile once at Open; Evaluate per batch. Common subexpressions of one program are computed once;
// AND, OR, CASE, COALESCE and IF compute each branch only for the rows that reach it (failures of
// other rows are ignored). Owns the function states. Thread-safety: one thread.
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/status.h"
#include "columnar/batch.h"
#include "functions/function.h"
#include "plan/expr.h"

namespace rhei {

class ExprProgram {
 public:
  // One program for several expressions over the same input. `input_types`: of the input columns.
  static Result<std::unique_ptr<ExprProgram>> Compile(std::span<const BoundExprPtr> expressions,
                                                      const SessionSettings& session,
                                                      uint64_t random_seed = 0);
  virtual ~ExprProgram() = default;

  struct RunContext {
    MemoryPool* pool = nullptr;
    int64_t now_micros = 0;
    const int64_t* row_watermarks = nullptr;  // as EvalContext
  };
  // Evaluates every expression: out[i] has row_count rows. The first failing row gives a DataError.
  virtual Status Evaluate(std::span<const Column> input, int32_t row_count,
                          const RunContext& context, std::vector<Column>* out) = 0;
  // True when some expression reads CURRENT_WATERMARK, so the caller must fill row_watermarks.
  virtual bool needs_watermarks() const = 0;
};

// Rows where the BOOLEAN column is TRUE (NULL counts as FALSE).
void TrueRows(const Column& predicate, std::vector<int32_t>* rows);

// Evaluates an expression without inputs (constant folding, options, tests).
Result<Value> EvaluateConstant(const BoundExprPtr& expr, const SessionSettings& session);

}  // namespace rhei
