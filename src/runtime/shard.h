#pragma once
// Shard: one of a job's parallel parts: its tasks, run by one worker at a time. It runs while any
// task can do something and sleeps otherwise.
//
// Tasks stand in topological order and are tried from the last to the first, so that what has been
// produced is consumed while it is in the cache, and a source reads only when nobody else has work.
// Thread-safety: Wake from any thread; the rest is the scheduler's.
#include <memory>
#include <vector>

#include "runtime/scheduler.h"
#include "runtime/task.h"

namespace rhei {

class Shard final : public Runnable, public TaskHost {
 public:
  Shard(int index, Scheduler* scheduler, const Environment* env, RunControl* control);
  ~Shard() override;

  int index() const { return index_; }
  void AddTask(std::unique_ptr<Task> task) { tasks_.push_back(std::move(task)); }
  const std::vector<std::unique_ptr<Task>>& tasks() const { return tasks_; }
  // Starts and stops being run. Stop waits for a running turn.
  void Start();
  void Stop();

  Outcome Run(const RunBudget& budget) override;
  void Wake() override;
  void WakeAt(int64_t wall_micros) override;

 private:
  Status RunMessages();
  Result<bool> Pass(const RunBudget& budget, int32_t* steps);
  Result<bool> ShuffledPass(Random& random);

  const int index_;
  Scheduler* scheduler_;
  const Environment* env_;
  RunControl* control_;
  std::vector<std::unique_ptr<Task>> tasks_;
  std::vector<size_t> order_;  // of the shuffled pass
  uint64_t completed_epoch_ = 0;
  std::vector<int64_t> early_wakeups_;  // asked for before Start
  std::atomic<bool> started_{false};
};

}  // namespace rhei
