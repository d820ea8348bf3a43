#pragma once
// Side tables: what every table has beside it without being declared. `t$errors` holds the records
// of t that did not decode and the rows that t's enforcers refused as a sink ('rhei.on-error' =
// 'reject'); `t$late` holds the rows that came too late in the queries that feed t.
//
// Both are append-only logs below the state directory, which jobs write and other jobs read like
// tables; the schemas are fixed. Thread-safety: pure functions.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"
#include "types/data_type.h"

namespace rhei {

enum class SideTable : uint8_t { kErrors, kLate };

inline constexpr std::string_view kErrorsSuffix = "$errors";
inline constexpr std::string_view kLateSuffix = "$late";
// The connector that reads and writes them.
inline constexpr std::string_view kSideLogConnector = "side-log";

// rejected_at TIMESTAMP_LTZ(3), reason STRING, column_name STRING (NULL: the record as a whole),
// origin STRING (file, or topic and partition), record_position BIGINT (byte of the file, offset),
// error_byte BIGINT (in the record), raw_record BYTES, change_kind STRING, row_json STRING. Records
// of a source leave the last two NULL, rows of a sink those from origin to raw_record.
Schema ErrorTableSchema();
// late_at TIMESTAMP_LTZ(3), operator_name STRING, change_kind STRING, row_json STRING.
Schema LateTableSchema();
Schema SideTableSchema(SideTable side);

// "t$late" -> true, "t", kLate.
bool ParseSideTableName(std::string_view name, std::string* table, SideTable* side);
// "cat.db.t", kLate -> "cat.db.t$late".
std::string SideTableName(std::string_view table, SideTable side);
// The directory of a side table's log below `root`. What a file name should not hold becomes %XX.
std::string SideTableDirectory(std::string_view root, std::string_view table, SideTable side);

}  // namespace rhei
