// CREATE TABLE ... LIKE: which parts of the base table come along, and what wins.
#include <fmt/format.h>

#include <algorithm>

#include "binder/table_definition.h"

namespace rhei {
namespace {

using ast::LikeFeature;
using ast::LikeMode;

// LIKE without options includes all and lets the new options overwrite.
LikeMode ModeOf(const ast::LikeClause& like, LikeFeature feature) {
  LikeMode mode = feature == LikeFeature::kOptions ? LikeMode::kOverwriting : LikeMode::kIncluding;
  for (const ast::LikeClause::Rule& rule : like.rules) {
    if (rule.feature == LikeFeature::kAll) mode = rule.mode;
  }
  for (const ast::LikeClause::Rule& rule : like.rules) {
    if (rule.feature == feature) mode = rule.mode;
  }
  return mode;
}

Status MergeOptions(const ast::LikeClause& like, const Table& base, Table* table) {
  const LikeMode mode = ModeOf(like, LikeFeature::kOptions);
  if (mode == LikeMode::kExcluding) return {};
  for (const auto& [key, value] : base.options) {
    const auto own = table->options.find(key);
    if (own == table->options.end()) {
      table->options[key] = value;
      const auto place = base.option_places.find(key);
      if (place != base.option_places.end()) table->option_places.insert(*place);
    } else if (mode == LikeMode::kIncluding) {
      return InvalidSql(
          fmt::format("There already exists an option ['{}' -> '{}']  in the base table. You might "
                      "want to specify EXCLUDING OPTIONS or OVERWRITING OPTIONS.",
                      key, value),
          like.position);
    }
  }
  return {};
}

void TakeColumns(const ast::LikeClause& like, const Table& base, Table* table) {
  for (const TableColumn& column : base.columns) {
    const bool computed = column.kind == TableColumn::Kind::kComputed;
    const bool metadata = column.kind == TableColumn::Kind::kMetadata;
    if (computed && ModeOf(like, LikeFeature::kGenerated) == LikeMode::kExcluding) continue;
    if (metadata && ModeOf(like, LikeFeature::kMetadata) == LikeMode::kExcluding) continue;
    table->columns.push_back(column);
  }
}

Status AddOwnColumns(const ast::CreateTable& statement, Table* table) {
  const ast::LikeClause& like = *statement.like;
  for (const ast::ColumnDef& def : statement.schema.columns) {
    ASSIGN_OR_RETURN(TableColumn column, BindColumn(def));
    const int index = table->IndexOf(column.name);
    if (index < 0) {
      table->columns.push_back(std::move(column));
      continue;
    }
    TableColumn& old = table->columns[static_cast<size_t>(index)];
    const bool computed = column.kind == TableColumn::Kind::kComputed;
    const bool metadata = column.kind == TableColumn::Kind::kMetadata;
    const LikeMode mode = computed   ? ModeOf(like, LikeFeature::kGenerated)
                          : metadata ? ModeOf(like, LikeFeature::kMetadata)
                                     : LikeMode::kIncluding;
    if (column.kind != old.kind || mode != LikeMode::kOverwriting) {
      const std::string_view kind = computed ? "generated " : metadata ? "metadata " : "";
      return InvalidSql(
          fmt::format("A {}column named '{}' already exists in the base table.{}", kind,
                      column.name,
                      computed   ? " You might want to specify EXCLUDING GENERATED or OVERWRITING "
                                   "GENERATED."
                      : metadata ? " You might want to specify EXCLUDING METADATA or OVERWRITING "
                                   "METADATA."
                                 : ""),
          def.position);
    }
    old = std::move(column);
  }
  return {};
}

Status MergeKey(const ast::CreateTable& statement, const Table& base, Table* table) {
  const ast::LikeClause& like = *statement.like;
  const bool take = ModeOf(like, LikeFeature::kConstraints) != LikeMode::kExcluding;
  std::vector<std::pair<const ast::TableConstraint*, std::vector<std::string>>> own;
  for (const ast::ColumnDef& def : statement.schema.columns) {
    if (def.constraint) own.push_back({&*def.constraint, {def.name[0].text}});
  }
  for (const ast::TableConstraint& constraint : statement.schema.constraints) {
    std::vector<std::string> columns;
    for (const ast::Name& name : constraint.columns) columns.push_back(name.text);
    own.push_back({&constraint, std::move(columns)});
  }
  if (!own.empty() && take && !base.primary_key.empty()) {
    return InvalidSql(
        "The base table already has a primary key. You might want to specify "
        "EXCLUDING CONSTRAINTS.",
        own[0].first->position);
  }
  for (const auto& [constraint, columns] : own) {
    RETURN_IF_ERROR(SetPrimaryKey(table, *constraint, columns));
  }
  if (own.empty() && take) {
    table->primary_key = base.primary_key;
    table->primary_key_name = base.primary_key_name;
  }
  return {};
}

}  // namespace

Status MergeLike(const ast::CreateTable& statement, const BindContext& context, Table* table) {
  const ast::LikeClause& like = *statement.like;
  ASSIGN_OR_RETURN(ObjectPath path, ResolvePath(context, like.table));
  const Table* base = context.catalog->FindTable(path);
  if (base == nullptr) {
    return InvalidSql(fmt::format("Source table '{}' of the LIKE clause not found in the catalog, "
                                  "at line {}, column {}",
                                  path.ToString(), like.position.line, like.position.column),
                      like.position);
  }
  if (base->is_view) {
    return InvalidSql(fmt::format("Source table '{}' of the LIKE clause can not be a VIEW, at line "
                                  "{}, column {}",
                                  path.ToString(), like.position.line, like.position.column),
                      like.position);
  }
  RETURN_IF_ERROR(MergeOptions(like, *base, table));
  TakeColumns(like, *base, table);
  RETURN_IF_ERROR(AddOwnColumns(statement, table));
  RETURN_IF_ERROR(MergeKey(statement, *base, table));
  const LikeMode watermark = ModeOf(like, LikeFeature::kWatermarks);
  if (watermark != LikeMode::kExcluding) table->watermark = base->watermark;
  if (statement.schema.watermark) {
    if (table->watermark && watermark == LikeMode::kIncluding) {
      return InvalidSql(
          fmt::format(
              "There already exists a watermark spec for column '{}' in the base table. You "
              "might want to specify EXCLUDING WATERMARKS or OVERWRITING WATERMARKS.",
              table->watermark->rowtime_column),
          statement.schema.watermark->position);
    }
    RETURN_IF_ERROR(SetWatermark(table, *statement.schema.watermark));
  }
  if (ModeOf(like, LikeFeature::kPartitions) != LikeMode::kExcluding &&
      !base->partition_columns.empty()) {
    if (!statement.partitioned_by.empty()) {
      return InvalidSql(
          "The base table already has partitions defined. You might want to specify "
          "EXCLUDING PARTITIONS.",
          statement.partitioned_by[0].position);
    }
    table->partition_columns = base->partition_columns;
  }
  if (ModeOf(like, LikeFeature::kDistribution) != LikeMode::kExcluding &&
      !base->distribution.empty()) {
    if (statement.distribution) {
      return InvalidSql(
          "The base table already has a distribution defined. You might want to "
          "specify EXCLUDING DISTRIBUTION.",
          statement.distribution->position);
    }
    table->distribution = base->distribution;
  }
  return {};
}

}  // namespace rhei
