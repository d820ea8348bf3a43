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
  // Lowest over the shards that count; kNoWatermark before the first, kFinalWatermark at the end.
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
  // The source that holds back the watermark; null when there is none (or only one without time).
  const SourceStanding* slowest() const;
};

JobProgress ReadProgress(const Job& job);
// The same from what ReadProgress reads: `tables` are the sources' operator ids and tables.
JobProgress SumProgress(const std::vector<std::pair<std::string, std::string>>& tables,
                        const std::vector<JobRun::TaskReading>& tasks);

}  // namespace rhei
