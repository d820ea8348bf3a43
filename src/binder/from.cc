// FROM: tables, views, common tables, subqueries and table functions.
#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "binder/call_builder.h"
#include "binder/plan_builder.h"
#include "binder/query_binder.h"
#include "binder/table_schema.h"
#include "binder/type_names.h"
#include "sql/parser.h"

namespace rhei {

Status ApplyAlias(const std::optional<ast::Name>& alias, const std::vector<ast::Name>& columns,
                  SqlPosition position, Relation* relation) {
  if (!alias) return {};
  // One table with all columns, whatever it was made of.
  ScopeTable table;
  table.path = {alias->text};
  for (const ScopeTable& part : relation->scope.tables) {
    table.columns.insert(table.columns.end(), part.columns.begin(), part.columns.end());
  }
  if (!columns.empty()) {
    if (columns.size() != table.columns.size()) {
      std::string names;
      for (const ScopeColumn& column : table.columns) {
        if (!names.empty()) names += ", ";
        names += "'" + column.name + "'";
      }
      return InvalidSql(
          fmt::format("List of column aliases must have same degree as table; table has {} columns "
                      "({}), whereas alias list has {} columns",
                      table.columns.size(), names, columns.size()),
          position);
    }
    for (size_t i = 0; i < columns.size(); ++i) table.columns[i].name = columns[i].text;
  }
  relation->scope.tables = {std::move(table)};
  relation->scope.merged.clear();
  return {};
}

Result<Relation> QueryBinder::BindTableRef(const ast::TableRef& ref, const Scope* outer) {
  Relation relation;
  switch (ref.kind) {
    case ast::TableRefKind::kNamed: {
      ASSIGN_OR_RETURN(relation, BindNamed(ast::As<ast::NamedTable>(ref)));
      break;
    }
    case ast::TableRefKind::kDerived: {
      const auto& derived = ast::As<ast::DerivedTable>(ref);
      ASSIGN_OR_RETURN(relation.plan, BindQuery(*derived.query, outer, false));
      relation.scope = ScopeOf({}, relation.plan->schema);
      break;
    }
    case ast::TableRefKind::kTableFunction: {
      ASSIGN_OR_RETURN(relation, BindTableFunction(ast::As<ast::TableFunction>(ref), outer));
      break;
    }
    case ast::TableRefKind::kUnnest: {
      Relation left;
      left.plan = BuildOneRow();
      left.scope.outer = outer;
      return BindUnnest(ast::As<ast::Unnest>(ref), std::move(left), false);
    }
    case ast::TableRefKind::kJoin: return BindJoin(ast::As<ast::Join>(ref), outer);
    case ast::TableRefKind::kMatchRecognize:
      return Unsupported("MATCH_RECOGNIZE is not supported yet", ref.position);
  }
  RETURN_IF_ERROR(ApplyAlias(ref.alias, ref.column_aliases, ref.position, &relation));
  return relation;
}

Result<Relation> QueryBinder::BindNamed(const ast::NamedTable& ref) {
  if (ref.system_time != nullptr) {
    return Unsupported("FOR SYSTEM_TIME AS OF outside a join is not supported yet", ref.position);
  }
  if (ref.sample) return Unsupported("TABLESAMPLE is not supported yet", ref.position);
  Relation relation;
  std::vector<std::string> path;
  ASSIGN_OR_RETURN(relation.plan, BindTableName(ref.path, ref.hints, ref.position, &path));
  relation.scope = ScopeOf(std::move(path), relation.plan->schema);
  return relation;
}

Result<LogicalNodePtr> QueryBinder::BindTableName(const ast::NamePath& path,
                                                  const std::vector<ast::Hint>& hints,
                                                  SqlPosition position,
                                                  std::vector<std::string>* scope_path) {
  if (path.size() == 1) {
    for (auto table = common_tables_.rbegin(); table != common_tables_.rend(); ++table) {
      if (table->name == path[0].text) {
        *scope_path = {table->name};
        return table->plan;
      }
    }
  }
  std::vector<std::string> parts;
  for (const ast::Name& name : path) parts.push_back(name.text);
  if (parts.size() > 3) {
    return InvalidSql(fmt::format("Object '{}' not found", ast::JoinPath(path)), position);
  }
  const ObjectPath object = context_.catalog->Resolve(parts);
  const Table* table = context_.catalog->FindTable(object);
  if (table == nullptr) {
    const std::string near = context_.catalog->NearestTable(object);
    const SqlPosition at = path.back().position.known() ? path.back().position : position;
    if (near.empty()) {
      return InvalidSql(fmt::format("Object '{}' not found", path.back().text), at);
    }
    return InvalidSql(fmt::format("Object '{}' not found within '{}.{}'; did you mean '{}'?",
                                  path.back().text, object.catalog, object.database, near),
                      at);
  }
  *scope_path = {table->path.catalog, table->path.database, table->path.object};
  return BindTable(*table, hints, position);
}

Result<LogicalNodePtr> QueryBinder::BindTable(const Table& table,
                                              const std::vector<ast::Hint>& hints,
                                              SqlPosition position) {
  if (table.is_view) {
    if (!hints.empty()) {
      return InvalidSql(fmt::format("View '{}' cannot be enriched with new options. Hints can only "
                                    "be applied to tables.",
                                    table.path.ToString()),
                        position);
    }
    return BindView(table, position);
  }
  if (hints.empty()) {
    RETURN_IF_ERROR(CheckUsable(table, position));
    return BuildTableScan(context_, table, position);
  }
  ASSIGN_OR_RETURN(const Table hinted, WithHints(context_, table, hints, position));
  return BuildTableScan(context_, hinted, position);
}

Result<LogicalNodePtr> QueryBinder::BindView(const Table& view, SqlPosition position) {
  if (std::find(views_.begin(), views_.end(), view.path) != views_.end()) {
    return InvalidSql(fmt::format("View '{}' refers to itself", view.path.Summary()), position);
  }
  Result<ast::QueryPtr> query = ParseQuery(view.view_expanded);
  if (!query.ok()) return query.status().WithContext("View " + view.path.Summary());
  views_.push_back(view.path);
  std::vector<CommonTable> hidden;  // A view does not see the common tables around it.
  std::swap(hidden, common_tables_);
  Result<LogicalNodePtr> plan = BindQuery(**query, nullptr, false);
  std::swap(hidden, common_tables_);
  views_.pop_back();
  if (!plan.ok()) {
    // Positions inside the view's text would mislead.
    const SqlPosition at = plan.status().position();
    return Status(plan.status().code(),
                  fmt::format("View {}: {}", view.path.Summary(), plan.status().message()),
                  at.of_script ? at : position);
  }
  if ((*plan)->schema.size() != view.columns.size()) {
    return InvalidSql(fmt::format("View {} has {} columns, but its query gives {} now",
                                  view.path.Summary(), view.columns.size(), (*plan)->schema.size()),
                      position);
  }
  std::vector<std::string> names;
  for (const TableColumn& column : view.columns) names.push_back(column.name);
  std::vector<BoundExprPtr> columns = ColumnsOf(**plan);
  return ProjectIfNeeded(std::move(plan).value(), std::move(columns), std::move(names));
}

Result<Relation> QueryBinder::BindTableFunction(const ast::TableFunction& ref, const Scope* outer) {
  const auto& call = ast::As<ast::Call>(*ref.call);
  const std::string name = UpperCase(call.function.back().text);
  if (ref.system_time != nullptr) {
    return Unsupported("FOR SYSTEM_TIME AS OF behind a table function is not supported yet",
                       ref.position);
  }
  if (name == "TUMBLE" || name == "HOP" || name == "CUMULATE" || name == "SESSION") {
    return BindWindowTvf(ref, name, outer);
  }
  if (name == "ML_PREDICT" || name == "ML_EVALUATE" || name == "VECTOR_SEARCH" ||
      name == "TO_CHANGELOG" || name == "FROM_CHANGELOG" || name == "SNAPSHOT") {
    return Unsupported(fmt::format("{} is not supported yet", name), ref.position);
  }
  Scope scope;
  scope.outer = outer;
  ExprBinder binder(context_, &scope, "FROM");
  std::vector<DataType> types;
  for (const ast::ExprPtr& arg : call.args) {
    Result<BoundExprPtr> bound = binder.Bind(*arg);
    types.push_back(bound.ok() ? (*bound)->type : DataType::Null());
  }
  return InvalidSql(fmt::format("No match found for function signature {}",
                                SignatureInMessages(ast::JoinPath(call.function), types)),
                    call.position);
}

}  // namespace rhei
