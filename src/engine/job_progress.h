#pragma once
// JobProgress: how far a running job is, summed over its shards, for people: the progress line, the
// shell, later the server. Thread-safety: pure functions over a job's readings.
#include <cstdint>
#include <string>
#include <vector>

#include "engine/job.h"

namespace rhei {

struct SourceStanding {
  std::string table;
  // Lowest over the shards that count (all of an idle source's that have one); kNoWatermark before
  // the first, kFinalWatermark at the end.
  int64_t watermark_ms = kNoWatermark;
  bool idle = false;   // every shard is
  bool ended = false;  // every shard has read all
  // What the watermark stands at: "partition 2 of `clicks`", "file /data/x.log", or the table.
  std::string held_by;
  int64_t done = 0;    // bytes
  int64_t total = -1;  // -1: unknown or unbounded
};

struct JobProgress {
  int64_t rows_in = 0;                  // of sources
  int64_t rows_out = 0;                 // to sinks
  std::vector<SourceStanding> sources;  // in the order of the plan
  CheckpointReading checkpoint;         // the newest; epoch 0: none yet
  // The source at which time stands: the one with the lowest watermark of those that are not idle,
  // or of all when all are. Null when none has a watermark.
  const SourceStanding* slowest() const;
};

JobProgress ReadProgress(const Job& job);

// An operator's place in the sums.
struct SourceOperator {
  std::string id;
  std::string table;
  std::string
      time_id;  // of the operator that makes its watermarks; itself, or an assigner behind it
};
JobProgress SumProgress(const std::vector<SourceOperator>& sources,
                        const std::vector<JobRun::TaskReading>& tasks);

}  // namespace rhei
