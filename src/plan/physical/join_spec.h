#pragma once
// Specs of joins.
#include <string>
#include <vector>

#include "plan/expr.h"
#include "plan/physical/operator_spec.h"
#include "types/change_kind.h"

namespace rhei {

enum class JoinType : uint8_t { kInner, kLeft, kRight, kFull, kSemi, kAnti };

struct JoinSide {
  Schema schema;
  std::vector<int> keys;  // equi-join columns, pairwise with the other side
  ChangelogMode changelog;
  std::vector<int> upsert_key;  // a unique key of the input; empty: rows are counted
  bool upsert_key_in_join_key = false;
  int64_t ttl_ms = 0;
};

struct JoinSpec : OperatorSpec {
  JoinSpec() : OperatorSpec(OperatorKind::kJoin) {}
  JoinType type = JoinType::kInner;
  JoinSide left;
  JoinSide right;
  std::vector<bool> null_safe;  // per key pair: IS NOT DISTINCT FROM
  BoundExprPtr residual;        // over left columns, then right columns; null: none
  bool batch_mode = false;
};

// Both inputs carry window_start and window_end; rows meet within equal windows.
struct WindowJoinSpec : OperatorSpec {
  WindowJoinSpec() : OperatorSpec(OperatorKind::kWindowJoin) {}
  JoinType type = JoinType::kInner;
  JoinSide left;
  JoinSide right;
  std::vector<bool> null_safe;
  int left_window_start = -1;
  int left_window_end = -1;
  int right_window_start = -1;
  int right_window_end = -1;
  std::string time_zone;
  BoundExprPtr residual;
};

}  // namespace rhei
