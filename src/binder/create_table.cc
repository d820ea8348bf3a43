// CREATE TABLE: the declaration as a catalog table; LIKE and AS included.
#include <fmt/format.h>

#include <algorithm>

#include "binder/binder.h"
#include "binder/call_builder.h"
#include "binder/expr_binder.h"
#include "binder/option_position.h"
#include "binder/plan_builder.h"
#include "binder/query_binder.h"
#include "binder/sink.h"
#include "binder/table_definition.h"
#include "binder/table_schema.h"
#include "binder/type_binder.h"
#include "sql/printer.h"
#include "types/coercion.h"

namespace rhei {
namespace {

std::vector<std::string> Texts(const std::vector<ast::Name>& names) {
  std::vector<std::string> texts;
  for (const ast::Name& name : names) texts.push_back(name.text);
  return texts;
}

std::string PlaceText(SqlPosition position) {
  return fmt::format("line {}, column {}", position.line, position.column);
}

}  // namespace

std::string CanonicalExpression(const ast::Expr& expr) {
  std::string text = PrintExpr(expr);
  // The printer puts every operator in parentheses; the outermost pair says nothing.
  if (text.size() < 2 || text.front() != '(' || text.back() != ')') return text;
  int depth = 0;
  char quote = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote != 0) {
      if (c == quote) quote = 0;
      continue;
    }
    if (c == '\'' || c == '`') quote = c;
    if (c == '(') ++depth;
    if (c == ')' && --depth == 0 && i + 1 < text.size()) return text;
  }
  return text.substr(1, text.size() - 2);
}

Result<ObjectPath> ResolvePath(const BindContext& context, const ast::NamePath& name) {
  if (name.size() > 3) {
    return InvalidSql("Object identifier must consist of 1 to 3 parts.", name[0].position);
  }
  return context.catalog->Resolve(Texts(name));
}

Result<TableColumn> BindColumn(const ast::ColumnDef& def) {
  if (def.name.size() != 1) {
    return Unsupported("A column inside a column is not supported yet", def.position);
  }
  TableColumn column;
  column.name = def.name[0].text;
  column.comment = def.comment.value_or("");
  switch (def.kind) {
    case ast::ColumnKind::kPhysical: break;
    case ast::ColumnKind::kMetadata:
      column.kind = TableColumn::Kind::kMetadata;
      column.metadata_key = def.metadata_key.value_or("");
      column.is_virtual = def.metadata_virtual;
      break;
    case ast::ColumnKind::kComputed:
      column.kind = TableColumn::Kind::kComputed;
      column.expression = CanonicalExpression(*def.expr);
      return column;
    case ast::ColumnKind::kNameOnly:
      return InvalidSql("Columns without a type are only allowed in CREATE TABLE AS", def.position);
  }
  ASSIGN_OR_RETURN(column.type, BindType(*def.type));
  return column;
}

Status AddColumn(Table* table, TableColumn column, SqlPosition position) {
  if (table->IndexOf(column.name) >= 0) {
    return InvalidSql(fmt::format("A {} Column named '{}' already exists in the table.",
                                  column.kind == TableColumn::Kind::kPhysical   ? "regular"
                                  : column.kind == TableColumn::Kind::kComputed ? "computed"
                                                                                : "metadata",
                                  column.name),
                      position);
  }
  table->columns.push_back(std::move(column));
  return {};
}

Status SetPrimaryKey(Table* table, const ast::TableConstraint& constraint,
                     const std::vector<std::string>& columns) {
  if (!constraint.primary_key) {
    return InvalidSql("UNIQUE constraint is not supported yet", constraint.position);
  }
  if (!constraint.enforced || *constraint.enforced) {
    return InvalidSql(
        "Flink doesn't support ENFORCED mode for PRIMARY KEY constraint. ENFORCED/NOT ENFORCED "
        "controls if the constraint checks are performed on the incoming/outgoing data. Flink does "
        "not own the data therefore the only supported mode is the NOT ENFORCED mode",
        constraint.position);
  }
  if (!table->primary_key.empty()) {
    return InvalidSql("Duplicate primary key definition", constraint.position);
  }
  std::string name = "PK";
  for (const std::string& key : columns) {
    const int index = table->IndexOf(key);
    if (index < 0) {
      return InvalidSql(fmt::format("Primary key column '{}' is not defined in the schema at {}",
                                    key, PlaceText(constraint.position)),
                        constraint.position);
    }
    TableColumn& column = table->columns[static_cast<size_t>(index)];
    if (column.kind != TableColumn::Kind::kPhysical) {
      return InvalidSql(fmt::format("Could not create a PRIMARY KEY with column '{}' at {}.\nA "
                                    "PRIMARY KEY constraint must be declared on physical columns.",
                                    key, PlaceText(constraint.position)),
                        constraint.position);
    }
    column.type = column.type.WithNullable(false);
    name += "_" + key;
  }
  table->primary_key = columns;
  table->primary_key_name = constraint.name ? constraint.name->text : name;
  return {};
}

