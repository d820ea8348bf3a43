#include "binder/table_schema.h"

#include <fmt/format.h>

#include <algorithm>

#include "binder/call_builder.h"
#include "binder/expr_binder.h"
#include "binder/hint_names.h"
#include "binder/option_position.h"
#include "binder/plan_builder.h"
#include "sql/parser.h"

namespace rhei {
namespace {

// Physical and metadata columns, which computed columns may refer to; the type a source gives a
// metadata column is cast to the declared one.
Schema PersistedSchema(const Table& table) {
  Schema schema;
  for (const TableColumn& column : table.columns) {
    if (column.kind == TableColumn::Kind::kComputed) continue;
    schema.fields.push_back({column.name, column.type, column.comment});
  }
  return schema;
}

Result<BoundExprPtr> BindText(const BindContext& context, const std::string& text,
                              const Schema& schema, std::string_view clause) {
  ASSIGN_OR_RETURN(ast::ExprPtr expr, ParseExpression(text));
  const Scope scope = ScopeOf({}, schema);
  ExprBinder binder(context, &scope, clause);
  Result<BoundExprPtr> bound = binder.Bind(*expr);
  if (!bound.ok()) {
    // The position counts in the stored text, not in the statement at hand.
    return Status(bound.status().code(), bound.status().message());
  }
  return bound;
}

bool IsTimeType(const DataType& type) {
  return IsTimestamp(type.root()) && type.precision() <= 3;
}

Result<DataType> MetadataType(const Table& table, const TableColumn& column,
                              std::vector<MetadataColumn>* wanted) {
  const std::string& key = column.metadata_key.empty() ? column.name : column.metadata_key;
  if (table.description.connector.empty()) {  // Not described: a table of a test of the binder.
    wanted->push_back({key, column.type, !column.is_virtual});
    return column.type;
  }
  std::string known;
  for (const MetadataColumn& metadata : table.description.metadata) {
    if (metadata.key == key) {
      wanted->push_back(metadata);
      return metadata.type;
    }
    known += "\n" + metadata.key;
  }
  return InvalidSql(fmt::format(
      "Invalid metadata key '{}' in column '{}' of table '{}'. The connector '{}' supports the "
      "following metadata keys for reading:{}",
      key, column.name, table.path.ToString(), table.description.connector,
      known.empty() ? " none" : known));
}

}  // namespace

Schema DeclaredSchema(const Table& table) {
  Schema schema;
  for (const TableColumn& column : table.columns) {
    schema.fields.push_back({column.name, column.type, column.comment});
    if (table.watermark && table.watermark->rowtime_column == column.name) {
      schema.fields.back().type = column.type.WithTimeAttribute(TimeAttribute::kRowtime);
    }
  }
  return schema;
}

Status BindDeclaredExpressions(const BindContext& context, Table* table) {
  const Schema persisted = PersistedSchema(*table);
  for (TableColumn& column : table->columns) {
    if (column.kind != TableColumn::Kind::kComputed) continue;
    Result<BoundExprPtr> bound =
        BindText(context, column.expression, persisted, "the computed column");
    if (!bound.ok()) {
      return bound.status().WithContext(
          fmt::format("Invalid expression for computed column '{}'", column.name));
    }
    column.type = (*bound)->type;
  }
  if (!table->watermark) return {};
  const std::string& name = table->watermark->rowtime_column;
  const int rowtime = table->IndexOf(name);
  if (rowtime < 0) {
    return InvalidSql(
        fmt::format("The rowtime attribute field '{}' is not defined in the table schema", name));
  }
  const DataType& type = table->columns[static_cast<size_t>(rowtime)].type;
  constexpr std::string_view kSupported =
      "The field must be of type TIMESTAMP(p) or TIMESTAMP_LTZ(p), the supported precision 'p' is "
      "from 0 to 3";
  if (!IsTimeType(type) || type.is_proctime()) {
    return InvalidSql(
        fmt::format("Invalid data type of time field for watermark definition. {}, "
                    "but the time field type is {}",
                    kSupported, type.ToString()));
  }
  Schema declared = DeclaredSchema(*table);
  Result<BoundExprPtr> watermark =
      BindText(context, table->watermark->expression, declared, "WATERMARK");
  if (!watermark.ok()) {
    return watermark.status().WithContext("Invalid expression for watermark");
  }
  if (!IsTimeType((*watermark)->type)) {
    return InvalidSql(
        fmt::format("Invalid data type of expression for watermark definition. {}, "
                    "but the watermark expression type is {}",
                    kSupported, (*watermark)->type.ToString()));
  }
  if ((*watermark)->type.root() != type.root()) {
    return InvalidSql(fmt::format(
        "The watermark declaration's output data type '{}' is different from the time field's data "
        "type '{}'.",
        (*watermark)->type.ToString(), type.ToString()));
  }
  return {};
}

Status CheckUsable(const Table& table, SqlPosition position) {
  if (table.defect.ok()) return {};
  return AtOption(table.defect, table.options, table.option_places, position);
}

Result<Table> WithHints(const BindContext& context, const Table& table,
                        std::span<const ast::Hint> hints, SqlPosition position) {
  RETURN_IF_ERROR(CheckHints(hints));
  Table changed = table;
  for (const ast::Hint& hint : hints) {
    if (UpperCase(hint.name.text) != "OPTIONS") {
      return Unsupported(fmt::format("Hint {} behind a table is not supported yet", hint.name.text),
                         hint.position);
    }
    HintOptions(hint, &changed);
  }
  context.catalog->Describe(&changed);
  RETURN_IF_ERROR(CheckUsable(changed, position));
  return changed;
}

Result<LogicalNodePtr> BuildTableScan(const BindContext& context, const Table& table,
                                      SqlPosition position) {
  if (!table.description.connector.empty() && !table.description.can_scan) {
    return InvalidSql(fmt::format("Connector '{}' can only be used as a sink. It cannot be used as "
                                  "a source.",
                                  table.description.connector),
                      position);
  }
  auto scan = std::make_shared<LogicalScan>();
  scan->position = position;
  scan->table = table.path.Summary();
  scan->options = table.options;
  scan->description = table.description;
  scan->partition_columns = table.partition_columns;
  std::vector<int> scan_index(table.columns.size(), -1);
  bool plain = !table.watermark.has_value();
  for (size_t i = 0; i < table.columns.size(); ++i) {
    const TableColumn& column = table.columns[i];
    plain &= column.kind == TableColumn::Kind::kPhysical;
    if (column.kind != TableColumn::Kind::kPhysical) continue;
    scan_index[i] = static_cast<int>(scan->table_schema.size());
    scan->table_schema.fields.push_back({column.name, column.type, column.comment});
  }
  scan->schema = scan->table_schema;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    const TableColumn& column = table.columns[i];
    if (column.kind != TableColumn::Kind::kMetadata) continue;
    Result<DataType> type = MetadataType(table, column, &scan->metadata);
    if (!type.ok()) return type.status().At(position);
    scan_index[i] = static_cast<int>(scan->schema.size());
    scan->metadata_names.push_back(column.name);
    scan->schema.fields.push_back({column.name, *type, column.comment});
  }
  for (const std::string& key : table.primary_key) {
    const int index = scan->table_schema.IndexOf(key);
    if (index >= 0) scan->primary_key.push_back(index);
  }
  if (plain) return LogicalNodePtr(std::move(scan));
  // The declared view of the persisted columns, which computed columns are bound over.
  std::vector<BoundExprPtr> persisted;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    if (scan_index[i] < 0) continue;
    ASSIGN_OR_RETURN(BoundExprPtr column,
                     CastTo(context, ColumnOf(*scan, scan_index[i]), table.columns[i].type));
    persisted.push_back(std::move(column));
  }
  const Schema persisted_schema = PersistedSchema(table);
  auto project = std::make_shared<LogicalProject>();
  project->position = position;
  project->schema = DeclaredSchema(table);
  size_t next = 0;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    const TableColumn& column = table.columns[i];
    if (column.kind != TableColumn::Kind::kComputed) {
      project->expressions.push_back(persisted[next++]);
      continue;
    }
    Result<BoundExprPtr> bound =
        BindText(context, column.expression, persisted_schema, "the computed column");
    if (!bound.ok()) return bound.status().At(position);
    project->expressions.push_back(ReplaceInputs(*bound, persisted));
    project->schema.fields[i].type = (*bound)->type.WithTimeAttribute(
        project->schema.type(i).time_attribute() == TimeAttribute::kNone
            ? (*bound)->type.time_attribute()
            : project->schema.type(i).time_attribute());
  }
  if (table.watermark) {
    project->rowtime_column = table.IndexOf(table.watermark->rowtime_column);
    Result<BoundExprPtr> watermark =
        BindText(context, table.watermark->expression, project->schema, "WATERMARK");
    if (!watermark.ok()) return watermark.status().At(position);
    project->watermark = *watermark;
  }
  project->inputs = {std::move(scan)};
  return LogicalNodePtr(std::move(project));
}

}  // namespace rhei
