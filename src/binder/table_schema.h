#pragma once
// A declared table in plans: its scan with computed columns and watermark, and the expressions of a
// declaration. Thread-safety: pure functions over a BindContext.
#include "binder/bind_context.h"
#include "plan/logical/logical_node.h"

namespace rhei {

// Scan of a base table, `options` merged already.
Result<LogicalNodePtr> BuildTableScan(const BindContext& context, const Table& table,
                                      Options options, SqlPosition position);

// The table as OPTIONS hints change it: what its connector can do depends on its options.
Result<Table> WithOptions(const BindContext& context, const Table& table, const Options& options,
                          SqlPosition position);

// Checks computed columns and the watermark of `table` and fills in the computed columns' types.
Status BindDeclaredExpressions(const BindContext& context, Table* table);

// The table's columns with their types, time attributes included: what DESCRIBE shows.
Schema DeclaredSchema(const Table& table);

}  // namespace rhei
