// CREATE VIEW: the query's text, once as written and once with full table names, so that the view
// means the same whatever database is current when it is used.
#include <fmt/format.h>

#include <algorithm>

#include "binder/binder.h"
#include "binder/qualify.h"
#include "binder/table_definition.h"
#include "sql/parser.h"
#include "sql/printer.h"

namespace rhei {
namespace {

std::string JoinNames(const std::vector<std::string>& names) {
  return fmt::format("{}", fmt::join(names, ", "));
}

// Fills in query texts and columns from `query`, which lies in context.text.
Status SetQuery(const ast::Query& query, const std::vector<ast::Name>& columns,
                const BindContext& context, Table* view) {
  const ast::TextRange range = query.range;
  if (range.end > context.text.size() || range.begin >= range.end) {
    return InvalidArgument("The text of the view is not at hand");
  }
  view->view_query = context.text.substr(range.begin, range.end - range.begin);
  ASSIGN_OR_RETURN(LogicalNodePtr plan, BindQuery(query, context));
  ASSIGN_OR_RETURN(ast::QueryPtr copy, ParseQuery(view->view_query));
  QualifyTables(copy.get(), *context.catalog);
  view->view_expanded = PrintQuery(*copy);
  std::vector<std::string> given;
  for (const Field& field : plan->schema.fields) given.push_back(field.name);
  std::vector<std::string> names = given;
  if (!columns.empty()) {
    names.clear();
    for (const ast::Name& column : columns) names.push_back(column.text);
    if (names.size() != given.size()) {
      return InvalidSql(
          fmt::format("VIEW definition and input fields not match:\n\tDef fields: [{}].\n\tInput "
                      "fields: [{}].",
                      JoinNames(names), JoinNames(given)),
          columns[0].position);
    }
  }
  view->columns.clear();
  for (size_t i = 0; i < names.size(); ++i) {
    if (view->IndexOf(names[i]) >= 0) {
      return InvalidSql(
          fmt::format("A column with the same name `{}` has been defined at line {}, column {}.",
                      names[i], query.position.line, query.position.column),
          query.position);
    }
    TableColumn column;
    column.name = names[i];
    column.type = plan->schema.type(i);
    view->columns.push_back(std::move(column));
  }
  return {};
}

// The names a view's query gives its columns, before the root made them unique.
Status CheckDuplicates(const ast::Query& query) {
  if (query.body->kind != ast::QueryBodyKind::kSelect) return {};
  std::vector<std::string> names;
  for (const ast::SelectItem& item : ast::As<ast::Select>(*query.body).items) {
    std::string name;
    SqlPosition position = item.expr->position;
    if (item.alias) {
      name = item.alias->text;
      position = item.alias->position;
    } else if (item.expr->kind == ast::ExprKind::kIdentifier) {
      name = ast::As<ast::Identifier>(*item.expr).path.back().text;
    }
    if (name.empty()) continue;
    if (std::find(names.begin(), names.end(), name) != names.end()) {
      return InvalidSql(
          fmt::format("A column with the same name `{}` has been defined at line {}, column {}.",
                      name, position.line, position.column),
          position);
    }
    names.push_back(std::move(name));
  }
  return {};
}

}  // namespace

Result<Table> BindCreateView(const ast::CreateView& statement, const BindContext& context) {
  Table view;
  ASSIGN_OR_RETURN(view.path, ResolvePath(context, statement.name));
  view.is_view = true;
  view.temporary = statement.temporary;
  view.comment = statement.comment.value_or("");
  if (statement.columns.empty()) RETURN_IF_ERROR(CheckDuplicates(*statement.query));
  RETURN_IF_ERROR(SetQuery(*statement.query, statement.columns, context, &view));
  return view;
}

Result<Table> RebindView(const Table& view, const ast::Query& query, const BindContext& context) {
  Table changed = view;
  RETURN_IF_ERROR(CheckDuplicates(query));
  RETURN_IF_ERROR(SetQuery(query, {}, context, &changed));
  return changed;
}

}  // namespace rhei
