#pragma once
// FunctionDef: one row of a function table, the whole description of a scalar function: how calls
// are typed, how they run, and what the manual says. Operators (+, =, CAST, CASE ...) are
// FunctionDefs too, named by their symbol.
//
// Evaluation. A kernel computes every row of its arguments in one loop. It need not look at NULLs
// when null_rule is kPropagate: the framework has made the result NULL where any argument is, and
// under a NULL stands a harmless value (zero, empty). Such a kernel may still set out->validity for
// rows that become NULL by themselves (decimal overflow); the framework joins it with the
// arguments'. It may leave any value under a NULL of its arguments. A SYMBOL argument keeps its
// place among the arguments, as a column not to be looked at. A row that fails (division by zero,
// bad cast) is marked with context.Fail(row, message) and the loop goes on; the framework drops
// marks on rows that are NULL or not active (short circuit), then fails the job, or yields NULL
// under TRY_CAST. Dictionary arguments never reach a kernel: with one non-constant argument the
// framework runs the kernel on the dictionary, otherwise it flattens. Constant arguments do reach
// it (encoding kConstant, values[0]); when all are constant the planner has folded the call.
// Thread-safety: a FunctionDef is const and global; a FunctionState belongs to one expression
// program on one shard.
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "columnar/column.h"
#include "types/data_type.h"
#include "types/value.h"

namespace rhei {

// One argument of a call, as typing sees it.
struct ArgumentInfo {
  DataType type;
  const Value* literal = nullptr;  // set when the argument is a literal (or folds to one)
  std::string_view symbol;         // for a keyword argument (type SYMBOL): its upper-case word
};

struct CallInfo {
  std::span<const ArgumentInfo> arguments;
  // CAST, JSON_VALUE ... RETURNING: the type named in the call, else null.
  const DataType* target_type = nullptr;
};

// The outcome of typing a call. The binder casts each argument whose type differs from
// argument_types[i] (empty: no casts); symbols are left alone.
struct CallTyping {
  DataType result;
  std::vector<DataType> argument_types;
};

// State of one call site: compiled patterns, formats, random generators.
class FunctionState {
 public:
  virtual ~FunctionState() = default;
};

// Settings of the session or job that functions depend on; fixed for a job.
struct SessionSettings {
  std::string time_zone = "UTC";  // table.local-time-zone
  std::string current_catalog = "default_catalog";
  std::string current_database = "default_database";
  bool batch_mode = false;         // CURRENT_* once per query instead of per row
  int64_t query_start_micros = 0;  // wall clock when the query began (batch mode)
  bool legacy_cast = false;        // table.exec.legacy-cast-behaviour
};

struct OpenContext {
  CallInfo call;  // argument types after coercion, literals where constant
  const DataType* result_type = nullptr;
  const SessionSettings* session = nullptr;
  uint64_t random_seed = 0;
};

// What a running kernel may ask and report. One per evaluated batch.
class EvalContext {
 public:
  int32_t row_count = 0;
  MemoryPool* pool = nullptr;
  const SessionSettings* session = nullptr;
  // Wall clock now, in microseconds; the same for all rows of the batch.
  int64_t now_micros = 0;
  // Watermark before the rows of the batch, per row; null: none yet (CURRENT_WATERMARK is NULL).
  const int64_t* row_watermarks = nullptr;
  // One bit a row: rows whose value is wanted; null: all. Kernels that are dear per row (regular
  // expressions, JSON) look at it; the others compute every row.
  const uint64_t* active = nullptr;

  bool IsActive(int32_t row) const {
    return active == nullptr || ((active[static_cast<uint32_t>(row) >> 6] >> (row & 63)) & 1) != 0;
  }
  // Marks `row` as failed. The message of the first mark of a row is kept.
  void Fail(int32_t row, std::string_view message);
  bool has_failures() const { return !failures_.empty(); }
  struct Failure {
    int32_t row;
    std::string message;
  };
  std::vector<Failure>& failures() { return failures_; }

 private:
  std::vector<Failure> failures_;
};

enum class NullRule : uint8_t {
  kPropagate,  // any NULL argument makes the result NULL; the framework sees to it
  kCustom,     // the kernel sets the result's validity (IS NULL, COALESCE, CONCAT_WS ...)
};

enum class Determinism : uint8_t {
  kAlways,    // may be folded
  kPerQuery,  // CURRENT_TIMESTAMP in batch mode; never folded here
  kPerRow,    // RAND, UUID
};

// Calls that the expression compiler builds itself, because they do not evaluate all arguments.
enum class SpecialForm : uint8_t { kNone, kAnd, kOr, kCase, kCoalesce, kIf, kTryCast };

using InferFn = Result<CallTyping> (*)(const CallInfo& call);
using OpenFn = Result<std::unique_ptr<FunctionState>> (*)(const OpenContext& context);
// Fills *out: type, encoding (flat, or constant), row_count, values (and validity under kCustom).
using EvalFn = void (*)(FunctionState* state, EvalContext& context,
                        std::span<const Column> arguments, Column* out);

struct FunctionDef {
  std::string_view name;       // upper case, or an operator symbol ("+", "IS NULL", "CAST")
  std::string_view group;      // heading in the manual: "string", "temporal", ...
  std::string_view signature;  // for help: "(STRING, INT [, INT]) -> STRING"
  std::string_view doc;        // one sentence
  std::string_view example;    // "UPPER('abc') = 'ABC'"; run as a test
  int min_arguments = 0;
  int max_arguments = 0;  // -1: any number
  InferFn infer = nullptr;
  OpenFn open = nullptr;  // null: stateless
  EvalFn eval = nullptr;
  // Typing may choose the kernel: called once per call site when eval is null.
  EvalFn (*choose)(const CallInfo& call, const DataType& result) = nullptr;
  NullRule null_rule = NullRule::kPropagate;
  Determinism determinism = Determinism::kAlways;
  SpecialForm special = SpecialForm::kNone;
};

}  // namespace rhei
