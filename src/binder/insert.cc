// INSERT INTO: which query column goes into which sink column, and the casts between them.
#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "binder/binder.h"
#include "binder/call_builder.h"
#include "binder/expr_binder.h"
#include "binder/plan_builder.h"
#include "binder/query_binder.h"
#include "binder/sink.h"
#include "binder/table_schema.h"
#include "binder/type_names.h"
#include "types/coercion.h"

namespace rhei {
namespace {

// Physical columns and written metadata columns, in declared order.
std::vector<const TableColumn*> PersistedColumns(const Table& table) {
  std::vector<const TableColumn*> columns;
  for (const TableColumn& column : table.columns) {
    if (column.kind == TableColumn::Kind::kComputed) continue;
    if (column.kind == TableColumn::Kind::kMetadata && column.is_virtual) continue;
    columns.push_back(&column);
  }
  return columns;
}

Status Mismatch(const Table& table, const std::string& cause, const Schema& query,
                const std::vector<const TableColumn*>& sink, SqlPosition position) {
  std::vector<Field> fields;
  for (const TableColumn* column : sink) fields.push_back({column->name, column->type, ""});
  return InvalidSql(
      fmt::format("Column types of query result and sink for '{}' do not match.\nCause: {}\n\n"
                  "Query schema: [{}]\nSink schema:  [{}]",
                  table.path.Summary(), cause, SchemaInMessages(query.fields),
                  SchemaInMessages(fields)),
      position);
}

// No cast stands between text and a column that is wide enough for its type. What is longer than
// its own type says is then the length enforcer's work; everything else a cast has cut or padded.
bool FitsWithoutCast(const DataType& from, const DataType& to) {
  const bool varying = to.root() == TypeRoot::kVarchar || to.root() == TypeRoot::kVarbinary;
  const bool alike = (IsCharacter(from.root()) && IsCharacter(to.root())) ||
                     (IsBinaryString(from.root()) && IsBinaryString(to.root()));
  return varying && alike && from.length() <= to.length();
}

Result<const Table*> FindSink(const ast::Insert& insert, const BindContext& context) {
  std::vector<std::string> parts;
  for (const ast::Name& name : insert.table) parts.push_back(name.text);
  const SqlPosition at = insert.table.back().position;
  if (parts.size() > 3) {
    return InvalidSql(fmt::format("Object '{}' not found", ast::JoinPath(insert.table)), at);
  }
  const ObjectPath path = context.catalog->Resolve(parts);
  const Table* table = context.catalog->FindTable(path);
  if (table == nullptr) {
    const std::string near = context.catalog->NearestTable(path);
    return InvalidSql(
        fmt::format("Cannot find table '{}' in any of the catalogs [{}], nor as a temporary "
                    "table.{}",
                    path.ToString(), fmt::join(context.catalog->Catalogs(), ", "),
                    near.empty() ? "" : fmt::format(" Did you mean '{}'?", near)),
        at);
  }
  if (table->is_view) {
    return InvalidSql(fmt::format("View '{}' cannot be written to", path.Summary()), at);
  }
  return table;
}

// What is written into each persisted column: a query column, a constant, or nothing (NULL).
struct Target {
  int query_column = -1;
  BoundExprPtr constant;
};

class InsertBinder {
 public:
  InsertBinder(const ast::Insert& insert, const BindContext& context, const Table& table)
      : insert_(insert), context_(context), table_(table), sink_(PersistedColumns(table)) {}

  Result<std::vector<BoundExprPtr>> Assign(const LogicalNode& query);

 private:
  int Find(const ast::Name& name) const;
  Status AssignPartition();
  Status AssignListed(const LogicalNode& query);

