#pragma once
// OperatorSpec: what an operator is told, as plain data. One struct per operator in this folder;
// the planner fills it in, operators/ reads it. Nothing here knows how an operator works.
#include <cstdint>

namespace rhei {

enum class OperatorKind : uint8_t {
  kSource,
  kValues,
  kWatermarkAssigner,
  kCalc,
  kUnion,
  kExpand,
  kGroupAggregate,
  kWindowAggregate,
  kWindowTableFunction,
  kRank,
  kWindowRank,
  kDeduplicate,
  kWindowDeduplicate,
  kJoin,
  kWindowJoin,
  kChangelogNormalize,
  kDropUpdateBefore,
  kTemporalSort,
  kSort,
  kLimit,
  kSortLimit,
  kUnnest,
  kSinkMaterializer,
  kLateRows,
  kSink,
};

struct OperatorSpec {
  explicit OperatorSpec(OperatorKind operator_kind) : kind(operator_kind) {}
  virtual ~OperatorSpec() = default;
  OperatorKind kind;
};

}  // namespace rhei
