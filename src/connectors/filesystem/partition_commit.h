#pragma once
// When a partition of a filesystem sink is complete, and how that is shown: the options
// sink.partition-commit.* and partition.time-extractor.*.
//
// Trigger process-time: `delay` after its first row. Trigger partition-time: when the watermark of
// all shards is past the partition's own time plus `delay`. At the end of the input all of them
// are. A partition that gets rows afterwards is marked again.
// Thread-safety: pure functions.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"
#include "base/time_zone.h"
#include "types/connector_description.h"

namespace rhei {

struct PartitionCommitOptions {
  bool enabled = false;  // the table names a policy
  bool by_partition_time = false;
  int64_t delay_ms = 0;
  std::string success_file;       // an empty file of this name is made
  TimeZone time_zone;             // of partition times
  std::string timestamp_pattern;  // "$day $hour:00:00"; empty: the first partition column
  std::string timestamp_formatter;
};

// `options` has the defaults filled in.
Result<PartitionCommitOptions> ReadPartitionCommitOptions(const Options& options);

// The partition's time as a watermark counts. `partition` is its path below the table,
// "day=2024-01-01/hour=3/".
Result<int64_t> PartitionTimeMillis(const PartitionCommitOptions& options,
                                    std::string_view partition);

// Reads `text` by a pattern of Java's DateTimeFormatter with the letters y, u, M, d, H, m, s, S and
// literals; a date alone means its midnight. kUnsupported for other letters.
Result<int64_t> ReadLocalMillis(std::string_view pattern, std::string_view text);

}  // namespace rhei
