// SELECT: binds every clause, then assembles the plan from what the expressions asked for, bottom
// to top: FROM, WHERE, GROUP BY, subqueries, HAVING, OVER, QUALIFY, select list, DISTINCT.
#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "binder/call_builder.h"
#include "binder/grouping.h"
#include "binder/hint_names.h"
#include "binder/placeholder.h"
#include "binder/plan_builder.h"
#include "binder/query_binder.h"
#include "binder/state_ttl.h"

namespace rhei {
namespace {

// A NULL that nothing gives a type, also as a field of a ROW.
bool HasUntypedNull(const DataType& type) {
  if (type.root() == TypeRoot::kNull) return true;
  if (type.root() != TypeRoot::kRow) return false;
  for (size_t i = 0; i < type.child_count(); ++i) {
    if (HasUntypedNull(type.child(i))) return true;
  }
  return false;
}

bool HasOuter(const BoundExpr& expr) {
  return FindInput(expr, [](const BoundExpr& input) { return input.input_index >= kOuterBase; }) !=
         nullptr;
}

}  // namespace

// One SELECT on its way to a plan.
class SelectBinder {
 public:
  SelectBinder(QueryBinder* queries, const ast::Select& select, const Scope* outer)
      : queries_(queries), context_(queries->context_), select_(select), outer_(outer) {}

  Result<QueryBinder::Body> Bind(const std::vector<ast::OrderItem>& order_by);

 private:
  Status BindFrom();
  Status BindItems();
  Status BindOrder(const std::vector<ast::OrderItem>& order_by);
  bool IsAggregated(const std::vector<ast::OrderItem>& order_by) const;
  ExprBinder MakeBinder(std::string_view clause);

  // A placeholder's column in the plan as it stands.
  BoundExprPtr Place(const BoundExprPtr& expr) const;
  Status JoinSubqueries(size_t from);
  Status ApplyPredicate(const PendingPredicate& predicate);
  void BuildAggregate();
  Status BuildOvers();
  // The input column that holds `expr`, added to `exprs` when it is new.
  static int ColumnFor(const BoundExprPtr& expr, std::vector<BoundExprPtr>* exprs);
  Result<QueryBinder::Body> Finish();

  QueryBinder* queries_;
  const BindContext& context_;
  const ast::Select& select_;
  const Scope* outer_;

  Relation from_;
  LogicalNodePtr plan_;
  int64_t state_ttl_ms_ = -1;
  std::optional<AggregateFrame> aggregates_;
  std::vector<PendingSubquery> subqueries_;
  std::vector<PendingOver> overs_;
  std::vector<NamedExpr> items_;
  std::vector<PendingSortKey> order_;

