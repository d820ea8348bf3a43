#pragma once
// SeededScheduler: one thread, one seed, virtual time. Which runnable or I/O work takes the next
// step is drawn from the seed, so a seed replays bit for bit, and many seeds try many
// interleavings.
//
// Time stands still while anything can run and jumps to the next timer when nothing can.
// Thread-safety: one thread. Ownership: as WorkerPool.
#include <cstdint>
#include <memory>

#include "runtime/scheduler.h"

namespace rhei {

class SeededScheduler final : public Scheduler {
 public:
  explicit SeededScheduler(uint64_t seed);
  ~SeededScheduler() override;

  // `base` with this scheduler's clock and random numbers.
  Environment MakeEnvironment(const Environment& base);

  void Add(Runnable* runnable, int home) override;
  void Remove(Runnable* runnable) override;
  void Notify(Runnable* runnable) override;
  void NotifyAt(Runnable* runnable, int64_t wall_micros) override;
  std::unique_ptr<IoHandle> Start(std::string_view name, IoWork* work) override;
  bool is_inline() const override { return true; }
  bool StepInline() override;

  int64_t step_count() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace rhei
