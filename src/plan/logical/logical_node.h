#pragma once
// LogicalNode: relational algebra after binding. The binder builds it straight from the query; the
// planner's rules rewrite it (sharing subtrees, never changing a node in place) and turn it into a
// physical plan.
//
// One struct per node below, told apart by `kind`. `schema` is the output row; column names are
// unique only at the root. Field types carry time attributes (rowtime, proctime). Correlated
// references are gone by the time the planner sees the tree: the binder has made joins of them.
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "plan/expr.h"
#include "plan/physical/aggregate_spec.h"
#include "plan/physical/join_spec.h"
#include "plan/physical/source_spec.h"
#include "types/connector_description.h"

namespace rhei {

enum class LogicalKind : uint8_t {
  kScan,
  kValues,
  kProject,
  kFilter,
  kAggregate,
  kWindowTvf,
  kLegacyWindowAggregate,
  kOver,
  kRank,  // made by the planner from kOver and a filter
  kJoin,
  kTemporalJoin,
  kUnnest,
  kSetOperation,
  kSort,
  kMatchRecognize,
  kSink,
};

struct LogicalNode;
using LogicalNodePtr = std::shared_ptr<const LogicalNode>;

struct LogicalNode {
  explicit LogicalNode(LogicalKind node_kind) : kind(node_kind) {}
  virtual ~LogicalNode() = default;
  LogicalKind kind;
  Schema schema;
  std::vector<LogicalNodePtr> inputs;
  SqlPosition position;  // where in the statement it comes from
};

// A base table with its declared columns: physical and metadata columns as the source gives them.
// Computed columns and the watermark declaration are a LogicalProject above it: the planner pushes
// the strategy into the source where the connector takes it, else makes a WatermarkAssigner after
// the projection.
struct LogicalScan : LogicalNode {
  LogicalScan() : LogicalNode(LogicalKind::kScan) {}
  std::string table;  // full name `cat.db.obj`
  Options options;    // hints merged in
  ConnectorDescription description;
  Schema table_schema;                   // physical columns, in declared order
  std::vector<MetadataColumn> metadata;  // requested metadata columns, after the physical ones
  std::vector<std::string> metadata_names;
  std::vector<int> primary_key;  // indexes into `schema`
  std::vector<std::string> partition_columns;
};

// Computes columns. `watermark` declares the event time of the output (a table's WATERMARK FOR).
struct LogicalProject : LogicalNode {
  LogicalProject() : LogicalNode(LogicalKind::kProject) {}
  std::vector<BoundExprPtr> expressions;  // one per output column, over the input
  BoundExprPtr watermark;                 // over the OUTPUT columns; null: none declared here
  int rowtime_column = -1;                // output column
};

struct LogicalValues : LogicalNode {
  LogicalValues() : LogicalNode(LogicalKind::kValues) {}
  std::vector<std::vector<BoundExprPtr>> rows;
};

struct LogicalFilter : LogicalNode {
  LogicalFilter() : LogicalNode(LogicalKind::kFilter) {}
  BoundExprPtr condition;
};

// GROUP BY. Output: keys, then aggregates. Aggregate arguments and filters are input columns or
// literals (the binder projects first). DISTINCT is an aggregate without aggregates. With
// `grouping_sets` non-empty each set names the kept keys, and a last output column, BIGINT
// `$grouping_id`, follows. Whether it is a window aggregation (keys contain window_start and
// window_end of a window TVF below) is found out by the planner.
struct LogicalAggregate : LogicalNode {
  LogicalAggregate() : LogicalNode(LogicalKind::kAggregate) {}
  std::vector<int> keys;
  std::vector<BoundAggregate> aggregates;
  std::vector<std::vector<bool>> grouping_sets;
  int64_t ttl_ms = -1;  // STATE_TTL hint; -1: the session's
};

// TUMBLE/HOP/CUMULATE/SESSION over its input: the input columns, then window_start, window_end
// (TIMESTAMP(3) NOT NULL), window_time (the time attribute).
struct LogicalWindowTvf : LogicalNode {
  LogicalWindowTvf() : LogicalNode(LogicalKind::kWindowTvf) {}
  WindowSpec window;
};

// GROUP BY TUMBLE(ts, ..) and friends: keys, aggregates, then the asked-for properties.
struct LogicalLegacyWindowAggregate : LogicalNode {
  LogicalLegacyWindowAggregate() : LogicalNode(LogicalKind::kLegacyWindowAggregate) {}
  WindowSpec window;
  std::vector<int> keys;
  std::vector<BoundAggregate> aggregates;
  std::vector<WindowProperty> properties;
};

// Window functions over one window: the input columns, then one column per call.
struct OverCall {
  std::string name;  // "ROW_NUMBER", "RANK", "DENSE_RANK", "LAG", ... or an aggregate's name
  BoundAggregate aggregate;  // for aggregates
  std::vector<BoundExprPtr> args;
  DataType type;
};
struct LogicalOver : LogicalNode {
  LogicalOver() : LogicalNode(LogicalKind::kOver) {}
  std::vector<int> partition;
  std::vector<SortKey> order;
  bool rows_frame = false;
  bool unbounded = true;  // UNBOUNDED PRECEDING
  int64_t preceding = 0;  // rows or milliseconds
  std::vector<OverCall> calls;
};

// ROW_NUMBER() limited by a filter: the input columns, and the row number when output_rank. Made by
// planner/rules/rank_from_over.cc.
struct LogicalRank : LogicalNode {
  LogicalRank() : LogicalNode(LogicalKind::kRank) {}
  std::vector<int> partition;
  std::vector<SortKey> order;
  int64_t rank_start = 1;
  int64_t rank_end = 1;
  int rank_end_column = -1;
  bool output_rank = true;
};

// Output: left columns, then right columns (kSemi, kAnti: left only). `condition` is over left then
// right columns; null: cross join.
struct LogicalJoin : LogicalNode {
  LogicalJoin() : LogicalNode(LogicalKind::kJoin) {}
  JoinType type = JoinType::kInner;
  BoundExprPtr condition;
  std::vector<std::string> hints;  // canonical text
  int64_t left_ttl_ms = -1;        // STATE_TTL hint; -1: the session's
  int64_t right_ttl_ms = -1;
};

// left JOIN right FOR SYSTEM_TIME AS OF left.time_column.
struct LogicalTemporalJoin : LogicalNode {
  LogicalTemporalJoin() : LogicalNode(LogicalKind::kTemporalJoin) {}
  JoinType type = JoinType::kInner;
  int time_column = -1;
  BoundExprPtr condition;
  std::vector<std::string> hints;  // canonical text: LOOKUP('table'='d', ...)
};

// The input columns, then the element's columns (and ordinality).
struct LogicalUnnest : LogicalNode {
  LogicalUnnest() : LogicalNode(LogicalKind::kUnnest) {}
  BoundExprPtr collection;
  bool outer = false;
  bool with_ordinality = false;
  std::vector<Field> element_fields;
};

// UNION [ALL], INTERSECT [ALL], EXCEPT [ALL] of inputs with the same types.
struct LogicalSetOperation : LogicalNode {
  LogicalSetOperation() : LogicalNode(LogicalKind::kSetOperation) {}
  enum class Op : uint8_t { kUnion, kIntersect, kExcept };
  Op op = Op::kUnion;
  bool all = false;
};

struct LogicalSort : LogicalNode {
  LogicalSort() : LogicalNode(LogicalKind::kSort) {}
  std::vector<SortKey> order;
  int64_t offset = 0;
  int64_t limit = -1;
};

// Writes its one input (already cast to the sink's column types, in sink order) to a table.
// `schema` is the sink's: declared names and types, NOT NULL included, then written metadata
// columns. The collect sink of a SELECT has an empty `table`.
struct LogicalSink : LogicalNode {
  LogicalSink() : LogicalNode(LogicalKind::kSink) {}
  std::string table;
  Options options;
  ConnectorDescription description;
  std::vector<MetadataColumn> metadata;  // the last columns of the input are written metadata
  std::vector<int> primary_key;
  std::vector<std::string> partition_columns;
  enum class OnConflict : uint8_t { kNone, kError, kNothing, kDeduplicate };
  OnConflict on_conflict = OnConflict::kNone;
  bool overwrite = false;
};

}  // namespace rhei
