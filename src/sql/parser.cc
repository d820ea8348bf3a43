#include "sql/parser.h"

#include "sql/statement_check.h"
#include "sql/syntax_parser.h"

namespace rhei {

Result<std::vector<ast::StatementPtr>> ParseScript(std::string_view text) {
  SyntaxParser parser(text);
  std::vector<ast::StatementPtr> statements = parser.ParseScript();
  if (!parser.status().ok()) return parser.status();
  for (const ast::StatementPtr& statement : statements) RETURN_IF_ERROR(CheckStatement(*statement));
  return statements;
}

Result<ast::StatementPtr> ParseStatementUnchecked(std::string_view text) {
  SyntaxParser parser(text);
  ast::StatementPtr statement = parser.ParseSingleStatement();
  if (!parser.status().ok()) return parser.status();
  return statement;
}

Result<ast::StatementPtr> ParseStatement(std::string_view text) {
  ASSIGN_OR_RETURN(ast::StatementPtr statement, ParseStatementUnchecked(text));
  RETURN_IF_ERROR(CheckStatement(*statement));
  return statement;
}

Result<ast::QueryPtr> ParseQuery(std::string_view text) {
  SyntaxParser parser(text);
  ast::QueryPtr query = parser.ParseSingleQuery();
  if (!parser.status().ok()) return parser.status();
  return query;
}

Result<ast::ExprPtr> ParseExpression(std::string_view text) {
  SyntaxParser parser(text);
  ast::ExprPtr expr = parser.ParseSingleExpr();
  if (!parser.status().ok()) return parser.status();
  return expr;
}

Result<ast::TypePtr> ParseType(std::string_view text) {
  SyntaxParser parser(text);
  ast::TypePtr type = parser.ParseSingleType();
  if (!parser.status().ok()) return parser.status();
  return type;
}

}  // namespace rhei
