#include "checkpoint/coordinator.h"

#include <algorithm>

#include <fmt/format.h>

namespace rhei {

CheckpointCoordinator::CheckpointCoordinator(Options options) : options_(options) {}

void CheckpointCoordinator::Attach(JobRun* run, int shard_count, std::vector<Sink> sinks,
                                   std::shared_ptr<const Checkpoint> restored) {
  const std::lock_guard lock(mutex_);
  run_ = run;
  shard_count_ = shard_count;
  instance_count_ = run->instance_count();
  sinks_ = std::move(sinks);
  restored_ = std::move(restored);
  epoch_ = restored_ == nullptr ? 0 : restored_->epoch;
  published_epoch_ = epoch_;
  if (options_.interval_micros > 0) {
    next_barrier_micros_ = options_.clock->WallMicros() + options_.interval_micros;
  }
}

Status CheckpointCoordinator::RepeatCommits() {
  return restored_ == nullptr ? Status() : Commit(*restored_);
}

void CheckpointCoordinator::RequestStop() {
  {
    const std::lock_guard lock(mutex_);
    stop_wanted_ = true;
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

bool CheckpointCoordinator::WantsBarrier(int64_t now_micros) const {
  if (gathering_ != nullptr || last_started_ || !failure_.ok()) return false;
  return stop_wanted_ || checkpoint_wanted_ || sources_done_ ||
         now_micros >= next_barrier_micros_ ||
         (options_.every_batches > 0 && batches_since_ >= options_.every_batches);
}

void CheckpointCoordinator::StartBarrier(int64_t now_micros) {
  gathering_ = std::make_unique<Checkpoint>();
  gathering_->epoch = ++epoch_;
  gathering_->shard_count = shard_count_;
  gathering_->created_micros = now_micros;
  gathering_->last = sources_done_;
  gathering_stop_ = stop_wanted_ && !sources_done_;
  last_started_ = gathering_->last || gathering_stop_;
  checkpoint_wanted_ = false;
  batches_since_ = 0;
  if (options_.interval_micros > 0) next_barrier_micros_ = now_micros + options_.interval_micros;
  run_->RequestBarrier(epoch_, gathering_stop_);
}

CheckpointCoordinator::Outcome CheckpointCoordinator::Step() {
  std::shared_ptr<const Checkpoint> complete;
  bool stop = false;
  {
    const std::lock_guard lock(mutex_);
    if (!failure_.ok()) return Outcome::kFailed;
    const int64_t now_micros = options_.clock->WallMicros();
    if (WantsBarrier(now_micros)) StartBarrier(now_micros);
    if (gathering_ == nullptr || static_cast<int>(gathering_->instances.size()) < instance_count_) {
      return Outcome::kRunning;
    }
    std::stable_sort(gathering_->instances.begin(), gathering_->instances.end(),
                     [](const InstanceSnapshot& a, const InstanceSnapshot& b) {
                       if (a.operator_id != b.operator_id) return a.operator_id < b.operator_id;
                       return a.shard < b.shard;
                     });
    complete = std::move(gathering_);
    stop = gathering_stop_;
  }
  if (Status status = Complete(complete); !status.ok()) {
    const std::lock_guard lock(mutex_);
    if (failure_.ok()) failure_ = std::move(status);
    return Outcome::kFailed;
  }
  if (complete->last) return Outcome::kFinished;
  return stop ? Outcome::kStopped : Outcome::kPublished;
}

Status CheckpointCoordinator::Complete(std::shared_ptr<const Checkpoint> checkpoint) {
  RETURN_IF_ERROR(options_.store->Publish(checkpoint));
  // A commit that fails or whose end is unknown ends the run; it must never be passed over, or the
  // next epoch would be built on rows that nobody sees.
  RETURN_IF_ERROR(Commit(*checkpoint));
  RETURN_IF_ERROR(options_.store->MarkCommitted(checkpoint->epoch));
  if (checkpoint->last) RETURN_IF_ERROR(options_.store->MarkFinished());
  {
    const std::lock_guard lock(mutex_);
    published_epoch_ = checkpoint->epoch;
  }
  run_->CheckpointComplete(checkpoint->epoch);
  return {};
}

Status CheckpointCoordinator::Commit(const Checkpoint& checkpoint) {
  for (const Sink& sink : sinks_) {
    Status status = sink.committer->Commit(checkpoint.epoch, checkpoint.SealsOf(sink.operator_id));
    if (!status.ok()) {
      return status.WithContext(
          fmt::format("{}: commit of epoch {}", sink.operator_id, checkpoint.epoch));
    }
  }
  return {};
}

int64_t CheckpointCoordinator::next_step_micros() const {
  const std::lock_guard lock(mutex_);
  return gathering_ != nullptr || last_started_ ? INT64_MAX : next_barrier_micros_;
}

Status CheckpointCoordinator::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

uint64_t CheckpointCoordinator::published_epoch() const {
  const std::lock_guard lock(mutex_);
  return published_epoch_;
}

void CheckpointCoordinator::OnSnapshot(InstanceSnapshot snapshot) {
  bool complete = false;
  {
    const std::lock_guard lock(mutex_);
    if (gathering_ == nullptr || gathering_->epoch != snapshot.epoch) return;
    gathering_->instances.push_back(std::move(snapshot));
    complete = static_cast<int>(gathering_->instances.size()) == instance_count_;
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
  const int64_t now_micros = options_.clock->WallMicros();
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
