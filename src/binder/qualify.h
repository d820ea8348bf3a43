#pragma once
// Full names for the tables of a query, as views store it. Thread-safety: pure function.
#include "catalog/catalog.h"
#include "sql/ast_query.h"

namespace rhei {

// Writes catalog, database and object where the query names a table (not a common table of its
// own); a table without an alias gets its name as alias, so that t.a still means it.
void QualifyTables(ast::Query* query, const Catalog& catalog);

}  // namespace rhei
