#pragma once
// What Flink refuses in a statement that parses, without looking at a catalog: two primary keys, an
// ENFORCED key, CREATE TEMPORARY TABLE ... AS. The parser's entry points apply it.
// Thread-safety: pure.
#include "base/status.h"
#include "sql/ast_statement.h"

namespace rhei {

Status CheckStatement(const ast::Statement& statement);

}  // namespace rhei
