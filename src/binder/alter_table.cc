// ALTER TABLE: the changed declaration, checked as a whole at the end.
#include <fmt/format.h>

#include <algorithm>

#include "binder/binder.h"
#include "binder/expr_binder.h"
#include "binder/option_position.h"
#include "binder/table_definition.h"
#include "binder/table_schema.h"
#include "sql/parser.h"

namespace rhei {
namespace {

Status Failed(const std::string& cause, SqlPosition position) {
  return InvalidSql("Failed to execute ALTER TABLE statement.\n" + cause, position);
}

Result<std::string> ColumnName(const ast::NamePath& path) {
  if (path.size() == 1) return path[0].text;
  return Unsupported("ALTER TABLE on a field of a column is not supported yet", path[0].position);
}

Result<size_t> FindColumn(const Table& table, const ast::NamePath& path) {
  ASSIGN_OR_RETURN(std::string name, ColumnName(path));
  const int index = table.IndexOf(name);
  if (index < 0) {
    return Failed(fmt::format("Column `{}` doesn't exist in the table.", name), path[0].position);
  }
  return static_cast<size_t>(index);
}

// What stands in the way of dropping or renaming a column: "" when nothing does.
std::string UsesOf(const Table& table, const std::string& column) {
  const std::string quoted = "`" + column + "`";
  for (const TableColumn& other : table.columns) {
    if (other.kind == TableColumn::Kind::kComputed &&
        other.expression.find(quoted) != std::string::npos) {
      return fmt::format("The column `{}` is referenced by computed column `{}`.", column,
                         other.name);
    }
  }
  if (std::find(table.primary_key.begin(), table.primary_key.end(), column) !=
      table.primary_key.end()) {
    return fmt::format("The column `{}` is used as the primary key.", column);
  }
  if (std::find(table.partition_columns.begin(), table.partition_columns.end(), column) !=
      table.partition_columns.end()) {
    return fmt::format("The column `{}` is used as the partition keys.", column);
  }
  if (table.watermark && (table.watermark->rowtime_column == column ||
                          table.watermark->expression.find(quoted) != std::string::npos)) {
    return fmt::format("The column `{}` is referenced by watermark expression.", column);
  }
  return "";
}

Status PlaceColumn(const ast::ColumnDef& def, TableColumn column, Table* table) {
  auto at = table->columns.end();
  if (def.place == ast::ColumnPlace::kFirst) at = table->columns.begin();
  if (def.place == ast::ColumnPlace::kAfter) {
    ASSIGN_OR_RETURN(size_t after, FindColumn(*table, def.after));
    at = table->columns.begin() + static_cast<ptrdiff_t>(after) + 1;
  }
  table->columns.insert(at, std::move(column));
  return {};
}

Status AddKeys(const ast::TableSchema& schema, bool modify, Table* table) {
  bool cleared = false;
  const auto add = [&](const ast::TableConstraint& constraint,
                       const std::vector<std::string>& columns) -> Status {
    if (modify && table->primary_key.empty() && !cleared) {
      return Failed(
          "The base table does not define any primary key constraint. You might want to "
          "add a new one.",
          constraint.position);
    }
    if (!modify && !table->primary_key.empty()) {
      return Failed(fmt::format("The base table has already defined the primary key constraint "
                                "[{}]. You might want to drop it before adding a new one.",
                                fmt::join(table->primary_key, ", ")),
                    constraint.position);
    }
    if (modify && !cleared) table->primary_key.clear();
    cleared = true;
    return SetPrimaryKey(table, constraint, columns);
  };
  for (const ast::ColumnDef& def : schema.columns) {
    if (def.constraint) RETURN_IF_ERROR(add(*def.constraint, {def.name[0].text}));
  }
  for (const ast::TableConstraint& constraint : schema.constraints) {
    std::vector<std::string> columns;
    for (const ast::Name& name : constraint.columns) columns.push_back(name.text);
    RETURN_IF_ERROR(add(constraint, columns));
  }
  return {};
}

Status AddOrModify(const ast::AlterTableSpec& spec, Table* table) {
  const bool modify = spec.action == ast::AlterTableAction::kModify;
  for (const ast::ColumnDef& def : spec.schema.columns) {
    ASSIGN_OR_RETURN(TableColumn column, BindColumn(def));
    const int index = table->IndexOf(column.name);
    if (modify) {
      ASSIGN_OR_RETURN(size_t old, FindColumn(*table, def.name));
      if (column.comment.empty()) column.comment = table->columns[old].comment;
      const bool key = std::find(table->primary_key.begin(), table->primary_key.end(),
                                 column.name) != table->primary_key.end();
      if (key) column.type = column.type.WithNullable(false);
      if (def.place == ast::ColumnPlace::kUnspecified) {
        table->columns[old] = std::move(column);
        continue;
      }
      table->columns.erase(table->columns.begin() + static_cast<ptrdiff_t>(old));
    } else if (index >= 0) {
      return Failed(fmt::format("Column `{}` already exists in the table.", column.name),
                    def.position);
    }
    RETURN_IF_ERROR(PlaceColumn(def, std::move(column), table));
  }
  RETURN_IF_ERROR(AddKeys(spec.schema, modify, table));
  if (!spec.schema.watermark) return {};
  if (modify && !table->watermark) {
    return Failed("The base table does not define any watermark. You might want to add a new one.",
                  spec.schema.watermark->position);
  }
  if (!modify && table->watermark) {
    return Failed(fmt::format("The base table has already defined the watermark strategy `{}` AS "
                              "{}. You might want to drop it before adding a new one.",
                              table->watermark->rowtime_column, table->watermark->expression),
                  spec.schema.watermark->position);
  }
  return SetWatermark(table, *spec.schema.watermark);
}

Status DropColumns(const ast::AlterTableSpec& spec, Table* table) {
  for (const ast::NamePath& path : spec.columns) {
    ASSIGN_OR_RETURN(size_t index, FindColumn(*table, path));
    // Computed columns that are dropped with it do not stand in the way.
    Table rest = *table;
    rest.columns.erase(std::remove_if(rest.columns.begin(), rest.columns.end(),
                                      [&](const TableColumn& column) {
                                        return std::any_of(spec.columns.begin(), spec.columns.end(),
                                                           [&](const ast::NamePath& other) {
                                                             return other.size() == 1 &&
                                                                    other[0].text == column.name;
                                                           });
                                      }),
                       rest.columns.end());
    const std::string use = UsesOf(rest, path[0].text);
    if (!use.empty()) return Failed(use, path[0].position);
    table->columns.erase(table->columns.begin() + static_cast<ptrdiff_t>(index));
  }
  return {};
}

Status RenameColumn(const ast::AlterTableSpec& spec, Table* table) {
  ASSIGN_OR_RETURN(size_t index, FindColumn(*table, spec.column));
  const std::string& name = spec.new_column.text;
  if (table->IndexOf(name) >= 0) {
    return Failed(fmt::format("The column `{}` already existed in table schema.", name),
                  spec.new_column.position);
  }
  const std::string old = table->columns[index].name;
  Table rest = *table;
  std::erase(rest.primary_key, old);
  std::erase(rest.partition_columns, old);
  const std::string use = UsesOf(rest, old);
  if (!use.empty()) return Failed(use, spec.column[0].position);
  table->columns[index].name = name;
  std::replace(table->primary_key.begin(), table->primary_key.end(), old, name);
  std::replace(table->partition_columns.begin(), table->partition_columns.end(), old, name);
  return {};
}

Status DropKey(const ast::AlterTable& statement, Table* table) {
  if (table->primary_key.empty()) {
    return Failed("The base table does not define any primary key.", statement.position);
  }
  const ast::Name& name = statement.spec.constraint;
  if (statement.spec.action == ast::AlterTableAction::kDropConstraint &&
      name.text != table->primary_key_name) {
    return Failed(fmt::format("The base table does not define a primary key constraint named '{}'. "
                              "Available constraint name: ['{}'].",
                              name.text, table->primary_key_name),
                  name.position);
  }
  table->primary_key.clear();
  table->primary_key_name.clear();
  return {};
}

Status Change(const ast::AlterTable& statement, const BindContext& context, Table* table) {
  using ast::AlterTableAction;
  const ast::AlterTableSpec& spec = statement.spec;
  switch (spec.action) {
    case AlterTableAction::kSet: DeclareOptions(context, spec.options, table); return {};
    case AlterTableAction::kReset:
      for (const std::string& key : spec.keys) table->options.erase(key);
      for (const std::string& key : spec.keys) table->option_places.erase(key);
      return {};
    case AlterTableAction::kAdd:
    case AlterTableAction::kModify: return AddOrModify(spec, table);
    case AlterTableAction::kDropColumns: return DropColumns(spec, table);
    case AlterTableAction::kRenameColumn: return RenameColumn(spec, table);
    case AlterTableAction::kDropPrimaryKey:
    case AlterTableAction::kDropConstraint: return DropKey(statement, table);
    case AlterTableAction::kDropWatermark:
      if (!table->watermark) {
        return Failed("The base table does not define any watermark strategy.", statement.position);
      }
      table->watermark.reset();
      return {};
    case AlterTableAction::kDropDistribution:
      if (table->distribution.empty()) {
        return Failed("Table does not have a distribution to drop.", statement.position);
      }
      table->distribution.clear();
      return {};
    case AlterTableAction::kAddDistribution:
    case AlterTableAction::kModifyDistribution: return SetDistribution(table, *spec.distribution);
    case AlterTableAction::kAddPartition:
    case AlterTableAction::kDropPartition:
      return Unsupported("ALTER TABLE ADD or DROP PARTITION is not supported yet",
                         statement.position);
    case AlterTableAction::kRename:
    case AlterTableAction::kSuspend:
    case AlterTableAction::kResume:
    case AlterTableAction::kRefresh:
    case AlterTableAction::kSetFreshness:
    case AlterTableAction::kSetRefreshMode:
    case AlterTableAction::kAsQuery: break;
  }
  return Unsupported("This ALTER TABLE is not supported yet", statement.position);
}

}  // namespace

Result<Table> BindAlterTable(const ast::AlterTable& statement, const Table& table,
                             const BindContext& context) {
  Table changed = table;
  RETURN_IF_ERROR(Change(statement, context, &changed));
  const Status declared = BindDeclaredExpressions(context, &changed);
  if (!declared.ok()) return declared.At(statement.position);
  return changed;
}

}  // namespace rhei
