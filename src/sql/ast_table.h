#pragma once
// The syntax tree of CREATE and ALTER of tables, materialized tables and views, and the base of all
// statements. See sql/ast.h for the rules that all nodes follow.
#include "sql/ast_query.h"

namespace rhei::ast {

enum class StatementKind : uint8_t {
  kQuery,
  kInsert,
  kUpdate,
  kDelete,
  kTruncate,
  kCallProcedure,
  kStatementSet,
  kBeginStatementSet,
  kEnd,
  kExecute,
  kExecutePlan,
  kCompilePlan,
  kExplain,
  kCreateTable,
  kCreateView,
  kCreateMaterializedTable,
  kCreateCatalog,
  kCreateDatabase,
  kCreateFunction,
  kCreateModel,
  kCreateConnection,
  kAlterTable,
  kAlterView,
  kAlterMaterializedTable,
  kAlterObject,
  kAlterFunction,
  kDrop,
  kUse,
  kLoadModule,
  kUnloadModule,
  kShow,
  kShowCreate,
  kDescribe,
  kSet,
  kReset,
  kJar,
  kStopJob,
  kSavepointJob,
  kAnalyzeTable,
  kClientCommand,
};

// Whether it only changes what the session's names mean: tables, views, functions, catalogs,
// modules and the like. CREATE TABLE counts, also with AS, which besides runs a query.
bool IsDefinition(StatementKind kind);

struct Statement : Node {
  explicit Statement(StatementKind k) : kind(k) {}
  virtual ~Statement() = default;
  const StatementKind kind;
};
using StatementPtr = std::unique_ptr<Statement>;

// (day = '2024-01-01', hour): the value may be absent in ANALYZE TABLE.
struct PartitionItem {
  Name column;
  ExprPtr value;  // A Literal, or null.
};
using PartitionSpec = std::vector<PartitionItem>;

enum class ColumnKind : uint8_t {
  kPhysical,
  kMetadata,
  kComputed,
  kNameOnly,  // CREATE TABLE t (a, b) AS SELECT: an order of columns.
};
enum class ColumnPlace : uint8_t { kUnspecified, kFirst, kAfter };  // ALTER TABLE only.

struct TableConstraint : Node {
  std::optional<Name> name;
  bool primary_key = true;       // Else UNIQUE.
  std::optional<bool> enforced;  // None: not written. Flink takes only NOT ENFORCED.
  std::vector<Name> columns;     // Empty on a column's own constraint.
};

struct ColumnDef : Node {
  ColumnKind kind = ColumnKind::kPhysical;
  NamePath name;  // One part, but in ALTER TABLE, where it may be a field path.
  TypePtr type;   // kPhysical, kMetadata.
  std::optional<TableConstraint> constraint;
  bool metadata_virtual = false;
  std::optional<std::string> metadata_key;  // METADATA FROM 'key'.
  ExprPtr expr;                             // kComputed.
  std::optional<std::string> comment;
  ColumnPlace place = ColumnPlace::kUnspecified;
  NamePath after;
};

struct WatermarkDef : Node {
  NamePath column;
  ExprPtr expr;
};

enum class DistributionKind : uint8_t { kUnspecified, kHash, kRange };
struct Distribution : Node {
  DistributionKind kind = DistributionKind::kUnspecified;
  std::vector<Name> columns;
  std::optional<int64_t> buckets;
};

enum class LikeMode : uint8_t { kIncluding, kExcluding, kOverwriting };
enum class LikeFeature : uint8_t {
  kAll,
  kConstraints,
  kDistribution,
  kGenerated,
  kMetadata,
  kOptions,
  kPartitions,
  kWatermarks,
};
struct LikeClause : Node {
  NamePath table;
  struct Rule {
    LikeMode mode = LikeMode::kIncluding;
    LikeFeature feature = LikeFeature::kAll;
  };
  std::vector<Rule> rules;
};

struct TableSchema {
  bool present = false;  // Parentheses were written.
  std::vector<ColumnDef> columns;
  std::vector<TableConstraint> constraints;
  std::optional<WatermarkDef> watermark;
};

struct CreateTable : Statement {
  static constexpr StatementKind kKind = StatementKind::kCreateTable;
  CreateTable() : Statement(kKind) {}
  bool replace = false;            // REPLACE TABLE, CREATE OR REPLACE TABLE.
  bool create_or_replace = false;  // The second of them.
  bool temporary = false;
  bool if_not_exists = false;
  NamePath name;
  TableSchema schema;
  std::optional<std::string> comment;
  std::optional<Distribution> distribution;
  std::vector<Name> partitioned_by;
  NamePath connection;  // USING CONNECTION, which Flink 2.3.0 refuses: always empty so far.
  bool has_options = false;
  std::vector<Option> options;
  std::optional<LikeClause> like;
  QueryPtr query;  // CREATE TABLE AS, or null.
};

struct CreateView : Statement {
  static constexpr StatementKind kKind = StatementKind::kCreateView;
  CreateView() : Statement(kKind) {}
  bool or_replace = false;
  bool temporary = false;
  bool if_not_exists = false;
  NamePath name;
  std::vector<Name> columns;
  std::optional<std::string> comment;
  QueryPtr query;
};

enum class StartMode : uint8_t {
  kFromBeginning,
  kFromNow,
  kFromTimestamp,
  kResumeOrFromBeginning,
  kResumeOrFromNow,
  kResumeOrFromTimestamp,
};
struct StartModeClause {
  StartMode mode = StartMode::kFromBeginning;
  ExprPtr argument;  // An interval for _NOW (or null), a timestamp for _TIMESTAMP.
};
enum class RefreshMode : uint8_t { kUnspecified, kFull, kContinuous };

struct CreateMaterializedTable : Statement {
  static constexpr StatementKind kKind = StatementKind::kCreateMaterializedTable;
  CreateMaterializedTable() : Statement(kKind) {}
  bool or_alter = false;
  NamePath name;
  TableSchema schema;
  std::optional<std::string> comment;
  std::optional<Distribution> distribution;
  std::vector<Name> partitioned_by;
  bool has_options = false;
  std::vector<Option> options;
  std::optional<StartModeClause> start_mode;
  ExprPtr freshness;  // An interval Literal, or null.
  RefreshMode refresh_mode = RefreshMode::kUnspecified;
  QueryPtr query;
};

enum class AlterTableAction : uint8_t {
  kRename,
  kRenameColumn,
  kSet,
  kReset,
  kAdd,
  kModify,
  kDropColumns,
  kDropPrimaryKey,
  kDropConstraint,
  kDropWatermark,
  kDropDistribution,
  kAddPartition,
  kDropPartition,
  kAddDistribution,
  kModifyDistribution,
  // Materialized tables only:
  kSuspend,
  kResume,
  kRefresh,
  kSetFreshness,
  kSetRefreshMode,
  kAsQuery,
};

// What ALTER TABLE and ALTER MATERIALIZED TABLE do; the fields of other actions stay empty.
struct AlterTableSpec {
  AlterTableAction action = AlterTableAction::kRename;
  NamePath new_name;                         // kRename.
  NamePath column;                           // kRenameColumn: from.
  Name new_column;                           // kRenameColumn: to.
  std::vector<Option> options;               // kSet, kResume.
  bool has_options = false;                  // kResume: WITH was written.
  std::vector<std::string> keys;             // kReset.
  bool parentheses = false;                  // kAdd, kModify, kDropColumns: a list was written.
  TableSchema schema;                        // kAdd, kModify.
  std::vector<NamePath> columns;             // kDropColumns.
  Name constraint;                           // kDropConstraint.
  std::optional<Distribution> distribution;  // kAddDistribution, kModifyDistribution.
  bool partition_if_exists = false;          // IF NOT EXISTS of kAddPartition, IF EXISTS of drop.
  struct Partition {
    PartitionSpec spec;
    std::vector<Option> options;
  };
  std::vector<Partition> partitions;  // kAddPartition, kDropPartition, kRefresh (one or none).
  ExprPtr freshness;                  // kSetFreshness.
  RefreshMode refresh_mode = RefreshMode::kUnspecified;
  QueryPtr query;  // kAsQuery.
};

struct AlterTable : Statement {
  static constexpr StatementKind kKind = StatementKind::kAlterTable;
  AlterTable() : Statement(kKind) {}
  bool if_exists = false;
  NamePath name;
  AlterTableSpec spec;
};

struct AlterMaterializedTable : Statement {
  static constexpr StatementKind kKind = StatementKind::kAlterMaterializedTable;
  AlterMaterializedTable() : Statement(kKind) {}
  NamePath name;
  AlterTableSpec spec;
};

struct AlterView : Statement {
  static constexpr StatementKind kKind = StatementKind::kAlterView;
  AlterView() : Statement(kKind) {}
  NamePath name;
  NamePath new_name;  // RENAME TO, or empty.
  QueryPtr query;     // AS, or null.
};

}  // namespace rhei::ast
