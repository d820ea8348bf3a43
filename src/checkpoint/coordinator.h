#pragma once
// CheckpointCoordinator: starts the barriers of one run, gathers the snapshots, publishes the
// checkpoint, has the sinks commit it and tells the operators. At most one checkpoint is under way.
//
// A barrier starts when the interval has passed, after every k-th source batch (tests), on request,
// for a stop (sources read nothing after it), and behind the end of all sources (the last one).
// One that is not complete within the timeout is given up: its states are dropped, its seals are
// committed with the next checkpoint, and the next barrier starts once its own has passed all
// instances (it could not overtake it anyway). The barrier of a stop and the last one have all the
// time they need: nothing could come after them.
// Call order: Attach before the run starts; then Step, whenever the driver is woken or
// next_step_micros has come, until it says that the run is over.
// Thread-safety: Step on one thread, where it may wait; the listener's calls, the requests and
// History on any.
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "checkpoint/checkpoint.h"
#include "runtime/channel.h"
#include "runtime/job_run.h"
#include "runtime/sink.h"

namespace rhei {

enum class CheckpointState : uint8_t { kInProgress, kCompleted, kFailed };

struct CheckpointStatistics {
  uint64_t epoch = 0;
  int64_t started_micros = 0;   // wall time
  int64_t since_micros = 0;     // the same by Clock::MonotonicMicros
  int64_t duration_micros = 0;  // so far, or until it was published or given up
  int64_t bytes = 0;            // written
  CheckpointState state = CheckpointState::kInProgress;
  std::string failure;
};

class CheckpointCoordinator final : public RunListener {
 public:
  struct Options {
    int64_t interval_micros = 0;   // 0: none
    int64_t timeout_micros = 0;    // 0: never
    int64_t min_pause_micros = 0;  // between the end of one and the next that time starts
    // Failures in a row that do not end the run. A failed commit always does.
    int tolerable_failures = 0;
    int64_t every_batches = 0;  // 0: none
    // False: nobody goes on from a checkpoint of this run, so that states are frozen for
    // savepoints only; the others flush sinks.
    bool keeps_states = true;
    bool marks_finished = true;  // false: the store hears of the job's end from somebody else
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
    kSavepoint,  // the same, as RequestSavepoint asked for: see savepoints_taken()
    kStopped,    // the stop's checkpoint is committed
    kFinished,   // the last checkpoint is committed and the end recorded
    kFailed,     // see failure()
  };

  explicit CheckpointCoordinator(Options options);

  // `restored`: what the run starts from, or null. Its commits are repeated by RepeatCommits.
  void Attach(JobRun* run, int shard_count, std::vector<Sink> sinks,
              const std::shared_ptr<const Checkpoint>& restored);
  Status RepeatCommits();

  // `drain`: behind a final watermark.
  void RequestStop(bool drain = false, bool for_savepoint = false);
  void RequestCheckpoint();
  // A checkpoint behind which sinks have nothing open; its Step says kSavepoint. Gives the number
  // of the request: a barrier that had begun before is not its.
  uint64_t RequestSavepoint();
  // The newest request whose checkpoint is committed; those before it are too.
  uint64_t savepoints_taken() const;
  Outcome Step();
  // Whole lines for people: checkpoints that failed and were tolerated, and the store's notes.
  std::string TakeNotes();
  // When Step is to be called at the latest, by Clock::MonotonicMicros.
  int64_t next_step_micros() const;
  Status failure() const;
  // The stop's barrier went behind a final watermark.
  bool drained() const;
  uint64_t published_epoch() const;
  // Newest first, kHistoryMax at most.
  std::vector<CheckpointStatistics> History() const;
  static constexpr size_t kHistoryMax = 16;

  void OnSnapshot(InstanceSnapshot snapshot) override;
  void OnSourcesDone() override;
  void OnSourceBatch() override;
  void OnFailure(const Status& status) override;

 private:
  // A barrier that was given up and has not yet passed all instances.
  struct Abandoned {
    uint64_t epoch = 0;
    std::set<std::pair<std::string, int>> reported;  // operator id, shard
    std::string failure;                             // of this run; empty when tolerated
  };

  // Deadlines and now_micros are of Clock::MonotonicMicros.
  // REQUIRES, of all that follow: mutex_ held; unless they say otherwise.
  bool WantsBarrier(int64_t now_micros) const;
  bool savepoint_wanted() const { return savepoints_wanted_ > savepoints_taken_; }
  void StartBarrier(int64_t now_micros);
  bool IsOverdue(int64_t now_micros) const;
  void GiveUp(int64_t now_micros);
  void KeepSeals(std::vector<InstanceSnapshot>* instances, std::vector<CarriedSeal>* carried);
  void Record(uint64_t epoch, CheckpointState state, int64_t now_micros, int64_t bytes,
              std::string failure);
  // Counts a failed checkpoint; false when it was one too many.
  bool Tolerates();
  void AddTolerated(std::string_view failure);
  // REQUIRES: mutex_ not held.
  std::string Missing(const std::set<std::pair<std::string, int>>& reported) const;
  Status Complete(std::shared_ptr<const Checkpoint> checkpoint, uint64_t savepoint,
                  bool* published);
  Status CommitAll(const Checkpoint& checkpoint);

  const Options options_;
  JobRun* run_ = nullptr;
  int shard_count_ = 0;
  int instance_count_ = 0;
  std::vector<Sink> sinks_;
  std::shared_ptr<const Checkpoint> restored_;

  mutable std::mutex mutex_;
  std::unique_ptr<Checkpoint> gathering_;
  int64_t gathering_since_micros_ = 0;
  bool gathering_stop_ = false;
  std::unique_ptr<Abandoned> abandoned_;
  std::vector<CarriedSeal> carried_seals_;  // of checkpoints that were given up
  int failures_in_a_row_ = 0;
  uint64_t gathering_savepoint_ = 0;  // the newest request that `gathering_` is for; 0: none
  uint64_t epoch_ = 0;                // of the newest barrier
  uint64_t published_epoch_ = 0;
  int64_t next_barrier_micros_ = INT64_MAX;
  int64_t pause_until_micros_ = 0;
  int64_t batches_since_ = 0;
  bool stop_wanted_ = false;
  bool drain_wanted_ = false;
  bool drained_ = false;
  bool checkpoint_wanted_ = false;
  uint64_t savepoints_wanted_ = 0;  // requests so far
  uint64_t savepoints_taken_ = 0;
  bool stop_for_savepoint_ = false;
  bool sources_done_ = false;
  bool last_started_ = false;
  Status failure_;
  std::string notes_;
  std::deque<CheckpointStatistics> history_;  // newest first
};

}  // namespace rhei
