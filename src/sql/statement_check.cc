#include "sql/statement_check.h"

#include <fmt/format.h>

namespace rhei {
namespace {

Status Refuse(std::string_view message, SqlPosition position) {
  return InvalidSql(fmt::format("SQL parse failed. {}", message), position);
}

// The constraints of a CREATE or ALTER: at most one primary key, and none that Flink would have to
// enforce.
Status CheckConstraints(const ast::TableSchema& schema) {
  std::vector<const ast::TableConstraint*> constraints;
  for (const ast::ColumnDef& column : schema.columns) {
    if (column.constraint) constraints.push_back(&*column.constraint);
  }
  for (const ast::TableConstraint& constraint : schema.constraints) {
    constraints.push_back(&constraint);
  }
  int primary_keys = 0;
  for (const ast::TableConstraint* constraint : constraints) {
    if (constraint->primary_key && ++primary_keys > 1) {
      return Refuse("Duplicate primary key definition", constraint->position);
    }
  }
  for (const ast::TableConstraint* constraint : constraints) {
    if (!constraint->primary_key) {
      return Refuse("UNIQUE constraint is not supported yet", constraint->position);
    }
    if (!constraint->enforced || *constraint->enforced) {
      return Refuse(
          "Flink doesn't support ENFORCED mode for PRIMARY KEY constraint. ENFORCED/NOT ENFORCED "
          "controls if the constraint checks are performed on the incoming/outgoing data. Flink "
          "does not own the data therefore the only supported mode is the NOT ENFORCED mode",
          constraint->position);
    }
  }
  return {};
}

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

Status CheckLike(const ast::LikeClause& like) {
  uint32_t seen = 0;
  for (const ast::LikeClause::Rule& rule : like.rules) {
    const uint32_t bit = 1u << static_cast<uint32_t>(rule.feature);
    if ((seen & bit) != 0) {
      return Refuse("Each like option feature can be declared only once.", like.position);
    }
    seen |= bit;
    const bool never_overwritten = rule.feature == ast::LikeFeature::kAll ||
                                   rule.feature == ast::LikeFeature::kConstraints ||
                                   rule.feature == ast::LikeFeature::kDistribution ||
                                   rule.feature == ast::LikeFeature::kPartitions;
    if (rule.mode == ast::LikeMode::kOverwriting && never_overwritten) {
      return Refuse(fmt::format("Illegal merging strategy 'OVERWRITING' for '{}' option.",
                                FeatureText(rule.feature)),
                    like.position);
    }
  }
  return {};
}

Status CheckCreateTable(const ast::CreateTable& table) {
  RETURN_IF_ERROR(CheckConstraints(table.schema));
  if (table.like) RETURN_IF_ERROR(CheckLike(*table.like));
  if (table.query != nullptr && table.temporary) {
    if (table.create_or_replace) {
      return Refuse(
          "CREATE OR REPLACE TABLE AS SELECT syntax does not support temporary table yet.",
          table.position);
    }
    if (table.replace) {
      return Refuse("REPLACE TABLE AS SELECT syntax does not support temporary table yet.",
                    table.position);
    }
    return Refuse("CREATE TABLE AS SELECT syntax does not support to create temporary table yet.",
                  table.position);
  }
  return {};
}

}  // namespace

Status CheckStatement(const ast::Statement& statement) {
  switch (statement.kind) {
    case ast::StatementKind::kCreateTable:
      return CheckCreateTable(ast::As<ast::CreateTable>(statement));
    case ast::StatementKind::kCreateMaterializedTable:
      return CheckConstraints(ast::As<ast::CreateMaterializedTable>(statement).schema);
    case ast::StatementKind::kAlterTable:
      return CheckConstraints(ast::As<ast::AlterTable>(statement).spec.schema);
    case ast::StatementKind::kAlterMaterializedTable:
      return CheckConstraints(ast::As<ast::AlterMaterializedTable>(statement).spec.schema);
    case ast::StatementKind::kExplain:
      return CheckStatement(*ast::As<ast::Explain>(statement).statement);
    case ast::StatementKind::kExecute:
      return CheckStatement(*ast::As<ast::Execute>(statement).statement);
    case ast::StatementKind::kCompilePlan:
      return CheckStatement(*ast::As<ast::CompilePlan>(statement).statement);
    case ast::StatementKind::kStatementSet:
      for (const ast::StatementPtr& inner : ast::As<ast::StatementSet>(statement).statements) {
        RETURN_IF_ERROR(CheckStatement(*inner));
      }
      return {};
    default: return {};  // Nothing to refuse.
  }
}

}  // namespace rhei
