#pragma once
// AggregateDef: one row of an aggregate-function table: how a call is typed, what it keeps per
// group, and the loops that add, retract, merge and emit.
//
// State. An aggregate keeps `state_bytes` per group inside a row of a state table; `rows` below are
// pointers to that region, one per input row (rows of one group point to the same bytes), 8-byte
// aligned. Fixed-size state (is_object == false) is plain bytes: copied, stored and restored as
// such, all zero when the group is new. Object state is one AggregateObject* in the region (null
// when new), owned by the state table, saved and loaded through the object's own functions. NULL
// arguments are removed by the caller (rows with a NULL argument are not handed over) unless
// null_arguments is set; FILTER and DISTINCT are the caller's work too.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "functions/function.h"

namespace rhei {

class AggregateObject {
 public:
  virtual ~AggregateObject() = default;
  virtual void Save(std::string* out) const = 0;
  virtual Status Load(std::string_view bytes) = 0;
  // Memory held. Asked after each change: it must not take longer the more there is.
  virtual int64_t bytes() const = 0;

  // Of bytes(), what was counted so far; CountBytes counts it all and returns the difference.
  int64_t counted_bytes() const { return counted_bytes_; }
  int64_t CountBytes() {
    const int64_t before = counted_bytes_;
    counted_bytes_ = bytes();
    return counted_bytes_ - before;
  }

 private:
  int64_t counted_bytes_ = 0;
};

// Constants of one aggregate call, made once at Open (separator of LISTAGG, types).
struct AggregateCall {
  std::vector<DataType> argument_types;  // after coercion
  // By argument; NULL where not a literal. A keyword argument (SYMBOL) is its word as text.
  std::vector<Value> literals;
  DataType result_type;
  bool retracts = false;  // the input has -U or -D
  bool respect_nulls = false;
};

struct AggregateRows {
  std::span<std::byte* const> states;  // one per selected row
  std::span<const int32_t> rows;       // the selected rows of the argument columns
  std::span<const Column> arguments;
  // null: all are additions; else 1 = add, 0 = retract, one per selected row
  const uint8_t* additions = nullptr;
  // Running results: not empty, then states[i] is filled from before[i] (which may be an earlier
  // states[k]) ahead of adding row i to it. Only for kernels that say `running`.
  std::span<std::byte* const> before = {};
  size_t state_bytes = 0;  // a multiple of 8; with `before`
  void Begin(size_t i) const {
    if (before.empty()) return;
    const auto* from = reinterpret_cast<const uint64_t*>(before[i]);
    auto* to = reinterpret_cast<uint64_t*>(states[i]);
    for (size_t word = 0; word < state_bytes / sizeof(uint64_t); ++word) to[word] = from[word];
  }
};

struct AggregateTyping {
  DataType result;
  std::vector<DataType> argument_types;
};

struct AggregateDef {
  std::string_view name;
  std::string_view signature;
  std::string_view doc;
  std::string_view example;
  int min_arguments = 1;
  int max_arguments = 1;
  // Result nullability is the binder's except where set here (COUNT is never NULL).
  Result<AggregateTyping> (*infer)(const CallInfo& call) = nullptr;
  // Can take retractions as it is; otherwise the planner refuses or keeps values.
  bool retractable = true;
  bool null_arguments = false;
  bool order_sensitive =
      false;              // FIRST_VALUE, LISTAGG, float sums: result depends on arrival order
  bool mergeable = true;  // two partial states can be merged (slices, sessions)
  // The result is NOT NULL, also over no rows (COUNT, COLLECT); `infer` says so too.
  bool never_null = false;
  // The result is as nullable as `infer` says even in a global aggregate, where Flink makes others
  // nullable (LISTAGG, ARRAY_AGG).
  bool keeps_argument_nullability = false;

  // Chosen at Open for the argument types: everything below may depend on them.
  struct Kernel {
    size_t state_bytes = 0;
    bool is_object = false;
    bool running = false;  // `accumulate` calls AggregateRows::Begin before each row
    std::unique_ptr<AggregateObject> (*make_object)(const AggregateCall& call) = nullptr;
    void (*accumulate)(const AggregateCall& call, const AggregateRows& rows) = nullptr;
    // into[i] += from[i]
    void (*merge)(const AggregateCall& call, std::span<std::byte* const> into,
                  std::span<std::byte* const> from) = nullptr;
    // Writes states.size() rows.
    void (*emit)(const AggregateCall& call, std::span<std::byte* const> states, MemoryPool* pool,
                 Column* out) = nullptr;
  };
  Result<Kernel> (*kernel)(const AggregateCall& call) = nullptr;
};

}  // namespace rhei
