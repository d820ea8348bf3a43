#pragma once
// Checkpoint: everything that a barrier preserved of a job, and where checkpoints are kept.
//
// A checkpoint is published when it is as durable as its store makes it; only then do sinks commit
// the epoch. The store in memory serves jobs without a directory and the tests; a durable one
// writes segments and a manifest behind the same interface.
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "runtime/snapshot.h"

namespace rhei {

struct Checkpoint {
  uint64_t epoch = 0;
  int shard_count = 0;
  int64_t created_micros = 0;
  // Taken behind the end of every source: what is left to do is to commit it.
  bool last = false;
  std::vector<InstanceSnapshot> instances;  // by operator, then shard
  // What the sink `operator_id` has sealed, by shard; empty strings where a shard sealed nothing.
  std::vector<std::string> SealsOf(const std::string& operator_id) const;
};

// Thread-safety: one thread at a time. Calls may wait.
class CheckpointStore {
 public:
  virtual ~CheckpointStore() = default;
  // The instances' sections may be deltas to what was published before (StateSection); the store
  // keeps the chains.
  virtual Status Publish(std::shared_ptr<const Checkpoint> checkpoint) = 0;
  // Every sink has committed `epoch`; older checkpoints may go.
  virtual Status MarkCommitted(uint64_t epoch) = 0;
  // The job has come to its end; the last durable act.
  virtual Status MarkFinished() = 0;
  // The newest published one with the whole chain of every section, oldest first; or null.
  virtual Result<std::shared_ptr<const Checkpoint>> Latest() = 0;
};

class MemoryCheckpointStore final : public CheckpointStore {
 public:
  Status Publish(std::shared_ptr<const Checkpoint> checkpoint) override;
  Status MarkCommitted(uint64_t epoch) override;
  Status MarkFinished() override;
  Result<std::shared_ptr<const Checkpoint>> Latest() override;
  uint64_t committed_epoch() const { return committed_epoch_; }
  bool finished() const { return finished_; }

 private:
  std::shared_ptr<const Checkpoint> latest_;
  uint64_t committed_epoch_ = 0;
  bool finished_ = false;
};

}  // namespace rhei
