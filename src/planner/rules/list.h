#pragma once
// The logical rules, each a function from tree to tree in a file of its own. rules/list.cc calls
// them in an order that has meaning and says why.
#include "base/status.h"
#include "plan/logical/logical_node.h"
#include "planner/planner.h"

namespace rhei {

// Computes calls whose arguments are all literals.
LogicalNodePtr FoldConstants(const LogicalNodePtr& root, const SessionSettings& session);
// An aggregate without keys over WHERE FALSE is a row of zeros and NULLs.
LogicalNodePtr AggregateOfNothing(const LogicalNodePtr& root);
// Moves filters towards the scans: through projections, into the sides of joins, below window TVFs.
LogicalNodePtr PushFilters(const LogicalNodePtr& root);
// ROW_NUMBER() and a filter on it become a LogicalRank.
LogicalNodePtr RankFromOver(const LogicalNodePtr& root);
// UNION, INTERSECT and EXCEPT become unions, aggregates and joins.
Result<LogicalNodePtr> ExpandSetOperations(const LogicalNodePtr& root);
// Drops columns nobody reads.
LogicalNodePtr PruneColumns(const LogicalNodePtr& root);

// All of them.
Result<LogicalNodePtr> ApplyRules(const LogicalNodePtr& root, const PlannerSettings& settings);

}  // namespace rhei
