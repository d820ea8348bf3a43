#include "engine/job.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>

#include <fmt/format.h>

#include "base/check.h"
#include "checkpoint/coordinator.h"
#include "checkpoint/savepoint.h"
#include "columnar/hash.h"
#include "engine/job_graph.h"
#include "engine/plan_difference.h"

namespace rhei {

std::string_view JobStateName(JobState state) {
  switch (state) {
    case JobState::kCreated: return "created";
    case JobState::kRunning: return "running";
    case JobState::kRestarting: return "restarting";
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
  explicit Driver(JobOptions options)
      : options_(std::move(options)),
        is_durable_(options_.durable_store != nullptr),
        strategy_(options_.restart, options_.env->random) {
    if (options_.owned_store != nullptr) options_.store = options_.owned_store.get();
    if (options_.store == nullptr) options_.store = &own_store_;
    const bool restarts = options_.restart_every_checkpoints > 0 ||
                          options_.restart.kind != RestartOptions::Kind::kNone;
    // A store of somebody else's is one that he reads.
    const bool is_own = options_.owned_store != nullptr || options_.store == &own_store_;
    keeps_states_ = is_durable_ || restarts || !is_own;
    // A store of somebody else's may outlive the pools.
    if (is_own) {
      frozen_pool_ = std::make_shared<MemoryPool>(
          fmt::format("checkpoints of {}", options_.name.empty() ? "job" : options_.name),
          MemoryPool::kUnlimited, options_.pool);
    }
    collect_ = std::make_shared<CollectQueue>(restarts, options_.collect_rows_max);
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
    started_micros_ = options_.env->clock->WallMicros();
    Status started = BeginAttempt();
    if (!started.ok()) {
      (void)EndAttempt();
      End(JobState::kFailed, started);
      return started;
    }
    if (over()) return {};
    std::unique_ptr<IoHandle> handle = options_.scheduler->Start("rhei-job", this);
    const std::lock_guard lock(handle_mutex_);
    handle_ = std::move(handle);
    // Somebody woke the driver while it had no handle yet, and its first step may have missed it.
    if (woken_) handle_->Resume();
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
    if (state() == JobState::kRestarting) return StepRestarting();
    const CheckpointCoordinator::Outcome outcome = attempt_.coordinator->Step();
    if (const std::string notes = attempt_.coordinator->TakeNotes(); !notes.empty()) {
      Tell(fmt::format("job {}: {}", options_.id, notes));
    }
    switch (outcome) {
      case CheckpointCoordinator::Outcome::kRunning: return IoResult::kPause;
      case CheckpointCoordinator::Outcome::kPublished:
        NotePublished();
        return RestartIsDue() ? Restart() : IoResult::kAgain;
      case CheckpointCoordinator::Outcome::kSavepoint:
        NotePublished();
        AnswerTaken(attempt_.coordinator->savepoints_taken());
        return IoResult::kAgain;
      case CheckpointCoordinator::Outcome::kStopped: return FinishStop();
      case CheckpointCoordinator::Outcome::kFinished: return Finish();
      case CheckpointCoordinator::Outcome::kFailed: break;
    }
    Status failure = attempt_.coordinator->failure();
    attempt_.run->Cancel(failure);
    (void)EndAttempt();  // the failure came first
    return Fail(std::move(failure));
  }

  int64_t pause_micros() const override {
    constexpr int64_t kPauseMax = 1'000'000;
    const int64_t next = state() == JobState::kRestarting
                             ? restart_at_micros_
                             : attempt_.coordinator->next_step_micros();
    if (next == INT64_MAX) return kPauseMax;
    return std::clamp<int64_t>(next - options_.env->clock->MonotonicMicros(), 1, kPauseMax);
  }

  void Stop() {
    {
      const std::lock_guard lock(mutex_);
      stop_wanted_ = true;
      if (attempt_.coordinator != nullptr) attempt_.coordinator->RequestStop();
    }
    Wake();
  }

  void Cancel() {
    {
      const std::lock_guard lock(mutex_);
      cancel_wanted_ = true;
      if (attempt_.run != nullptr) {
        attempt_.run->Cancel(Status(ErrorCode::kCancelled, "job cancelled"));
      }
    }
    Wake();
  }

  Status MarkFinished() {
    std::shared_ptr<CheckpointStore> store;
    {
      const std::lock_guard lock(mutex_);
      store = std::move(unmarked_);
    }
    return store == nullptr ? Status() : store->MarkFinished();
  }

  Status TakeSavepoint(const SavepointRequest& request) {
    auto wish = std::make_shared<Wish>();
    wish->path = request.path;
    wish->stop = request.stop;
    wish->drain = request.drain;
    {
      const std::lock_guard lock(mutex_);
      if (state_ != JobState::kRunning || attempt_.coordinator == nullptr) {
        return InvalidArgument(fmt::format("job {} is {}: no savepoint can be taken", options_.id,
                                           JobStateName(state_)));
      }
      wishes_.push_back(wish);
      AskFor(wish.get());
    }
    if (options_.scheduler->is_inline()) {
      while (!wish->answered && options_.scheduler->StepInline()) {
      }
    }
    std::unique_lock lock(mutex_);
    ended_.wait(lock, [&] { return wish->answered || options_.scheduler->is_inline(); });
    if (!wish->answered) return {ErrorCode::kCancelled, "nothing can run any more"};
    return wish->status;
  }

  bool over() const {
    const std::lock_guard lock(mutex_);
    return IsOver(state_);
  }

  bool WaitFor(int64_t micros) {
    if (options_.scheduler->is_inline()) {
      const int64_t until = options_.env->clock->MonotonicMicros() + micros;
      while (!over() && options_.env->clock->MonotonicMicros() < until) {
        if (!options_.scheduler->StepInline()) break;
      }
      return over();
    }
    std::unique_lock lock(mutex_);
    return ended_.wait_for(lock, std::chrono::microseconds(micros),
                           [this] { return IsOver(state_); });
  }

  Fetched Fetch(int64_t wait_micros, Batch* batch) {
    const bool is_inline = options_.scheduler->is_inline();
    const int64_t until = options_.env->clock->MonotonicMicros() + wait_micros;
    while (true) {
      switch (collect_->Take(is_inline ? 0 : wait_micros, batch)) {
        case CollectQueue::Taken::kBatch: return Fetched::kBatch;
        case CollectQueue::Taken::kClosed: return Fetched::kEnd;
        case CollectQueue::Taken::kNothing: break;
      }
      if (!is_inline || options_.env->clock->MonotonicMicros() > until) return Fetched::kNothing;
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
  void RequestStateReadings() {
    const std::lock_guard lock(mutex_);
    if (attempt_.run != nullptr) attempt_.run->RequestStateReadings();
  }
  uint64_t checkpoint_count() const { return published_count_.load(); }
  int attempt_count() const { return attempt_count_.load(); }
  const JobOptions& options() const { return options_; }
  int64_t started_micros() const { return started_micros_; }
  bool is_durable() const { return is_durable_; }
  CheckpointReading last_checkpoint() const {
    const std::lock_guard lock(mutex_);
    return last_checkpoint_;
  }
  std::vector<CheckpointRecord> Checkpoints() const {
    const std::lock_guard lock(mutex_);
    if (options_.durable_store != nullptr) return options_.durable_store->Retained();
    if (!last_retained_.empty() || last_checkpoint_.epoch == 0) return last_retained_;
    CheckpointRecord record;
    record.epoch = last_checkpoint_.epoch;
    record.created_micros = last_checkpoint_.created_micros;
    record.duration_micros = last_checkpoint_.duration_micros;
    record.written_bytes = last_checkpoint_.bytes;
    record.shard_count = options_.shard_count;
    record.committed = true;
    return {record};
  }

 private:
  // Somebody waits for a savepoint.
  struct Wish {
    std::string path;
    bool stop = false;  // it is the job's last
    bool drain = false;
    uint64_t request = 0;  // the coordinator's number of it, without `stop`
    bool answered = false;
    Status status;
  };

  // REQUIRES: mutex_ held.
  void AskFor(Wish* wish) {
    if (wish->stop) {
      attempt_.coordinator->RequestStop(wish->drain, true);
    } else {
      wish->request = attempt_.coordinator->RequestSavepoint();
    }
  }

  bool defers_finish() const { return is_durable_ && options_.defers_finish; }
  static bool IsOver(JobState state) {
    return state != JobState::kCreated && state != JobState::kRunning &&
           state != JobState::kRestarting;
  }
  struct Attempt {
    std::unique_ptr<CheckpointCoordinator> coordinator;
    std::unique_ptr<PlanOperatorMaker> maker;
    std::unique_ptr<JobRun> run;  // goes first
  };

  Status BeginAttempt() {
    ASSIGN_OR_RETURN(std::shared_ptr<const Checkpoint> from, options_.store->Latest());
    if (from != nullptr && from->last) return RepeatLastCommits(*from);
    const int attempt = attempt_count_.fetch_add(1);
    int shard_count = options_.shard_count;
    if (attempt > 0 && !options_.restart_shard_counts.empty()) {
      const auto turn = static_cast<size_t>(attempt - 1) % options_.restart_shard_counts.size();
      shard_count = options_.restart_shard_counts[turn];
    }
    Attempt made;
    CheckpointCoordinator::Options coordination;
    coordination.interval_micros = options_.checkpoint_interval_micros;
    coordination.timeout_micros = options_.checkpoint_timeout_micros;
    coordination.min_pause_micros = options_.checkpoint_min_pause_micros;
    coordination.tolerable_failures = options_.tolerable_checkpoint_failures;
    coordination.every_batches = options_.barrier_every_batches;
    coordination.keeps_states = keeps_states_;
    coordination.marks_finished = !defers_finish();
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
    run_options.frozen_pool = frozen_pool_;
    run_options.env = options_.env;
    run_options.scheduler = options_.scheduler;
    run_options.listener = made.coordinator.get();
    run_options.maker = made.maker.get();
    if (from != nullptr) {
      run_options.restored = KeptInstances(*from);
      if (from->is_drained()) ForgetFinalTime(*options_.plan, &run_options.restored);
      run_options.new_operators_begin_empty = true;
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
    if (from != nullptr && !IsCommitted(from->epoch)) {
      RETURN_IF_ERROR(made.coordinator->RepeatCommits());
    }
    const std::lock_guard lock(mutex_);
    attempt_ = std::move(made);
    state_ = JobState::kRunning;
    status_ = {};
    attempt_.run->Start();
    if (stop_wanted_) attempt_.coordinator->RequestStop();
    // Of those who asked between two attempts.
    for (const std::shared_ptr<Wish>& wish : wishes_) AskFor(wish.get());
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
    if (status.ok()) return over() ? IoResult::kDone : IoResult::kAgain;
    (void)EndAttempt();
    End(JobState::kFailed, status);
    return IoResult::kDone;
  }

  // An attempt has failed and is ended: another one after a while, or the end of the job.
  IoResult Fail(Status failure) {
    bool cancelled = failure.code() == ErrorCode::kCancelled, stopping = false;
    {
      const std::lock_guard lock(mutex_);
      cancelled = cancelled || cancel_wanted_;
      stopping = stop_wanted_;
    }
    // What is not there at the start was named wrongly; later it may come back.
    const bool missing = failure.code() == ErrorCode::kNotFound && published_count_.load() == 0;
    if (!cancelled && !stopping && !missing && MayRestart(failure)) {
      const int64_t now_micros = options_.env->clock->MonotonicMicros();
      if (const std::optional<int64_t> delay = strategy_.OnFailure(now_micros)) {
        restart_at_micros_ = now_micros + *delay;
        Tell(fmt::format("job {} failed and is restarted in {:.1f} s (failure {}): {}\n",
                         options_.id, static_cast<double>(*delay) / 1e6, strategy_.failure_count(),
                         failure.message()));
        RefuseSavepoints(failure);
        const std::lock_guard lock(mutex_);
        state_ = JobState::kRestarting;
        status_ = std::move(failure);
        return IoResult::kPause;
      }
      const std::string why = strategy_.Describe();
      if (!why.empty()) Tell(fmt::format("job {} is given up: {}\n", options_.id, why));
    }
    End(cancelled ? JobState::kCancelled : JobState::kFailed, std::move(failure));
    return IoResult::kDone;
  }

  IoResult StepRestarting() {
    bool cancelled = false, stopping = false;
    Status failure;
    {
      const std::lock_guard lock(mutex_);
      cancelled = cancel_wanted_;
      stopping = stop_wanted_;
      failure = status_;
    }
    if (cancelled || stopping) {
      End(cancelled ? JobState::kCancelled : JobState::kFailed, std::move(failure));
      return IoResult::kDone;
    }
    if (options_.env->clock->MonotonicMicros() < restart_at_micros_) return IoResult::kPause;
    Status begun = BeginAttempt();
    if (begun.ok()) {
      if (over()) return IoResult::kDone;
      const uint64_t epoch = attempt_.coordinator->published_epoch();
      Tell(epoch == 0 ? fmt::format("job {} runs again from its beginning\n", options_.id)
                      : fmt::format("job {} runs again from checkpoint {}\n", options_.id, epoch));
      return IoResult::kAgain;
    }
    (void)EndAttempt();
    return Fail(std::move(begun));
  }

  // The checkpoint of a stop is committed. A stop that was asked for by nobody but those whose
  // savepoint cannot be written is not carried out: without it the state might be lost.
  IoResult FinishStop() {
    NotePublished();
    bool stops = false;
    std::vector<std::shared_ptr<Wish>> wishes;
    {
      const std::lock_guard lock(mutex_);
      stops = stop_wanted_ || cancel_wanted_;
      wishes.swap(wishes_);
    }
    Status failure;
    std::vector<Status> answers;
    for (const std::shared_ptr<Wish>& wish : wishes) {
      const bool undrained = wish->drain && !attempt_.coordinator->drained();
      answers.push_back(undrained ? InvalidArgument(fmt::format(
                                        "job {} was stopping already, without a drain: no "
                                        "savepoint was taken",
                                        options_.id))
                                  : WriteSavepointTo(wish->path));
      if (!wish->stop) continue;
      stops = stops || answers.back().ok();
      if (!answers.back().ok()) failure = answers.back();
    }
    const bool goes_on = !stops && !failure.ok();
    IoResult result = IoResult::kAgain;
    if (goes_on) {
      Tell(
          fmt::format("job {} is not stopped and goes on from checkpoint {}, because its savepoint "
                      "could not be written: {}\n",
                      options_.id, attempt_.coordinator->published_epoch(), failure.message()));
      result = Restart();
    }
    for (size_t i = 0; i < wishes.size(); ++i) Answer(wishes[i].get(), std::move(answers[i]));
    if (goes_on) return result;
    AnswerTaken(UINT64_MAX);
    return EndWith(JobState::kStopped);
  }

  IoResult Finish() {
    NotePublished();
    AnswerTaken(UINT64_MAX);
    return EndWith(JobState::kFinished);
  }

  IoResult EndWith(JobState state) {
    Status closed = EndAttempt();
    End(closed.ok() ? state : JobState::kFailed, closed);
    return IoResult::kDone;
  }

  void NotePublished() {
    ++published_count_;
    CheckpointReading reading;
    reading.epoch = attempt_.coordinator->published_epoch();
    reading.drained = attempt_.coordinator->drained();
    for (const CheckpointStatistics& one : attempt_.coordinator->History()) {
      if (one.epoch != reading.epoch) continue;
      reading.created_micros = one.started_micros;
      reading.duration_micros = one.duration_micros;
      reading.bytes = one.bytes;
    }
    const std::lock_guard lock(mutex_);
    last_checkpoint_ = reading;
  }

  void Answer(Wish* wish, Status status) {
    const std::lock_guard lock(mutex_);
    wish->status = std::move(status);
    wish->answered = true;
    ended_.notify_all();
  }

  // The newest checkpoint is that of the requests up to `request`, and, at the end of the job, of
  // all others too.
  void AnswerTaken(uint64_t request) {
    std::vector<std::shared_ptr<Wish>> taken;
    {
      const std::lock_guard lock(mutex_);
      const auto first =
          std::stable_partition(wishes_.begin(), wishes_.end(), [&](const auto& wish) {
            return request != UINT64_MAX && (wish->stop || wish->request > request);
          });
      taken.assign(first, wishes_.end());
      wishes_.erase(first, wishes_.end());
    }
    for (const std::shared_ptr<Wish>& wish : taken) {
      Answer(wish.get(), WriteSavepointTo(wish->path));
    }
  }

  void RefuseSavepoints(const Status& why) {
    std::vector<std::shared_ptr<Wish>> wishes;
    {
      const std::lock_guard lock(mutex_);
      wishes.swap(wishes_);
    }
    for (const std::shared_ptr<Wish>& wish : wishes) Answer(wish.get(), why);
  }

  // Before the next checkpoint can push out what it is made of.
  Status WriteSavepointTo(const std::string& path) {
    if (path.empty()) return {};
    if (options_.durable_store != nullptr) return options_.durable_store->CopyLatestTo(path);
    ASSIGN_OR_RETURN(const std::shared_ptr<const Checkpoint> newest, options_.store->Latest());
    if (!newest->has_state) {
      return InvalidArgument(
          fmt::format("job {} was ending already: no savepoint was taken", options_.id));
    }
    return WriteSavepoint(*options_.env, *newest,
                          DescribePlan(*options_.plan, options_.name, options_.id), path);
  }

  void Tell(const std::string& text) const {
    if (options_.notices != nullptr) options_.notices->Tell(text);
  }

  std::vector<InstanceSnapshot> KeptInstances(const Checkpoint& from) const {
    if (from.epoch != options_.dropped_epoch || options_.dropped_operators.empty()) {
      return from.instances;
    }
    std::vector<InstanceSnapshot> kept;
    for (const InstanceSnapshot& instance : from.instances) {
      if (!options_.dropped_operators.contains(instance.operator_id)) kept.push_back(instance);
    }
    return kept;
  }

  // Whose files somebody may have taken away since.
  bool IsCommitted(uint64_t epoch) const {
    {
      const std::lock_guard lock(mutex_);
      if (last_checkpoint_.epoch == epoch) return true;
    }
    if (options_.durable_store == nullptr) return false;
    const std::vector<CheckpointRecord> retained = options_.durable_store->Retained();
    return std::any_of(retained.begin(), retained.end(), [&](const CheckpointRecord& record) {
      return record.epoch == epoch && record.committed;
    });
  }

  Status CommitWithoutRun(const Checkpoint& checkpoint) {
    PlanOperatorMaker maker(options_.plan, options_.connectors, collect_, options_.id);
    MemoryPool pool("commit", MemoryPool::kUnlimited, options_.pool);
    RETURN_IF_ERROR(
        maker.MakeCommitters(options_.env, &options_.settings, &pool, options_.scheduler));
    RETURN_IF_ERROR(options_.store->MarkCommitting(checkpoint.epoch));
    for (const PlanOperatorMaker::Committer& sink : maker.committers()) {
      Status status =
          sink.committer->Commit(checkpoint.epoch, checkpoint.SealsOf(sink.operator_id));
      if (!status.ok()) return status.WithContext(sink.operator_id);
    }
    return options_.store->MarkCommitted(checkpoint.epoch);
  }

  // The job had come to its end and only its commits may be missing: no source is opened again.
  Status RepeatLastCommits(const Checkpoint& last) {
    // What is committed may have been moved away since.
    if (!IsCommitted(last.epoch)) RETURN_IF_ERROR(CommitWithoutRun(last));
    if (!defers_finish()) RETURN_IF_ERROR(options_.store->MarkFinished());
    Tell(fmt::format("job {} had come to its end: its last checkpoint {} is committed\n",
                     options_.id, last.epoch));
    End(JobState::kFinished, {});
    return {};
  }

  void End(JobState state, Status status) {
    // Lets another job take the directory.
    if (options_.durable_store != nullptr) {
      std::vector<CheckpointRecord> retained = options_.durable_store->Retained();
      const std::lock_guard lock(mutex_);
      last_retained_ = std::move(retained);
      if (state == JobState::kFinished && options_.defers_finish) {
        unmarked_ = std::move(options_.durable_store);
      }
      options_.durable_store.reset();
    }
    options_.store = &own_store_;
    options_.owned_store.reset();
    {
      const std::lock_guard lock(mutex_);
      state_ = state;
      status_ = status;
    }
    RefuseSavepoints(status.ok() ? Status(ErrorCode::kCancelled, "the job is over") : status);
    collect_->Close();
    ended_.notify_all();
  }

  JobOptions options_;
  const bool is_durable_;
  bool keeps_states_ = true;
  RestartStrategy strategy_;
  int64_t started_micros_ = 0;
  int64_t restart_at_micros_ = 0;
  CheckpointReading last_checkpoint_;
  std::vector<CheckpointRecord> last_retained_;  // at the end
  std::shared_ptr<CheckpointStore> unmarked_;    // of a finished job that is not marked as such
  std::vector<std::shared_ptr<Wish>> wishes_;
  std::shared_ptr<MemoryPool> frozen_pool_;  // before what holds frozen states
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

Status Job::MarkFinished() {
  return driver_->MarkFinished();
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
Status Job::TakeSavepoint(const SavepointRequest& request) {
  return driver_->TakeSavepoint(request);
}
int64_t Job::started_micros() const {
  return driver_->started_micros();
}
const PhysicalPlan& Job::plan() const {
  return *driver_->options().plan;
}
const JobOptions& Job::options() const {
  return driver_->options();
}
CheckpointReading Job::last_checkpoint() const {
  return driver_->last_checkpoint();
}
std::vector<CheckpointRecord> Job::Checkpoints() const {
  return driver_->Checkpoints();
}
bool Job::is_durable() const {
  return driver_->is_durable();
}
void Job::RequestStateReadings() {
  driver_->RequestStateReadings();
}
uint64_t Job::checkpoint_count() const {
  return driver_->checkpoint_count();
}
int Job::attempt_count() const {
  return driver_->attempt_count();
}

}  // namespace rhei
