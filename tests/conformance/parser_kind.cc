#include "conformance/parser_kind.h"

#include "sql/parser.h"
#include "sql/printer.h"
#include "sql/token.h"

namespace rhei {
namespace {

// "x" becomes `x` outside strings and names.
std::string WithBackquotes(std::string_view sql) {
  std::string out(sql);
  char open = '\0';
  for (char& c : out) {
    if (open == '\0') {
      if (c == '\'' || c == '"' || c == '`') open = c;
    } else if (c == open) {
      open = '\0';
      if (c == '"') c = '`';
      continue;
    }
    if (open == '"' && c == '"') c = '`';
  }
  return out;
}

std::string WithoutCarets(std::string_view sql) {
  std::string out;
  for (const char c : sql) {
    if (c != '^') out += c;
  }
  return out;
}

std::string WithUpperCaseNames(const std::string& sql) {
  std::string out = sql;
  Status error;
  for (const Token& token : TokenizePrefix(sql, &error)) {
    if (token.kind != TokenKind::kWord) continue;
    out.replace(token.begin, token.end - token.begin,
                AsciiUpper(std::string_view(sql).substr(token.begin, token.end - token.begin)));
  }
  return out;
}

// The literal text that a regular expression of the fixture looks for: without the list of expected
// tokens, the wildcards and the escapes.
std::string ExpectedMessage(std::string pattern) {
  if (const size_t list = pattern.find("\nWas expecting"); list != std::string::npos) {
    pattern.resize(list);
  }
  if (pattern.starts_with("(?s)")) pattern.erase(0, 4);
  std::string out;
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern.compare(i, 2, ".*") == 0) {
      ++i;
    } else if (pattern[i] == '\\' && i + 1 < pattern.size()) {
      out += pattern[++i];
    } else {
      out += pattern[i];
    }
  }
  while (!out.empty() && out.back() == '\n') out.pop_back();
  return out;
}

// Statements and, as in some cases, bare expressions.
Result<std::string> ParseAndPrint(const std::string& sql, bool checked) {
  Result<ast::StatementPtr> statement =
      checked ? ParseStatement(sql) : ParseStatementUnchecked(sql);
  if (statement.ok()) return PrintStatement(**statement);
  if (statement.status().message().find(" at line 1, column 1.") != std::string::npos) {
    ASSIGN_OR_RETURN(ast::ExprPtr expr, ParseExpression(sql));
    return PrintExpr(*expr);
  }
  return std::move(statement).status();
}

}  // namespace

Outcome RunParserCase(const nlohmann::json& test_case, const std::string&) {
  Outcome outcome;
  const std::string kind = test_case.at("kind").get<std::string>();
  std::string sql = WithBackquotes(test_case.at("sql").get<std::string>());
  const bool refuse = kind == "FAIL";
  sql = refuse ? WithoutCarets(sql) : WithUpperCaseNames(sql);
  const Result<std::string> printed = ParseAndPrint(sql, refuse);
  if (printed.ok()) {
    outcome.details["actual"] = *printed;
  } else {
    outcome.details["message"] = printed.status().message();
  }
  const nlohmann::json& expected = test_case.at("expected");
  if (refuse) {
    const bool found = !printed.ok() && printed.status().message().find(ExpectedMessage(
                                            expected.get<std::string>())) != std::string::npos;
    const bool by_name = !printed.ok() && printed.status().code() == ErrorCode::kUnsupported;
    outcome.status = found     ? CaseStatus::kPass
                     : by_name ? CaseStatus::kUnsupported
                               : CaseStatus::kFail;
  } else if (!printed.ok()) {
    outcome.status = printed.status().code() == ErrorCode::kUnsupported ? CaseStatus::kUnsupported
                                                                        : CaseStatus::kError;
  } else {
    const bool same = !expected.is_string() || expected.get<std::string>() == *printed;
    outcome.status = same ? CaseStatus::kPass : CaseStatus::kFail;
  }
  return outcome;
}

}  // namespace rhei
