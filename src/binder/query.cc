// Queries around SELECT: WITH, VALUES, TABLE t, UNION, ORDER BY and LIMIT.
#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "binder/call_builder.h"
#include "binder/placeholder.h"
#include "binder/plan_builder.h"
#include "binder/query_binder.h"
#include "types/coercion.h"

namespace rhei {
namespace {

// LIMIT n, OFFSET n.
Result<int64_t> RowCount(const BindContext& context, const ast::Expr& expr,
                         std::string_view clause) {
  const Scope empty;
  ExprBinder binder(context, &empty, clause);
  ASSIGN_OR_RETURN(BoundExprPtr bound, binder.Bind(expr));
  const std::optional<Value> value = ConstantValue(context, bound);
  if (!value || !value->is_int() || !IsInteger(bound->type.root()) || value->int_value() < 0) {
    return InvalidSql(fmt::format("{} must be a non-negative integer", clause), expr.position);
  }
  return value->int_value();
}

std::string_view SetOperatorName(const ast::SetOperation& operation) {
  switch (operation.op) {
    case ast::SetOperator::kUnion: return operation.all ? "UNION ALL" : "UNION";
    case ast::SetOperator::kIntersect: return operation.all ? "INTERSECT ALL" : "INTERSECT";
    case ast::SetOperator::kExcept: return operation.all ? "EXCEPT ALL" : "EXCEPT";
  }
  return "UNION";
}

LogicalSetOperation::Op SetOperatorOf(ast::SetOperator op) {
  switch (op) {
    case ast::SetOperator::kUnion: return LogicalSetOperation::Op::kUnion;
    case ast::SetOperator::kIntersect: return LogicalSetOperation::Op::kIntersect;
    case ast::SetOperator::kExcept: return LogicalSetOperation::Op::kExcept;
  }
  return LogicalSetOperation::Op::kUnion;
}

// The column type of a set operation; time attributes stay where both sides have the same.
std::optional<DataType> MergedType(const DataType& a, const DataType& b) {
  std::optional<DataType> common = CommonType(a, b);
  if (!common) return common;
  const bool same = a.time_attribute() == b.time_attribute();
  return common->WithTimeAttribute(same ? a.time_attribute() : TimeAttribute::kNone);
}

}  // namespace

Result<LogicalNodePtr> QueryBinder::BindQuery(const ast::Query& query, const Scope* outer,
                                              bool root) {
  if (depth_ > 200) return Unsupported("Queries nested deeper than 200 levels", query.position);
  ++depth_;
  const size_t tables = common_tables_.size();
  RETURN_IF_ERROR(BindCommonTables(query, outer));
  const bool limited = query.limit != nullptr || query.offset != nullptr;
  // ORDER BY of a subquery means nothing without LIMIT; Flink leaves it out too.
  static const std::vector<ast::OrderItem> kNoOrder;
  const bool sorted = !query.order_by.empty() && (root || limited);
  ASSIGN_OR_RETURN(Body body, BindBody(*query.body, sorted ? query.order_by : kNoOrder, outer));
  common_tables_.resize(tables);
  --depth_;
  LogicalNodePtr plan = std::move(body.plan);
  if (sorted || limited) {
    auto sort = std::make_shared<LogicalSort>();
    sort->schema = plan->schema;
    sort->position = query.position;
    sort->inputs = {plan};
    sort->order = std::move(body.order);
    if (query.offset != nullptr) {
      ASSIGN_OR_RETURN(sort->offset, RowCount(context_, *query.offset, "OFFSET"));
    }
    if (query.limit != nullptr) {
      ASSIGN_OR_RETURN(sort->limit, RowCount(context_, *query.limit, "LIMIT"));
    }
    plan = std::move(sort);
  }
  std::vector<BoundExprPtr> columns = ColumnsOf(*plan);
  std::vector<std::string> names = NamesOf(*plan);
  columns.resize(body.visible);
  names.resize(body.visible);
  if (root) {
    std::vector<std::string> unique;
    for (const std::string& name : names) unique.push_back(UniqueName(name, unique));
    names = std::move(unique);
  }
  return ProjectIfNeeded(std::move(plan), std::move(columns), std::move(names));
}

Status QueryBinder::BindCommonTables(const ast::Query& query, const Scope* outer) {
  if (query.recursive) return Unsupported("WITH RECURSIVE is not supported yet", query.position);
  for (const ast::CommonTable& table : query.with) {
    ASSIGN_OR_RETURN(LogicalNodePtr plan, BindQuery(*table.query, outer, false));
    if (!table.columns.empty()) {
      if (table.columns.size() != plan->schema.size()) {
        return InvalidSql("Number of columns must match number of query columns",
                          table.columns[0].position);
      }
      std::vector<std::string> names;
      for (const ast::Name& name : table.columns) names.push_back(name.text);
      std::vector<BoundExprPtr> columns = ColumnsOf(*plan);
      plan = ProjectIfNeeded(std::move(plan), std::move(columns), std::move(names));
    }
    common_tables_.push_back({table.name.text, std::move(plan)});
  }
  return {};
}

Result<QueryBinder::Body> QueryBinder::BindBody(const ast::QueryBody& body,
                                                const std::vector<ast::OrderItem>& order_by,
                                                const Scope* outer) {
  LogicalNodePtr plan;
  switch (body.kind) {
    case ast::QueryBodyKind::kSelect:
      return BindSelect(ast::As<ast::Select>(body), order_by, outer);
    case ast::QueryBodyKind::kValues: {
      ASSIGN_OR_RETURN(plan, BindValues(ast::As<ast::Values>(body), outer));
      break;
    }
    case ast::QueryBodyKind::kTable: {
      const auto& table = ast::As<ast::ExplicitTable>(body);
      std::vector<std::string> path;
      ASSIGN_OR_RETURN(plan, BindTableName(table.path, {}, table.position, &path));
      break;
    }
    case ast::QueryBodyKind::kSetOperation: {
      ASSIGN_OR_RETURN(plan, BindSetOperation(ast::As<ast::SetOperation>(body), outer));
      break;
    }
    case ast::QueryBodyKind::kNested: {
      ASSIGN_OR_RETURN(plan, BindQuery(*ast::As<ast::NestedQuery>(body).query, outer, false));
      break;
    }
  }
  return SortBody(std::move(plan), order_by);
}

// ORDER BY over the output of anything but a SELECT: names, ordinals and expressions over them.
Result<QueryBinder::Body> QueryBinder::SortBody(LogicalNodePtr plan,
                                                const std::vector<ast::OrderItem>& order_by) {
  Body body;
  body.visible = plan->schema.size();
  const Scope scope = ScopeOf({}, plan->schema);
  ExprBinder binder(context_, &scope, "ORDER BY");
  std::vector<BoundExprPtr> columns = ColumnsOf(*plan);
  std::vector<std::string> names = NamesOf(*plan);
  for (const ast::OrderItem& item : order_by) {
    ASSIGN_OR_RETURN(PendingSortKey key, binder.BindSortKey(item));
    SortKey sort{0, key.descending, key.nulls_first};
    const bool ordinal =
        item.expr->kind == ast::ExprKind::kLiteral && IsInteger(key.expr->type.root());
    if (ordinal) {
      const int64_t number = key.expr->literal.int_value();
      if (number < 1 || number > static_cast<int64_t>(body.visible)) {
        return InvalidSql("Ordinal out of range", item.expr->position);
      }
      sort.column = static_cast<int>(number) - 1;
    } else if (key.expr->kind == BoundExpr::Kind::kInput) {
      sort.column = key.expr->input_index;
    } else {
      sort.column = static_cast<int>(columns.size());
      names.push_back(fmt::format("$sort{}", columns.size()));
      columns.push_back(key.expr);
    }
    body.order.push_back(sort);
  }
  body.plan = ProjectIfNeeded(std::move(plan), std::move(columns), std::move(names));
  return body;
}

Result<LogicalNodePtr> QueryBinder::BindValues(const ast::Values& values, const Scope* outer) {
  auto node = std::make_shared<LogicalValues>();
  node->position = values.position;
  Scope scope;
  scope.outer = outer;
  ExprBinder binder(context_, &scope, "VALUES");
  for (const std::vector<ast::ExprPtr>& row : values.rows) {
    ASSIGN_OR_RETURN(std::vector<BoundExprPtr> bound, binder.BindAll(row));
    if (!node->rows.empty() && bound.size() != node->rows[0].size()) {
      return InvalidSql("Values passed to VALUES operator must have compatible types",
                        row.empty() ? values.position : row[0]->position);
    }
    for (BoundExprPtr& expr : bound) {
      if (expr->type.root() == TypeRoot::kNull) {
        return InvalidSql("Illegal use of 'NULL'", expr->position);
      }
      if (FindInput(*expr, [](const BoundExpr&) { return true; }) != nullptr) {
        return Unsupported("A reference to the enclosing query in VALUES is not supported yet",
                           expr->position);
      }
      expr = WithoutTimeAttribute(std::move(expr));
    }
    node->rows.push_back(std::move(bound));
  }
  for (size_t column = 0; column < node->rows[0].size(); ++column) {
    std::vector<DataType> types;
    for (const std::vector<BoundExprPtr>& row : node->rows) types.push_back(row[column]->type);
    const std::optional<DataType> common = CommonType(types);
    if (!common) {
      return InvalidSql("Values passed to VALUES operator must have compatible types",
                        values.position);
    }
    for (std::vector<BoundExprPtr>& row : node->rows) {
      ASSIGN_OR_RETURN(row[column], CastTo(context_, row[column], *common));
    }
    node->schema.fields.push_back({fmt::format("EXPR${}", column), *common, ""});
  }
  return LogicalNodePtr(std::move(node));
}

Result<LogicalNodePtr> QueryBinder::BindSetOperation(const ast::SetOperation& operation,
                                                     const Scope* outer) {
  // a UNION ALL b UNION ALL c is a left-deep tree: it becomes one node with three inputs.
  std::vector<const ast::QueryBody*> bodies{operation.right.get()};
  const ast::QueryBody* left = operation.left.get();
  while (left->kind == ast::QueryBodyKind::kSetOperation) {
    const auto& inner = ast::As<ast::SetOperation>(*left);
    if (inner.op != operation.op || inner.all != operation.all ||
        operation.op != ast::SetOperator::kUnion) {
      break;
    }
    bodies.push_back(inner.right.get());
    left = inner.left.get();
  }
  bodies.push_back(left);
  std::reverse(bodies.begin(), bodies.end());
  auto node = std::make_shared<LogicalSetOperation>();
  node->position = operation.position;
  node->op = SetOperatorOf(operation.op);
  node->all = operation.all;
  const std::string_view name = SetOperatorName(operation);
  for (const ast::QueryBody* body : bodies) {
    ASSIGN_OR_RETURN(Body bound, BindBody(*body, {}, outer));
    if (node->inputs.empty()) {
      node->schema = bound.plan->schema;
    } else if (bound.plan->schema.size() != node->schema.size()) {
      return InvalidSql(fmt::format("Column count mismatch in {}", name), body->position);
    }
    for (size_t i = 0; i < node->schema.size(); ++i) {
      const std::optional<DataType> type =
          MergedType(node->schema.type(i), bound.plan->schema.type(i));
      if (!type) {
        return InvalidSql(fmt::format("Type mismatch in column {} of {}", i + 1, name),
                          operation.left->position);
      }
      node->schema.fields[i].type = *type;
    }
    node->inputs.push_back(std::move(bound.plan));
  }
  if (!operation.all) {
    for (Field& field : node->schema.fields) {
      field.type = field.type.WithTimeAttribute(TimeAttribute::kNone);
    }
  }
  for (LogicalNodePtr& input : node->inputs) {
    std::vector<BoundExprPtr> columns = ColumnsOf(*input);
    bool changed = false;
    for (size_t i = 0; i < columns.size(); ++i) {
      ASSIGN_OR_RETURN(BoundExprPtr cast, CastTo(context_, columns[i], node->schema.type(i)));
      changed |= cast != columns[i];
      columns[i] = std::move(cast);
    }
    std::vector<std::string> names = NamesOf(*input);
    if (changed) input = BuildProject(std::move(input), std::move(columns), std::move(names));
  }
  return LogicalNodePtr(std::move(node));
}

}  // namespace rhei
