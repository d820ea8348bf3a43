#pragma once
// WorkerPool: the process's worker threads, shared by the shards of all jobs, and a thread for each
// piece of work that may wait.
//
// A shard goes back to the worker that ran it last; a worker without work takes from those that are
// at work, and from no other.
// Cost: one lock per run of a shard (thousands of rows), none per batch.
// Ownership: runnables must be removed, and I/O handles destroyed, before the pool.
#include <memory>

#include "runtime/scheduler.h"

namespace rhei {

class WorkerPool final : public Scheduler {
 public:
  // `env` must outlive the pool.
  WorkerPool(int worker_count, const Environment* env);
  ~WorkerPool() override;

  void Add(Runnable* runnable, int home) override;
  void Remove(Runnable* runnable) override;
  void Notify(Runnable* runnable) override;
  void NotifyAt(Runnable* runnable, int64_t wall_micros) override;
  std::unique_ptr<IoHandle> Start(std::string_view name, IoWork* work) override;

 private:
  struct Impl;
  class Worker;
  std::unique_ptr<Impl> impl_;
};

}  // namespace rhei
