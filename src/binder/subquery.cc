// Subqueries in expressions: EXISTS and IN as semi joins where they filter, else as joined columns;
// scalar subqueries as joins with their one row.
#include <fmt/format.h>

#include <algorithm>

#include "binder/call_builder.h"
#include "binder/decorrelate.h"
#include "binder/placeholder.h"
#include "binder/plan_builder.h"
#include "binder/query_binder.h"
#include "binder/type_names.h"
#include "functions/registry.h"

namespace rhei {
namespace {

// Inner columns become kInnerBase references, references to the enclosing query its own columns.
BoundExprPtr SeenFromOutside(const BoundExprPtr& predicate, const ExprBinder& binder) {
  return RewriteInputs(predicate, [&](const BoundExpr& input) -> BoundExprPtr {
    auto moved = std::make_shared<BoundExpr>(input);
    if (input.input_index >= kOuterBase) {
      moved->input_index -= kOuterBase;
      return binder.ReplaceKeys(std::move(moved));
    }
    moved->input_index += kInnerBase;
    return moved;
  });
}

BoundExprPtr InnerColumn(const LogicalNode& plan, int column) {
  const Field& field = plan.schema.fields[static_cast<size_t>(column)];
  return MakeInput(kInnerBase + column, field.name, field.type);
}

Result<BoundExprPtr> JoinConditionOf(const std::vector<BoundExprPtr>& predicates,
                                     const ExprBinder& binder,
                                     std::vector<BoundExprPtr> terms = {}) {
  for (const BoundExprPtr& predicate : predicates) {
    BoundExprPtr term = SeenFromOutside(predicate, binder);
    if (binder.aggregates != nullptr) RETURN_IF_ERROR(binder.CheckGrouped(*term));
    terms.push_back(std::move(term));
  }
  return Conjunction(binder.context(), std::move(terms));
}

// The values on the left of IN: one, or those of a row.
std::vector<BoundExprPtr> RowParts(const BoundExprPtr& value, size_t columns) {
  if (columns > 1 && value->kind == BoundExpr::Kind::kCall && value->name == "ROW") {
    return value->args;
  }
  return {value};
}

// value = column for each column of the subquery. With `null_aware` UNKNOWN counts as TRUE.
Result<std::vector<BoundExprPtr>> MembershipTerms(const BindContext& context,
                                                  const BoundExprPtr& value,
                                                  const LogicalNode& plan, size_t columns,
                                                  bool null_aware, SqlPosition position) {
  const std::vector<BoundExprPtr> parts = RowParts(value, columns);
  if (parts.size() != columns) {
    return InvalidSql("Values passed to IN operator must have compatible types", position);
  }
  std::vector<BoundExprPtr> terms;
  for (size_t i = 0; i < columns; ++i) {
    const BoundExprPtr column = InnerColumn(plan, static_cast<int>(i));
    Result<BoundExprPtr> equal = BuildEquals(context, parts[i], column, position);
    if (!equal.ok()) {
      if (equal.status().code() == ErrorCode::kUnsupported) return equal.status();
      return InvalidSql("Values passed to IN operator must have compatible types", position);
    }
    std::vector<BoundExprPtr> choices{*equal};
    if (null_aware) {
      for (const BoundExprPtr& side : {parts[i], column}) {
        if (!side->type.nullable()) continue;
        ASSIGN_OR_RETURN(BoundExprPtr is_null, BuildCall(context, "IS NULL", {side}, position));
        choices.push_back(std::move(is_null));
      }
    }
    if (choices.size() == 1) {
      terms.push_back(choices[0]);
      continue;
    }
    ASSIGN_OR_RETURN(BoundExprPtr any, BuildCall(context, "OR", std::move(choices), position));
    terms.push_back(std::move(any));
  }
  return terms;
}

// A reference to the subquery's value, whatever column it gets.
BoundExprPtr AddSubquery(PendingSubquery pending, ExprBinder& binder) {
  const DataType type = pending.value->type;
  const std::string name = pending.value->name;
  binder.subqueries->push_back(std::move(pending));
  return MakeInput(kSubqueryBase + static_cast<int>(binder.subqueries->size()) - 1, name, type);
}

// The plan's compared columns and TRUE, each combination once: something to join with that says
// whether there is a row.
Result<LogicalNodePtr> MarkPlan(Decorrelated* d, const std::vector<int>& keys) {
  std::vector<BoundExprPtr> exprs;
  std::vector<std::string> names;
  std::vector<int> mapping(d->plan->schema.size(), -1);
  for (const int key : keys) {
    if (mapping[static_cast<size_t>(key)] >= 0) continue;
    mapping[static_cast<size_t>(key)] = static_cast<int>(exprs.size());
    exprs.push_back(ColumnOf(*d->plan, key));
    names.push_back(d->plan->schema.name(static_cast<size_t>(key)));
  }
  exprs.push_back(MakeLiteral(Value::Bool(true), DataType::Boolean(false)));
  names.emplace_back("$mark");
  for (BoundExprPtr& predicate : d->predicates) {
    predicate = RewriteInputs(predicate, [&](const BoundExpr& input) -> BoundExprPtr {
      if (input.input_index >= kInnerBase) return nullptr;
      auto moved = std::make_shared<BoundExpr>(input);
      moved->input_index = mapping[static_cast<size_t>(input.input_index)];
      return moved;
    });
  }
  return BuildDistinct(BuildProject(d->plan, std::move(exprs), std::move(names)));
}

Result<LogicalNodePtr> SingleValue(const Decorrelated& d, const std::vector<int>& keys,
                                   SqlPosition position) {
  const AggregateDef* single = FindAggregate("SINGLE_VALUE");
  if (single == nullptr) {
    return Unsupported("A scalar subquery that may give more than one row is not supported yet",
                       position);
  }
  auto aggregate = std::make_shared<LogicalAggregate>();
  BoundAggregate call;
  call.aggregate = single;
  call.name = "SINGLE_VALUE";
  const DataType& type = d.plan->schema.type(0);
  call.type = type.WithNullable(true).WithTimeAttribute(TimeAttribute::kNone);
  call.args = {ColumnOf(*d.plan, 0)};
  call.argument_types = {type};
  call.position = position;
  for (const int key : keys) {
    aggregate->keys.push_back(key);
    aggregate->schema.fields.push_back(d.plan->schema.fields[static_cast<size_t>(key)]);
  }
  aggregate->schema.fields.push_back({d.plan->schema.name(0), call.type, ""});
  aggregate->aggregates.push_back(std::move(call));
  aggregate->inputs = {d.plan};
  aggregate->position = position;
  return LogicalNodePtr(std::move(aggregate));
}

std::vector<int> DistinctKeys(const std::vector<BoundExprPtr>& predicates, bool* all_equal) {
  std::vector<int> keys;
  *all_equal = true;
  for (const BoundExprPtr& predicate : predicates) {
    const int column = EqualityColumn(*predicate);
    if (column < 0) {
      *all_equal = false;
      continue;
    }
    if (std::find(keys.begin(), keys.end(), column) == keys.end()) keys.push_back(column);
  }
  return keys;
}

const ast::Query& QueryOf(const ast::Expr& subquery) {
  return *ast::As<ast::Subquery>(subquery).query;
}

}  // namespace

Result<PendingPredicate> QueryBinder::BindPredicate(const ast::Expr& condition,
                                                    ExprBinder& binder) {
  PendingPredicate predicate;
  std::vector<const ast::Expr*> stack{&condition};
  while (!stack.empty()) {
    const ast::Expr& term = *stack.back();
    stack.pop_back();
    if (term.kind == ast::ExprKind::kCall && ast::As<ast::Call>(term).op == ast::Operator::kAnd) {
      const auto& args = ast::As<ast::Call>(term).args;
      for (auto arg = args.rbegin(); arg != args.rend(); ++arg) stack.push_back(arg->get());
      continue;
    }
    ASSIGN_OR_RETURN(bool taken, TakeSemiJoin(term, false, binder, &predicate));
    if (taken) continue;
    ASSIGN_OR_RETURN(BoundExprPtr bound, binder.BindCondition(term));
    predicate.terms.push_back(std::move(bound));
  }
  return predicate;
}

Result<bool> QueryBinder::TakeSemiJoin(const ast::Expr& term, bool negated, ExprBinder& binder,
                                       PendingPredicate* predicate) {
  if (term.kind == ast::ExprKind::kSubquery) {
    if (ast::As<ast::Subquery>(term).subquery != ast::SubqueryKind::kExists) return false;
    ASSIGN_OR_RETURN(LogicalNodePtr plan, BindQuery(QueryOf(term), binder.scope(), false));
    ASSIGN_OR_RETURN(Decorrelated d, Decorrelate(context_, plan));
    PendingSemiJoin join;
    join.plan = std::move(d.plan);
    join.anti = negated;
    ASSIGN_OR_RETURN(join.condition, JoinConditionOf(d.predicates, binder));
    predicate->joins.push_back(std::move(join));
    return true;
  }
  if (term.kind != ast::ExprKind::kCall) return false;
  const auto& call = ast::As<ast::Call>(term);
  if (call.op == ast::Operator::kNot) {
    return TakeSemiJoin(*call.args[0], !negated, binder, predicate);
  }
  const bool quantified = call.quantifier != ast::Quantifier::kNone;
  const bool in = (call.op == ast::Operator::kIn && !quantified) ||
                  (call.op == ast::Operator::kEquals && call.quantifier == ast::Quantifier::kSome);
  const bool not_in =
      (call.op == ast::Operator::kNotIn && !quantified) ||
      (call.op == ast::Operator::kNotEquals && call.quantifier == ast::Quantifier::kAll);
  if ((!in && !not_in) || call.args[1]->kind != ast::ExprKind::kSubquery) return false;
  ASSIGN_OR_RETURN(BoundExprPtr value, binder.Bind(*call.args[0]));
  ASSIGN_OR_RETURN(LogicalNodePtr plan, BindQuery(QueryOf(*call.args[1]), binder.scope(), false));
  const size_t columns = plan->schema.size();
  ASSIGN_OR_RETURN(Decorrelated d, Decorrelate(context_, plan));
  PendingSemiJoin join;
  join.anti = negated != not_in;
  ASSIGN_OR_RETURN(std::vector<BoundExprPtr> terms,
                   MembershipTerms(context_, value, *d.plan, columns, join.anti, call.position));
  join.plan = std::move(d.plan);
  ASSIGN_OR_RETURN(join.condition, JoinConditionOf(d.predicates, binder, std::move(terms)));
  predicate->joins.push_back(std::move(join));
  return true;
}

Result<BoundExprPtr> QueryBinder::BindScalarSubquery(const ast::Subquery& subquery,
                                                     ExprBinder& binder) {
  const SqlPosition at = subquery.position;
  ASSIGN_OR_RETURN(LogicalNodePtr plan, BindQuery(*subquery.query, binder.scope(), false));
  if (plan->schema.size() != 1) {
    std::string fields;
    for (const Field& field : plan->schema.fields) {
      fields += fmt::format("{}{} {}", fields.empty() ? "" : ", ", TypeInMessages(field.type),
                            field.name);
    }
    return InvalidSql(fmt::format("Cannot apply '$SCALAR_QUERY' to arguments of type "
                                  "'$SCALAR_QUERY(<RECORDTYPE({})>)'. Supported form(s): "
                                  "'$SCALAR_QUERY(<RECORDTYPE(SINGLE FIELD)>)'",
                                  UpperCase(fields)),
                      at);
  }
  const bool single = IsSingleRow(*plan);
  const BoundExprPtr empty = single ? ValueOnEmpty(*plan, 0) : nullptr;
  ASSIGN_OR_RETURN(Decorrelated d, Decorrelate(context_, plan));
  bool all_equal = true;
  std::vector<int> keys = DistinctKeys(d.predicates, &all_equal);
  PendingSubquery pending;
  int column = 0;
  if (single) {
    pending.plan = d.plan;
  } else {
    if (!all_equal) {
      return Unsupported(
          "A correlated scalar subquery with a condition other than equality is not supported yet",
          at);
    }
    ASSIGN_OR_RETURN(pending.plan, SingleValue(d, keys, at));
    std::vector<int> mapping(d.plan->schema.size(), -1);
    for (size_t i = 0; i < keys.size(); ++i) {
      mapping[static_cast<size_t>(keys[i])] = static_cast<int>(i);
    }
    for (BoundExprPtr& predicate : d.predicates) {
      predicate = RewriteInputs(predicate, [&](const BoundExpr& input) -> BoundExprPtr {
        if (input.input_index >= kInnerBase) return nullptr;
        auto moved = std::make_shared<BoundExpr>(input);
        moved->input_index = mapping[static_cast<size_t>(input.input_index)];
        return moved;
      });
    }
    for (size_t i = 0; i < keys.size(); ++i) keys[i] = static_cast<int>(i);
    column = static_cast<int>(keys.size());
  }
  ASSIGN_OR_RETURN(pending.condition, JoinConditionOf(d.predicates, binder));
  BoundExprPtr value = InnerColumn(*pending.plan, column);
  auto nullable = std::make_shared<BoundExpr>(*value);
  nullable->type = DeepNullable(value->type);
  value = std::move(nullable);
  if (empty != nullptr && !keys.empty()) {
    auto key = std::make_shared<BoundExpr>(*InnerColumn(*pending.plan, keys[0]));
    key->type = key->type.WithNullable(true);
    ASSIGN_OR_RETURN(BoundExprPtr missing, BuildCall(context_, "IS NULL", {std::move(key)}, at));
    ASSIGN_OR_RETURN(value, BuildCall(context_, "CASE", {std::move(missing), empty, value}, at));
  }
  pending.value = std::move(value);
  return AddSubquery(std::move(pending), binder);
}

Result<BoundExprPtr> QueryBinder::BindExistsValue(const ast::Subquery& subquery,
                                                  ExprBinder& binder) {
  const SqlPosition at = subquery.position;
  ASSIGN_OR_RETURN(LogicalNodePtr plan, BindQuery(*subquery.query, binder.scope(), false));
  ASSIGN_OR_RETURN(Decorrelated d, Decorrelate(context_, plan));
  bool all_equal = true;
  const std::vector<int> keys = DistinctKeys(d.predicates, &all_equal);
  if (!all_equal) {
    return Unsupported(
        "EXISTS as a value with a condition other than equality is not supported yet", at);
  }
  PendingSubquery pending;
  ASSIGN_OR_RETURN(pending.plan, MarkPlan(&d, keys));
  ASSIGN_OR_RETURN(pending.condition, JoinConditionOf(d.predicates, binder));
  auto mark = std::make_shared<BoundExpr>(
      *InnerColumn(*pending.plan, static_cast<int>(pending.plan->schema.size()) - 1));
  mark->type = mark->type.WithNullable(true);
  ASSIGN_OR_RETURN(pending.value, BuildCall(context_, "IS NOT NULL", {std::move(mark)}, at));
  return AddSubquery(std::move(pending), binder);
}

// IN over nullable values: besides a match it takes the number of rows and of values that are not
// NULL (for the same outer row) to tell FALSE from UNKNOWN.
Result<BoundExprPtr> QueryBinder::BindThreeValuedIn(const BoundExprPtr& value, Decorrelated d,
                                                    bool negated, SqlPosition at,
                                                    ExprBinder& binder) {
  bool all_equal = true;
  const std::vector<int> keys = DistinctKeys(d.predicates, &all_equal);
  const DataType count_type = DataType::BigInt(false);
  auto counts = std::make_shared<LogicalAggregate>();
  std::vector<int> mapping(d.plan->schema.size(), -1);
  for (const int key : keys) {
    mapping[static_cast<size_t>(key)] = static_cast<int>(counts->keys.size());
    counts->keys.push_back(key);
    counts->schema.fields.push_back(d.plan->schema.fields[static_cast<size_t>(key)]);
  }
  for (const bool all : {true, false}) {
    BoundAggregate call;
    call.aggregate = FindAggregate("COUNT");
    call.name = "COUNT";
    call.type = count_type;
    call.position = at;
    if (!all) {
      call.args = {ColumnOf(*d.plan, 0)};
      call.argument_types = {d.plan->schema.type(0)};
    }
    counts->schema.fields.push_back({all ? "$rows" : "$values", count_type, ""});
    counts->aggregates.push_back(std::move(call));
  }
  counts->inputs = {d.plan};
  counts->position = at;
  PendingSubquery counted;
  std::vector<BoundExprPtr> count_predicates;
  for (const BoundExprPtr& predicate : d.predicates) {
    count_predicates.push_back(
        RewriteInputs(predicate, [&](const BoundExpr& input) -> BoundExprPtr {
          if (input.input_index >= kInnerBase) return nullptr;
          auto moved = std::make_shared<BoundExpr>(input);
          moved->input_index = mapping[static_cast<size_t>(input.input_index)];
          return moved;
        }));
  }
  counted.plan = counts;
  ASSIGN_OR_RETURN(counted.condition, JoinConditionOf(count_predicates, binder));
  const int rows = static_cast<int>(keys.size());
  const auto count = [&](int column) {
    auto nullable = std::make_shared<BoundExpr>(*InnerColumn(*counts, column));
    nullable->type = count_type.WithNullable(true);
    return BoundExprPtr(std::move(nullable));
  };
  // TRUE: there are rows; NULL: there are NULLs among them; FALSE: none of both.
  const BoundExprPtr yes = MakeLiteral(Value::Bool(true), DataType::Boolean(false));
  const BoundExprPtr no = MakeLiteral(Value::Bool(false), DataType::Boolean(false));
  const BoundExprPtr unknown = MakeLiteral(Value(), DataType::Boolean());
  const BoundExprPtr zero = MakeLiteral(Value::Int(0), count_type);
  ASSIGN_OR_RETURN(BoundExprPtr none, BuildCall(context_, "IS NULL", {count(rows)}, at));
  ASSIGN_OR_RETURN(BoundExprPtr empty, BuildCall(context_, "=", {count(rows), zero}, at));
  ASSIGN_OR_RETURN(none, BuildCall(context_, "OR", {std::move(none), std::move(empty)}, at));
  ASSIGN_OR_RETURN(BoundExprPtr nulls,
                   BuildCall(context_, "<", {count(rows + 1), count(rows)}, at));
  ASSIGN_OR_RETURN(counted.value, BuildCall(context_, "CASE", {none, no, nulls, unknown, yes}, at));
  const BoundExprPtr state = AddSubquery(std::move(counted), binder);
  // The match itself.
  std::vector<int> mark_keys = keys;
  if (std::find(mark_keys.begin(), mark_keys.end(), 0) == mark_keys.end()) mark_keys.push_back(0);
  std::stable_sort(mark_keys.begin(), mark_keys.end());
  PendingSubquery match;
  ASSIGN_OR_RETURN(match.plan, MarkPlan(&d, mark_keys));
  ASSIGN_OR_RETURN(std::vector<BoundExprPtr> terms,
                   MembershipTerms(context_, value, *match.plan, 1, false, at));
  ASSIGN_OR_RETURN(match.condition, JoinConditionOf(d.predicates, binder, std::move(terms)));
  auto mark = std::make_shared<BoundExpr>(
      *InnerColumn(*match.plan, static_cast<int>(match.plan->schema.size()) - 1));
  mark->type = mark->type.WithNullable(true);
  ASSIGN_OR_RETURN(match.value, BuildCall(context_, "IS NOT NULL", {std::move(mark)}, at));
  const BoundExprPtr found = AddSubquery(std::move(match), binder);
  // Not found: FALSE without rows; UNKNOWN where the value or one of the rows is NULL.
  ASSIGN_OR_RETURN(BoundExprPtr no_value, BuildCall(context_, "IS NULL", {value}, at));
  ASSIGN_OR_RETURN(BoundExprPtr is_empty, BuildCall(context_, "IS FALSE", {state}, at));
  ASSIGN_OR_RETURN(BoundExprPtr has_null, BuildCall(context_, "IS NULL", {state}, at));
  ASSIGN_OR_RETURN(BoundExprPtr open,
                   BuildCall(context_, "OR", {std::move(no_value), std::move(has_null)}, at));
  return BuildCall(context_, "CASE",
                   {found, negated ? no : yes, std::move(is_empty), negated ? yes : no,
                    std::move(open), unknown, negated ? yes : no},
                   at);
}

Result<BoundExprPtr> QueryBinder::BindInValue(const ast::Call& call, bool negated,
                                              ExprBinder& binder) {
  const SqlPosition at = call.position;
  ASSIGN_OR_RETURN(BoundExprPtr value, binder.Bind(*call.args[0]));
  ASSIGN_OR_RETURN(LogicalNodePtr plan, BindQuery(QueryOf(*call.args[1]), binder.scope(), false));
  const size_t columns = plan->schema.size();
  ASSIGN_OR_RETURN(Decorrelated d, Decorrelate(context_, plan));
  bool all_equal = true;
  std::vector<int> keys = DistinctKeys(d.predicates, &all_equal);
  bool nullable = false;
  for (const BoundExprPtr& part : RowParts(value, columns)) nullable |= part->type.nullable();
  for (size_t i = 0; i < columns; ++i) {
    nullable |= plan->schema.type(i).nullable();
    if (std::find(keys.begin(), keys.end(), static_cast<int>(i)) == keys.end()) {
      keys.push_back(static_cast<int>(i));
    }
  }
  if (!all_equal) {
    return Unsupported(
        "IN (query) as a value with a condition other than equality is not "
        "supported yet",
        at);
  }
  if (nullable && (negated || !binder.unknown_is_false())) {
    if (columns != 1) {
      return Unsupported("IN (query) of nullable rows as a value is not supported yet", at);
    }
    return BindThreeValuedIn(value, std::move(d), negated, at, binder);
  }
  // The compared columns first, so that they keep their places.
  std::stable_sort(keys.begin(), keys.end());
  PendingSubquery pending;
  ASSIGN_OR_RETURN(pending.plan, MarkPlan(&d, keys));
  ASSIGN_OR_RETURN(std::vector<BoundExprPtr> terms,
                   MembershipTerms(context_, value, *pending.plan, columns, false, at));
  ASSIGN_OR_RETURN(pending.condition, JoinConditionOf(d.predicates, binder, std::move(terms)));
  auto mark = std::make_shared<BoundExpr>(
      *InnerColumn(*pending.plan, static_cast<int>(pending.plan->schema.size()) - 1));
  mark->type = mark->type.WithNullable(true);
  ASSIGN_OR_RETURN(pending.value,
                   BuildCall(context_, negated ? "IS NULL" : "IS NOT NULL", {std::move(mark)}, at));
  return AddSubquery(std::move(pending), binder);
}

}  // namespace rhei
