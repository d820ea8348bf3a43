#pragma once
// Specs of the operators that look at one row at a time.
#include <string>
#include <vector>

#include "plan/expr.h"
#include "plan/physical/operator_spec.h"

namespace rhei {

// Keeps the rows where `condition` is TRUE (null: all) and computes `projections` over them.
struct CalcSpec : OperatorSpec {
  CalcSpec() : OperatorSpec(OperatorKind::kCalc) {}
  std::vector<DataType> input_types;
  BoundExprPtr condition;
  std::vector<BoundExprPtr> projections;
};

struct UnionSpec : OperatorSpec {
  UnionSpec() : OperatorSpec(OperatorKind::kUnion) {}
};

// GROUPING SETS: each row once per set; columns outside the set become NULL, and a last BIGINT
// column holds the set's grouping id.
struct ExpandSpec : OperatorSpec {
  ExpandSpec() : OperatorSpec(OperatorKind::kExpand) {}
  std::vector<DataType> input_types;
  std::vector<std::vector<bool>> kept;  // per set, per input column
  std::vector<int64_t> ids;
};

// CROSS or LEFT JOIN UNNEST(column): the input columns, then the element's (ROW elements spread
// out).
struct UnnestSpec : OperatorSpec {
  UnnestSpec() : OperatorSpec(OperatorKind::kUnnest) {}
  Schema input;
  BoundExprPtr collection;
  bool outer = false;
  bool with_ordinality = false;
  std::vector<Field> element_fields;
};

struct DropUpdateBeforeSpec : OperatorSpec {
  DropUpdateBeforeSpec() : OperatorSpec(OperatorKind::kDropUpdateBefore) {}
};

// An upsert stream (+U by key, deletes) made a full changelog; drops repeats. With `condition` only
// rows for which it is TRUE exist: what no longer passes is deleted.
struct ChangelogNormalizeSpec : OperatorSpec {
  ChangelogNormalizeSpec() : OperatorSpec(OperatorKind::kChangelogNormalize) {}
  Schema input;
  std::vector<int> key;
  BoundExprPtr condition;  // null: all rows
  bool input_deletes_by_key = false;
  bool generate_update_before = true;
  int64_t ttl_ms = 0;
};

}  // namespace rhei
