// Joins: plain, USING and NATURAL, LATERAL and UNNEST, FOR SYSTEM_TIME AS OF.
#include <fmt/format.h>

#include <algorithm>

#include "binder/call_builder.h"
#include "binder/decorrelate.h"
#include "binder/placeholder.h"
#include "binder/plan_builder.h"
#include "binder/query_binder.h"
#include "binder/state_ttl.h"
#include "binder/type_names.h"

namespace rhei {
namespace {

JoinType JoinTypeOf(ast::JoinType type) {
  switch (type) {
    case ast::JoinType::kComma:
    case ast::JoinType::kCross:
    case ast::JoinType::kInner: return JoinType::kInner;
    case ast::JoinType::kLeft: return JoinType::kLeft;
    case ast::JoinType::kRight: return JoinType::kRight;
    case ast::JoinType::kFull: return JoinType::kFull;
  }
  return JoinType::kInner;
}

std::string HintText(const ast::Hint& hint) {
  std::string text;
  const auto add = [&](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
  for (const ast::Name& name : hint.identifiers) add(name.text);
  for (const std::string& literal : hint.literals) add("'" + literal + "'");
  for (const ast::Option& option : hint.options) add("'" + option.key + "'='" + option.value + "'");
  return UpperCase(hint.name.text) + "(" + text + ")";
}

// Both scopes side by side, columns numbered as the join gives them.
Scope BothScopes(const Relation& left, const Relation& right, const Scope* outer) {
  Scope scope = left.scope;
  Scope shifted = right.scope;
  shifted.Shift(static_cast<int>(left.plan->schema.size()));
  scope.tables.insert(scope.tables.end(), shifted.tables.begin(), shifted.tables.end());
  scope.merged.insert(scope.merged.end(), shifted.merged.begin(), shifted.merged.end());
  scope.outer = outer;
  return scope;
}

// Column types as the join gives them (nullable on outer sides).
void TakeTypes(const Schema& schema, Scope* scope) {
  for (ScopeTable& table : scope->tables) {
    for (ScopeColumn& column : table.columns) {
      column.type = schema.type(static_cast<size_t>(column.index));
    }
  }
  for (MergedColumn& column : scope->merged) {
    column.expr = RewriteInputs(column.expr, [&](const BoundExpr& input) {
      auto typed = std::make_shared<BoundExpr>(input);
      typed->type = schema.type(static_cast<size_t>(input.input_index));
      return BoundExprPtr(std::move(typed));
    });
  }
}

bool IsTrueLiteral(const ast::Expr& expr) {
  return expr.kind == ast::ExprKind::kLiteral && ast::As<ast::Literal>(expr).boolean;
}

// The columns that UNNEST makes of a collection.
Result<std::vector<Field>> ElementFields(const DataType& type, SqlPosition position) {
  const auto fields_of = [](const DataType& element) -> std::vector<Field> {
    if (element.root() != TypeRoot::kRow) return {{"EXPR$0", element, ""}};
    std::vector<Field> fields = element.fields();
    if (element.nullable()) {
      for (Field& field : fields) field.type = DeepNullable(field.type);
    }
    return fields;
  };
  switch (type.root()) {
    case TypeRoot::kArray:
    case TypeRoot::kMultiset: return fields_of(type.child(0));
    case TypeRoot::kMap:
      return std::vector<Field>{{"KEY", type.child(0), ""}, {"VALUE", type.child(1), ""}};
    default:
      return InvalidSql(fmt::format("Cannot apply 'UNNEST' to arguments of type 'UNNEST(<{}>)'. "
                                    "Supported form(s): 'UNNEST(<MULTISET>)'\n'UNNEST(<ARRAY>)'\n"
                                    "'UNNEST(<MAP>)'",
                                    TypeInMessages(type)),
                        position);
  }
}

}  // namespace

Result<Relation> QueryBinder::BindJoin(const ast::Join& join, const Scope* outer) {
  ASSIGN_OR_RETURN(Relation left, BindTableRef(*join.left, outer));
  left.scope.outer = outer;
  const ast::TableRef& ref = *join.right;
  if (ref.kind == ast::TableRefKind::kNamed &&
      ast::As<ast::NamedTable>(ref).system_time != nullptr) {
    return BindTemporalJoin(join, std::move(left), outer);
  }
  const bool lateral =
      ref.kind == ast::TableRefKind::kUnnest ||
      (ref.kind == ast::TableRefKind::kDerived && ast::As<ast::DerivedTable>(ref).lateral);
  if (lateral) return BindLateral(join, std::move(left), outer);
  ASSIGN_OR_RETURN(Relation right, BindTableRef(ref, outer));
  Relation joined;
  joined.scope = BothScopes(left, right, outer);
  ASSIGN_OR_RETURN(BoundExprPtr condition, JoinCondition(join, left, right, &joined.scope, outer));
  auto node = BuildJoin(left.plan, right.plan, JoinTypeOf(join.type), std::move(condition));
  node->position = join.position;
  if (select_hints_ != nullptr) {
    for (const ast::Hint& hint : *select_hints_) {
      if (!IsStateTtl(hint)) node->hints.push_back(HintText(hint));
    }
    node->left_ttl_ms = StateTtlOf(*select_hints_, left.scope);
    node->right_ttl_ms = StateTtlOf(*select_hints_, right.scope);
  }
  TakeTypes(node->schema, &joined.scope);
  joined.plan = std::move(node);
  return joined;
}

Result<BoundExprPtr> QueryBinder::JoinCondition(const ast::Join& join, const Relation& left,
                                                const Relation& right, Scope* scope,
                                                const Scope* outer) {
  (void)outer;
  if (join.condition == ast::JoinConditionKind::kOn) {
    ExprBinder binder(context_, scope, "ON");
    return binder.BindCondition(*join.on);
  }
  if (join.condition == ast::JoinConditionKind::kUsing || join.natural) {
    std::vector<BoundExprPtr> terms;
    RETURN_IF_ERROR(MergeUsing(join, left, right, scope, &terms));
    return Conjunction(context_, std::move(terms));
  }
  return BoundExprPtr();
}

Status QueryBinder::MergeUsing(const ast::Join& join, const Relation& left, const Relation& right,
                               Scope* scope, std::vector<BoundExprPtr>* terms) {
  std::vector<ast::Name> names = join.using_columns;
  if (join.natural) {
    Result<std::vector<NamedExpr>> columns = left.scope.Expand({}, join.position);
    if (!columns.ok()) return columns.status();
    for (const NamedExpr& column : *columns) {
      ast::Name name;
      name.text = column.name;
      name.position = join.position;
      ASSIGN_OR_RETURN(BoundExprPtr other, right.scope.FindColumn(name));
      if (other != nullptr) names.push_back(std::move(name));
    }
  }
  Scope shifted = right.scope;
  shifted.Shift(static_cast<int>(left.plan->schema.size()));
  std::vector<MergedColumn> merged;
  for (const ast::Name& name : names) {
    ASSIGN_OR_RETURN(BoundExprPtr a, left.scope.FindColumn(name));
    ASSIGN_OR_RETURN(BoundExprPtr b, shifted.FindColumn(name));
    if (a == nullptr || b == nullptr) {
      return InvalidSql(fmt::format("Column '{}' not found in any table", name.text),
                        name.position);
    }
    ASSIGN_OR_RETURN(BoundExprPtr equal, BuildEquals(context_, a, b, join.position));
    terms->push_back(std::move(equal));
    MergedColumn column;
    column.name = name.text;
    column.expr = join.type == ast::JoinType::kRight ? b : a;
    if (join.type == ast::JoinType::kFull) {
      ASSIGN_OR_RETURN(column.expr, BuildCall(context_, "COALESCE", {a, b}, join.position));
    }
    for (const BoundExprPtr& side : {a, b}) {
      FindInput(*side, [&](const BoundExpr& input) {
        column.members.push_back(input.input_index);
        return false;
      });
    }
    merged.push_back(std::move(column));
  }
  // Columns merged by an inner join and merged again: the outer one counts.
  for (const MergedColumn& column : scope->merged) {
    const bool again = std::any_of(merged.begin(), merged.end(), [&](const MergedColumn& other) {
      return other.name == column.name;
    });
    if (!again) {
      merged.push_back(column);
      continue;
    }
    for (MergedColumn& other : merged) {
      if (other.name == column.name) {
        other.members.insert(other.members.end(), column.members.begin(), column.members.end());
      }
    }
  }
  scope->merged = std::move(merged);
  return {};
}

Result<Relation> QueryBinder::BindLateral(const ast::Join& join, Relation left,
                                          const Scope* outer) {
  const JoinType type = JoinTypeOf(join.type);
  if (type == JoinType::kRight || type == JoinType::kFull) {
    return InvalidSql("LATERAL is only allowed on the right of an inner or left join",
                      join.position);
  }
  if (join.natural || join.condition == ast::JoinConditionKind::kUsing) {
    return Unsupported("USING with LATERAL is not supported yet", join.position);
  }
  const bool plain_on = join.on == nullptr || IsTrueLiteral(*join.on);
  if (join.right->kind == ast::TableRefKind::kUnnest) {
    if (type == JoinType::kLeft && !plain_on) {
      return Unsupported("LEFT JOIN UNNEST with a condition other than TRUE is not supported yet",
                         join.position);
    }
    ASSIGN_OR_RETURN(Relation joined, BindUnnest(ast::As<ast::Unnest>(*join.right), std::move(left),
                                                 type == JoinType::kLeft));
    if (!plain_on) {
      ExprBinder binder(context_, &joined.scope, "ON");
      ASSIGN_OR_RETURN(BoundExprPtr condition, binder.BindCondition(*join.on));
      joined.plan = BuildFilter(std::move(joined.plan), std::move(condition));
    }
    return joined;
  }
  const auto& derived = ast::As<ast::DerivedTable>(*join.right);
  ASSIGN_OR_RETURN(LogicalNodePtr plan, BindQuery(*derived.query, &left.scope, false));
  Relation right;
  right.scope = ScopeOf({}, plan->schema);
  ASSIGN_OR_RETURN(Decorrelated d, Decorrelate(context_, plan));
  right.plan = d.plan;
  RETURN_IF_ERROR(ApplyAlias(derived.alias, derived.column_aliases, derived.position, &right));
  const int shift = static_cast<int>(left.plan->schema.size());
  std::vector<BoundExprPtr> terms;
  for (const BoundExprPtr& predicate : d.predicates) {
    terms.push_back(RewriteInputs(predicate, [shift](const BoundExpr& input) {
      auto moved = std::make_shared<BoundExpr>(input);
      moved->input_index += input.input_index >= kOuterBase ? -kOuterBase : shift;
      return BoundExprPtr(std::move(moved));
    }));
  }
  Relation joined;
  joined.scope = BothScopes(left, right, outer);
  if (!plain_on) {
    ExprBinder binder(context_, &joined.scope, "ON");
    ASSIGN_OR_RETURN(BoundExprPtr on, binder.BindCondition(*join.on));
    terms.push_back(std::move(on));
  }
  ASSIGN_OR_RETURN(BoundExprPtr condition, Conjunction(context_, std::move(terms)));
  auto node = BuildJoin(left.plan, right.plan, type, std::move(condition));
  node->position = join.position;
  TakeTypes(node->schema, &joined.scope);
  joined.plan = std::move(node);
  return joined;
}

Result<Relation> QueryBinder::BindUnnest(const ast::Unnest& ref, Relation left, bool left_join) {
  if (ref.exprs.size() != 1) {
    return Unsupported("UNNEST of several collections is not supported yet", ref.position);
  }
  ExprBinder binder(context_, &left.scope, "UNNEST");
  ASSIGN_OR_RETURN(BoundExprPtr collection, binder.Bind(*ref.exprs[0]));
  auto node = std::make_shared<LogicalUnnest>();
  node->position = ref.position;
  ASSIGN_OR_RETURN(node->element_fields, ElementFields(collection->type, ref.exprs[0]->position));
  node->collection = std::move(collection);
  node->outer = left_join;
  node->with_ordinality = ref.with_ordinality;
  node->schema = left.plan->schema;
  Relation element;
  ScopeTable table;
  std::vector<Field> fields = node->element_fields;
  if (ref.with_ordinality) fields.push_back({"ORDINALITY", DataType::Int(false), ""});
  for (Field& field : fields) {
    if (left_join) field.type = DeepNullable(field.type);
    table.columns.push_back({field.name, field.type, static_cast<int>(node->schema.size())});
    node->schema.fields.push_back(field);
  }
  element.scope.tables.push_back(std::move(table));
  RETURN_IF_ERROR(ApplyAlias(ref.alias, ref.column_aliases, ref.position, &element));
  node->inputs = {left.plan};
  Relation joined;
  joined.plan = std::move(node);
  joined.scope = std::move(left.scope);
  joined.scope.tables.push_back(std::move(element.scope.tables[0]));
  return joined;
}

Result<Relation> QueryBinder::BindTemporalJoin(const ast::Join& join, Relation left,
                                               const Scope* outer) {
  const auto& ref = ast::As<ast::NamedTable>(*join.right);
  const JoinType type = JoinTypeOf(join.type);
  if (type != JoinType::kInner && type != JoinType::kLeft) {
    return InvalidSql("Temporal table join currently only supports INNER JOIN and LEFT JOIN.",
                      join.position);
  }
  ExprBinder binder(context_, &left.scope, "FOR SYSTEM_TIME AS OF");
  ASSIGN_OR_RETURN(BoundExprPtr time, binder.Bind(*ref.system_time));
  if (time->kind != BoundExpr::Kind::kInput || time->input_index >= kPlaceholderRange ||
      time->type.time_attribute() == TimeAttribute::kNone) {
    return InvalidSql(
        "Temporal table join currently only supports 'FOR SYSTEM_TIME AS OF' left table's time "
        "attribute field",
        ref.system_time->position);
  }
  Relation right;
  std::vector<std::string> path;
  ASSIGN_OR_RETURN(right.plan, BindTableName(ref.path, ref.hints, ref.position, &path));
  right.scope = ScopeOf(std::move(path), right.plan->schema);
  RETURN_IF_ERROR(ApplyAlias(ref.alias, ref.column_aliases, ref.position, &right));
  Relation joined;
  joined.scope = BothScopes(left, right, outer);
  ASSIGN_OR_RETURN(BoundExprPtr condition, JoinCondition(join, left, right, &joined.scope, outer));
  if (condition == nullptr) {
    return InvalidSql("Temporal table join requires an equality condition on fields of the table.",
                      join.position);
  }
  auto node = std::make_shared<LogicalTemporalJoin>();
  node->schema = BuildJoin(left.plan, right.plan, type, nullptr)->schema;
  node->type = type;
  node->time_column = time->input_index;
  node->condition = std::move(condition);
  node->position = join.position;
  if (select_hints_ != nullptr) {
    for (const ast::Hint& hint : *select_hints_) node->hints.push_back(HintText(hint));
  }
  node->inputs = {left.plan, right.plan};
  TakeTypes(node->schema, &joined.scope);
  joined.plan = std::move(node);
  return joined;
}

}  // namespace rhei
