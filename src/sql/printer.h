#pragma once
// Writes a syntax tree as canonical SQL, as Flink's own unparser does: upper-case keywords, every
// name in backquotes, every operator in parentheses, one clause on a line. Parsing the output gives
// the same tree but for positions, and printing that gives the same text.
//
// Differs from Flink's in CASE x WHEN 1 THEN ..., which Flink expands to CASE WHEN x = 1 (so nested
// ones grow exponentially) and which stays as it is here.
// Thread-safety: pure.
#include <string>
#include <string_view>

#include "sql/ast_statement.h"

namespace rhei {

std::string PrintStatement(const ast::Statement& statement);
std::string PrintQuery(const ast::Query& query);
std::string PrintExpr(const ast::Expr& expr);
std::string PrintType(const ast::TypeName& type);

// `a`.`b`, each backquote doubled.
std::string QuotePath(const ast::NamePath& path);
std::string QuoteName(std::string_view name);
// 'it''s'
std::string QuoteString(std::string_view text);

}  // namespace rhei
