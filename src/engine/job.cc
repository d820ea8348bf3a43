#include "engine/job.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>

#include <fmt/format.h>

#include "base/check.h"
#include "checkpoint/coordinator.h"
#include "columnar/hash.h"
#include "engine/job_graph.h"

namespace rhei {

std::string_view JobStateName(JobState state) {
  switch (state) {
    case JobState::kCreated: return "created";
    case JobState::kRunning: return "running";
    case JobState::kFinished: return "finished";
    case JobState::kStopped: return "stopped";
    case JobState::kCancelled: return "cancelled";
    case JobState::kFailed: return "failed";
  }
  CHECK(false);
}

// Lives on the job's I/O work: takes the coordinator's steps, and begins and ends attempts.
class Job::Driver final : public IoWork, public Wakeable {
 public:
  explicit Driver(JobOptions options) : options_(std::move(options)) {
    if (options_.store == nullptr) options_.store = &own_store_;
    collect_ = std::make_shared<CollectQueue>(options_.restart_every_checkpoints > 0,
                                              options_.collect_rows_max);
  }

  ~Driver() override {
    Cancel();
    std::unique_ptr<IoHandle> handle;
    {
      const std::lock_guard lock(handle_mutex_);
      handle = std::move(handle_);
    }
    handle.reset();
    // Nobody is left to hear of a failing Close.
    (void)EndAttempt();
  }

  Status Start() {
    Status started = BeginAttempt();
    if (!started.ok()) {
      (void)EndAttempt();
      End(JobState::kFailed, started);
      return started;
    }
    {
      const std::lock_guard lock(mutex_);
      state_ = JobState::kRunning;
    }
    std::unique_ptr<IoHandle> handle = options_.scheduler->Start("rhei-job", this);
    const std::lock_guard lock(handle_mutex_);
    handle_ = std::move(handle);
    return {};
  }

  void Wake() override {
    const std::lock_guard lock(handle_mutex_);
    woken_ = true;
    if (handle_ != nullptr) handle_->Resume();
  }

  IoResult Step(int64_t) override {
    {
      const std::lock_guard lock(handle_mutex_);
      woken_ = false;
    }
    if (over()) return IoResult::kDone;
    switch (attempt_.coordinator->Step()) {
      case CheckpointCoordinator::Outcome::kRunning: return IoResult::kPause;
      case CheckpointCoordinator::Outcome::kPublished:
        ++published_count_;
        return RestartIsDue() ? Restart() : IoResult::kAgain;
      case CheckpointCoordinator::Outcome::kStopped: return Finish(JobState::kStopped);
      case CheckpointCoordinator::Outcome::kFinished: return Finish(JobState::kFinished);
      case CheckpointCoordinator::Outcome::kFailed: break;
    }
    Status failure = attempt_.coordinator->failure();
    attempt_.run->Cancel(failure);
    (void)EndAttempt();  // the failure came first
    const bool cancelled = failure.code() == ErrorCode::kCancelled;
    End(cancelled ? JobState::kCancelled : JobState::kFailed, failure);
    return IoResult::kDone;
  }

  int64_t pause_micros() const override {
    constexpr int64_t kPauseMax = 1'000'000;
    const int64_t next = attempt_.coordinator->next_step_micros();
    if (next == INT64_MAX) return kPauseMax;
    return std::clamp<int64_t>(next - options_.env->clock->WallMicros(), 1, kPauseMax);
  }

  void Stop() {
    const std::lock_guard lock(mutex_);
    stop_wanted_ = true;
    if (attempt_.coordinator != nullptr) attempt_.coordinator->RequestStop();
  }

  void Cancel() {
    const std::lock_guard lock(mutex_);
    cancel_wanted_ = true;
    if (attempt_.run != nullptr) {
      attempt_.run->Cancel(Status(ErrorCode::kCancelled, "job cancelled"));
    }
  }

  bool over() const {
    const std::lock_guard lock(mutex_);
    return state_ != JobState::kCreated && state_ != JobState::kRunning;
  }

