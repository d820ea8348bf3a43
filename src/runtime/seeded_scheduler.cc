#include "runtime/seeded_scheduler.h"

#include <algorithm>
#include <vector>

#include "base/check.h"

namespace rhei {
namespace {

// SplitMix64.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(uint64_t seed) : state_(seed) {}
  uint64_t Next() override {
    state_ += 0x9e3779b97f4a7c15u;
    uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }

 private:
  uint64_t state_;
};

class VirtualClock final : public Clock {
 public:
  int64_t WallMicros() override { return now_micros_; }
  int64_t MonotonicNanos() override { return now_micros_ * 1000; }
  void SleepMicros(int64_t micros) override { now_micros_ += std::max<int64_t>(micros, 0); }
  void AdvanceTo(int64_t wall_micros) { now_micros_ = std::max(now_micros_, wall_micros); }

 private:
  int64_t now_micros_ = 1'700'000'000'000'000;
};

struct IoEntry {
  IoWork* work = nullptr;
  bool paused = false;
  bool done = false;
  bool resumed = false;  // since the last step began
  int64_t until_micros = 0;
};

}  // namespace

struct SeededScheduler::Impl {
  explicit Impl(uint64_t seed) : order(seed), draws(seed ^ 0x5851f42d4c957f2du) {}
  struct Timer {
    int64_t wall_micros;
    Runnable* runnable;
  };
  SeededRandom order;  // which step comes next
  SeededRandom draws;  // what the job's own calls to Random get
  VirtualClock clock;
  std::vector<Runnable*> runnables;
  std::vector<IoEntry*> works;
  std::vector<Timer> timers;
  int64_t step_count = 0;

  bool Ready(const Runnable* runnable) const {
    return (runnable->schedule_state_.load() & Runnable::kScheduled) != 0;
  }
  void WakeDue() {
    const int64_t now = clock.WallMicros();
    std::erase_if(timers, [&](const Timer& timer) {
      if (timer.wall_micros > now) return false;
      timer.runnable->schedule_state_.fetch_or(Runnable::kScheduled | Runnable::kNotified);
      return true;
    });
    for (IoEntry* entry : works) {
      if (entry->until_micros <= now) entry->paused = false;
    }
  }
  // The next moment at which something wakes, or INT64_MAX.
  int64_t NextWake() const {
    int64_t next = INT64_MAX;
    for (const Timer& timer : timers) next = std::min(next, timer.wall_micros);
    for (const IoEntry* entry : works) {
      if (!entry->done && entry->paused) next = std::min(next, entry->until_micros);
    }
    return next;
  }
  void Run(Runnable* runnable) {
    runnable->schedule_state_.fetch_and(~Runnable::kNotified);
    RunBudget budget;
    budget.steps_max = 1;
    budget.shuffle = &order;
    const Runnable::Outcome outcome = runnable->Run(budget);
    uint32_t expected = Runnable::kScheduled;
    if (outcome == Runnable::Outcome::kSleep) {
      runnable->schedule_state_.compare_exchange_strong(expected, 0);
    }
  }
  void Step(IoEntry* entry) {
    entry->resumed = false;
    const IoResult result = entry->work->Step(0);
    entry->done = result == IoResult::kDone;
    if (result != IoResult::kPause || entry->resumed) return;
    entry->paused = true;
    entry->until_micros = clock.WallMicros() + std::max<int64_t>(entry->work->pause_micros(), 1);
  }
};

namespace {

template <typename ImplType>
class SeededIoHandle final : public IoHandle {
 public:
  SeededIoHandle(ImplType* impl, IoWork* work) : impl_(impl) {
    entry_.work = work;
    impl_->works.push_back(&entry_);
  }
  ~SeededIoHandle() override { std::erase(impl_->works, &entry_); }
  void Resume() override {
    entry_.paused = false;
    entry_.resumed = true;
  }

 private:
  ImplType* impl_;
  IoEntry entry_;
};

}  // namespace

SeededScheduler::SeededScheduler(uint64_t seed) : impl_(std::make_unique<Impl>(seed)) {}
SeededScheduler::~SeededScheduler() = default;

Environment SeededScheduler::MakeEnvironment(const Environment& base) {
  Environment environment = base;
  environment.clock = &impl_->clock;
  environment.random = &impl_->draws;
  return environment;
}

void SeededScheduler::Add(Runnable* runnable, int) {
  runnable->schedule_state_.store(0);
  impl_->runnables.push_back(runnable);
}

void SeededScheduler::Remove(Runnable* runnable) {
  runnable->schedule_state_.fetch_or(Runnable::kRemoved);
  std::erase(impl_->runnables, runnable);
  std::erase_if(impl_->timers, [&](const Impl::Timer& t) { return t.runnable == runnable; });
}

void SeededScheduler::Notify(Runnable* runnable) {
  runnable->schedule_state_.fetch_or(Runnable::kScheduled | Runnable::kNotified);
}

void SeededScheduler::NotifyAt(Runnable* runnable, int64_t wall_micros) {
  impl_->timers.push_back({wall_micros, runnable});
}

std::unique_ptr<IoHandle> SeededScheduler::Start(std::string_view, IoWork* work) {
  return std::make_unique<SeededIoHandle<Impl>>(impl_.get(), work);
}

bool SeededScheduler::StepInline() {
  impl_->WakeDue();
  std::vector<Runnable*> ready;
  for (Runnable* runnable : impl_->runnables) {
    if (impl_->Ready(runnable)) ready.push_back(runnable);
  }
  std::vector<IoEntry*> ready_works;
  for (IoEntry* entry : impl_->works) {
    if (!entry->done && !entry->paused) ready_works.push_back(entry);
  }
  const size_t count = ready.size() + ready_works.size();
  if (count == 0) {
    const int64_t next = impl_->NextWake();
    if (next == INT64_MAX) return false;
    impl_->clock.AdvanceTo(next);
    return true;
  }
  ++impl_->step_count;
  const size_t chosen = impl_->order.Next() % count;
  if (chosen < ready.size()) {
    impl_->Run(ready[chosen]);
  } else {
    impl_->Step(ready_works[chosen - ready.size()]);
  }
  return true;
}

int64_t SeededScheduler::step_count() const {
  return impl_->step_count;
}

}  // namespace rhei
