#pragma once
// While a SELECT is bound, its expressions refer to things whose column is not known yet: a group
// key, an aggregate, a window function, a subquery, a column of the enclosing query. Such a
// reference is a kInput with an index from one of the ranges below; when the operator below is
// built, every placeholder is replaced by a real column. None is left in a finished plan.
#include <memory>

#include "plan/expr.h"

namespace rhei {

inline constexpr int kPlaceholderRange = 1 << 20;
inline constexpr int kGroupKeyBase = 1 * kPlaceholderRange;
inline constexpr int kAggregateBase = 2 * kPlaceholderRange;
inline constexpr int kWindowPropertyBase = 3 * kPlaceholderRange;
inline constexpr int kGroupingIdBase = 4 * kPlaceholderRange;  // one: the set's number
inline constexpr int kOverBase = 5 * kPlaceholderRange;
inline constexpr int kSubqueryBase = 6 * kPlaceholderRange;
// In the condition of a PendingSubquery: a column of the subquery's plan.
inline constexpr int kInnerBase = 7 * kPlaceholderRange;
inline constexpr int kOuterBase = 8 * kPlaceholderRange;  // a column of the enclosing query

constexpr bool IsPlaceholder(int index, int base) {
  return index >= base && index < base + kPlaceholderRange;
}

// The tree with every input for which `replace` gives an expression replaced by it (null: kept).
template <typename Replace>
BoundExprPtr RewriteInputs(const BoundExprPtr& expr, const Replace& replace) {
  if (expr->kind == BoundExpr::Kind::kInput) {
    BoundExprPtr replacement = replace(*expr);
    return replacement == nullptr ? expr : replacement;
  }
  if (expr->args.empty()) return expr;
  std::shared_ptr<BoundExpr> copy;
  for (size_t i = 0; i < expr->args.size(); ++i) {
    BoundExprPtr arg = RewriteInputs(expr->args[i], replace);
    if (arg == expr->args[i]) continue;
    if (copy == nullptr) copy = std::make_shared<BoundExpr>(*expr);
    copy->args[i] = std::move(arg);
  }
  return copy == nullptr ? expr : copy;
}

// The first input for which `matches` holds, or null.
template <typename Matches>
const BoundExpr* FindInput(const BoundExpr& expr, const Matches& matches) {
  if (expr.kind == BoundExpr::Kind::kInput) return matches(expr) ? &expr : nullptr;
  for (const BoundExprPtr& arg : expr.args) {
    if (const BoundExpr* found = FindInput(*arg, matches)) return found;
  }
  return nullptr;
}

}  // namespace rhei
