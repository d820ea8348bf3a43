#pragma once
// A declared table in plans: its scan with computed columns and watermark, and the expressions of a
// declaration. Thread-safety: pure functions over a BindContext.
#include <span>

#include "binder/bind_context.h"
#include "plan/logical/logical_node.h"
#include "sql/ast_query.h"

namespace rhei {

// Scan of a base table, which can be used.
Result<LogicalNodePtr> BuildTableScan(const BindContext& context, const Table& table,
                                      SqlPosition position);

// What is wrong with the options of a table that a statement names at `position`.
Status CheckUsable(const Table& table, SqlPosition position);
// The table as the hints behind its name change it, which is usable: what its connector can do
// depends on its options.
Result<Table> WithHints(const BindContext& context, const Table& table,
                        std::span<const ast::Hint> hints, SqlPosition position);

// Checks computed columns and the watermark of `table` and fills in the computed columns' types.
Status BindDeclaredExpressions(const BindContext& context, Table* table);

// The table's columns with their types, time attributes included: what DESCRIBE shows.
Schema DeclaredSchema(const Table& table);

}  // namespace rhei
