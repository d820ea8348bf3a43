#include "binder/scope.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/nearest_name.h"
#include "binder/placeholder.h"

namespace rhei {
namespace {

BoundExprPtr ColumnRef(const ScopeColumn& column, SqlPosition position) {
  auto expr = std::make_shared<BoundExpr>();
  expr->kind = BoundExpr::Kind::kInput;
  expr->input_index = column.index;
  expr->name = column.name;
  expr->type = column.type;
  expr->position = position;
  return expr;
}

std::vector<std::string> ColumnNames(const std::vector<ScopeTable>& tables) {
  std::vector<std::string> names;
  for (const ScopeTable& table : tables) {
    for (const ScopeColumn& column : table.columns) names.push_back(column.name);
  }
  return names;
}

std::string NearestHint(const std::string& name, const std::vector<std::string>& names) {
  const std::vector<std::string_view> views(names.begin(), names.end());
  const std::string near = NearestName(name, views);
  // One letter for another is no misspelling.
  if (!near.empty() && 2 * EditDistance(name, near) > name.size()) return "";
  return near.empty() ? "" : fmt::format("; did you mean '{}'?", near);
}

// A star stands for names, each of which must mean one column of its table.
Status CheckUnambiguous(const ScopeTable& table, SqlPosition position) {
  for (size_t i = 0; i < table.columns.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (table.columns[i].name == table.columns[j].name) {
        return InvalidSql(fmt::format("Column '{}' is ambiguous", table.columns[i].name), position);
      }
    }
  }
  return {};
}

// True when the first `count` parts of `path` name the table.
bool Names(const ScopeTable& table, const ast::NamePath& path, size_t count) {
  if (count > table.path.size()) return false;
  const size_t skip = table.path.size() - count;
  for (size_t i = 0; i < count; ++i) {
    if (table.path[skip + i] != path[i].text) return false;
  }
  return true;
}

const ScopeTable* FindTable(const Scope& scope, const ast::NamePath& path, size_t count) {
  for (const ScopeTable& table : scope.tables) {
    if (Names(table, path, count)) return &table;
  }
  return nullptr;
}

// A reference of an enclosing query, seen from within: the plan below does not have the column.
BoundExprPtr AsOuter(const BoundExprPtr& expr) {
  return RewriteInputs(expr, [](const BoundExpr& input) {
    auto outer = std::make_shared<BoundExpr>(input);
    outer->input_index += kOuterBase;
    return BoundExprPtr(std::move(outer));
  });
}

bool HasOuter(const BoundExpr& expr) {
  return FindInput(expr, [](const BoundExpr& input) { return input.input_index >= kOuterBase; }) !=
         nullptr;
}

// The fields called `name` of `row` and of rows inside it.
void FindFields(const BoundExprPtr& row, const ast::Name& name, SqlPosition position,
                std::vector<BoundExprPtr>* found) {
  if (row->type.root() != TypeRoot::kRow) return;
  for (const Field& field : row->type.fields()) {
    ast::Name field_name;
    field_name.text = field.name;
    Result<BoundExprPtr> access = AccessField(row, field_name, position);
    if (!access.ok()) continue;
    if (field.name == name.text) {
      found->push_back(std::move(access).value());
    } else {
      FindFields(*access, name, position, found);
    }
  }
}

// Flink looks into the rows of a table's columns for a name that no column has.
Result<BoundExprPtr> FindNested(const std::vector<ScopeTable>& tables, const ast::Name& name,
                                SqlPosition position) {
  std::vector<BoundExprPtr> found;
  for (const ScopeTable& table : tables) {
    for (const ScopeColumn& column : table.columns) {
      FindFields(ColumnRef(column, position), name, position, &found);
    }
  }
  if (found.empty()) return BoundExprPtr();
  if (found.size() == 1) return found[0];
  return InvalidSql(fmt::format("Column '{}' is ambiguous", name.text), position);
}

Result<BoundExprPtr> AccessFields(BoundExprPtr expr, const ast::NamePath& path, size_t from,
                                  const std::string& owner) {
  for (size_t i = from; i < path.size(); ++i) {
    Result<BoundExprPtr> field = AccessField(expr, path[i], path[i].position);
    if (!field.ok()) {
      if (owner.empty()) return field.status();
      std::string name;
      std::vector<std::string> fields;
      for (size_t j = from - 1; j <= i; ++j) name += (j >= from ? "." : "") + path[j].text;
      if (expr->type.root() == TypeRoot::kRow) {
        for (const Field& known : expr->type.fields()) fields.push_back(known.name);
      }
      return InvalidSql(fmt::format("Column '{}' not found in table '{}'{}", name, owner,
                                    NearestHint(path[i].text, fields)),
                        path[i].position);
    }
    expr = std::move(field).value();
  }
  return expr;
}

}  // namespace

Result<BoundExprPtr> AccessField(BoundExprPtr row, const ast::Name& field, SqlPosition position) {
  if (row->type.root() != TypeRoot::kRow) {
    return InvalidSql(fmt::format("Column '{}' not found in any table", field.text), position);
  }
  const std::vector<Field>& fields = row->type.fields();
  for (size_t i = 0; i < fields.size(); ++i) {
    if (fields[i].name != field.text) continue;
    const bool nullable = row->type.nullable() || fields[i].type.nullable();
    BoundExprPtr access =
        MakeField(row, static_cast<int>(i), fields[i].name, fields[i].type.WithNullable(nullable));
    auto placed = std::make_shared<BoundExpr>(*access);
    placed->position = position;
    return BoundExprPtr(std::move(placed));
  }
  std::vector<std::string> names;
  for (const Field& known : fields) names.push_back(known.name);
  return InvalidSql(fmt::format("Column '{}' not found in any table{}", field.text,
                                NearestHint(field.text, names)),
                    position);
}

