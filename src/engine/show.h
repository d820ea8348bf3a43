#pragma once
// SHOW and DESCRIBE: the catalog as result tables, with Flink's column names. Thread-safety: pure
// functions over the catalog.
#include <memory>

#include "catalog/catalog.h"
#include "engine/operation.h"
#include "sql/ast_statement.h"

namespace rhei {

Result<std::unique_ptr<Operation>> ExecuteShow(const ast::Show& show, const Catalog& catalog);
Result<std::unique_ptr<Operation>> ExecuteShowCreate(const ast::ShowCreate& show,
                                                     const Catalog& catalog);
Result<std::unique_ptr<Operation>> ExecuteDescribe(const ast::Describe& describe,
                                                   const Catalog& catalog);

// name, type, null, key, extras, watermark[, comment]: a table's columns, for DESCRIBE and SHOW
// COLUMNS.
std::unique_ptr<Operation> DescribeTable(const Table& table, OperationKind kind);

}  // namespace rhei
