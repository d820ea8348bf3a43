#include "binder/expr_binder.h"

#include <fmt/format.h>

#include <algorithm>

#include "binder/call_builder.h"
#include "binder/flink_functions.h"
#include "binder/placeholder.h"
#include "binder/query_binder.h"
#include "binder/type_binder.h"
#include "binder/type_names.h"
#include "functions/registry.h"

namespace rhei {
namespace {

BoundExprPtr Placed(BoundExprPtr expr, SqlPosition position) {
  if (expr->position.known()) return expr;
  auto placed = std::make_shared<BoundExpr>(*expr);
  placed->position = position;
  return placed;
}

// Calls f(child) for each expression directly below, subqueries left out.
template <typename F>
bool AnyChild(const ast::Expr& expr, const F& f) {
  using ast::ExprKind;
  switch (expr.kind) {
    case ExprKind::kCall: {
      const auto& call = ast::As<ast::Call>(expr);
      for (const ast::ExprPtr& arg : call.args) {
        if (f(*arg)) return true;
      }
      if (call.filter != nullptr && f(*call.filter)) return true;
      if (call.over != nullptr) {
        for (const ast::ExprPtr& key : call.over->partition_by) {
          if (f(*key)) return true;
        }
        for (const ast::OrderItem& item : call.over->order_by) {
          if (f(*item.expr)) return true;
        }
      }
      return false;
    }
    case ExprKind::kCase: {
      const auto& choice = ast::As<ast::Case>(expr);
      if (choice.operand != nullptr && f(*choice.operand)) return true;
      for (const ast::CaseBranch& branch : choice.branches) {
        if (f(*branch.when) || f(*branch.then)) return true;
      }
      return choice.otherwise != nullptr && f(*choice.otherwise);
    }
    case ExprKind::kCast: return f(*ast::As<ast::Cast>(expr).operand);
    case ExprKind::kFieldAccess: return f(*ast::As<ast::FieldAccess>(expr).operand);
    case ExprKind::kIntervalExpr: return f(*ast::As<ast::IntervalExpr>(expr).operand);
    case ExprKind::kList:
      for (const ast::ExprPtr& item : ast::As<ast::ExprList>(expr).items) {
        if (f(*item)) return true;
      }
      return false;
    case ExprKind::kLiteral:
    case ExprKind::kIdentifier:
    case ExprKind::kStar:
    case ExprKind::kSubquery:
    case ExprKind::kSymbol:
    case ExprKind::kTableArgument:
    case ExprKind::kModelArgument:
    case ExprKind::kDefault:
    case ExprKind::kDynamicParam: return false;
  }
  return false;
}

}  // namespace

std::string UpperCase(std::string_view text) {
  std::string upper(text);
  for (char& c : upper) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return upper;
}

bool IsGroupWindowFunction(std::string_view upper_name) {
  return upper_name == "TUMBLE" || upper_name == "HOP" || upper_name == "SESSION";
}

bool ContainsAggregate(const ast::Expr& expr) {
  if (expr.kind == ast::ExprKind::kCall) {
    const auto& call = ast::As<ast::Call>(expr);
    if (call.op == ast::Operator::kFunction && call.over == nullptr && call.function.size() == 1 &&
        FindAggregate(UpperCase(call.function[0].text)) != nullptr &&
        FindFunction(call.function[0].text) == nullptr) {
      return true;
    }
  }
  return AnyChild(expr, [](const ast::Expr& child) { return ContainsAggregate(child); });
}

bool ContainsOver(const ast::Expr& expr) {
  if (expr.kind == ast::ExprKind::kCall && ast::As<ast::Call>(expr).over != nullptr) return true;
  return AnyChild(expr, [](const ast::Expr& child) { return ContainsOver(child); });
}

Result<BoundExprPtr> BuildEquals(const BindContext& context, BoundExprPtr a, BoundExprPtr b,
                                 SqlPosition position) {
  const auto is_row = [](const BoundExpr& expr) {
    return expr.kind == BoundExpr::Kind::kCall && expr.name == "ROW";
  };
  if (is_row(*a) && is_row(*b) && a->args.size() == b->args.size()) {
    std::vector<BoundExprPtr> terms;
    for (size_t i = 0; i < a->args.size(); ++i) {
      ASSIGN_OR_RETURN(BoundExprPtr term, BuildEquals(context, a->args[i], b->args[i], position));
      terms.push_back(std::move(term));
    }
    return Conjunction(context, std::move(terms));
  }
  return BuildCall(context, "=", {std::move(a), std::move(b)}, position);
}

BoundExprPtr ExprBinder::ReplaceKeys(BoundExprPtr expr) const {
  if (aggregates == nullptr || inside_aggregate_) return expr;
  for (size_t i = 0; i < aggregates->keys.size(); ++i) {
    if (!SameExpr(*expr, *aggregates->keys[i]) &&
        (i >= aggregates->key_aliases.size() || !SameExpr(*expr, *aggregates->key_aliases[i]))) {
      continue;
    }
    // A literal among the keys must not swallow the same literal elsewhere.
    if (expr->kind == BoundExpr::Kind::kLiteral) continue;
    return Placed(
        MakeInput(kGroupKeyBase + static_cast<int>(i), expr->name, aggregates->key_types[i]),
        expr->position);
  }
  return expr;
}

Status ExprBinder::CheckGrouped(const BoundExpr& expr) const {
  const BoundExpr* bare =
      FindInput(expr, [](const BoundExpr& input) { return input.input_index < kPlaceholderRange; });
  if (bare == nullptr) return {};
  return InvalidSql(fmt::format("Expression '{}' is not being grouped", bare->name),
                    bare->position);
}

Result<BoundExprPtr> ExprBinder::Bind(const ast::Expr& expr) {
  const bool outer_unknown_is_false = unknown_is_false_;
  if (expr.kind != ast::ExprKind::kSubquery) {
    unknown_is_false_ &=
        expr.kind == ast::ExprKind::kCall && (ast::As<ast::Call>(expr).op == ast::Operator::kAnd ||
                                              ast::As<ast::Call>(expr).op == ast::Operator::kOr ||
                                              ast::As<ast::Call>(expr).op == ast::Operator::kIn);
  }
  Result<BoundExprPtr> bound = BindNode(expr);
  unknown_is_false_ = outer_unknown_is_false;
  if (!bound.ok()) return bound.status().At(expr.position);
  return ReplaceKeys(Placed(std::move(bound).value(), expr.position));
}

Result<BoundExprPtr> ExprBinder::BindCondition(const ast::Expr& expr) {
  unknown_is_false_ = true;
  Result<BoundExprPtr> bound = Bind(expr);
  unknown_is_false_ = false;
  if (!bound.ok()) return bound.status();
  BoundExprPtr condition = std::move(bound).value();
  if (condition->type.root() == TypeRoot::kNull) {
    return CastTo(context_, std::move(condition), DataType::Boolean());
  }
  if (condition->type.root() != TypeRoot::kBoolean) {
    return InvalidSql(fmt::format("{} clause must be a condition", clause_), expr.position);
  }
  return condition;
}

Result<std::vector<BoundExprPtr>> ExprBinder::BindAll(const std::vector<ast::ExprPtr>& exprs) {
  std::vector<BoundExprPtr> bound;
  for (const ast::ExprPtr& expr : exprs) {
    ASSIGN_OR_RETURN(BoundExprPtr one, Bind(*expr));
    bound.push_back(std::move(one));
  }
  return bound;
}

Result<PendingSortKey> ExprBinder::BindSortKey(const ast::OrderItem& item) {
  ASSIGN_OR_RETURN(BoundExprPtr expr, Bind(*item.expr));
  PendingSortKey key;
  key.descending = item.descending;
  // NULL is the lowest value.
  key.nulls_first = item.nulls == ast::NullOrder::kUnspecified
                        ? !item.descending
                        : item.nulls == ast::NullOrder::kFirst;
  key.expr = std::move(expr);
  return key;
}

Result<BoundExprPtr> ExprBinder::BindNode(const ast::Expr& expr) {
  using ast::ExprKind;
  switch (expr.kind) {
    case ExprKind::kLiteral: return BindLiteral(ast::As<ast::Literal>(expr));
    case ExprKind::kIdentifier: return BindIdentifier(ast::As<ast::Identifier>(expr));
    case ExprKind::kCall: return BindCall(ast::As<ast::Call>(expr));
    case ExprKind::kCase: return BindCase(ast::As<ast::Case>(expr));
    case ExprKind::kCast: return BindCast(ast::As<ast::Cast>(expr));
    case ExprKind::kSubquery: return BindSubquery(ast::As<ast::Subquery>(expr));
    case ExprKind::kSymbol: return MakeSymbol(ast::As<ast::Symbol>(expr).text);
    case ExprKind::kFieldAccess: {
      const auto& access = ast::As<ast::FieldAccess>(expr);
      if (access.star) return Unsupported("(expr).* is not supported yet here", expr.position);
      ASSIGN_OR_RETURN(BoundExprPtr row, Bind(*access.operand));
      return AccessField(std::move(row), access.field, expr.position);
    }
    case ExprKind::kIntervalExpr: {
      const auto& interval = ast::As<ast::IntervalExpr>(expr);
      ASSIGN_OR_RETURN(BoundExprPtr amount, Bind(*interval.operand));
      ASSIGN_OR_RETURN(BoundExprPtr unit, IntervalUnit(interval.interval));
      if (amount->kind == BoundExpr::Kind::kLiteral && amount->literal.is_int() &&
          IsInteger(amount->type.root())) {
        return MakeLiteral(Value::Int(amount->literal.int_value() * unit->literal.int_value()),
                           unit->type);
      }
      return BuildCall(context_, "*", {std::move(amount), std::move(unit)}, expr.position);
    }
    case ExprKind::kStar: return InvalidSql("Unknown identifier '*'", expr.position);
    case ExprKind::kList: return InvalidSql("A list of values is not allowed here", expr.position);
    case ExprKind::kTableArgument:
      return InvalidSql("A table argument is not allowed here", expr.position);
    case ExprKind::kModelArgument:
      return InvalidSql("A model argument is not allowed here", expr.position);
    case ExprKind::kDefault: return Unsupported("DEFAULT is not supported yet", expr.position);
    case ExprKind::kDynamicParam:
      return Unsupported("Dynamic parameters (?) are not supported yet", expr.position);
  }
  return InvalidSql("Unknown expression", expr.position);
}

Result<BoundExprPtr> ExprBinder::BindIdentifier(const ast::Identifier& identifier) {
  const NamedExpr* alias = nullptr;
  if (aliases != nullptr && !inside_aggregate_ && identifier.path.size() == 1) {
    int matches = 0;
    for (const NamedExpr& named : *aliases) {
      if (named.name != identifier.path[0].text) continue;
      if (alias != nullptr && SameExpr(*alias->expr, *named.expr)) continue;
      alias = &named;
      ++matches;
    }
    if (matches > 1 && aliases_first) {
      return InvalidSql(fmt::format("Column '{}' is ambiguous", identifier.path[0].text),
                        identifier.position);
    }
    if (alias != nullptr && aliases_first) return alias->expr;
  }
  Result<BoundExprPtr> column = scope_->Resolve(identifier.path, identifier.position);
  if (!column.ok() && alias != nullptr) return alias->expr;
  return column;
}

// The condition of one branch: WHEN condition, or CASE operand WHEN value[, value].
Result<BoundExprPtr> ExprBinder::BindWhen(const ast::Expr& when, const BoundExprPtr& operand) {
  if (operand != nullptr) {
    std::vector<BoundExprPtr> values;
    if (when.kind == ast::ExprKind::kList) {
      ASSIGN_OR_RETURN(values, BindAll(ast::As<ast::ExprList>(when).items));
    } else {
      ASSIGN_OR_RETURN(BoundExprPtr value, Bind(when));
      values.push_back(std::move(value));
    }
    for (BoundExprPtr& value : values) {
      ASSIGN_OR_RETURN(value, BuildEquals(context_, operand, std::move(value), when.position));
    }
    if (values.size() == 1) return values[0];
    return BuildCall(context_, "OR", std::move(values), when.position);
  }
  // UNKNOWN goes on to the next branch like FALSE.
  const bool outer_unknown_is_false = unknown_is_false_;
  unknown_is_false_ = true;
  Result<BoundExprPtr> bound = Bind(when);
  unknown_is_false_ = outer_unknown_is_false;
  if (!bound.ok()) return bound.status();
  BoundExprPtr condition = std::move(bound).value();
  if (condition->type.root() == TypeRoot::kNull) {
    return CastTo(context_, std::move(condition), DataType::Boolean());
  }
  if (condition->type.root() != TypeRoot::kBoolean) {
    return InvalidSql("Expected a boolean type", when.position);
  }
  return condition;
}

Result<BoundExprPtr> ExprBinder::BindCase(const ast::Case& expr) {
  BoundExprPtr operand;
  if (expr.operand != nullptr) {
    ASSIGN_OR_RETURN(operand, Bind(*expr.operand));
  }
  std::vector<BoundExprPtr> args;
  for (const ast::CaseBranch& branch : expr.branches) {
    ASSIGN_OR_RETURN(BoundExprPtr when, BindWhen(*branch.when, operand));
    ASSIGN_OR_RETURN(BoundExprPtr then, Bind(*branch.then));
    args.push_back(std::move(when));
    args.push_back(std::move(then));
  }
  if (expr.otherwise != nullptr) {
    ASSIGN_OR_RETURN(BoundExprPtr otherwise, Bind(*expr.otherwise));
    args.push_back(std::move(otherwise));
  } else {
    args.push_back(MakeLiteral(Value(), DataType::Null()));
  }
  return BuildCall(context_, "CASE", std::move(args), expr.position);
}

Result<BoundExprPtr> ExprBinder::BindCast(const ast::Cast& expr) {
  ASSIGN_OR_RETURN(BoundExprPtr operand, Bind(*expr.operand));
  ASSIGN_OR_RETURN(DataType type, BindType(*expr.type));
  if (operand->kind == BoundExpr::Kind::kLiteral && operand->literal.is_null() &&
      operand->type.root() == TypeRoot::kNull) {
    return MakeLiteral(Value(), type.WithNullable(true));
  }
  return BuildCall(context_, expr.try_cast ? "TRY_CAST" : "CAST", {std::move(operand)},
                   expr.position, &type);
}

Result<BoundExprPtr> ExprBinder::BindSubquery(const ast::Subquery& subquery) {
  if (queries == nullptr || subqueries == nullptr || inside_aggregate_) {
    return Unsupported(fmt::format("A subquery in {} is not supported yet",
                                   inside_aggregate_ ? "the arguments of an aggregate" : clause_),
                       subquery.position);
  }
  switch (subquery.subquery) {
    case ast::SubqueryKind::kPlain: return queries->BindScalarSubquery(subquery, *this);
    case ast::SubqueryKind::kExists: return queries->BindExistsValue(subquery, *this);
    case ast::SubqueryKind::kUnique:
      return Unsupported("UNIQUE (query) is not supported yet", subquery.position);
    case ast::SubqueryKind::kArray:
      return Unsupported("ARRAY(query) is not supported yet", subquery.position);
    case ast::SubqueryKind::kMultiset:
      return Unsupported("MULTISET(query) is not supported yet", subquery.position);
    case ast::SubqueryKind::kMap:
      return Unsupported("MAP(query) is not supported yet", subquery.position);
  }
  return Unsupported("This subquery is not supported yet", subquery.position);
}

Status ExprBinder::UnknownFunction(const ast::Call& call,
                                   const std::vector<BoundExprPtr>& args) const {
  std::vector<DataType> types;
  for (const BoundExprPtr& arg : args) types.push_back(arg->type);
  const std::string name = ast::JoinPath(call.function);
  if (IsFlinkFunction(UpperCase(name))) {
    return Unsupported(fmt::format("Function {} is not supported yet", UpperCase(name)),
                       call.position);
  }
  const std::string near =
      call.function.size() == 1 ? NearestFunction(UpperCase(name)) : std::string();
  return InvalidSql(
      fmt::format("No match found for function signature {}{}", SignatureInMessages(name, types),
                  near.empty() ? "" : fmt::format("; did you mean '{}'?", near)),
      call.position);
}

Result<BoundExprPtr> ExprBinder::BindCall(const ast::Call& call) {
  if (call.op != ast::Operator::kFunction) {
    if (call.over != nullptr)
      return InvalidSql("OVER must be applied to aggregate function", call.position);
    return BindOperator(call);
  }
  return BindFunction(call);
}

}  // namespace rhei
