#pragma once
// The SQL parser: text of the Flink 2.3 dialect to a syntax tree (sql/ast_statement.h).
//
// Errors are kInvalidSql in Flink's words, `SQL parse failed. Encountered "x" at line 1, column 8.`
// and what was expected, with the position; input that ends too early says `Encountered "<EOF>"`.
// What the dialect has and Rhei cannot represent is kUnsupported by name.
// Thread-safety: free functions without state. Cost: linear in the text; the depth of the tree is
// limited (ast::kSqlDepthMax), so no text can exhaust the stack.
#include <string_view>
#include <vector>

#include "base/status.h"
#include "sql/ast_statement.h"

namespace rhei {

// All statements of a script, separated by `;`. Empty statements are left out. Positions and ranges
// count from the start of `text`.
Result<std::vector<ast::StatementPtr>> ParseScript(std::string_view text);

// One statement, with or without a final `;`.
Result<ast::StatementPtr> ParseStatement(std::string_view text);

// The same without what Flink checks after parsing (sql/statement_check.h): for tools that print.
Result<ast::StatementPtr> ParseStatementUnchecked(std::string_view text);

// One query, as a view stores it.
Result<ast::QueryPtr> ParseQuery(std::string_view text);

// One expression, such as the one of a computed column.
Result<ast::ExprPtr> ParseExpression(std::string_view text);

// One data type, e.g. "ROW<a INT NOT NULL>".
Result<ast::TypePtr> ParseType(std::string_view text);

}  // namespace rhei