  bool WaitFor(int64_t micros) {
    if (options_.scheduler->is_inline()) {
      const int64_t until = options_.env->clock->WallMicros() + micros;
      while (!over() && options_.env->clock->WallMicros() < until) {
        if (!options_.scheduler->StepInline()) break;
      }
      return over();
    }
    std::unique_lock lock(mutex_);
    return ended_.wait_for(lock, std::chrono::microseconds(micros), [this] {
      return state_ != JobState::kCreated && state_ != JobState::kRunning;
    });
  }

  Fetched Fetch(int64_t wait_micros, Batch* batch) {
    const bool is_inline = options_.scheduler->is_inline();
    const int64_t until = options_.env->clock->WallMicros() + wait_micros;
    while (true) {
      switch (collect_->Take(is_inline ? 0 : wait_micros, batch)) {
        case CollectQueue::Taken::kBatch: return Fetched::kBatch;
        case CollectQueue::Taken::kClosed: return Fetched::kEnd;
        case CollectQueue::Taken::kNothing: break;
      }
      if (!is_inline || options_.env->clock->WallMicros() > until) return Fetched::kNothing;
      if (!options_.scheduler->StepInline()) return Fetched::kNothing;
    }
  }

  JobState state() const {
    const std::lock_guard lock(mutex_);
    return state_;
  }
  Status status() const {
    const std::lock_guard lock(mutex_);
    return status_;
  }
  std::vector<JobRun::TaskReading> Read() const {
    const std::lock_guard lock(mutex_);
    return attempt_.run != nullptr ? attempt_.run->Read() : last_readings_;
  }
  uint64_t checkpoint_count() const { return published_count_.load(); }
  int attempt_count() const { return attempt_count_.load(); }
  const JobOptions& options() const { return options_; }

 private:
  struct Attempt {
    std::unique_ptr<CheckpointCoordinator> coordinator;
    std::unique_ptr<PlanOperatorMaker> maker;
    std::unique_ptr<JobRun> run;  // goes first
  };

  Status BeginAttempt() {
    ASSIGN_OR_RETURN(std::shared_ptr<const Checkpoint> from, options_.store->Latest());
    const int attempt = attempt_count_.fetch_add(1);
    int shard_count = options_.shard_count;
    if (attempt > 0 && !options_.restart_shard_counts.empty()) {
      const auto turn = static_cast<size_t>(attempt - 1) % options_.restart_shard_counts.size();
      shard_count = options_.restart_shard_counts[turn];
    }
    Attempt made;
    CheckpointCoordinator::Options coordination;
    coordination.interval_micros = options_.checkpoint_interval_micros;
    coordination.every_batches = options_.barrier_every_batches;
    coordination.store = options_.store;
    coordination.clock = options_.env->clock;
    coordination.driver = this;
    made.coordinator = std::make_unique<CheckpointCoordinator>(coordination);
    made.maker = std::make_unique<PlanOperatorMaker>(options_.plan, options_.connectors, collect_,
                                                     options_.id);
    RunOptions run_options;
    ASSIGN_OR_RETURN(run_options.graph, MakeJobGraph(*options_.plan, *options_.connectors));
    run_options.settings = options_.settings;
    run_options.shard_count = shard_count;
    run_options.ring_capacity = options_.ring_capacity;
    run_options.local_capacity = options_.local_capacity;
    run_options.pool_name = options_.name.empty() ? "job" : "job " + options_.name;
    run_options.parent_pool = options_.pool;
    run_options.env = options_.env;
    run_options.scheduler = options_.scheduler;
    run_options.listener = made.coordinator.get();
    run_options.maker = made.maker.get();
    if (from != nullptr) {
      run_options.restored = from->instances;
      run_options.restored_epoch = from->epoch;
      run_options.restored_shard_count = from->shard_count;
    }
    ASSIGN_OR_RETURN(made.run, JobRun::Make(std::move(run_options)));
    std::vector<CheckpointCoordinator::Sink> sinks;
    for (const PlanOperatorMaker::Committer& sink : made.maker->committers()) {
      sinks.push_back({sink.operator_id, sink.committer});
    }
    made.coordinator->Attach(made.run.get(), shard_count, std::move(sinks), from);
    collect_->Restart(from == nullptr ? 0 : from->epoch);
    RETURN_IF_ERROR(made.coordinator->RepeatCommits());
    const std::lock_guard lock(mutex_);
    attempt_ = std::move(made);
    attempt_.run->Start();
    if (stop_wanted_) attempt_.coordinator->RequestStop();
    if (cancel_wanted_) attempt_.run->Cancel(Status(ErrorCode::kCancelled, "job cancelled"));
    return {};
  }

