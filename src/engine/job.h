#pragma once
// Job: a PhysicalPlan that runs: from Start to finished, stopped, cancelled or failed.
//
// A job runs in attempts. An attempt is a JobRun with its checkpoint coordinator; the next attempt
// starts from the newest checkpoint, possibly with another number of shards (a test regime does so
// after every k-th checkpoint; restart strategies will).
// Call order: Make, Start, then Fetch (a SELECT) and Wait; Stop and Cancel at any time. Stop ends
// the sources, lets what is in flight go through, and commits a last checkpoint; open windows do
// not fire. Ownership: environment, scheduler, pool, connectors and store outlive the job; its
// destructor cancels it. Thread-safety: all calls from any thread, except Make and the destructor.
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/env.h"
#include "base/status.h"
#include "checkpoint/checkpoint.h"
#include "plan/physical/physical_plan.h"
#include "runtime/connector.h"
#include "runtime/job_run.h"

namespace rhei {

struct JobOptions {
  std::shared_ptr<const PhysicalPlan> plan;
  std::string name;  // for people: the sink's table, pipeline.name
  std::string id;    // 32 hex digits; stable over restarts
  JobSettings settings;
  int shard_count = 1;
  int ring_capacity = 4;                   // batches between two shards
  int local_capacity = 2;                  // batches between two operators of a shard
  int64_t checkpoint_interval_micros = 0;  // 0: none but the last
  int64_t collect_rows_max = 16384;        // rows of a SELECT that wait to be fetched
  const Environment* env = nullptr;
  Scheduler* scheduler = nullptr;
  MemoryPool* pool = nullptr;  // the process's
  const ConnectorTable* connectors = nullptr;
  CheckpointStore* store = nullptr;  // null: one in memory, of the job's own
  // Test regimes.
  int64_t barrier_every_batches = 0;
  int restart_every_checkpoints = 0;
  std::vector<int> restart_shard_counts;  // taken in turn by restarts; empty: shard_count
};

enum class JobState : uint8_t { kCreated, kRunning, kFinished, kStopped, kCancelled, kFailed };
std::string_view JobStateName(JobState state);

class Job {
 public:
  static Result<std::unique_ptr<Job>> Make(JobOptions options);
  ~Job();

  // Makes and opens the operators; a failure here means that nothing ran.
  Status Start();
  // Waits for the end: ok when finished or stopped, kCancelled, or the failure.
  Status Wait();
  // Waits at most so long; true when the job is over.
  bool WaitFor(int64_t micros);
  void Stop();
  void Cancel();

  enum class Fetched : uint8_t { kBatch, kNothing, kEnd };
  // Rows of a SELECT, waiting at most wait_micros. The batch owns its bytes.
  Fetched Fetch(int64_t wait_micros, Batch* batch);

  JobState state() const;
  Status status() const;
  const std::string& name() const;
  const std::string& id() const;
  // Counters and watermarks per operator instance of the newest attempt; also after the end.
  std::vector<JobRun::TaskReading> Read() const;
  uint64_t checkpoint_count() const;
  int attempt_count() const;

 private:
  class Driver;
  explicit Job(JobOptions options);
  std::unique_ptr<Driver> driver_;
};

}  // namespace rhei
