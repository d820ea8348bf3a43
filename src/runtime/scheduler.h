#pragma once
// Scheduler: decides which shard runs next, and where work that waits runs. The machine has a
// WorkerPool (runtime/worker_pool.h); tests and the simulator have one thread and a seed
// (runtime/seeded_scheduler.h).
//
// A Runnable sleeps until it is notified, then runs on one thread at a time. A notification that
// comes while it runs makes it run once more, so none is lost.
// Thread-safety: Notify and NotifyAt from any thread; Add and Remove from any but a running one.
#include <atomic>
#include <cstdint>

#include "base/env.h"
#include "runtime/operator.h"

namespace rhei {

// How long a Runnable may hold its thread.
struct RunBudget {
  int32_t steps_max = 1024;
  int64_t micros_max = 10'000;
  // Not null: take steps in an order drawn from it, to try what threads could do.
  Random* shuffle = nullptr;
};

class Runnable {
 public:
  enum class Outcome : uint8_t { kAgain, kSleep };

  virtual ~Runnable() = default;
  virtual Outcome Run(const RunBudget& budget) = 0;

 private:
  friend class WorkerPool;
  friend class SeededScheduler;
  static constexpr uint32_t kScheduled = 1;  // queued or running
  static constexpr uint32_t kNotified = 2;   // since the last run began
  static constexpr uint32_t kRemoved = 4;
  std::atomic<uint32_t> schedule_state_{0};
  int home_ = 0;  // the worker that it returns to
};

class Scheduler : public IoService {
 public:
  // `home`: runnables with the same number prefer the same thread.
  virtual void Add(Runnable* runnable, int home) = 0;
  // After it no run comes; waits for a running one.
  virtual void Remove(Runnable* runnable) = 0;
  virtual void Notify(Runnable* runnable) = 0;
  virtual void NotifyAt(Runnable* runnable, int64_t wall_micros) = 0;

  // True for a single-threaded scheduler: who waits for something must turn it with StepInline.
  virtual bool is_inline() const { return false; }
  // Runs one step of something; false when nothing can ever run again without outside help.
  virtual bool StepInline() { return false; }
};

}  // namespace rhei
