// FoldConstants: `1 + 2` becomes `3`, once, at planning. A call that fails stays as it is, so that
// the failure happens where a row meets it (a CASE branch may never be reached).
#include "base/check.h"
#include "expr/program.h"
#include "planner/logical_rewrite.h"
#include "planner/rules/list.h"

namespace rhei {
namespace {

BoundExprPtr Fold(const BoundExprPtr& expr, const SessionSettings& session) {
  if (expr == nullptr || expr->args.empty()) return expr;
  bool all_literal = expr->kind == BoundExpr::Kind::kCall;
  std::vector<BoundExprPtr> args;
  bool changed = false;
  for (const BoundExprPtr& arg : expr->args) {
    args.push_back(Fold(arg, session));
    changed |= args.back() != arg;
    all_literal &= args.back()->kind == BoundExpr::Kind::kLiteral ||
                   args.back()->kind == BoundExpr::Kind::kSymbol;
  }
  BoundExprPtr result = expr;
  if (changed) {
    auto copy = std::make_shared<BoundExpr>(*expr);
    copy->args = std::move(args);
    result = copy;
  }
  if (!all_literal || !IsDeterministic(*result)) return result;
  Result<Value> value = EvaluateConstant(result, session);
  if (!value.ok() || (value->is_null() && !result->type.nullable())) return result;
  return MakeLiteral(std::move(value).value(), result->type);
}

void FoldAll(std::vector<BoundExprPtr>* expressions, const SessionSettings& session) {
  for (BoundExprPtr& expr : *expressions) expr = Fold(expr, session);
}

}  // namespace

LogicalNodePtr FoldConstants(const LogicalNodePtr& root, const SessionSettings& session) {
  std::shared_ptr<LogicalNode> copy = CopyNode(*root);
  for (LogicalNodePtr& input : copy->inputs) input = FoldConstants(input, session);
  if (copy->kind == LogicalKind::kProject) {
    auto& project = static_cast<LogicalProject&>(*copy);
    FoldAll(&project.expressions, session);
    project.watermark = Fold(project.watermark, session);
  } else if (copy->kind == LogicalKind::kFilter) {
    auto& filter = static_cast<LogicalFilter&>(*copy);
    filter.condition = Fold(filter.condition, session);
  } else if (copy->kind == LogicalKind::kJoin) {
    auto& join = static_cast<LogicalJoin&>(*copy);
    join.condition = Fold(join.condition, session);
  } else if (copy->kind == LogicalKind::kValues) {
    for (auto& row : static_cast<LogicalValues&>(*copy).rows) FoldAll(&row, session);
  }
  return copy;
}

}  // namespace rhei
