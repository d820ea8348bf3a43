// Prints CREATE and ALTER of tables, and CREATE of the other objects.
#include "sql/syntax_printer.h"

namespace rhei {
namespace {

std::string_view FeatureText(ast::LikeFeature feature) {
  switch (feature) {
    case ast::LikeFeature::kAll: return "ALL";
    case ast::LikeFeature::kConstraints: return "CONSTRAINTS";
    case ast::LikeFeature::kDistribution: return "DISTRIBUTION";
    case ast::LikeFeature::kGenerated: return "GENERATED";
    case ast::LikeFeature::kMetadata: return "METADATA";
    case ast::LikeFeature::kOptions: return "OPTIONS";
    case ast::LikeFeature::kPartitions: return "PARTITIONS";
    case ast::LikeFeature::kWatermarks: return "WATERMARKS";
  }
  CHECK(false);
}

}  // namespace

void SyntaxPrinter::Constraint(const ast::TableConstraint& constraint) {
  if (constraint.name) {
    Put("CONSTRAINT ");
    PutName(*constraint.name);
    Put(" ");
  }
  Put(constraint.primary_key ? "PRIMARY KEY" : "UNIQUE");
  if (!constraint.columns.empty()) {
    Put(" ");
    PutNames(constraint.columns);
  }
  if (constraint.enforced) Put(*constraint.enforced ? " ENFORCED" : " NOT ENFORCED");
}

void SyntaxPrinter::Column(const ast::ColumnDef& column) {
  PutPath(column.name);
  if (column.kind == ast::ColumnKind::kComputed) {
    Put(" AS ");
    Expr(*column.expr);
  } else if (column.type != nullptr) {
    Put(" ");
    Type(*column.type);
  }
  if (column.constraint) {
    Put(" ");
    Constraint(*column.constraint);
  }
  if (column.kind == ast::ColumnKind::kMetadata) {
    Put(" METADATA");
    if (column.metadata_key) {
      Put(" FROM ");
      PutString(*column.metadata_key);
    }
    if (column.metadata_virtual) Put(" VIRTUAL");
  }
  if (column.comment) {
    Put(" COMMENT ");
    PutString(*column.comment);
  }
  if (column.place == ast::ColumnPlace::kFirst) Put(" FIRST");
  if (column.place == ast::ColumnPlace::kAfter) Put(" AFTER " + QuotePath(column.after));
}

void SyntaxPrinter::Schema(const ast::TableSchema& schema) {
  std::string_view gap = "(\n  ";
  const auto next = [&] {
    Put(gap);
    gap = ",\n  ";
  };
  for (const ast::ColumnDef& column : schema.columns) {
    next();
    Column(column);
  }
  for (const ast::TableConstraint& constraint : schema.constraints) {
    next();
    Constraint(constraint);
  }
  if (schema.watermark) {
    next();
    Put("WATERMARK FOR " + QuotePath(schema.watermark->column) + " AS ");
    Expr(*schema.watermark->expr);
  }
  Put("\n)");
}

void SyntaxPrinter::DistributionText(const ast::Distribution& distribution) {
  std::string_view gap;
  if (!distribution.columns.empty()) {
    Put("BY ");
    if (distribution.kind == ast::DistributionKind::kHash) Put("HASH");
    if (distribution.kind == ast::DistributionKind::kRange) Put("RANGE");
    PutNames(distribution.columns);
    gap = " ";
  }
  if (!distribution.buckets) return;
  Put(gap);
  Put("INTO " + std::to_string(*distribution.buckets) + " BUCKETS");
}

void SyntaxPrinter::Like(const ast::LikeClause& like) {
  Put("\nLIKE " + QuotePath(like.table));
  if (like.rules.empty()) return;
  Put(" (");
  for (const ast::LikeClause::Rule& rule : like.rules) {
    switch (rule.mode) {
      case ast::LikeMode::kIncluding: Put("\n  INCLUDING "); break;
      case ast::LikeMode::kExcluding: Put("\n  EXCLUDING "); break;
      case ast::LikeMode::kOverwriting: Put("\n  OVERWRITING "); break;
    }
    Put(FeatureText(rule.feature));
  }
  Put("\n)");
}

void SyntaxPrinter::CreateTableText(const ast::CreateTable& table) {
  Put(!table.replace ? "CREATE " : table.create_or_replace ? "CREATE OR REPLACE " : "REPLACE ");
  if (table.temporary) Put("TEMPORARY ");
  Put(table.if_not_exists ? "TABLE IF NOT EXISTS " : "TABLE ");
  PutPath(table.name);
  if (table.schema.present) {
    Put(" ");
    Schema(table.schema);
  }
  Comment(table.comment);
  if (table.distribution) {
    Put("\nDISTRIBUTED ");
    DistributionText(*table.distribution);
  }
  if (!table.partitioned_by.empty()) {
    Put("\nPARTITIONED BY ");
    PutNames(table.partitioned_by);
  }
  With(table.has_options, table.options);
  if (table.like) Like(*table.like);
  AsQuery(table.query);
}

void SyntaxPrinter::StartModeText(const ast::StartModeClause& clause) {
  switch (clause.mode) {
    case ast::StartMode::kFromBeginning: Put("\nSTART_MODE = FROM_BEGINNING"); break;
    case ast::StartMode::kFromNow: Put("\nSTART_MODE = FROM_NOW"); break;
    case ast::StartMode::kFromTimestamp: Put("\nSTART_MODE = FROM_TIMESTAMP"); break;
    case ast::StartMode::kResumeOrFromBeginning:
      Put("\nSTART_MODE = RESUME_OR_FROM_BEGINNING");
      break;
    case ast::StartMode::kResumeOrFromNow: Put("\nSTART_MODE = RESUME_OR_FROM_NOW"); break;
    case ast::StartMode::kResumeOrFromTimestamp:
      Put("\nSTART_MODE = RESUME_OR_FROM_TIMESTAMP");
      break;
  }
  if (clause.argument == nullptr) return;
  Put("(");
  Expr(*clause.argument);
  Put(")");
}

void SyntaxPrinter::CreateMaterializedTableText(const ast::CreateMaterializedTable& table) {
  Put(table.or_alter ? "CREATE OR ALTER MATERIALIZED TABLE " : "CREATE MATERIALIZED TABLE ");
  PutPath(table.name);
  if (table.schema.present) {
    Put(" ");
    Schema(table.schema);
  }
  Comment(table.comment);
  if (table.distribution) {
    Put("\nDISTRIBUTED ");
    DistributionText(*table.distribution);
  }
  if (!table.partitioned_by.empty()) {
    Put("\nPARTITIONED BY ");
    PutNames(table.partitioned_by);
  }
  With(table.has_options, table.options);
  if (table.start_mode) StartModeText(*table.start_mode);
  if (table.freshness != nullptr) {
    Put("\nFRESHNESS = ");
    Expr(*table.freshness);
  }
  if (table.refresh_mode != ast::RefreshMode::kUnspecified) {
    Put(table.refresh_mode == ast::RefreshMode::kFull ? "\nREFRESH_MODE = FULL"
                                                      : "\nREFRESH_MODE = CONTINUOUS");
  }
  AsQuery(table.query);
}

void SyntaxPrinter::AlterPartitions(const ast::AlterTableSpec& spec) {
  const bool add = spec.action == ast::AlterTableAction::kAddPartition;
  Put(add ? "\nADD" : "\nDROP");
  if (spec.partition_if_exists) Put(add ? " IF NOT EXISTS" : " IF EXISTS");
  for (size_t i = 0; i < spec.partitions.size(); ++i) {
    Put(i > 0 && !add ? ",\nPARTITION " : "\nPARTITION ");
    Partition(spec.partitions[i].spec);
    const auto& options = spec.partitions[i].options;
    for (size_t k = 0; k < options.size(); ++k) {
      Put(k == 0 ? " WITH (" : ", ");
      Put(QuoteString(options[k].key) + " = " + QuoteString(options[k].value));
    }
    if (!options.empty()) Put(")");
  }
}

void SyntaxPrinter::AlterSpec(const ast::AlterTableSpec& spec) {
  using Action = ast::AlterTableAction;
  switch (spec.action) {
    case Action::kRename: return Put(" RENAME TO " + QuotePath(spec.new_name));
    case Action::kRenameColumn:
      return Put(" RENAME " + QuotePath(spec.column) + " TO " + QuoteName(spec.new_column.text));
    case Action::kSet: Put(" SET "); return Options(spec.options);
    case Action::kReset: Put(" RESET "); return Keys(spec.keys);
    case Action::kAdd: Put(" ADD "); return Schema(spec.schema);
    case Action::kModify: Put(" MODIFY "); return Schema(spec.schema);
    case Action::kDropColumns:
      for (size_t i = 0; i < spec.columns.size(); ++i) {
        Put(i == 0 ? " DROP (\n  " : ",\n  ");
        PutPath(spec.columns[i]);
      }
      return Put("\n)");
    case Action::kDropPrimaryKey: return Put(" DROP PRIMARY KEY");
    case Action::kDropConstraint: return Put(" DROP CONSTRAINT " + QuoteName(spec.constraint.text));
    case Action::kDropWatermark: return Put(" DROP WATERMARK");
    case Action::kDropDistribution: return Put(" DROP DISTRIBUTION");
    case Action::kAddPartition:
    case Action::kDropPartition: return AlterPartitions(spec);
    case Action::kAddDistribution:
      Put(" ADD DISTRIBUTION ");
      return DistributionText(*spec.distribution);
    case Action::kModifyDistribution:
      Put(" MODIFY DISTRIBUTION ");
      return DistributionText(*spec.distribution);
    case Action::kSuspend: return Put(" SUSPEND");
    case Action::kResume:
      Put(" RESUME");
      if (!spec.has_options) return;
      Put(" WITH ");
      return Options(spec.options);
    case Action::kRefresh:
      Put(" REFRESH");
      if (spec.partitions.empty()) return;
      Put(" PARTITION ");
      return Partition(spec.partitions[0].spec);
    case Action::kSetFreshness: Put(" SET FRESHNESS = "); return Expr(*spec.freshness);
    case Action::kSetRefreshMode:
      return Put(spec.refresh_mode == ast::RefreshMode::kFull ? " SET REFRESH_MODE = FULL"
                                                              : " SET REFRESH_MODE = CONTINUOUS");
    case Action::kAsQuery: return AsQuery(spec.query);
  }
  CHECK(false);
}

void SyntaxPrinter::ModelColumns(const std::vector<ast::ModelColumn>& columns) {
  for (size_t i = 0; i < columns.size(); ++i) {
    Put(i == 0 ? "(\n  " : ",\n  ");
    PutName(columns[i].name);
    Put(" ");
    Type(*columns[i].type);
    if (columns[i].comment) Put(" COMMENT " + QuoteString(*columns[i].comment));
  }
  Put("\n)");
}

// Catalogs, databases, functions, models, connections.
void SyntaxPrinter::CreateObject(const ast::Statement& statement) {
  const auto head = [&](std::string_view word, bool temporary, bool system, bool if_not_exists) {
    Put("CREATE ");
    if (temporary) Put("TEMPORARY ");
    if (system) Put("SYSTEM ");
    Put(word);
    Put(if_not_exists ? " IF NOT EXISTS " : " ");
  };
  if (statement.kind == ast::StatementKind::kCreateCatalog) {
    const auto& create = ast::As<ast::CreateCatalog>(statement);
    head("CATALOG", false, false, create.if_not_exists);
    PutName(create.name);
    Comment(create.comment);
    With(create.has_options, create.options);
  } else if (statement.kind == ast::StatementKind::kCreateDatabase) {
    const auto& create = ast::As<ast::CreateDatabase>(statement);
    head("DATABASE", false, false, create.if_not_exists);
    PutPath(create.name);
    Comment(create.comment);
    With(create.has_options, create.options);
  } else if (statement.kind == ast::StatementKind::kCreateConnection) {
    const auto& create = ast::As<ast::CreateConnection>(statement);
    head("CONNECTION", create.temporary, create.system, create.if_not_exists);
    PutPath(create.name);
    Comment(create.comment);
    With(create.has_options, create.options);
  } else if (statement.kind == ast::StatementKind::kCreateModel) {
    const auto& create = ast::As<ast::CreateModel>(statement);
    head("MODEL", create.temporary, false, create.if_not_exists);
    PutPath(create.name);
    if (!create.input.empty()) {
      Put(" INPUT ");
      ModelColumns(create.input);
    }
    if (!create.output.empty()) {
      Put(" OUTPUT ");
      ModelColumns(create.output);
    }
    Comment(create.comment);
    With(create.has_options, create.options);
    AsQuery(create.query);
  } else {
    const auto& create = ast::As<ast::CreateFunction>(statement);
    head("FUNCTION", create.temporary, create.system, create.if_not_exists);
    PutPath(create.name);
    Put(" AS " + QuoteString(create.class_name));
    if (!create.language.empty()) Put(" LANGUAGE " + create.language);
    for (size_t i = 0; i < create.jars.size(); ++i) {
      Put(i == 0 ? " USING " : ", ");
      Put(create.artifact ? "ARTIFACT " : "JAR ");
      PutString(create.jars[i]);
    }
    With(create.has_options, create.options);
  }
}

}  // namespace rhei
