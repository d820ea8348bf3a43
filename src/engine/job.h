#pragma once
// Job: a PhysicalPlan that runs: from Start to finished, stopped, cancelled or failed.
//
// A job runs in attempts. An attempt is a JobRun with its checkpoint coordinator; the next attempt
// starts from the newest checkpoint, possibly with another number of shards. It comes after a
// failure when the restart strategy says so, or after every k-th checkpoint (a test regime). A job
// whose checkpoint was taken behind the end of all sources only repeats its commits. Call order:
// Make, Start, then Fetch (a SELECT) and Wait; Stop and Cancel at any time. Stop ends the sources,
// lets what is in flight go through, and commits a last checkpoint; open windows do not fire.
// Ownership: environment, scheduler, pool, connectors and store outlive the job; its destructor
// cancels it. Thread-safety: all calls from any thread, except Make and the destructor.
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/env.h"
#include "base/status.h"
#include "checkpoint/checkpoint.h"
#include "checkpoint/checkpoint_directory.h"
#include "engine/restart_strategy.h"
#include "plan/physical/physical_plan.h"
#include "runtime/connector.h"
#include "runtime/job_run.h"

namespace rhei {

// Hears what a job has to say to people while it runs. Thread-safety: all calls from any thread.
class JobNotices {
 public:
  virtual ~JobNotices() = default;
  // Whole lines.
  virtual void Tell(std::string_view text) = 0;
};

// A checkpoint that was published.
struct CheckpointReading {
  uint64_t epoch = 0;
  int64_t created_micros = 0;   // wall time of its barrier
  int64_t duration_micros = 0;  // until it was published
  int64_t bytes = 0;            // that it wrote
  bool drained = false;         // behind a final watermark, at a stop
};

struct JobOptions {
  std::shared_ptr<const PhysicalPlan> plan;
  std::string name;  // for people: the sink's table, pipeline.name
  std::string id;    // 32 hex digits; stable over restarts
  JobSettings settings;
  int shard_count = 1;
  int ring_capacity = 4;                   // batches between two shards
  int local_capacity = 2;                  // batches between two operators of a shard
  int64_t checkpoint_interval_micros = 0;  // 0: none but the last
  int64_t checkpoint_timeout_micros = 0;   // 0: never
  int64_t checkpoint_min_pause_micros = 0;
  int tolerable_checkpoint_failures = 0;  // in a row
  int64_t collect_rows_max = 16384;       // rows of a SELECT that wait to be fetched
  const Environment* env = nullptr;
  Scheduler* scheduler = nullptr;
  MemoryPool* pool = nullptr;  // the process's
  const ConnectorTable* connectors = nullptr;
  CheckpointStore* store = nullptr;  // null: one in memory, of the job's own
  // The same store, when it is the job's to end with it; held until the job is over.
  std::shared_ptr<CheckpointStore> owned_store;
  std::shared_ptr<DirectoryCheckpointStore> durable_store;  // the same again, when it is durable
  std::string savepoint_directory;                          // of the session that started it
  // A durable job that has come to its end is not marked as finished, and keeps its directory,
  // until MarkFinished is called; without it the next run only finds that all is done.
  bool defers_finish = false;
  // Operators whose state in the checkpoint of that epoch the user has given up: they begin anew.
  std::set<std::string> dropped_operators;
  uint64_t dropped_epoch = 0;
  RestartOptions restart;
  std::shared_ptr<JobNotices> notices;  // null: nobody hears
  // Test regimes.
  int64_t barrier_every_batches = 0;
  int restart_every_checkpoints = 0;
  std::vector<int> restart_shard_counts;  // taken in turn by restarts; empty: shard_count
};

enum class JobState : uint8_t {
  kCreated,
  kRunning,
  kRestarting,  // between two attempts
  kFinished,
  kStopped,
  kCancelled,
  kFailed,
};
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
  // Of a job that has finished and defers that (JobOptions): the next run of it begins anew.
  Status MarkFinished();
  // Takes a checkpoint with which every file of the sinks is complete, and writes it to `path` as a
  // savepoint (checkpoint/savepoint.h; empty: it stays where checkpoints are); waits for it. With
  // `stop` it is the job's last, unless it cannot be written: then the job goes on. `drain` fires
  // all open windows first, after which the state is of no more use for going on.
  struct SavepointRequest {
    std::string path = {};
    bool stop = false;
    bool drain = false;
  };
  Status TakeSavepoint(const SavepointRequest& request);

  enum class Fetched : uint8_t { kBatch, kNothing, kEnd };
  // Rows of a SELECT, waiting at most wait_micros. The batch owns its bytes.
  Fetched Fetch(int64_t wait_micros, Batch* batch);

  JobState state() const;
  Status status() const;
  const std::string& name() const;
  const std::string& id() const;
  // Counters and watermarks per operator instance of the newest attempt; also after the end.
  std::vector<JobRun::TaskReading> Read() const;
  // Has the states of a running job counted anew; Read shows it a little later.
  void RequestStateReadings();
  uint64_t checkpoint_count() const;
  int attempt_count() const;
  int64_t started_micros() const;  // wall time of Start
  const PhysicalPlan& plan() const;
  const JobOptions& options() const;
  // Its checkpoints outlive the process.
  bool is_durable() const;
  // The newest checkpoint since the start; epoch 0 before the first.
  CheckpointReading last_checkpoint() const;
  // Those that are kept, newest first; of a job without a directory the newest one.
  std::vector<CheckpointRecord> Checkpoints() const;

 private:
  class Driver;
  explicit Job(JobOptions options);
  std::unique_ptr<Driver> driver_;
};

}  // namespace rhei
