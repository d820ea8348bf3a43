#pragma once
// What the expressions of one SELECT have asked for besides columns of FROM: aggregates, window
// functions, subqueries. ExprBinder collects them and leaves placeholders (binder/placeholder.h);
// the SELECT is then assembled from them.
#include <optional>
#include <string>
#include <vector>

#include "plan/logical/logical_node.h"

namespace rhei {

struct PendingAggregate {
  BoundAggregate call;  // arguments are expressions over the input
  BoundExprPtr filter;  // or null
};

// GROUP BY TUMBLE(ts, ...).
struct GroupWindow {
  std::string function;  // "TUMBLE"
  WindowSpec spec;
  std::vector<BoundExprPtr> args;  // as written, to match TUMBLE_START(ts, ...)
};

struct AggregateFrame {
  std::vector<BoundExprPtr> keys;         // over the input
  std::vector<BoundExprPtr> key_aliases;  // the same with earlier keys replaced
  std::vector<DataType> key_types;        // as the aggregate gives them out
  std::vector<PendingAggregate> calls;
  std::vector<std::vector<bool>> grouping_sets;  // empty: plain
  std::optional<GroupWindow> window;
  std::vector<WindowProperty> properties;
};

struct PendingSortKey {
  BoundExprPtr expr;
  bool descending = false;
  bool nulls_first = true;
};

struct PendingOver {
  OverCall call;  // args and aggregate arguments over the input
  BoundExprPtr filter;
  std::vector<BoundExprPtr> partition;
  std::vector<PendingSortKey> order;
  bool rows_frame = false;
  bool unbounded = true;
  int64_t preceding = 0;
};

// A subquery in an expression, to be joined to the plan on the left; `value` stands for it in the
// expression. Columns of its own plan are kInnerBase references; all others are references of the
// SELECT that holds the subquery.
struct PendingSubquery {
  LogicalNodePtr plan;
  BoundExprPtr condition;  // or null: no condition
  BoundExprPtr value;
};

// x IN (q), EXISTS (q) as a term of WHERE: a join that only filters. `condition` as above.
struct PendingSemiJoin {
  LogicalNodePtr plan;
  BoundExprPtr condition;
  bool anti = false;
};

// WHERE, HAVING or QUALIFY in parts: what to filter by and what to join with.
struct PendingPredicate {
  std::vector<BoundExprPtr> terms;
  std::vector<PendingSemiJoin> joins;
};

}  // namespace rhei