Status SetWatermark(Table* table, const ast::WatermarkDef& watermark) {
  if (watermark.column.size() != 1) {
    return Unsupported("A watermark on a field of a column is not supported yet",
                       watermark.position);
  }
  if (table->IndexOf(watermark.column[0].text) < 0) {
    return InvalidSql(
        fmt::format("The rowtime attribute field '{}' is not defined in the table schema, at {}",
                    watermark.column[0].text, PlaceText(watermark.column[0].position)),
        watermark.column[0].position);
  }
  table->watermark =
      WatermarkDeclaration{watermark.column[0].text, CanonicalExpression(*watermark.expr)};
  return {};
}

Status SetPartitions(Table* table, const std::vector<ast::Name>& columns) {
  for (const ast::Name& column : columns) {
    if (table->IndexOf(column.text) < 0) {
      std::string known;
      for (const TableColumn& other : table->columns) {
        known += fmt::format("{}'{}'", known.empty() ? "" : ", ", other.name);
      }
      return InvalidSql(fmt::format("Partition column '{}' not defined in the table schema. "
                                    "Available columns: [{}]",
                                    column.text, known),
                        column.position);
    }
    table->partition_columns.push_back(column.text);
  }
  return {};
}

Status SetDistribution(Table* table, const ast::Distribution& distribution) {
  std::string text = "DISTRIBUTED";
  if (!distribution.columns.empty()) {
    text += " BY ";
    if (distribution.kind == ast::DistributionKind::kHash) text += "HASH";
    if (distribution.kind == ast::DistributionKind::kRange) text += "RANGE";
    std::string columns;
    for (const ast::Name& column : distribution.columns) {
      if (table->IndexOf(column.text) < 0) {
        return InvalidSql(
            fmt::format("Invalid bucket key '{}'. A bucket key for a distribution must reference a "
                        "physical column in the schema.",
                        column.text),
            column.position);
      }
      columns += (columns.empty() ? "" : ", ") + QuoteName(column.text);
    }
    text += "(" + columns + ")";
  }
  if (distribution.buckets) text += fmt::format(" INTO {} BUCKETS", *distribution.buckets);
  table->distribution = text;
  return {};
}

Status AddSchema(Table* table, const ast::TableSchema& schema) {
  for (const ast::ColumnDef& def : schema.columns) {
    if (def.kind == ast::ColumnKind::kNameOnly) continue;
    ASSIGN_OR_RETURN(TableColumn column, BindColumn(def));
    RETURN_IF_ERROR(AddColumn(table, std::move(column), def.position));
  }
  for (const ast::ColumnDef& def : schema.columns) {
    if (!def.constraint) continue;
    RETURN_IF_ERROR(SetPrimaryKey(table, *def.constraint, {def.name[0].text}));
  }
  for (const ast::TableConstraint& constraint : schema.constraints) {
    RETURN_IF_ERROR(SetPrimaryKey(table, constraint, Texts(constraint.columns)));
  }
  if (schema.watermark) {
    if (table->watermark) {
      return InvalidSql("Multiple WATERMARK declarations are not supported yet.",
                        schema.watermark->position);
    }
    RETURN_IF_ERROR(SetWatermark(table, *schema.watermark));
  }
  return {};
}

namespace {

// The columns of CREATE TABLE AS: declared ones that the query does not give, then the query's in
// its order, or all in the order that was listed.
Status AddQueryColumns(const ast::CreateTable& statement, const LogicalNode& query, Table* table) {
  std::vector<TableColumn> columns;
  for (const TableColumn& column : table->columns) {
    if (query.schema.IndexOf(column.name) < 0) columns.push_back(column);
  }
  for (const Field& field : query.schema.fields) {
    const int declared = table->IndexOf(field.name);
    TableColumn column;
    column.name = field.name;
    column.type = field.type.WithTimeAttribute(TimeAttribute::kNone);
    if (declared >= 0) {
      column = table->columns[static_cast<size_t>(declared)];
      if (column.kind == TableColumn::Kind::kComputed ||
          !(column.type.EqualsIgnoringNullability(field.type) ||
            ImplicitCastAllowed(field.type, column.type))) {
        return InvalidSql(fmt::format("Incompatible types for sink column '{}' at position {}. The "
                                      "source column has type '{}', while the target column has "
                                      "type '{}'.",
                                      field.name, query.schema.IndexOf(field.name),
                                      field.type.ToString(), column.type.ToString()),
                          statement.query->position);
      }
    }
    columns.push_back(std::move(column));
  }
  std::vector<TableColumn> ordered;
  for (const ast::ColumnDef& def : statement.schema.columns) {
    if (def.kind != ast::ColumnKind::kNameOnly) continue;
    const auto found = std::find_if(columns.begin(), columns.end(), [&](const TableColumn& column) {
      return column.name == def.name[0].text;
    });
    if (found == columns.end()) {
      return InvalidSql(
          fmt::format("Column '{}' not found in the source schema.", def.name[0].text),
          def.position);
    }
    ordered.push_back(*found);
  }
  if (!ordered.empty() && ordered.size() != columns.size()) {
    return InvalidSql(
        "The number of columns in the column list must match the number of columns "
        "in the source schema.",
        statement.position);
  }
  table->columns = ordered.empty() ? std::move(columns) : std::move(ordered);
  return {};
}

}  // namespace

