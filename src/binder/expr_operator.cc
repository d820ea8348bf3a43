// Operators: comparison, BETWEEN, IN, LIKE, arithmetic signs, rows, arrays and maps.
#include <fmt/format.h>

#include "binder/call_builder.h"
#include "binder/expr_binder.h"
#include "binder/query_binder.h"
#include "binder/type_binder.h"

namespace rhei {
namespace {

using ast::Operator;

// The positive operator and whether `op` negates it.
struct Polarity {
  Operator op;
  bool negated;
};

Polarity PolarityOf(Operator op) {
  switch (op) {
    case Operator::kNotBetween: return {Operator::kBetween, true};
    case Operator::kNotBetweenSymmetric: return {Operator::kBetweenSymmetric, true};
    case Operator::kNotLike: return {Operator::kLike, true};
    case Operator::kNotSimilarTo: return {Operator::kSimilarTo, true};
    case Operator::kNotIn: return {Operator::kIn, true};
    case Operator::kNotMemberOf: return {Operator::kMemberOf, true};
    case Operator::kNotSubmultisetOf: return {Operator::kSubmultisetOf, true};
    default: return {op, false};
  }
}

Result<BoundExprPtr> Negate(const BindContext& context, Result<BoundExprPtr> expr, bool negated,
                            SqlPosition position) {
  if (!expr.ok() || !negated) return expr;
  return BuildCall(context, "NOT", {std::move(expr).value()}, position);
}

bool IsPeriodOperator(Operator op) {
  return op >= Operator::kOverlaps && op <= Operator::kImmediatelySucceeds;
}

}  // namespace

Result<BoundExprPtr> ExprBinder::BindOperator(const ast::Call& call) {
  const auto [op, negated] = PolarityOf(call.op);
  if (call.quantifier != ast::Quantifier::kNone) return BindQuantified(call);
  switch (op) {
    case Operator::kBetween:
    case Operator::kBetweenSymmetric:
      return Negate(context_, BindBetween(call), negated, call.position);
    case Operator::kIn: return BindIn(call);
    case Operator::kMinusPrefix: return BindMinus(call);
    case Operator::kPlusPrefix: {
      ASSIGN_OR_RETURN(BoundExprPtr operand, Bind(*call.args[0]));
      if (!IsNumeric(operand->type.root()) && !IsInterval(operand->type.root())) {
        return InvalidSql("Cannot apply '+' to arguments of this type", call.position);
      }
      return operand;
    }
    case Operator::kDescriptor:
      return InvalidSql("DESCRIPTOR is only allowed in a table function", call.position);
    case Operator::kFinal:
    case Operator::kRunning:
      return InvalidSql("FINAL and RUNNING are only allowed in MATCH_RECOGNIZE", call.position);
    default: break;
  }
  ASSIGN_OR_RETURN(std::vector<BoundExprPtr> args, BindAll(call.args));
  if (op == Operator::kEquals || op == Operator::kNotEquals) {
    return Negate(context_,
                  op == Operator::kEquals || args[0]->name == "ROW"
                      ? BuildEquals(context_, args[0], args[1], call.position)
                      : BuildCall(context_, "<>", args, call.position),
                  op == Operator::kNotEquals && args[0]->name == "ROW", call.position);
  }
  if (IsPeriodOperator(op)) {
    std::vector<BoundExprPtr> bounds;
    for (const BoundExprPtr& arg : args) {
      if (arg->kind == BoundExpr::Kind::kCall && arg->name == "ROW") {
        bounds.insert(bounds.end(), arg->args.begin(), arg->args.end());
      } else {
        bounds.push_back(arg);
      }
    }
    args = std::move(bounds);
    if (op == Operator::kOverlaps && args.size() == 4) return BindOverlaps(args, call.position);
  }
  std::string_view name = ast::OperatorText(op);
  if (op == Operator::kItem) name = "ITEM";
  return Negate(context_, BuildCall(context_, name, std::move(args), call.position), negated,
                call.position);
}

// (start, end) OVERLAPS (start, end), where an end may be an interval: both periods begin before
// the other ends, whichever of its two times comes first.
Result<BoundExprPtr> ExprBinder::BindOverlaps(const std::vector<BoundExprPtr>& bounds,
                                              SqlPosition position) {
  std::vector<BoundExprPtr> low;
  std::vector<BoundExprPtr> high;
  for (size_t i = 0; i < 4; i += 2) {
    BoundExprPtr end = bounds[i + 1];
    if (IsInterval(end->type.root())) {
      ASSIGN_OR_RETURN(end, BuildCall(context_, "+", {bounds[i], end}, position));
    }
    ASSIGN_OR_RETURN(BoundExprPtr ordered, BuildCall(context_, "<=", {bounds[i], end}, position));
    ASSIGN_OR_RETURN(BoundExprPtr first,
                     BuildCall(context_, "CASE", {ordered, bounds[i], end}, position));
    ASSIGN_OR_RETURN(BoundExprPtr last,
                     BuildCall(context_, "CASE", {ordered, end, bounds[i]}, position));
    low.push_back(std::move(first));
    high.push_back(std::move(last));
  }
  ASSIGN_OR_RETURN(BoundExprPtr a, BuildCall(context_, ">=", {high[0], low[1]}, position));
  ASSIGN_OR_RETURN(BoundExprPtr b, BuildCall(context_, ">=", {high[1], low[0]}, position));
  return BuildCall(context_, "AND", {std::move(a), std::move(b)}, position);
}

Result<BoundExprPtr> ExprBinder::BindMinus(const ast::Call& call) {
  if (call.args[0]->kind == ast::ExprKind::kLiteral) {
    const auto& literal = ast::As<ast::Literal>(*call.args[0]);
    if (literal.literal == ast::LiteralKind::kExactNumber ||
        literal.literal == ast::LiteralKind::kApproximateNumber) {
      return BindLiteral(literal, true);
    }
  }
  ASSIGN_OR_RETURN(BoundExprPtr operand, Bind(*call.args[0]));
  if (IsInterval(operand->type.root()) && operand->kind == BoundExpr::Kind::kLiteral) {
    return MakeLiteral(Value::Int(-operand->literal.int_value()), operand->type);
  }
  return BuildCall(context_, "-", {std::move(operand)}, call.position);
}

Result<BoundExprPtr> ExprBinder::BindBetween(const ast::Call& call) {
  ASSIGN_OR_RETURN(std::vector<BoundExprPtr> args, BindAll(call.args));
  const SqlPosition at = call.position;
  const auto within = [&](const BoundExprPtr& low,
                          const BoundExprPtr& high) -> Result<BoundExprPtr> {
    ASSIGN_OR_RETURN(BoundExprPtr above, BuildCall(context_, ">=", {args[0], low}, at));
    ASSIGN_OR_RETURN(BoundExprPtr below, BuildCall(context_, "<=", {args[0], high}, at));
    return BuildCall(context_, "AND", {std::move(above), std::move(below)}, at);
  };
  ASSIGN_OR_RETURN(BoundExprPtr plain, within(args[1], args[2]));
  if (PolarityOf(call.op).op == Operator::kBetween) return plain;
  ASSIGN_OR_RETURN(BoundExprPtr swapped, within(args[2], args[1]));
  return BuildCall(context_, "OR", {std::move(plain), std::move(swapped)}, at);
}

Result<BoundExprPtr> ExprBinder::BindIn(const ast::Call& call) {
  const bool negated = call.op == Operator::kNotIn;
  if (call.args[1]->kind == ast::ExprKind::kSubquery) {
    if (queries == nullptr || subqueries == nullptr || inside_aggregate_) {
      return Unsupported(fmt::format("IN (query) in {} is not supported yet", clause_),
                         call.position);
    }
    return queries->BindInValue(call, negated, *this);
  }
  ASSIGN_OR_RETURN(BoundExprPtr value, Bind(*call.args[0]));
  ASSIGN_OR_RETURN(std::vector<BoundExprPtr> items,
                   BindAll(ast::As<ast::ExprList>(*call.args[1]).items));
  bool literals = value->name != "ROW";
  for (const BoundExprPtr& item : items) literals &= item->kind == BoundExpr::Kind::kLiteral;
  if (literals) {
    std::vector<BoundExprPtr> args{value};
    args.insert(args.end(), items.begin(), items.end());
    Result<BoundExprPtr> in = BuildCall(context_, "IN", std::move(args), call.position);
    if (!in.ok() && in.status().code() == ErrorCode::kInvalidSql) {
      return InvalidSql("Values in expression list must have compatible types", call.position);
    }
    return Negate(context_, std::move(in), negated, call.position);
  }
  std::vector<BoundExprPtr> terms;
  for (const BoundExprPtr& item : items) {
    ASSIGN_OR_RETURN(BoundExprPtr term, BuildEquals(context_, value, item, call.position));
    terms.push_back(std::move(term));
  }
  Result<BoundExprPtr> any = terms.size() == 1
                                 ? Result<BoundExprPtr>(terms[0])
                                 : BuildCall(context_, "OR", std::move(terms), call.position);
  return Negate(context_, std::move(any), negated, call.position);
}

// a = ANY (..) is IN, a <> ALL (..) is NOT IN; others over a list are spelled out.
Result<BoundExprPtr> ExprBinder::BindQuantified(const ast::Call& call) {
  const bool all = call.quantifier == ast::Quantifier::kAll;
  const std::string_view name = ast::OperatorText(call.op);
  if (call.args[1]->kind == ast::ExprKind::kSubquery) {
    const bool is_in = !all && call.op == Operator::kEquals;
    const bool is_not_in = all && call.op == Operator::kNotEquals;
    if ((!is_in && !is_not_in) || queries == nullptr || subqueries == nullptr) {
      return Unsupported(
          fmt::format("{} {} (query) is not supported yet", name, all ? "ALL" : "SOME"),
          call.position);
    }
    return queries->BindInValue(call, is_not_in, *this);
  }
  ASSIGN_OR_RETURN(BoundExprPtr value, Bind(*call.args[0]));
  ASSIGN_OR_RETURN(std::vector<BoundExprPtr> items,
                   BindAll(ast::As<ast::ExprList>(*call.args[1]).items));
  std::vector<BoundExprPtr> terms;
  for (const BoundExprPtr& item : items) {
    ASSIGN_OR_RETURN(BoundExprPtr term, BuildCall(context_, name, {value, item}, call.position));
    terms.push_back(std::move(term));
  }
  if (terms.size() == 1) return terms[0];
  return BuildCall(context_, all ? "AND" : "OR", std::move(terms), call.position);
}

}  // namespace rhei