  const ast::Insert& insert_;
  const BindContext& context_;
  const Table& table_;
  std::vector<const TableColumn*> sink_;
  std::vector<Target> targets_;
};

int InsertBinder::Find(const ast::Name& name) const {
  for (size_t i = 0; i < sink_.size(); ++i) {
    if (sink_[i]->name == name.text) return static_cast<int>(i);
  }
  return -1;
}

Status InsertBinder::AssignPartition() {
  const Scope empty;
  ExprBinder binder(context_, &empty, "PARTITION");
  for (const ast::PartitionItem& item : insert_.partition) {
    const int column = Find(item.column);
    const bool declared =
        std::find(table_.partition_columns.begin(), table_.partition_columns.end(),
                  item.column.text) != table_.partition_columns.end();
    if (column < 0 || !declared) {
      return InvalidSql(
          fmt::format("Static partition column {} should be in the partition fields list [{}].",
                      item.column.text, fmt::join(table_.partition_columns, ", ")),
          item.column.position);
    }
    if (item.value == nullptr) continue;
    ASSIGN_OR_RETURN(BoundExprPtr value, binder.Bind(*item.value));
    const DataType& type = sink_[static_cast<size_t>(column)]->type;
    // A partition's value may be quoted whatever the column's type is.
    ASSIGN_OR_RETURN(targets_[static_cast<size_t>(column)].constant,
                     CastTo(context_, std::move(value), type));
  }
  return {};
}

Status InsertBinder::AssignListed(const LogicalNode& query) {
  for (size_t i = 0; i < insert_.columns.size(); ++i) {
    const ast::NamePath& path = insert_.columns[i];
    if (path.size() > 1) {
      return Unsupported("INSERT into a field of a column is not supported yet", path[0].position);
    }
    const int column = Find(path[0]);
    if (column < 0) {
      return InvalidSql(fmt::format("Unknown target column '{}'", path[0].text), path[0].position);
    }
    Target& target = targets_[static_cast<size_t>(column)];
    if (target.query_column >= 0 || target.constant != nullptr) {
      return InvalidSql(fmt::format("Target column '{}' is assigned more than once", path[0].text),
                        path[0].position);
    }
    target.query_column = static_cast<int>(i);
  }
  if (insert_.columns.size() != query.schema.size()) {
    return InvalidSql("Number of columns must match number of query columns",
                      insert_.query->position);
  }
  return {};
}

Result<std::vector<BoundExprPtr>> InsertBinder::Assign(const LogicalNode& query) {
  targets_.resize(sink_.size());
  RETURN_IF_ERROR(AssignPartition());
  const SqlPosition at = insert_.query->position;
  if (!insert_.columns.empty()) {
    RETURN_IF_ERROR(AssignListed(query));
  } else {
    int next = 0;
    for (Target& target : targets_) {
      if (target.constant == nullptr) target.query_column = next++;
    }
    if (next != static_cast<int>(query.schema.size())) {
      return Mismatch(table_, "Different number of columns.", query.schema, sink_, at);
    }
  }
  std::vector<BoundExprPtr> values;
  for (size_t i = 0; i < sink_.size(); ++i) {
    const DataType& type = sink_[i]->type;
    if (targets_[i].constant != nullptr) {
      values.push_back(targets_[i].constant);
      continue;
    }
    if (targets_[i].query_column < 0) {
      if (!type.nullable()) {
        return InvalidSql(fmt::format("Column '{}' has no default value and does not allow NULLs",
                                      sink_[i]->name),
                          at);
      }
      values.push_back(MakeLiteral(Value(), type));
      continue;
    }
    BoundExprPtr value = WithoutTimeAttribute(ColumnOf(query, targets_[i].query_column));
    if (!value->type.EqualsIgnoringNullability(type) && !ImplicitCastAllowed(value->type, type)) {
      return Mismatch(
          table_,
          fmt::format("Incompatible types for sink column '{}' at position {}.", sink_[i]->name, i),
          query.schema, sink_, at);
    }
    if (!FitsWithoutCast(value->type, type)) {
      ASSIGN_OR_RETURN(value, CastTo(context_, std::move(value), type));
    }
    values.push_back(std::move(value));
  }
  return values;
}

LogicalSink::OnConflict OnConflictOf(ast::OnConflict on_conflict) {
  switch (on_conflict) {
    case ast::OnConflict::kUnspecified: return LogicalSink::OnConflict::kNone;
    case ast::OnConflict::kError: return LogicalSink::OnConflict::kError;
    case ast::OnConflict::kNothing: return LogicalSink::OnConflict::kNothing;
    case ast::OnConflict::kDeduplicate: return LogicalSink::OnConflict::kDeduplicate;
  }
  return LogicalSink::OnConflict::kNone;
}

}  // namespace

Result<LogicalNodePtr> BuildSink(const BindContext& context, const Table& table,
                                 LogicalNodePtr query, std::vector<BoundExprPtr> values,
                                 SqlPosition position) {
  (void)context;
  const std::vector<const TableColumn*> columns = PersistedColumns(table);
  CHECK(values.size() == columns.size());
  if (!table.description.connector.empty() && !table.description.can_sink) {
    return InvalidSql(fmt::format("Connector '{}' can only be used as a source. It cannot be used "
                                  "as a sink.",
                                  table.description.connector),
                      position);
  }
  auto sink = std::make_shared<LogicalSink>();
  sink->table = table.path.Summary();
  sink->options = table.options;
  sink->description = table.description;
  sink->partition_columns = table.partition_columns;
  sink->position = position;
  // Physical columns first, written metadata behind them.
  std::vector<BoundExprPtr> ordered;
  std::vector<std::string> names;
  for (const bool metadata : {false, true}) {
    for (size_t i = 0; i < columns.size(); ++i) {
      const TableColumn& column = *columns[i];
      if ((column.kind == TableColumn::Kind::kMetadata) != metadata) continue;
      BoundExprPtr value = values[i];
      DataType type = column.type;
      if (metadata) {
        const std::string& key = column.metadata_key.empty() ? column.name : column.metadata_key;
        MetadataColumn written{key, column.type, true};
        for (const MetadataColumn& known : table.description.metadata) {
          if (known.key == key) written = known;
        }
        if (!written.writable) {
          return InvalidSql(
              fmt::format("Invalid metadata key '{}' in column '{}' of table '{}'. The connector "
                          "'{}' cannot write it: declare the column VIRTUAL",
                          key, column.name, table.path.ToString(), table.description.connector),
              position);
        }
        ASSIGN_OR_RETURN(value, CastTo(context, std::move(value), written.type));
        type = written.type;
        sink->metadata.push_back(std::move(written));
      }
      for (const std::string& key : table.primary_key) {
        if (key == column.name) sink->primary_key.push_back(static_cast<int>(ordered.size()));
      }
      sink->schema.fields.push_back({column.name, type, column.comment});
      names.push_back(column.name);
      ordered.push_back(std::move(value));
    }
  }
  sink->inputs = {ProjectIfNeeded(std::move(query), std::move(ordered), names)};
  return LogicalNodePtr(std::move(sink));
}

Result<LogicalNodePtr> BindQuery(const ast::Query& query, const BindContext& context) {
  return QueryBinder(context).BindQuery(query, nullptr, true);
}

Result<LogicalNodePtr> BindCollect(const ast::Query& query, const BindContext& context) {
  ASSIGN_OR_RETURN(LogicalNodePtr plan, BindQuery(query, context));
  auto sink = std::make_shared<LogicalSink>();
  sink->schema = plan->schema;
  sink->position = query.position;
  sink->inputs = {std::move(plan)};
  return LogicalNodePtr(std::move(sink));
}

Result<LogicalNodePtr> BindInsert(const ast::Insert& insert, const BindContext& context) {
  if (insert.upsert) return Unsupported("UPSERT INTO is not supported yet", insert.position);
  ASSIGN_OR_RETURN(const Table* table, FindSink(insert, context));
  Table hinted;
  if (insert.hints.empty()) {
    RETURN_IF_ERROR(CheckUsable(*table, insert.table.back().position));
  } else {
    ASSIGN_OR_RETURN(hinted,
                     WithHints(context, *table, insert.hints, insert.table.back().position));
    table = &hinted;
  }
  ASSIGN_OR_RETURN(LogicalNodePtr query, BindQuery(*insert.query, context));
  InsertBinder binder(insert, context, *table);
  ASSIGN_OR_RETURN(std::vector<BoundExprPtr> values, binder.Assign(*query));
  ASSIGN_OR_RETURN(LogicalNodePtr node, BuildSink(context, *table, std::move(query),
                                                  std::move(values), insert.table.back().position));
  auto sink = std::make_shared<LogicalSink>(static_cast<const LogicalSink&>(*node));
  sink->on_conflict = OnConflictOf(insert.on_conflict);
  sink->overwrite = insert.overwrite;
  return LogicalNodePtr(std::move(sink));
}

}  // namespace rhei
