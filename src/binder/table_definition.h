#pragma once
// Pieces of CREATE TABLE that ALTER TABLE and LIKE share: each adds one clause to a table and
// checks it. Thread-safety: pure functions.
#include <string>
#include <vector>

#include "binder/bind_context.h"
#include "sql/ast_statement.h"

namespace rhei {

Result<ObjectPath> ResolvePath(const BindContext& context, const ast::NamePath& name);
// An expression as the catalog stores it.
std::string CanonicalExpression(const ast::Expr& expr);

Result<TableColumn> BindColumn(const ast::ColumnDef& def);
Status AddColumn(Table* table, TableColumn column, SqlPosition position);
Status SetPrimaryKey(Table* table, const ast::TableConstraint& constraint,
                     const std::vector<std::string>& columns);
Status SetWatermark(Table* table, const ast::WatermarkDef& watermark);
Status SetPartitions(Table* table, const std::vector<ast::Name>& columns);
Status SetDistribution(Table* table, const ast::Distribution& distribution);
Status AddSchema(Table* table, const ast::TableSchema& schema);

// CREATE TABLE ... LIKE: `table` has its own options; columns, keys, watermark, partitions and the
// base table's parts are added.
Status MergeLike(const ast::CreateTable& statement, const BindContext& context, Table* table);

// ALTER VIEW ... AS: the view with another query, which lies in context.text.
Result<Table> RebindView(const Table& view, const ast::Query& query, const BindContext& context);

}  // namespace rhei
