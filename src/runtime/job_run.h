#pragma once
// JobRun: one attempt of a job: its shards, tasks and channels, built from a graph and, after a
// restart, from the snapshots of an earlier attempt with any number of shards.
//
// Call order: Make (makes, restores and opens every operator), Start, then requests; the listener
// hears of snapshots, the sources' end and the first failure. Cancel stops the shards at once.
// Ownership: the destructor stops the shards, closes the operators and frees the pools. Scheduler,
// environment, listener and maker outlive the run.
// Thread-safety: Make and the destructor on one thread; the rest from any.
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "runtime/job_graph.h"
#include "runtime/run_control.h"
#include "runtime/scheduler.h"
#include "runtime/snapshot.h"
#include "runtime/source_progress.h"

namespace rhei {

struct RunOptions {
  JobGraph graph;
  JobSettings settings;
  int shard_count = 1;
  int ring_capacity = 4;   // batches between two shards
  int local_capacity = 2;  // batches between two operators of a shard
  std::string pool_name = "job";
  MemoryPool* parent_pool = nullptr;
  // Frozen states are counted here, which may outlive the run; null: they are not counted.
  std::shared_ptr<MemoryPool> frozen_pool;
  const Environment* env = nullptr;
  Scheduler* scheduler = nullptr;
  RunListener* listener = nullptr;
  OperatorMaker* maker = nullptr;
  // Restore: every instance's snapshot of one barrier; empty: a fresh start.
  std::vector<InstanceSnapshot> restored;
  uint64_t restored_epoch = 0;
  int restored_shard_count = 0;
  // New checkpoints go to where the restored one lies; false: it is from elsewhere (a savepoint).
  bool continues_chains = true;
  // Operators that no snapshot knows begin with nothing, instead of being refused.
  bool new_operators_begin_empty = false;
};

class JobRun {
 public:
  static Result<std::unique_ptr<JobRun>> Make(RunOptions options);
  ~JobRun();

  void Start();
  // Sources take the barrier `epoch`. Without `freezes` the snapshots hold no state: sinks may
  // commit what came so far, but nobody can go on from there.
  void RequestBarrier(uint64_t epoch, BarrierPurpose purpose, bool freezes);
  // The checkpoint of `epoch` is published: OnCheckpointComplete on every operator.
  void CheckpointComplete(uint64_t epoch);
  // Ends the work of all shards; the listener hears `reason` unless it has heard a failure.
  void Cancel(const Status& reason);
  // Waits until no shard runs.
  void StopShards();
  // Operators' Close, in order; the first failure. After StopShards.
  Status Close();

  // Instances of operators: the number of snapshots that make a checkpoint complete.
  int instance_count() const;
  const Status failure() const;

  struct TaskReading {
    std::string operator_id;
    std::string name;
    int shard = 0;
    int64_t rows_in = 0;
    int64_t rows_out = 0;
    int64_t input_watermark_ms = kNoWatermark;
    int64_t output_watermark_ms = kNoWatermark;
    int64_t state_rows = 0;  // as of the last barrier
    int64_t state_bytes = 0;
    bool idle = false;
    bool blocked = false;
    bool done = false;
    std::vector<Counters::Reading> counters;
    SourceReading source;  // of sources
    // What the operator's states hold; null before the first barrier or RequestStateReadings.
    std::shared_ptr<const std::vector<StateReading>> states;
  };
  // Has every task look at its states anew, soon.
  void RequestStateReadings();
  // In the order of the graph, shard by shard.
  std::vector<TaskReading> Read() const;

 private:
  struct Impl;
  explicit JobRun(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace rhei