Result<Table> BindCreateTable(const ast::CreateTable& statement, const BindContext& context) {
  if (!statement.connection.empty()) {
    return Unsupported("USING CONNECTION is not supported yet", statement.connection[0].position);
  }
  Table table;
  ASSIGN_OR_RETURN(table.path, ResolvePath(context, statement.name));
  table.temporary = statement.temporary;
  table.comment = statement.comment.value_or("");
  DeclareOptions(context, statement.options, &table);
  if (statement.query != nullptr) {
    if (statement.temporary) {
      return InvalidSql(
          "CREATE TABLE AS SELECT syntax does not support creating temporary tables yet.",
          statement.position);
    }
    // Keys and the watermark may be declared on columns of the query.
    ASSIGN_OR_RETURN(LogicalNodePtr query, BindQuery(*statement.query, context));
    for (const ast::ColumnDef& def : statement.schema.columns) {
      if (def.kind == ast::ColumnKind::kNameOnly) continue;
      ASSIGN_OR_RETURN(TableColumn column, BindColumn(def));
      RETURN_IF_ERROR(AddColumn(&table, std::move(column), def.position));
    }
    RETURN_IF_ERROR(AddQueryColumns(statement, *query, &table));
    for (const ast::ColumnDef& def : statement.schema.columns) {
      if (!def.constraint) continue;
      RETURN_IF_ERROR(SetPrimaryKey(&table, *def.constraint, {def.name[0].text}));
    }
    for (const ast::TableConstraint& constraint : statement.schema.constraints) {
      RETURN_IF_ERROR(SetPrimaryKey(&table, constraint, Texts(constraint.columns)));
    }
    if (statement.schema.watermark) {
      RETURN_IF_ERROR(SetWatermark(&table, *statement.schema.watermark));
    }
  } else if (statement.like) {
    RETURN_IF_ERROR(MergeLike(statement, context, &table));
  } else {
    RETURN_IF_ERROR(AddSchema(&table, statement.schema));
  }
  if (!statement.partitioned_by.empty()) {
    RETURN_IF_ERROR(SetPartitions(&table, statement.partitioned_by));
  }
  if (statement.distribution) {
    RETURN_IF_ERROR(SetDistribution(&table, *statement.distribution));
  }
  const Status declared = BindDeclaredExpressions(context, &table);
  if (!declared.ok()) {
    return declared.At(statement.schema.watermark ? statement.schema.watermark->position
                                                  : statement.position);
  }
  return table;
}

Result<LogicalNodePtr> BindCreateTableAs(const ast::CreateTable& statement, const Table& table,
                                         const BindContext& context) {
  RETURN_IF_ERROR(CheckUsable(table, statement.name.back().position));
  ASSIGN_OR_RETURN(LogicalNodePtr query, BindQuery(*statement.query, context));
  std::vector<BoundExprPtr> values;
  for (const TableColumn& column : table.columns) {
    if (column.kind == TableColumn::Kind::kComputed) continue;
    if (column.kind == TableColumn::Kind::kMetadata && column.is_virtual) continue;
    const int index = query->schema.IndexOf(column.name);
    if (index < 0) {
      values.push_back(MakeLiteral(Value(), column.type.WithNullable(true)));
      continue;
    }
    ASSIGN_OR_RETURN(BoundExprPtr value,
                     CastTo(context, WithoutTimeAttribute(ColumnOf(*query, index)), column.type));
    values.push_back(std::move(value));
  }
  return BuildSink(context, table, std::move(query), std::move(values),
                   statement.name.back().position);
}

Schema DescribedColumns(const Table& table) {
  return DeclaredSchema(table);
}

}  // namespace rhei
