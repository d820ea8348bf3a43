// Runs the example of every function: `SELECT <example>` must be TRUE. The examples are what the
// manual shows, so that it shows nothing that does not work.
#include <fmt/format.h>

#include <cstdio>

#include "binder/binder.h"
#include "expr/program.h"
#include "functions/registry.h"
#include "plan/logical/logical_node.h"
#include "sql/parser.h"

namespace rhei {
namespace {

// The expression of a query over no table: SELECT <expression>.
Result<BoundExprPtr> BindExample(std::string_view example, const SessionSettings& settings) {
  const std::string sql = fmt::format("SELECT {}", example);
  ASSIGN_OR_RETURN(ast::StatementPtr statement, ParseStatement(sql));
  Catalog catalog;
  BindContext context;
  context.catalog = &catalog;
  context.settings = settings;
  context.fold = EvaluateConstant;
  context.text = sql;
  ASSIGN_OR_RETURN(LogicalNodePtr plan,
                   BindQuery(*ast::As<ast::QueryStatement>(*statement).query, context));
  if (plan->kind != LogicalKind::kProject) return Unsupported("not a plain expression");
  return static_cast<const LogicalProject&>(*plan).expressions[0];
}

// Empty when the example holds, else what went wrong.
std::string Check(std::string_view example) {
  SessionSettings settings;
  settings.batch_mode = true;
  settings.query_start_micros = int64_t{1600000000} * 1000000;
  const Result<BoundExprPtr> expr = BindExample(example, settings);
  if (!expr.ok()) return expr.status().message();
  const Result<Value> value = EvaluateConstant(*expr, settings);
  if (!value.ok()) return value.status().message();
  if (value->is_null()) return "it is NULL";
  return value->bool_value() ? "" : "it is FALSE";
}

int Run() {
  int failures = 0;
  int examples = 0;
  for (const FunctionDef* def : AllFunctions()) {
    if (def->example.empty()) continue;
    ++examples;
    const std::string problem = Check(def->example);
    if (problem.empty()) continue;
    ++failures;
    fmt::print("{}: {}: {}\n", def->name, def->example, problem);
  }
  fmt::print("{} examples, {} failures\n", examples, failures);
  return failures == 0 && examples > 0 ? 0 : 1;
}

}  // namespace
}  // namespace rhei

int main() {
  return rhei::Run();
}
