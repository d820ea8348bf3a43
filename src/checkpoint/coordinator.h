#pragma once
// CheckpointCoordinator: starts the barriers of one run, gathers the snapshots, publishes the
// checkpoint, has the sinks commit it and tells the operators. At most one checkpoint is under way.
//
// A barrier starts when the interval has passed, after every k-th source batch (tests), on request,
// for a stop (sources read nothing after it), and behind the end of all sources (the last one).
// Call order: Attach before the run starts; then Step, whenever the driver is woken or
// next_step_micros has come, until it says that the run is over.
// Thread-safety: Step on one thread, where it may wait; the listener's calls and the requests on
// any.
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "checkpoint/checkpoint.h"
#include "runtime/channel.h"
#include "runtime/job_run.h"
#include "runtime/sink.h"

namespace rhei {

class CheckpointCoordinator final : public RunListener {
 public:
  struct Options {
    int64_t interval_micros = 0;  // 0: none
    int64_t every_batches = 0;    // 0: none
    CheckpointStore* store = nullptr;
    Clock* clock = nullptr;
    Wakeable* driver = nullptr;  // woken when a Step has something to do
  };
  struct Sink {
    std::string operator_id;
    SinkCommitter* committer = nullptr;
  };
  enum class Outcome : uint8_t {
    kRunning,
    kPublished,  // a checkpoint was published and committed; the run goes on
    kStopped,    // the stop's checkpoint is committed
    kFinished,   // the last checkpoint is committed and the end recorded
    kFailed,     // see failure()
  };

  explicit CheckpointCoordinator(Options options);

  // `restored`: what the run starts from, or null. Its commits are repeated by RepeatCommits.
  void Attach(JobRun* run, int shard_count, std::vector<Sink> sinks,
              std::shared_ptr<const Checkpoint> restored);
  Status RepeatCommits();

  void RequestStop();
  void RequestCheckpoint();
  Outcome Step();
  // Wall time at which Step is to be called at the latest.
  int64_t next_step_micros() const;
  Status failure() const;
  uint64_t published_epoch() const;

  void OnSnapshot(InstanceSnapshot snapshot) override;
  void OnSourcesDone() override;
  void OnSourceBatch() override;
  void OnFailure(const Status& status) override;

 private:
  // REQUIRES: mutex_ held.
  bool WantsBarrier(int64_t now_micros) const;
  void StartBarrier(int64_t now_micros);
  Status Complete(std::shared_ptr<const Checkpoint> checkpoint);
  Status Commit(const Checkpoint& checkpoint);

  const Options options_;
  JobRun* run_ = nullptr;
  int shard_count_ = 0;
  int instance_count_ = 0;
  std::vector<Sink> sinks_;
  std::shared_ptr<const Checkpoint> restored_;

  mutable std::mutex mutex_;
  std::unique_ptr<Checkpoint> gathering_;
  bool gathering_stop_ = false;
  uint64_t epoch_ = 0;  // of the newest barrier
  uint64_t published_epoch_ = 0;
  int64_t next_barrier_micros_ = INT64_MAX;
  int64_t batches_since_ = 0;
  bool stop_wanted_ = false;
  bool checkpoint_wanted_ = false;
  bool sources_done_ = false;
  bool last_started_ = false;
  Status failure_;
};

}  // namespace rhei
