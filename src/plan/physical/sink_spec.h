#pragma once
// SinkSpec: writing to a table, enforcers included.
#include <string>
#include <vector>

#include "plan/physical/operator_spec.h"
#include "types/change_kind.h"
#include "types/connector_description.h"
#include "types/data_type.h"
#include "types/scan_spec.h"

namespace rhei {

enum class NotNullEnforcer : uint8_t { kError, kDrop };
enum class LengthEnforcer : uint8_t { kIgnore, kTrimPad, kError };

struct SinkSpec : OperatorSpec {
  SinkSpec() : OperatorSpec(OperatorKind::kSink) {}
  std::string table;  // full name; empty: the result of a SELECT, fetched by the session
  Options options;
  Schema schema;                         // persisted columns of the table: what the writer gets
  std::vector<MetadataColumn> metadata;  // written metadata columns follow the schema's columns
  std::vector<int> primary_key;
  std::vector<std::string> partition_columns;
  ChangelogMode input_changelog;
  NotNullEnforcer not_null = NotNullEnforcer::kError;
  LengthEnforcer length = LengthEnforcer::kIgnore;
  // What a row does that an enforcer refuses. kFail: as the enforcer says.
  ErrorPolicy on_error = ErrorPolicy::kFail;
  bool overwrite = false;
  bool deletes_by_key = false;  // a -D may hold the key alone
};

// Rows of one primary key in arrival order, so that an upsert sink sees the newest that is left
// (Flink's SinkUpsertMaterializer).
struct SinkMaterializerSpec : OperatorSpec {
  SinkMaterializerSpec() : OperatorSpec(OperatorKind::kSinkMaterializer) {}
  Schema input;
  std::vector<int> primary_key;
  int64_t ttl_ms = 0;
};

}  // namespace rhei
