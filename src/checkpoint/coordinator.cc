#include "checkpoint/coordinator.h"

#include <algorithm>

#include <fmt/format.h>

namespace rhei {

CheckpointCoordinator::CheckpointCoordinator(Options options) : options_(options) {}

void CheckpointCoordinator::Attach(JobRun* run, int shard_count, std::vector<Sink> sinks,
                                   const std::shared_ptr<const Checkpoint>& restored) {
  const std::lock_guard lock(mutex_);
  run_ = run;
  shard_count_ = shard_count;
  instance_count_ = run->instance_count();
  sinks_ = std::move(sinks);
  published_epoch_ = restored == nullptr ? 0 : restored->epoch;
  if (restored != nullptr) {
    // For its seals; the states would keep files open for as long as the job runs.
    auto seals = std::make_shared<Checkpoint>(*restored);
    for (InstanceSnapshot& instance : seals->instances) instance.state = nullptr;
    restored_ = std::move(seals);
  }
  // Never a number again that a manifest or a sink may have seen.
  epoch_ = std::max(published_epoch_, options_.store->highest_epoch());
  if (options_.interval_micros > 0) {
    next_barrier_micros_ = options_.clock->MonotonicMicros() + options_.interval_micros;
  }
}

Status CheckpointCoordinator::RepeatCommits() {
  return restored_ == nullptr ? Status() : CommitAll(*restored_);
}

void CheckpointCoordinator::RequestStop(bool drain, bool for_savepoint) {
  {
    const std::lock_guard lock(mutex_);
    stop_wanted_ = true;
    stop_for_savepoint_ = stop_for_savepoint_ || for_savepoint;
    drain_wanted_ = drain_wanted_ || drain;
  }
  options_.driver->Wake();
}

void CheckpointCoordinator::RequestCheckpoint() {
  {
    const std::lock_guard lock(mutex_);
    checkpoint_wanted_ = true;
  }
  options_.driver->Wake();
}

uint64_t CheckpointCoordinator::RequestSavepoint() {
  uint64_t request = 0;
  {
    const std::lock_guard lock(mutex_);
    request = ++savepoints_wanted_;
  }
  options_.driver->Wake();
  return request;
}

uint64_t CheckpointCoordinator::savepoints_taken() const {
  const std::lock_guard lock(mutex_);
  return savepoints_taken_;
}

bool CheckpointCoordinator::WantsBarrier(int64_t now_micros) const {
  if (gathering_ != nullptr || abandoned_ != nullptr || last_started_ || !failure_.ok()) {
    return false;
  }
  return stop_wanted_ || checkpoint_wanted_ || savepoint_wanted() || sources_done_ ||
         now_micros >= std::max(next_barrier_micros_, pause_until_micros_) ||
         (options_.every_batches > 0 && batches_since_ >= options_.every_batches);
}

void CheckpointCoordinator::StartBarrier(int64_t now_micros) {
  gathering_ = std::make_unique<Checkpoint>();
  gathering_->epoch = ++epoch_;
  gathering_->shard_count = shard_count_;
  gathering_->created_micros = options_.clock->WallMicros();
  gathering_since_micros_ = now_micros;
  gathering_->last = sources_done_;
  gathering_stop_ = stop_wanted_ && !sources_done_;
  last_started_ = gathering_->last || gathering_stop_;
  gathering_savepoint_ = savepoint_wanted() && !last_started_ ? savepoints_wanted_ : 0;
  checkpoint_wanted_ = false;
  batches_since_ = 0;
  if (options_.interval_micros > 0) next_barrier_micros_ = now_micros + options_.interval_micros;
  CheckpointStatistics statistics;
  statistics.epoch = epoch_;
  statistics.started_micros = gathering_->created_micros;
  statistics.since_micros = now_micros;
  history_.push_front(std::move(statistics));
  if (history_.size() > kHistoryMax) history_.pop_back();
  drained_ = gathering_stop_ && drain_wanted_;
  const BarrierPurpose stop = drained_ ? BarrierPurpose::kDrain : BarrierPurpose::kStop;
  gathering_->has_state = options_.keeps_states || savepoint_wanted() || stop_for_savepoint_;
  run_->RequestBarrier(epoch_,
                       gathering_stop_            ? stop
                       : gathering_savepoint_ > 0 ? BarrierPurpose::kSavepoint
                                                  : BarrierPurpose::kCheckpoint,
                       gathering_->has_state);
}

bool CheckpointCoordinator::IsOverdue(int64_t now_micros) const {
  return gathering_ != nullptr && !last_started_ && options_.timeout_micros > 0 &&
         static_cast<int>(gathering_->instances.size()) < instance_count_ &&
         now_micros - gathering_since_micros_ >= options_.timeout_micros;
}

void CheckpointCoordinator::KeepSeals(std::vector<InstanceSnapshot>* instances,
                                      std::vector<CarriedSeal>* carried) {
  std::move(carried->begin(), carried->end(), std::back_inserter(carried_seals_));
  for (InstanceSnapshot& instance : *instances) {
    if (instance.seal == nullptr || instance.seal->empty()) continue;
    carried_seals_.push_back(
        {instance.operator_id, instance.shard, instance.epoch, std::move(instance.seal)});
  }
}

void CheckpointCoordinator::Record(uint64_t epoch, CheckpointState state, int64_t now_micros,
                                   int64_t bytes, std::string failure) {
  pause_until_micros_ = now_micros + options_.min_pause_micros;
  for (CheckpointStatistics& one : history_) {
    if (one.epoch != epoch) continue;
    one.state = state;
    one.duration_micros = now_micros - one.since_micros;
    one.bytes = bytes;
    one.failure = std::move(failure);
    return;
  }
}

bool CheckpointCoordinator::Tolerates() {
  return ++failures_in_a_row_ <= options_.tolerable_failures;
}

void CheckpointCoordinator::GiveUp(int64_t now_micros) {
  abandoned_ = std::make_unique<Abandoned>();
  abandoned_->epoch = gathering_->epoch;
  for (const InstanceSnapshot& instance : gathering_->instances) {
    abandoned_->reported.emplace(instance.operator_id, instance.shard);
  }
  KeepSeals(&gathering_->instances, &gathering_->carried_seals);
  gathering_.reset();
  abandoned_->failure = fmt::format(
      "checkpoint {} was given up after {} ms (execution.checkpointing.timeout): {} of "
      "{} operator instances had taken part",
      abandoned_->epoch, options_.timeout_micros / 1000, abandoned_->reported.size(),
      instance_count_);
  Record(abandoned_->epoch, CheckpointState::kFailed, now_micros, 0, abandoned_->failure);
  if (!Tolerates()) return;
  AddTolerated(abandoned_->failure);
  abandoned_->failure.clear();
}

void CheckpointCoordinator::AddTolerated(std::string_view failure) {
  notes_ += fmt::format("{}; the job goes on (failure {} in a row of {} that are tolerated)\n",
                        failure, failures_in_a_row_, options_.tolerable_failures);
}

std::string CheckpointCoordinator::TakeNotes() {
  const std::lock_guard lock(mutex_);
  return std::exchange(notes_, {});
}

// The instances that a checkpoint waits for: people look there first.
std::string CheckpointCoordinator::Missing(
    const std::set<std::pair<std::string, int>>& reported) const {
  std::string missing;
  int count = 0;
  for (const JobRun::TaskReading& task : run_->Read()) {
    if (reported.contains({task.operator_id, task.shard})) continue;
    constexpr int kNamed = 3;
    if (++count <= kNamed) {
      missing +=
          fmt::format("{}{} shard {}", count == 1 ? "; missing: " : ", ", task.name, task.shard);
    } else if (count == kNamed + 1) {
      missing += ", ...";
    }
  }
  return missing;
}

CheckpointCoordinator::Outcome CheckpointCoordinator::Step() {
  std::shared_ptr<const Checkpoint> complete;
  bool stop = false;
  uint64_t savepoint = 0;
  std::string given_up;
  std::set<std::pair<std::string, int>> reported;
  {
    const std::lock_guard lock(mutex_);
    if (!failure_.ok()) return Outcome::kFailed;
    const int64_t now_micros = options_.clock->MonotonicMicros();
    if (IsOverdue(now_micros)) {
      GiveUp(now_micros);
      given_up = abandoned_->failure;
      reported = abandoned_->reported;
    }
    if (WantsBarrier(now_micros)) StartBarrier(now_micros);
    const bool is_complete =
        gathering_ != nullptr && static_cast<int>(gathering_->instances.size()) >= instance_count_;
    if (!is_complete && given_up.empty()) return Outcome::kRunning;
    if (is_complete) {
      std::stable_sort(gathering_->instances.begin(), gathering_->instances.end(),
                       [](const InstanceSnapshot& a, const InstanceSnapshot& b) {
                         if (a.operator_id != b.operator_id) return a.operator_id < b.operator_id;
                         return a.shard < b.shard;
                       });
      gathering_->carried_seals = std::move(carried_seals_);
      carried_seals_.clear();
      std::stable_sort(
          gathering_->carried_seals.begin(), gathering_->carried_seals.end(),
          [](const CarriedSeal& a, const CarriedSeal& b) { return a.epoch < b.epoch; });
      complete = std::move(gathering_);
      stop = gathering_stop_;
      savepoint = gathering_savepoint_;
    }
  }
  if (!given_up.empty()) {
    OnFailure(IoError(given_up + Missing(reported)));
    return Outcome::kFailed;
  }
  bool published = false;
  if (Status status = Complete(complete, savepoint, &published); !status.ok()) {
    const std::lock_guard lock(mutex_);
    const int64_t now_micros = options_.clock->MonotonicMicros();
    if (!published) {
      Record(complete->epoch, CheckpointState::kFailed, now_micros, 0, status.message());
      // Nothing was cleared: the next one holds what this one would have held.
      if (!last_started_ && Tolerates()) {
        AddTolerated(status.message());
        Checkpoint failed = *complete;
        KeepSeals(&failed.instances, &failed.carried_seals);
        return Outcome::kRunning;
      }
    }
    if (failure_.ok()) failure_ = std::move(status);
    return Outcome::kFailed;
  }
  if (complete->last) return Outcome::kFinished;
  if (stop) return Outcome::kStopped;
  return savepoint > 0 ? Outcome::kSavepoint : Outcome::kPublished;
}

Status CheckpointCoordinator::Complete(std::shared_ptr<const Checkpoint> checkpoint,
                                       uint64_t savepoint, bool* published) {
  RETURN_IF_ERROR(options_.store->Publish(checkpoint)
                      .WithContext(fmt::format("checkpoint {}", checkpoint->epoch)));
  *published = true;
  {
    const std::lock_guard lock(mutex_);
    failures_in_a_row_ = 0;
    Record(checkpoint->epoch, CheckpointState::kCompleted, options_.clock->MonotonicMicros(),
           options_.store->published_bytes(), "");
  }
  // A commit that fails or whose end is unknown ends the run; it must never be passed over, or the
  // next epoch would be built on rows that nobody sees.
  RETURN_IF_ERROR(CommitAll(*checkpoint));
  if (const std::string note = options_.store->TakeNote(); !note.empty()) {
    const std::lock_guard lock(mutex_);
    notes_ += note + "\n";
  }
  if (checkpoint->last && options_.marks_finished) RETURN_IF_ERROR(options_.store->MarkFinished());
  {
    const std::lock_guard lock(mutex_);
    published_epoch_ = checkpoint->epoch;
    // A savepoint that was given up is still wanted.
    savepoints_taken_ = std::max(savepoints_taken_, savepoint);
  }
  run_->CheckpointComplete(checkpoint->epoch);
  return {};
}

Status CheckpointCoordinator::CommitAll(const Checkpoint& checkpoint) {
  if (!sinks_.empty()) RETURN_IF_ERROR(options_.store->MarkCommitting(checkpoint.epoch));
  for (const Sink& sink : sinks_) {
    Status status = sink.committer->Commit(checkpoint.epoch, checkpoint.SealsOf(sink.operator_id));
    if (!status.ok()) {
      return status.WithContext(
          fmt::format("{}: commit of epoch {}", sink.operator_id, checkpoint.epoch));
    }
  }
  return options_.store->MarkCommitted(checkpoint.epoch);
}

int64_t CheckpointCoordinator::next_step_micros() const {
  const std::lock_guard lock(mutex_);
  if (last_started_ || abandoned_ != nullptr) return INT64_MAX;
  if (gathering_ != nullptr) {
    return options_.timeout_micros > 0 ? gathering_since_micros_ + options_.timeout_micros
                                       : INT64_MAX;
  }
  return std::max(next_barrier_micros_, pause_until_micros_);
}

std::vector<CheckpointStatistics> CheckpointCoordinator::History() const {
  const std::lock_guard lock(mutex_);
  std::vector<CheckpointStatistics> history(history_.begin(), history_.end());
  for (CheckpointStatistics& one : history) {
    if (one.state != CheckpointState::kInProgress) continue;
    one.duration_micros = options_.clock->MonotonicMicros() - one.since_micros;
  }
  return history;
}

Status CheckpointCoordinator::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

bool CheckpointCoordinator::drained() const {
  const std::lock_guard lock(mutex_);
  return drained_;
}

uint64_t CheckpointCoordinator::published_epoch() const {
  const std::lock_guard lock(mutex_);
  return published_epoch_;
}

void CheckpointCoordinator::OnSnapshot(InstanceSnapshot snapshot) {
  bool complete = false;
  {
    const std::lock_guard lock(mutex_);
    if (abandoned_ != nullptr && abandoned_->epoch == snapshot.epoch) {
      abandoned_->reported.emplace(snapshot.operator_id, snapshot.shard);
      complete = static_cast<int>(abandoned_->reported.size()) == instance_count_;
      if (complete) abandoned_.reset();
      std::vector<InstanceSnapshot> late;
      late.push_back(std::move(snapshot));
      std::vector<CarriedSeal> none;
      KeepSeals(&late, &none);
    } else if (gathering_ != nullptr && gathering_->epoch == snapshot.epoch) {
      gathering_->instances.push_back(std::move(snapshot));
      complete = static_cast<int>(gathering_->instances.size()) == instance_count_;
    }
  }
  if (complete) options_.driver->Wake();
}

void CheckpointCoordinator::OnSourcesDone() {
  {
    const std::lock_guard lock(mutex_);
    sources_done_ = true;
  }
  options_.driver->Wake();
}

void CheckpointCoordinator::OnSourceBatch() {
  // The test regime only: a job without it pays one comparison per batch.
  if (options_.every_batches <= 0) return;
  const std::lock_guard lock(mutex_);
  ++batches_since_;
  const int64_t now_micros = options_.clock->MonotonicMicros();
  // Started here rather than in Step, so that it stands right behind the k-th batch.
  if (WantsBarrier(now_micros)) StartBarrier(now_micros);
}

void CheckpointCoordinator::OnFailure(const Status& status) {
  {
    const std::lock_guard lock(mutex_);
    if (failure_.ok()) failure_ = status;
  }
  options_.driver->Wake();
}

}  // namespace rhei
