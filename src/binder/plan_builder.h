#pragma once
// Small constructors of logical nodes: each derives its schema. Thread-safety: pure functions.
#include <string>
#include <vector>

#include "plan/logical/logical_node.h"

namespace rhei {

LogicalNodePtr BuildProject(LogicalNodePtr input, std::vector<BoundExprPtr> exprs,
                            std::vector<std::string> names);
// The plan itself when it has these columns already.
LogicalNodePtr ProjectIfNeeded(LogicalNodePtr input, std::vector<BoundExprPtr> exprs,
                               std::vector<std::string> names);
LogicalNodePtr BuildFilter(LogicalNodePtr input, BoundExprPtr condition);
// Condition over left, then right columns; null: none. Outer sides become nullable.
std::shared_ptr<LogicalJoin> BuildJoin(LogicalNodePtr left, LogicalNodePtr right, JoinType type,
                                       BoundExprPtr condition);
// `ttl_ms` as LogicalAggregate has it.
LogicalNodePtr BuildDistinct(LogicalNodePtr input, int64_t ttl_ms = -1);
// One row for SELECT without FROM; its column has no name in any scope.
LogicalNodePtr BuildOneRow();

// Column `index` of the plan's output.
BoundExprPtr ColumnOf(const LogicalNode& plan, int index);
std::vector<BoundExprPtr> ColumnsOf(const LogicalNode& plan);
std::vector<std::string> NamesOf(const LogicalNode& plan);

// Nullable, and the fields of a ROW likewise: what an outer join makes of its other side.
DataType DeepNullable(const DataType& type);

// a, a0, a1 ...: a name that is not yet in `names`.
std::string UniqueName(const std::string& name, const std::vector<std::string>& names);

}  // namespace rhei
