#pragma once
// The binder: statements and the catalog to logical plans and catalog changes.
//
// Errors are kInvalidSql with a position, in Flink's words where users grep for them; what parses
// but is not built yet is kUnsupported by name. Thread-safety: one session thread.
//
// Call order for CREATE TABLE AS: BindCreateTable, Catalog::AddTable, BindCreateTableAs.
#include "binder/bind_context.h"
#include "plan/logical/logical_node.h"
#include "sql/ast_statement.h"

namespace rhei {

// The query's plan with unique column names and no sink.
Result<LogicalNodePtr> BindQuery(const ast::Query& query, const BindContext& context);
// The same below a LogicalSink without a table: rows that the session fetches.
Result<LogicalNodePtr> BindCollect(const ast::Query& query, const BindContext& context);
// INSERT INTO: a LogicalSink over the query.
Result<LogicalNodePtr> BindInsert(const ast::Insert& insert, const BindContext& context);

// The declared table, not yet in the catalog; with AS its columns come from the query.
Result<Table> BindCreateTable(const ast::CreateTable& statement, const BindContext& context);
// The INSERT of CREATE TABLE AS into `table`, which the catalog holds already.
Result<LogicalNodePtr> BindCreateTableAs(const ast::CreateTable& statement, const Table& table,
                                         const BindContext& context);
// REQUIRES: context.text is the text that the statement was parsed from.
Result<Table> BindCreateView(const ast::CreateView& statement, const BindContext& context);
// The table as it is after ALTER TABLE (not RENAME TO).
Result<Table> BindAlterTable(const ast::AlterTable& statement, const Table& table,
                             const BindContext& context);

// Applies a statement that only changes the catalog: CREATE, ALTER and DROP of all objects, USE,
// LOAD and UNLOAD MODULE. CREATE TABLE AS is applied without its INSERT. Others are kUnsupported.
Status ApplyDefinition(const ast::Statement& statement, const BindContext& context);

// The table's columns with time attributes, as DESCRIBE shows them.
Schema DescribedColumns(const Table& table);

}  // namespace rhei
