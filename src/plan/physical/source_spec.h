#pragma once
// SourceSpec: a table scan: connector, format, the columns wanted, the watermark strategy.
//
// Output columns: physical columns in `scan.columns` order, then `metadata` columns. Computed
// columns are a Calc above. The watermark expression, when pushed into the source, is over the
// output columns.
#include <string>
#include <vector>

#include "plan/expr.h"
#include "plan/physical/operator_spec.h"
#include "types/connector_description.h"
#include "types/scan_spec.h"

namespace rhei {

struct WatermarkStrategy {
  BoundExprPtr expression;  // over the output columns; TIMESTAMP or TIMESTAMP_LTZ
  int rowtime_column = -1;
  std::string table;         // for messages; empty: no table's
  std::string rowtime_name;  // its declared name
  // scan.watermark.emit.strategy = on-event: after this many rows each; 0: by the interval.
  int64_t rows_between = 0;
  int64_t idle_timeout_ms = 0;  // 0: never idle
};

struct SourceSpec : OperatorSpec {
  SourceSpec() : OperatorSpec(OperatorKind::kSource) {}
  std::string table;  // full name, for messages and counters
  Options options;    // table options merged with hints, secrets not yet filled in
  ScanSpec scan;
  std::vector<MetadataColumn> metadata;  // requested metadata columns, in output order
  std::vector<std::string> partition_columns;
  Schema output;
  ChangelogMode changelog;
  std::vector<int> primary_key;  // columns of the table
  WatermarkStrategy watermark;   // expression null: none pushed down
  // The output column that is the table's event time, which must not be NULL; -1: none, or it is
  // computed above.
  int rowtime_column = -1;
  std::string rowtime_name;
};

struct ValuesSpec : OperatorSpec {
  ValuesSpec() : OperatorSpec(OperatorKind::kValues) {}
  Schema output;
  std::vector<std::vector<BoundExprPtr>> rows;  // expressions without inputs
};

struct WatermarkAssignerSpec : OperatorSpec {
  WatermarkAssignerSpec() : OperatorSpec(OperatorKind::kWatermarkAssigner) {}
  WatermarkStrategy strategy;
};

}  // namespace rhei