  // Where placeholders are in plan_.
  std::vector<int> key_columns_;
  std::vector<int> call_columns_;
  std::vector<int> property_columns_;
  int grouping_column_ = -1;
  std::vector<BoundExprPtr> subquery_values_;
  std::vector<int> over_columns_;
};

Result<QueryBinder::Body> QueryBinder::BindSelect(const ast::Select& select,
                                                  const std::vector<ast::OrderItem>& order_by,
                                                  const Scope* outer) {
  const std::vector<ast::Hint>* enclosing = select_hints_;
  select_hints_ = &select.hints;
  SelectBinder binder(this, select, outer);
  Result<Body> body = binder.Bind(order_by);
  select_hints_ = enclosing;
  return body;
}

ExprBinder SelectBinder::MakeBinder(std::string_view clause) {
  ExprBinder binder(context_, &from_.scope, clause);
  binder.queries = queries_;
  binder.subqueries = &subqueries_;
  binder.windows = &select_.windows;
  if (aggregates_) binder.aggregates = &*aggregates_;
  return binder;
}

bool SelectBinder::IsAggregated(const std::vector<ast::OrderItem>& order_by) const {
  if (select_.has_group_by || select_.having != nullptr) return true;
  for (const ast::SelectItem& item : select_.items) {
    if (ContainsAggregate(*item.expr)) return true;
  }
  for (const ast::OrderItem& item : order_by) {
    if (ContainsAggregate(*item.expr)) return true;
  }
  return select_.qualify != nullptr && ContainsAggregate(*select_.qualify);
}

Result<QueryBinder::Body> SelectBinder::Bind(const std::vector<ast::OrderItem>& order_by) {
  RETURN_IF_ERROR(BindFrom());
  if (IsAggregated(order_by)) {
    ExprBinder binder(context_, &from_.scope, "GROUP BY");
    ASSIGN_OR_RETURN(aggregates_, BindGrouping(select_, binder));
  }
  RETURN_IF_ERROR(BindItems());
  PendingPredicate having;
  if (select_.having != nullptr) {
    ExprBinder binder = MakeBinder("HAVING");
    ASSIGN_OR_RETURN(having, queries_->BindPredicate(*select_.having, binder));
  }
  PendingPredicate qualify;
  if (select_.qualify != nullptr) {
    ExprBinder binder = MakeBinder("QUALIFY");
    binder.overs = &overs_;
    binder.aliases = &items_;
    ASSIGN_OR_RETURN(qualify, queries_->BindPredicate(*select_.qualify, binder));
  }
  RETURN_IF_ERROR(BindOrder(order_by));
  if (aggregates_) {
    ExprBinder binder = MakeBinder("SELECT");
    for (const PendingPredicate* predicate : {&having, &qualify}) {
      for (const BoundExprPtr& term : predicate->terms) {
        RETURN_IF_ERROR(binder.CheckGrouped(*term));
      }
    }
    BuildAggregate();
  }
  RETURN_IF_ERROR(JoinSubqueries(0));
  RETURN_IF_ERROR(ApplyPredicate(having));
  RETURN_IF_ERROR(BuildOvers());
  RETURN_IF_ERROR(ApplyPredicate(qualify));
  return Finish();
}

Status SelectBinder::BindFrom() {
  if (select_.from == nullptr) {
    from_.plan = BuildOneRow();
  } else {
    ASSIGN_OR_RETURN(from_, queries_->BindTableRef(*select_.from, outer_));
  }
  from_.scope.outer = outer_;
  plan_ = from_.plan;
  RETURN_IF_ERROR(CheckHints(select_.hints));
  RETURN_IF_ERROR(CheckStateTtl(select_.hints, from_.scope.tables));
  state_ttl_ms_ = StateTtlOf(select_.hints, from_.scope);
  if (select_.where == nullptr) return {};
  ExprBinder binder = MakeBinder("WHERE");
  ASSIGN_OR_RETURN(PendingPredicate where, queries_->BindPredicate(*select_.where, binder));
  RETURN_IF_ERROR(JoinSubqueries(0));
  RETURN_IF_ERROR(ApplyPredicate(where));
  subqueries_.clear();
  subquery_values_.clear();
  return {};
}

Status SelectBinder::BindItems() {
  ExprBinder binder = MakeBinder("SELECT");
  binder.overs = &overs_;
  std::vector<std::string> names;
  for (const ast::SelectItem& item : select_.items) {
    const bool star = item.expr->kind == ast::ExprKind::kStar;
    const bool field_star = item.expr->kind == ast::ExprKind::kFieldAccess &&
                            ast::As<ast::FieldAccess>(*item.expr).star;
    if (star || field_star) {
      std::vector<NamedExpr> columns;
      if (star) {
        if (select_.from == nullptr) {
          return InvalidSql("SELECT * requires a FROM clause", item.expr->position);
        }
        ASSIGN_OR_RETURN(columns, from_.scope.Expand(ast::As<ast::Star>(*item.expr).qualifier,
                                                     item.expr->position));
      } else {
        const auto& access = ast::As<ast::FieldAccess>(*item.expr);
        ASSIGN_OR_RETURN(BoundExprPtr row, binder.Bind(*access.operand));
        if (row->type.root() != TypeRoot::kRow) {
          return InvalidSql("(expr).* needs a ROW", item.expr->position);
        }
        for (const Field& field : row->type.fields()) {
          ast::Name name;
          name.text = field.name;
          ASSIGN_OR_RETURN(BoundExprPtr value, AccessField(row, name, item.expr->position));
          columns.push_back({field.name, std::move(value)});
        }
      }
      for (NamedExpr& column : columns) {
        column.expr = RewriteInputs(column.expr, [&](const BoundExpr& input) {
          return binder.ReplaceKeys(std::make_shared<BoundExpr>(input));
        });
        column.name = UniqueName(column.name, names);
        names.push_back(column.name);
        items_.push_back(std::move(column));
      }
      continue;
    }
    ASSIGN_OR_RETURN(BoundExprPtr bound, binder.Bind(*item.expr));
    if (HasUntypedNull(bound->type)) {
      return InvalidSql("Illegal use of 'NULL'", item.expr->position);
    }
    std::string name = fmt::format("EXPR${}", items_.size());
    if (item.alias) {
      name = item.alias->text;
    } else if (item.expr->kind == ast::ExprKind::kIdentifier) {
      name = ast::As<ast::Identifier>(*item.expr).path.back().text;
    } else if (bound->kind == BoundExpr::Kind::kInput && item.expr->kind == ast::ExprKind::kCall &&
               !ast::As<ast::Call>(*item.expr).parentheses) {
      name = bound->name;  // SELECT user
    }
    names.push_back(name);
    items_.push_back({std::move(name), std::move(bound)});
  }
  if (aggregates_) {
    for (const NamedExpr& item : items_) RETURN_IF_ERROR(binder.CheckGrouped(*item.expr));
  }
  return {};
}

Status SelectBinder::BindOrder(const std::vector<ast::OrderItem>& order_by) {
  ExprBinder binder = MakeBinder("ORDER BY");
  binder.overs = &overs_;
  binder.aliases = &items_;
  binder.aliases_first = true;
  for (const ast::OrderItem& item : order_by) {
    ASSIGN_OR_RETURN(PendingSortKey key, binder.BindSortKey(item));
    if (item.expr->kind == ast::ExprKind::kLiteral && IsInteger(key.expr->type.root())) {
      const int64_t number = key.expr->literal.int_value();
      if (number < 1 || number > static_cast<int64_t>(items_.size())) {
        return InvalidSql("Ordinal out of range", item.expr->position);
      }
      key.expr = items_[static_cast<size_t>(number) - 1].expr;
    }
    if (aggregates_) RETURN_IF_ERROR(binder.CheckGrouped(*key.expr));
    order_.push_back(std::move(key));
  }
  return {};
}

BoundExprPtr SelectBinder::Place(const BoundExprPtr& expr) const {
  return RewriteInputs(expr, [this](const BoundExpr& input) -> BoundExprPtr {
    const int index = input.input_index;
    int column = -1;
    if (IsPlaceholder(index, kGroupKeyBase)) {
      column = key_columns_[static_cast<size_t>(index - kGroupKeyBase)];
    } else if (IsPlaceholder(index, kAggregateBase)) {
      column = call_columns_[static_cast<size_t>(index - kAggregateBase)];
    } else if (IsPlaceholder(index, kWindowPropertyBase)) {
      column = property_columns_[static_cast<size_t>(index - kWindowPropertyBase)];
    } else if (index == kGroupingIdBase) {
      column = grouping_column_;
    } else if (IsPlaceholder(index, kSubqueryBase)) {
      return subquery_values_[static_cast<size_t>(index - kSubqueryBase)];
    } else if (IsPlaceholder(index, kOverBase)) {
      column = over_columns_[static_cast<size_t>(index - kOverBase)];
    } else {
      return nullptr;
    }
    auto placed = std::make_shared<BoundExpr>(input);
    placed->input_index = column;
    return placed;
  });
}

namespace {

// A subquery's condition or value, over the join of the plan (`left` columns) and the subquery.
BoundExprPtr PlaceInner(const BoundExprPtr& expr, int left) {
  return RewriteInputs(expr, [left](const BoundExpr& input) -> BoundExprPtr {
    if (!IsPlaceholder(input.input_index, kInnerBase)) return nullptr;
    auto placed = std::make_shared<BoundExpr>(input);
    placed->input_index = left + input.input_index - kInnerBase;
    return placed;
  });
}

}  // namespace

Status SelectBinder::JoinSubqueries(size_t from) {
  for (size_t i = from; i < subqueries_.size(); ++i) {
    const PendingSubquery& pending = subqueries_[i];
    const int left = static_cast<int>(plan_->schema.size());
    BoundExprPtr condition;
    if (pending.condition != nullptr) condition = PlaceInner(Place(pending.condition), left);
    plan_ = BuildJoin(plan_, pending.plan, JoinType::kLeft, std::move(condition));
    subquery_values_.push_back(PlaceInner(Place(pending.value), left));
  }
  return {};
}

Status SelectBinder::ApplyPredicate(const PendingPredicate& predicate) {
  std::vector<BoundExprPtr> terms;
  for (const BoundExprPtr& term : predicate.terms) terms.push_back(Place(term));
  ASSIGN_OR_RETURN(BoundExprPtr condition, Conjunction(context_, std::move(terms)));
  plan_ = BuildFilter(plan_, std::move(condition));
  for (const PendingSemiJoin& join : predicate.joins) {
    const int left = static_cast<int>(plan_->schema.size());
    BoundExprPtr on;
    if (join.condition != nullptr) on = PlaceInner(Place(join.condition), left);
    plan_ =
        BuildJoin(plan_, join.plan, join.anti ? JoinType::kAnti : JoinType::kSemi, std::move(on));
  }
  return {};
}

int SelectBinder::ColumnFor(const BoundExprPtr& expr, std::vector<BoundExprPtr>* exprs) {
  for (size_t i = 0; i < exprs->size(); ++i) {
    if (SameExpr(*(*exprs)[i], *expr)) return static_cast<int>(i);
  }
  exprs->push_back(expr);
  return static_cast<int>(exprs->size()) - 1;
}

void SelectBinder::BuildAggregate() {
  std::vector<BoundExprPtr> inputs;
  std::vector<int> keys;
  for (const BoundExprPtr& key : aggregates_->keys) {
    keys.push_back(static_cast<int>(inputs.size()));
    inputs.push_back(key);  // Not shared: the same key twice stays two columns.
  }
  int time_column = -1;
  if (aggregates_->window) time_column = ColumnFor(aggregates_->window->args[0], &inputs);
  std::vector<BoundAggregate> calls;
  for (const PendingAggregate& pending : aggregates_->calls) {
    BoundAggregate call = pending.call;
    for (BoundExprPtr& arg : call.args) {
      if (arg->kind == BoundExpr::Kind::kLiteral) continue;
      const int column = ColumnFor(arg, &inputs);
      arg = MakeInput(column, arg->name, arg->type);
    }
    if (pending.filter != nullptr) call.filter_column = ColumnFor(pending.filter, &inputs);
    calls.push_back(std::move(call));
  }
  if (!inputs.empty()) {
    std::vector<std::string> names;
    for (const BoundExprPtr& expr : inputs) {
      const bool plain = expr->kind == BoundExpr::Kind::kInput;
      names.push_back(plain && !expr->name.empty() ? expr->name
                                                   : fmt::format("$f{}", names.size()));
    }
    plan_ = ProjectIfNeeded(plan_, inputs, std::move(names));
  }
  Schema schema;
  for (size_t i = 0; i < keys.size(); ++i) {
    schema.fields.push_back(
        {plan_->schema.name(static_cast<size_t>(keys[i])), aggregates_->key_types[i], ""});
    key_columns_.push_back(static_cast<int>(i));
  }
  for (size_t i = 0; i < calls.size(); ++i) {
    call_columns_.push_back(static_cast<int>(schema.size()));
    schema.fields.push_back({fmt::format("EXPR${}", i), calls[i].type, ""});
  }
  if (aggregates_->window) {
    auto node = std::make_shared<LogicalLegacyWindowAggregate>();
    node->window = aggregates_->window->spec;
    node->window.time_column = time_column;
    for (const WindowProperty property : aggregates_->properties) {
      property_columns_.push_back(static_cast<int>(schema.size()));
      DataType type = DataType::Timestamp(3, false);
      if (property == WindowProperty::kTime) {
        type = aggregates_->window->args[0]->type.WithNullable(false);
      }
      schema.fields.push_back({fmt::format("w${}", property_columns_.size() - 1), type, ""});
    }
    node->properties = aggregates_->properties;
    node->keys = std::move(keys);
    node->aggregates = std::move(calls);
    node->schema = std::move(schema);
    node->position = select_.position;
    node->inputs = {plan_};
    plan_ = std::move(node);
    return;
  }
  auto node = std::make_shared<LogicalAggregate>();
  if (!aggregates_->grouping_sets.empty()) {
    grouping_column_ = static_cast<int>(schema.size());
    schema.fields.push_back({"$grouping_id", DataType::BigInt(false), ""});
  }
  node->keys = std::move(keys);
  node->aggregates = std::move(calls);
  node->grouping_sets = aggregates_->grouping_sets;
  node->ttl_ms = state_ttl_ms_;
  node->schema = std::move(schema);
  node->position = select_.position;
  node->inputs = {plan_};
  plan_ = std::move(node);
}

Status SelectBinder::BuildOvers() {
  if (overs_.empty()) return {};
  // All that the calls read becomes a column beside the plan's own.
  std::vector<BoundExprPtr> columns = ColumnsOf(*plan_);
  std::vector<std::string> names = NamesOf(*plan_);
  const auto column_of = [&](const BoundExprPtr& expr) {
    const BoundExprPtr placed = Place(expr);
    if (placed->kind == BoundExpr::Kind::kInput) return placed->input_index;
    const int column = ColumnFor(placed, &columns);
    if (columns.size() > names.size()) names.push_back(fmt::format("$o{}", names.size()));
    return column;
  };
  struct Window {
    std::shared_ptr<LogicalOver> node;
  };
  std::vector<std::shared_ptr<LogicalOver>> nodes;
  std::vector<std::pair<size_t, size_t>> places;  // node, call
  for (const PendingOver& pending : overs_) {
    LogicalOver over;
    for (const BoundExprPtr& key : pending.partition) over.partition.push_back(column_of(key));
    for (const PendingSortKey& key : pending.order) {
      over.order.push_back({column_of(key.expr), key.descending, key.nulls_first});
    }
    OverCall call = pending.call;
    for (BoundExprPtr& arg : call.args) {
      if (arg->kind != BoundExpr::Kind::kLiteral) {
        arg = MakeInput(column_of(arg), arg->name, arg->type);
      }
    }
    if (call.aggregate.aggregate != nullptr) {
      call.aggregate.args = call.args;
      if (pending.filter != nullptr) call.aggregate.filter_column = column_of(pending.filter);
    }
    const auto same = [&](const std::shared_ptr<LogicalOver>& node) {
      const auto same_key = [](const SortKey& a, const SortKey& b) {
        return a.column == b.column && a.descending == b.descending &&
               a.nulls_first == b.nulls_first;
      };
      return node->partition == over.partition && node->rows_frame == pending.rows_frame &&
             node->unbounded == pending.unbounded && node->preceding == pending.preceding &&
             std::equal(node->order.begin(), node->order.end(), over.order.begin(),
                        over.order.end(), same_key);
    };
    auto found = std::find_if(nodes.begin(), nodes.end(), same);
    if (found == nodes.end()) {
      auto node = std::make_shared<LogicalOver>();
      node->partition = std::move(over.partition);
      node->order = std::move(over.order);
      node->rows_frame = pending.rows_frame;
      node->unbounded = pending.unbounded;
      node->preceding = pending.preceding;
      nodes.push_back(std::move(node));
      found = nodes.end() - 1;
    }
    places.emplace_back(static_cast<size_t>(found - nodes.begin()), (*found)->calls.size());
    (*found)->calls.push_back(std::move(call));
  }
  plan_ = ProjectIfNeeded(plan_, std::move(columns), std::move(names));
  std::vector<int> first_columns;
  for (const std::shared_ptr<LogicalOver>& node : nodes) {
    first_columns.push_back(static_cast<int>(plan_->schema.size()));
    node->schema = plan_->schema;
    for (size_t i = 0; i < node->calls.size(); ++i) {
      node->schema.fields.push_back(
          {fmt::format("w{}$o{}", first_columns.size() - 1, i), node->calls[i].type, ""});
    }
    node->position = select_.position;
    node->inputs = {plan_};
    plan_ = node;
  }
  for (const auto& [node, call] : places) {
    over_columns_.push_back(first_columns[node] + static_cast<int>(call));
  }
  return {};
}

Result<QueryBinder::Body> SelectBinder::Finish() {
  std::vector<BoundExprPtr> exprs;
  std::vector<std::string> names;
  for (const NamedExpr& item : items_) {
    exprs.push_back(Place(item.expr));
    names.push_back(item.name);
    if (HasOuter(*exprs.back()) && select_.distinct) {
      return Unsupported("A correlated column in SELECT DISTINCT is not supported yet",
                         exprs.back()->position);
    }
  }
  QueryBinder::Body body;
  body.visible = exprs.size();
  for (const PendingSortKey& key : order_) {
    const BoundExprPtr placed = Place(key.expr);
    const int column = ColumnFor(placed, &exprs);
    if (exprs.size() > names.size()) {
      if (select_.distinct) {
        return InvalidSql(fmt::format("Expression '{}' is not in the select clause", placed->name),
                          placed->position);
      }
      names.push_back(fmt::format("$sort{}", names.size()));
    }
    body.order.push_back({column, key.descending, key.nulls_first});
  }
  body.plan = ProjectIfNeeded(plan_, std::move(exprs), std::move(names));
  // Right over the table; over an aggregate it has its own state.
  const int64_t distinct_ttl_ms = aggregates_.has_value() ? -1 : state_ttl_ms_;
  if (select_.distinct) body.plan = BuildDistinct(std::move(body.plan), distinct_ttl_ms);
  return body;
}

}  // namespace rhei
