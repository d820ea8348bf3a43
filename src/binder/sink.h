#pragma once
// The sink of a table: shared by INSERT and CREATE TABLE AS. Thread-safety: pure function.
#include <vector>

#include "binder/bind_context.h"
#include "plan/logical/logical_node.h"

namespace rhei {

// `values`: one expression over `query` for each column that is written (physical and written
// metadata columns, in declared order), cast already.
Result<LogicalNodePtr> BuildSink(const BindContext& context, const Table& table,
                                 LogicalNodePtr query, std::vector<BoundExprPtr> values,
                                 SqlPosition position);

}  // namespace rhei
