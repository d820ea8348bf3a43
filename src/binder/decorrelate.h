#pragma once
// Decorrelation: takes the references to the enclosing query out of a subquery's plan, so that it
// can be joined. What compared outer with inner columns comes out as predicates.
// Thread-safety: pure functions.
#include <vector>

#include "binder/bind_context.h"
#include "plan/logical/logical_node.h"

namespace rhei {

struct Decorrelated {
  // The old output columns first; columns that predicates need may follow.
  LogicalNodePtr plan;
  // Over the plan's columns and kOuterBase references; all must hold.
  std::vector<BoundExprPtr> predicates;
};

// Unsupported where a reference stands in a place that has no join (a select list, a UNION, ...).
Result<Decorrelated> Decorrelate(const BindContext& context, const LogicalNodePtr& plan);

bool HasOuterReferences(const LogicalNode& plan);

// True when the plan gives exactly one row whatever its input: an aggregate without keys. (In
// streaming mode none, until the first row comes.)
bool IsSingleRow(const LogicalNode& plan);

// What column `column` of a single-row plan is when its aggregate sees no row: COUNT gives 0. Null
// when that is NULL.
BoundExprPtr ValueOnEmpty(const LogicalNode& plan, int column);

// `inner = outer`: the column of the plan that the predicate compares with outer references only,
// or -1.
int EqualityColumn(const BoundExpr& predicate);

}  // namespace rhei
