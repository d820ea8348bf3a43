#pragma once
// Checkpoint: everything that a barrier preserved of a job, and where checkpoints are kept.
//
// A checkpoint is published when it is as durable as its store makes it; only then do sinks commit
// the epoch. The store in memory serves jobs without a directory and the tests; the durable one
// (checkpoint_directory.h) writes segments and a manifest behind the same interface.
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "checkpoint/checkpoint_chains.h"
#include "runtime/snapshot.h"

namespace rhei {

// What a sink sealed for an epoch that was given up; it is committed with the next one.
struct CarriedSeal {
  std::string operator_id;
  int shard = 0;
  uint64_t epoch = 0;  // the one given up
  std::shared_ptr<const std::string> seal;
};

struct Checkpoint {
  uint64_t epoch = 0;
  int shard_count = 0;
  int64_t created_micros = 0;
  // Taken behind the end of every source: what is left to do is to commit it.
  bool last = false;
  bool has_state = true;  // false: sinks may commit it, but nothing can be restored from it
  std::vector<InstanceSnapshot> instances;  // by operator, then shard
  std::vector<CarriedSeal> carried_seals;   // in the order of their epochs
  // Taken behind the final watermark of a drain, though sources have not ended: every window has
  // fired, and who goes on begins with no time.
  bool is_drained() const;
  // What the sink `operator_id` has sealed: first the seals of epochs that were given up, then
  // those of this one by shard; empty strings where a shard sealed nothing.
  std::vector<std::string> SealsOf(const std::string& operator_id) const;
};

// The same with every section in memory, for who keeps it longer than its files may stay.
Result<std::shared_ptr<const Checkpoint>> InMemory(std::shared_ptr<const Checkpoint> checkpoint);

// Thread-safety: one thread at a time. Calls may wait.
class CheckpointStore {
 public:
  virtual ~CheckpointStore() = default;
  // The instances' sections may be deltas to what was published before (StateSection); the store
  // keeps the chains. After a failure nothing is published, and a later epoch may be tried.
  virtual Status Publish(std::shared_ptr<const Checkpoint> checkpoint) = 0;
  // Sinks begin to commit `epoch`: from here on no older checkpoint may take its place.
  virtual Status MarkCommitting(uint64_t /*epoch*/) { return {}; }
  // Every sink has committed `epoch`; older checkpoints may go.
  virtual Status MarkCommitted(uint64_t epoch) = 0;
  // What went wrong since it was last asked without harm to any checkpoint; "" when nothing did.
  virtual std::string TakeNote() { return {}; }
  // The job has come to its end; the last durable act.
  virtual Status MarkFinished() = 0;
  // The newest published one with the whole chain of every section, oldest first; or null.
  virtual Result<std::shared_ptr<const Checkpoint>> Latest() = 0;
  // The highest epoch that this store has heard of, published or not. A new one is higher.
  virtual uint64_t highest_epoch() const = 0;
  // Bytes that the newest Publish wrote (0 in memory).
  virtual int64_t published_bytes() const { return 0; }
};

class MemoryCheckpointStore final : public CheckpointStore {
 public:
  Status Publish(std::shared_ptr<const Checkpoint> checkpoint) override;
  Status MarkCommitted(uint64_t epoch) override;
  Status MarkFinished() override;
  Result<std::shared_ptr<const Checkpoint>> Latest() override;
  uint64_t highest_epoch() const override { return latest_ == nullptr ? 0 : latest_->epoch; }
  uint64_t committed_epoch() const { return committed_epoch_; }
  bool finished() const { return finished_; }

 private:
  std::shared_ptr<const Checkpoint> latest_;
  // The pieces point into the frozen states that they keep alive.
  CheckpointChains<std::shared_ptr<const StateSection>> chains_;
  uint64_t committed_epoch_ = 0;
  bool finished_ = false;
};

}  // namespace rhei
