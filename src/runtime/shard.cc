#include "runtime/shard.h"

namespace rhei {
namespace {

// Steps that a task may take before the tasks behind it are looked at again: enough to take one
// element in and pull out what it gives.
constexpr int kStepsInARow = 4;

}  // namespace

Shard::Shard(int index, Scheduler* scheduler, const Environment* env, RunControl* control)
    : index_(index), scheduler_(scheduler), env_(env), control_(control) {}

Shard::~Shard() {
  Stop();
}

void Shard::Start() {
  scheduler_->Add(this, index_);
  started_.store(true);
  for (const int64_t wall_micros : early_wakeups_) scheduler_->NotifyAt(this, wall_micros);
  early_wakeups_.clear();
  Wake();
}

// Operators' threads may call as soon as they exist; before Start there is nothing to run.
void Shard::Wake() {
  if (started_.load()) scheduler_->Notify(this);
}

void Shard::WakeAt(int64_t wall_micros) {
  if (started_.load()) {
    scheduler_->NotifyAt(this, wall_micros);
  } else {
    early_wakeups_.push_back(wall_micros);
  }
}

void Shard::Stop() {
  if (!started_.exchange(false)) return;
  scheduler_->Remove(this);
}

Runnable::Outcome Shard::Run(const RunBudget& budget) {
  if (control_->cancelled.load()) return Outcome::kSleep;
  const int64_t start_nanos = env_->clock->MonotonicNanos();
  int32_t steps = 0;
  while (true) {
    if (Status status = RunMessages(); !status.ok()) {
      control_->Fail(status);
      return Outcome::kSleep;
    }
    Result<bool> progress =
        budget.shuffle != nullptr ? ShuffledPass(*budget.shuffle) : Pass(budget, &steps);
    if (!progress.ok()) {
      control_->Fail(progress.status());
      return Outcome::kSleep;
    }
    if (!*progress || control_->cancelled.load()) return Outcome::kSleep;
    if (budget.shuffle != nullptr || steps >= budget.steps_max) return Outcome::kAgain;
    if (env_->clock->MonotonicNanos() - start_nanos > budget.micros_max * 1000) {
      return Outcome::kAgain;
    }
  }
}

Status Shard::RunMessages() {
  const int64_t now_micros = env_->clock->WallMicros();
  for (const auto& task : tasks_) RETURN_IF_ERROR(task->RunTimers(now_micros));
  const uint64_t completed = control_->completed_epoch.load(std::memory_order_acquire);
  if (completed == completed_epoch_) return {};
  completed_epoch_ = completed;
  for (const auto& task : tasks_) RETURN_IF_ERROR(task->CheckpointComplete(completed));
  return {};
}

Result<bool> Shard::Pass(const RunBudget&, int32_t* steps) {
  bool progress = false;
  for (size_t i = tasks_.size(); i > 0; --i) {
    for (int step = 0; step < kStepsInARow; ++step) {
      ASSIGN_OR_RETURN(const bool stepped, tasks_[i - 1]->Step(nullptr));
      if (!stepped) break;
      progress = true;
      ++*steps;
    }
  }
  return progress;
}

Result<bool> Shard::ShuffledPass(Random& random) {
  order_.resize(tasks_.size());
  for (size_t i = 0; i < order_.size(); ++i) order_[i] = i;
  // One step of the first task, in a drawn order, that can do something.
  for (size_t left = order_.size(); left > 0; --left) {
    const size_t drawn = random.Next() % left;
    std::swap(order_[drawn], order_[left - 1]);
    ASSIGN_OR_RETURN(const bool stepped, tasks_[order_[left - 1]]->Step(&random));
    if (stepped) return true;
  }
  return false;
}

}  // namespace rhei