  // The first failure of the operators' Close.
  Status EndAttempt() {
    if (attempt_.run == nullptr) return {};
    attempt_.run->StopShards();
    Status closed = attempt_.run->Close();
    Attempt over;
    {
      const std::lock_guard lock(mutex_);
      last_readings_ = attempt_.run->Read();
      over = std::move(attempt_);
      // pause_micros asks it until the last step has returned.
      attempt_.coordinator = std::make_unique<CheckpointCoordinator>(CheckpointCoordinator::Options{
          .store = options_.store, .clock = options_.env->clock, .driver = this});
    }
    over.run.reset();
    over.maker.reset();
    return closed;
  }

  bool RestartIsDue() const {
    return options_.restart_every_checkpoints > 0 &&
           published_count_.load() % static_cast<uint64_t>(options_.restart_every_checkpoints) == 0;
  }

  IoResult Restart() {
    Status status = EndAttempt();
    if (status.ok()) status = BeginAttempt();
    if (status.ok()) return IoResult::kAgain;
    (void)EndAttempt();
    End(JobState::kFailed, status);
    return IoResult::kDone;
  }

  IoResult Finish(JobState state) {
    ++published_count_;
    Status closed = EndAttempt();
    End(closed.ok() ? state : JobState::kFailed, closed);
    return IoResult::kDone;
  }

  void End(JobState state, Status status) {
    {
      const std::lock_guard lock(mutex_);
      state_ = state;
      status_ = std::move(status);
    }
    collect_->Close();
    ended_.notify_all();
  }

  JobOptions options_;
  MemoryCheckpointStore own_store_;
  std::shared_ptr<CollectQueue> collect_;
  std::atomic<uint64_t> published_count_{0};
  std::atomic<int> attempt_count_{0};

  mutable std::mutex mutex_;
  std::condition_variable ended_;
  Attempt attempt_;
  JobState state_ = JobState::kCreated;
  Status status_;
  bool stop_wanted_ = false;
  bool cancel_wanted_ = false;
  std::vector<JobRun::TaskReading> last_readings_;

  std::mutex handle_mutex_;
  bool woken_ = false;
  std::unique_ptr<IoHandle> handle_;
};

Job::Job(JobOptions options) : driver_(std::make_unique<Driver>(std::move(options))) {}
Job::~Job() = default;

Result<std::unique_ptr<Job>> Job::Make(JobOptions options) {
  CHECK(options.plan != nullptr && options.env != nullptr && options.scheduler != nullptr);
  if (options.shard_count < 1 || options.shard_count > kKeyGroupCount) {
    return InvalidArgument(fmt::format("parallelism {} is not possible: a job has 1 to {} shards",
                                       options.shard_count, kKeyGroupCount));
  }
  return std::unique_ptr<Job>(new Job(std::move(options)));
}

Status Job::Start() {
  return driver_->Start();
}

Status Job::Wait() {
  while (!driver_->WaitFor(1'000'000)) {
    const JobOptions& options = driver_->options();
    if (options.scheduler->is_inline() && !options.scheduler->StepInline()) {
      return {ErrorCode::kCancelled, "job: nothing can run any more and the job is not over"};
    }
  }
  return driver_->status();
}

bool Job::WaitFor(int64_t micros) {
  return driver_->WaitFor(micros);
}
void Job::Stop() {
  driver_->Stop();
}
void Job::Cancel() {
  driver_->Cancel();
}
Job::Fetched Job::Fetch(int64_t wait_micros, Batch* batch) {
  return driver_->Fetch(wait_micros, batch);
}
JobState Job::state() const {
  return driver_->state();
}
Status Job::status() const {
  return driver_->status();
}
const std::string& Job::name() const {
  return driver_->options().name;
}
const std::string& Job::id() const {
  return driver_->options().id;
}
std::vector<JobRun::TaskReading> Job::Read() const {
  return driver_->Read();
}
uint64_t Job::checkpoint_count() const {
  return driver_->checkpoint_count();
}
int Job::attempt_count() const {
  return driver_->attempt_count();
}

}  // namespace rhei