Result<BoundExprPtr> Scope::FindColumn(const ast::Name& name) const {
  for (const MergedColumn& column : merged) {
    if (column.name == name.text) return column.expr;
  }
  BoundExprPtr found;
  for (const ScopeTable& table : tables) {
    for (const ScopeColumn& column : table.columns) {
      if (column.name != name.text) continue;
      if (found != nullptr) {
        return InvalidSql(fmt::format("Column '{}' is ambiguous", name.text), name.position);
      }
      found = ColumnRef(column, name.position);
    }
  }
  return found;
}

Result<BoundExprPtr> Scope::Resolve(const ast::NamePath& path, SqlPosition position) const {
  for (size_t count = std::min<size_t>(path.size() - 1, 3); count > 0; --count) {
    const ScopeTable* table = FindTable(*this, path, count);
    if (table == nullptr) continue;
    const ast::Name& name = path[count];
    BoundExprPtr found;
    std::vector<std::string> names;
    for (const ScopeColumn& column : table->columns) {
      names.push_back(column.name);
      if (column.name != name.text) continue;
      if (found != nullptr) {
        return InvalidSql(fmt::format("Column '{}' is ambiguous", name.text), name.position);
      }
      found = ColumnRef(column, position);
    }
    if (found == nullptr) {
      ASSIGN_OR_RETURN(found, FindNested({*table}, name, position));
    }
    if (found == nullptr) {
      return InvalidSql(fmt::format("Column '{}' not found in table '{}'{}", name.text,
                                    path[count - 1].text, NearestHint(name.text, names)),
                        name.position);
    }
    return AccessFields(found, path, count + 1, path[count - 1].text);
  }
  ASSIGN_OR_RETURN(BoundExprPtr column, FindColumn(path[0]));
  if (column != nullptr) {
    const std::string owner =
        tables.size() == 1 && !tables[0].path.empty() ? tables[0].path.back() : "";
    return AccessFields(column, path, 1, owner);
  }
  ASSIGN_OR_RETURN(column, FindNested(tables, path[0], position));
  if (column != nullptr) return AccessFields(column, path, 1, "");
  if (outer != nullptr) {
    Result<BoundExprPtr> found = outer->Resolve(path, position);
    if (found.ok()) {
      if (HasOuter(**found)) {
        return Unsupported("A reference across two levels of subqueries is not supported yet",
                           position);
      }
      return AsOuter(*found);
    }
    if (found.status().code() == ErrorCode::kUnsupported) return found.status();
  }
  if (path.size() > 1) {
    std::vector<std::string> names;
    for (const ScopeTable& table : tables) {
      if (!table.path.empty()) names.push_back(table.path.back());
    }
    return InvalidSql(
        fmt::format("Table '{}' not found{}", path[0].text, NearestHint(path[0].text, names)),
        path[0].position);
  }
  return InvalidSql(fmt::format("Column '{}' not found in any table{}", path[0].text,
                                NearestHint(path[0].text, ColumnNames(tables))),
                    position.known() ? position : path[0].position);
}

Result<std::vector<NamedExpr>> Scope::Expand(const ast::NamePath& qualifier,
                                             SqlPosition position) const {
  std::vector<NamedExpr> columns;
  if (qualifier.empty()) {
    std::vector<int> hidden;
    for (const MergedColumn& column : merged) {
      columns.push_back({column.name, column.expr});
      hidden.insert(hidden.end(), column.members.begin(), column.members.end());
    }
    for (const ScopeTable& table : tables) {
      RETURN_IF_ERROR(CheckUnambiguous(table, position));
      for (const ScopeColumn& column : table.columns) {
        if (std::find(hidden.begin(), hidden.end(), column.index) != hidden.end()) continue;
        columns.push_back({column.name, ColumnRef(column, position)});
      }
    }
    return columns;
  }
  if (const ScopeTable* table = FindTable(*this, qualifier, qualifier.size())) {
    RETURN_IF_ERROR(CheckUnambiguous(*table, position));
    for (const ScopeColumn& column : table->columns) {
      columns.push_back({column.name, ColumnRef(column, position)});
    }
    return columns;
  }
  Result<BoundExprPtr> row = Resolve(qualifier, position);
  if (!row.ok() || (*row)->type.root() != TypeRoot::kRow) {
    return InvalidSql(fmt::format("Unknown identifier '{}'", ast::JoinPath(qualifier)),
                      qualifier[0].position);
  }
  const std::vector<Field>& fields = (*row)->type.fields();
  for (const Field& field : fields) {
    ast::Name name;
    name.text = field.name;
    ASSIGN_OR_RETURN(BoundExprPtr access, AccessField(*row, name, position));
    columns.push_back({field.name, std::move(access)});
  }
  return columns;
}

void Scope::Shift(int by) {
  for (ScopeTable& table : tables) {
    for (ScopeColumn& column : table.columns) column.index += by;
  }
  for (MergedColumn& column : merged) {
    for (int& member : column.members) member += by;
    column.expr = RewriteInputs(column.expr, [by](const BoundExpr& input) {
      auto moved = std::make_shared<BoundExpr>(input);
      if (moved->input_index < kPlaceholderRange) moved->input_index += by;
      return BoundExprPtr(std::move(moved));
    });
  }
}

Scope ScopeOf(std::vector<std::string> path, const Schema& schema) {
  Scope scope;
  ScopeTable table;
  table.path = std::move(path);
  for (size_t i = 0; i < schema.size(); ++i) {
    table.columns.push_back({schema.name(i), schema.type(i), static_cast<int>(i)});
  }
  scope.tables.push_back(std::move(table));
  return scope;
}

}  // namespace rhei
