#pragma once
// The sink side of a connector. A writer lives on the shard and seals at each barrier; a committer
// lives on the job's commit thread and makes sealed epochs visible, in order, after the checkpoint
// that names them is published.
//
// Order for epoch N: Write* -> Seal(N) -> snapshot and manifest N -> Commit(N). Commit may be
// repeated (after a restart) and must then do nothing more. What is not committed has a name
// beginning with
// "." (files) or is invisible by the protocol of the system. Waiting calls belong into the
// committer or onto the connector's own thread, never into Write.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/env.h"
#include "base/status.h"
#include "columnar/batch.h"

namespace rhei {

enum class WriteResult : uint8_t {
  kWritten,
  kFull,  // no room now: the same batch again after the writer's wake-up (backpressure)
};

class SinkWriter {
 public:
  virtual ~SinkWriter() = default;
  // Takes the whole batch or nothing. `epoch` is that of the next barrier.
  virtual Result<WriteResult> Write(const Batch& batch, uint64_t epoch) = 0;
  // Everything written belongs to `epoch`; gives what the committer needs (opaque, goes into the
  // manifest). kFull as null pointer: not ready yet, ask again.
  virtual Result<std::unique_ptr<std::string>> Seal(uint64_t epoch) = 0;
  // The job ends or stops: no Write comes any more, the next Seal is the last and must leave
  // nothing open.
  virtual void Finish() {}
  // The next Seal must leave nothing open, although rows come after it: a savepoint.
  virtual void FinishOnce() {}
  // The watermark behind the rows written so far; kFinalWatermark at the end of the input.
  virtual void OnWatermark(int64_t /*watermark_ms*/) {}
  // State to continue an open part file or transaction after a restore.
  virtual std::string Snapshot() { return {}; }
  // With fewer shards than before a writer gets the states of several; with more, some get none.
  virtual Status Restore(std::string_view /*state*/) { return {}; }
  // After Restore: a final watermark in the states does not count any more.
  virtual void ForgetFinalTime() {}
  virtual Status Close() { return {}; }
};

enum class CommitOutcome : uint8_t { kCommitted, kAborted, kUnknown };

class SinkCommitter {
 public:
  virtual ~SinkCommitter() = default;
  // `staged`: one byte string per shard, as Seal gave them.
  virtual Status Commit(uint64_t epoch, const std::vector<std::string>& staged) = 0;
  virtual Result<CommitOutcome> Outcome(uint64_t epoch, const std::vector<std::string>& staged) = 0;
  virtual Status Abort(uint64_t epoch, const std::vector<std::string>& staged) = 0;
};

}  // namespace rhei
