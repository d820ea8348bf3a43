#pragma once
// ExprBinder: syntax trees of expressions to BoundExprs.
//
// One binder serves one clause of one SELECT. Its public members say what the clause may hold; what
// is null is refused in Flink's words. Thread-safety: one thread.
#include <string>
#include <string_view>
#include <vector>

#include "binder/bind_context.h"
#include "binder/scope.h"
#include "binder/select_frame.h"
#include "sql/ast_query.h"

namespace rhei {

class QueryBinder;

class ExprBinder {
 public:
  // `clause`: "WHERE", "SELECT", ...: for messages.
  ExprBinder(const BindContext& context, const Scope* scope, std::string_view clause)
      : context_(context), scope_(scope), clause_(clause) {}

  QueryBinder* queries = nullptr;  // subqueries; needs `subqueries`
  std::vector<PendingSubquery>* subqueries = nullptr;
  AggregateFrame* aggregates = nullptr;       // null: aggregates are illegal here
  std::vector<PendingOver>* overs = nullptr;  // null: OVER is illegal here
  const std::vector<ast::NamedWindow>* windows = nullptr;
  const std::vector<NamedExpr>* aliases = nullptr;  // names of the select list
  bool aliases_first = false;                       // ORDER BY: before the columns of FROM

  Result<BoundExprPtr> Bind(const ast::Expr& expr);
  // A BOOLEAN, or "X clause must be a condition".
  Result<BoundExprPtr> BindCondition(const ast::Expr& expr);
  Result<std::vector<BoundExprPtr>> BindAll(const std::vector<ast::ExprPtr>& exprs);
  Result<PendingSortKey> BindSortKey(const ast::OrderItem& item);

  // With aggregates: group keys in `expr` replaced by their placeholders.
  BoundExprPtr ReplaceKeys(BoundExprPtr expr) const;
  // An error when `expr` reads an input column that is not grouped.
  Status CheckGrouped(const BoundExpr& expr) const;

  const BindContext& context() const { return context_; }
  const Scope* scope() const { return scope_; }
  std::string_view clause() const { return clause_; }
  // In a condition, and only below AND and OR: where UNKNOWN may count as FALSE.
  bool unknown_is_false() const { return unknown_is_false_; }

 private:
  Result<BoundExprPtr> BindNode(const ast::Expr& expr);
  Result<BoundExprPtr> BindIdentifier(const ast::Identifier& identifier);
  Result<BoundExprPtr> BindCall(const ast::Call& call);
  Result<BoundExprPtr> BindFunction(const ast::Call& call);
  Result<BoundExprPtr> BindOperator(const ast::Call& call);
  Result<BoundExprPtr> BindNullIf(const ast::Call& call);
  Result<BoundExprPtr> BindCase(const ast::Case& expr);
  Result<BoundExprPtr> BindWhen(const ast::Expr& when, const BoundExprPtr& operand);
  Result<BoundExprPtr> BindOverlaps(const std::vector<BoundExprPtr>& bounds, SqlPosition position);
  Result<BoundExprPtr> BindCast(const ast::Cast& expr);
  Result<BoundExprPtr> BindBetween(const ast::Call& call);
  Result<BoundExprPtr> BindIn(const ast::Call& call);
  Result<BoundExprPtr> BindQuantified(const ast::Call& call);
  Result<BoundExprPtr> BindSubquery(const ast::Subquery& subquery);
  Result<BoundExprPtr> BindMinus(const ast::Call& call);
  Result<BoundExprPtr> BindAggregate(const ast::Call& call, const AggregateDef& def);
  Result<PendingAggregate> BindAggregateCall(const ast::Call& call, const AggregateDef& def,
                                             bool may_be_empty);
  Result<BoundExprPtr> BindOver(const ast::Call& call);
  Status BindWindowSpec(const ast::WindowSpec& spec, PendingOver* over, int depth);
  Status BindFrame(const ast::WindowSpec& spec, PendingOver* over);
  Result<BoundExprPtr> BindGrouping(const ast::Call& call);
  Result<BoundExprPtr> BindWindowProperty(const ast::Call& call, std::string_view function,
                                          std::string_view property);
  Status UnknownFunction(const ast::Call& call, const std::vector<BoundExprPtr>& args) const;

  const BindContext& context_;
  const Scope* scope_;
  std::string clause_;
  bool inside_aggregate_ = false;
  bool unknown_is_false_ = false;
};

// a = b; rows are compared field by field.
Result<BoundExprPtr> BuildEquals(const BindContext& context, BoundExprPtr a, BoundExprPtr b,
                                 SqlPosition position);

// True when the expression calls an aggregate function outside OVER (and outside subqueries).
bool ContainsAggregate(const ast::Expr& expr);
bool ContainsOver(const ast::Expr& expr);

// "EXPR" of a name, upper case, as functions are looked up.
std::string UpperCase(std::string_view text);
// TUMBLE, HOP, SESSION: GROUP BY TUMBLE(ts, INTERVAL ...).
bool IsGroupWindowFunction(std::string_view upper_name);

}  // namespace rhei
