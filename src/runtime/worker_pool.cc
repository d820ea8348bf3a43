#include "runtime/worker_pool.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "base/check.h"

namespace rhei {
namespace {

// How long a step of I/O work may wait; it bounds how long a cancelled job lingers.
constexpr int64_t kIoWaitMicros = 50'000;

class IoThread final : public IoHandle {
 public:
  IoThread(std::string_view name, IoWork* work, Threads* threads) : state_(work) {
    thread_ = threads->Start(name, std::make_unique<Loop>(&state_));
  }
  ~IoThread() override {
    {
      const std::lock_guard lock(state_.mutex);
      state_.stop = true;
    }
    state_.changed.notify_all();
    thread_.reset();
  }
  void Resume() override {
    {
      const std::lock_guard lock(state_.mutex);
      state_.resumed = true;
    }
    state_.changed.notify_all();
  }

 private:
  struct State {
    explicit State(IoWork* io_work) : work(io_work) {}
    IoWork* work;
    std::mutex mutex;
    std::condition_variable changed;
    bool stop = false;
    bool resumed = false;
  };

  struct Loop final : Threads::Work {
    explicit Loop(State* loop_state) : state(loop_state) {}
    void Run() override {
      while (true) {
        {
          const std::lock_guard lock(state->mutex);
          if (state->stop) return;
          state->resumed = false;
        }
        const IoResult result = state->work->Step(kIoWaitMicros);
        if (result == IoResult::kDone) return;
        if (result == IoResult::kAgain) continue;
        // Asked before the lock is taken: the answer may need locks under which others call Resume.
        const std::chrono::microseconds pause(state->work->pause_micros());
        std::unique_lock lock(state->mutex);
        state->changed.wait_for(lock, pause, [this] { return state->stop || state->resumed; });
      }
    }
    State* state;
  };

  State state_;
  std::unique_ptr<Thread> thread_;
};

}  // namespace

struct WorkerPool::Impl {
  struct Timer {
    int64_t wall_micros;
    Runnable* runnable;
    bool operator<(const Timer& other) const { return wall_micros > other.wall_micros; }
  };
  const Environment* env = nullptr;
  std::mutex mutex;
  // What one worker has: its own queue and a bell.
  struct Station {
    std::deque<Runnable*> queue;
    Runnable* running = nullptr;
    bool waits = false;  // and was not called yet
    std::condition_variable called;
  };
  std::condition_variable run_ended;
  std::deque<Station> stations;  // by worker
  std::vector<Timer> timers;     // a heap, earliest first
  bool stop = false;
  std::vector<std::unique_ptr<Thread>> threads;

  // REQUIRES: mutex held; the runnable has kScheduled and stands in no queue.
  void Enqueue(Runnable* runnable) {
    if ((runnable->schedule_state_.load() & Runnable::kRemoved) != 0) return;
    Station& home = stations[static_cast<size_t>(runnable->home_)];
    home.queue.push_back(runnable);
    if (home.running == nullptr) {
      Call(&home);
    } else {
      CallAnyone();
    }
  }

  // REQUIRES: mutex held.
  static void Call(Station* station) {
    station->waits = false;
    station->called.notify_one();
  }

  // REQUIRES: mutex held. One that waits, if any does: others look for work before they wait.
  void CallAnyone() {
    for (Station& station : stations) {
      if (station.waits) return Call(&station);
    }
  }

  // REQUIRES: mutex held. Sets kScheduled and kNotified; true when the caller must enqueue.
  static bool MarkNotified(Runnable* runnable) {
    constexpr uint32_t bits = Runnable::kScheduled | Runnable::kNotified;
    const uint32_t before = runnable->schedule_state_.fetch_or(bits);
    return (before & (Runnable::kScheduled | Runnable::kRemoved)) == 0;
  }

  void RunDueTimers() {
    if (timers.empty()) return;
    const int64_t now = env->clock->WallMicros();
    while (!timers.empty() && timers.front().wall_micros <= now) {
      Runnable* due = timers.front().runnable;
      std::pop_heap(timers.begin(), timers.end());
      timers.pop_back();
      if (MarkNotified(due)) Enqueue(due);
    }
  }

  // From another one's queue only when that one is at work. What stays with one worker finds its
  // data in that core's caches, and the memory that it gives back in that thread's part of malloc:
  // each thread keeps its own.
  Runnable* Take(size_t worker) {
    for (size_t i = 0; i < stations.size(); ++i) {
      Station& station = stations[(worker + i) % stations.size()];
      if (station.queue.empty() || (i > 0 && station.running == nullptr)) continue;
      Runnable* taken = station.queue.front();
      station.queue.pop_front();
      stations[worker].running = taken;
      // Those that are left here need somebody else.
      if (!station.queue.empty()) CallAnyone();
      return taken;
    }
    return nullptr;
  }

  void Wait(std::unique_lock<std::mutex>& lock, Station* station) {
    station->waits = true;
    if (timers.empty()) {
      station->called.wait(lock);
    } else {
      const int64_t left = timers.front().wall_micros - env->clock->WallMicros();
      if (left > 0) station->called.wait_for(lock, std::chrono::microseconds(left));
    }
    station->waits = false;
  }
};

class WorkerPool::Worker final : public Threads::Work {
 public:
  Worker(Impl* impl, size_t index) : impl_(impl), index_(index) {}

  void Run() override {
    std::unique_lock lock(impl_->mutex);
    Impl::Station& station = impl_->stations[index_];
    while (!impl_->stop) {
      impl_->RunDueTimers();
      Runnable* runnable = impl_->Take(index_);
      if (runnable == nullptr) {
        impl_->Wait(lock, &station);
        continue;
      }
      lock.unlock();
      // The clearing of kNotified and the setting by Notify are ordered by the one atomic: what was
      // written before a notification is either seen by this run or causes another one.
      runnable->schedule_state_.fetch_and(~Runnable::kNotified);
      const Runnable::Outcome outcome = runnable->Run({});
      lock.lock();
      station.running = nullptr;
      runnable->home_ = static_cast<int>(index_);
      uint32_t expected = Runnable::kScheduled;
      if (outcome == Runnable::Outcome::kAgain ||
          !runnable->schedule_state_.compare_exchange_strong(expected, 0)) {
        impl_->Enqueue(runnable);
      }
      impl_->run_ended.notify_all();
    }
  }

 private:
  Impl* impl_;
  size_t index_;
};

WorkerPool::WorkerPool(int worker_count, const Environment* env) : impl_(std::make_unique<Impl>()) {
  CHECK(worker_count >= 1);
  impl_->env = env;
  const auto count = static_cast<size_t>(worker_count);
  impl_->stations.resize(count);
  for (size_t i = 0; i < count; ++i) {
    impl_->threads.push_back(env->threads->Start("rhei-worker-" + std::to_string(i),
                                                 std::make_unique<Worker>(impl_.get(), i)));
  }
}

WorkerPool::~WorkerPool() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stop = true;
  }
  for (Impl::Station& station : impl_->stations) station.called.notify_all();
  impl_->threads.clear();
}

void WorkerPool::Add(Runnable* runnable, int home) {
  const std::lock_guard lock(impl_->mutex);
  runnable->home_ = static_cast<int>(static_cast<size_t>(home) % impl_->stations.size());
  runnable->schedule_state_.store(0);
}

void WorkerPool::Remove(Runnable* runnable) {
  runnable->schedule_state_.fetch_or(Runnable::kRemoved);
  std::unique_lock lock(impl_->mutex);
  for (Impl::Station& station : impl_->stations) std::erase(station.queue, runnable);
  std::erase_if(impl_->timers,
                [&](const Impl::Timer& timer) { return timer.runnable == runnable; });
  std::make_heap(impl_->timers.begin(), impl_->timers.end());
  impl_->run_ended.wait(lock, [&] {
    return std::none_of(impl_->stations.begin(), impl_->stations.end(),
                        [&](const Impl::Station& station) { return station.running == runnable; });
  });
  std::erase_if(impl_->timers,
                [&](const Impl::Timer& timer) { return timer.runnable == runnable; });
  std::make_heap(impl_->timers.begin(), impl_->timers.end());
}

void WorkerPool::Notify(Runnable* runnable) {
  if (!Impl::MarkNotified(runnable)) return;
  const std::lock_guard lock(impl_->mutex);
  impl_->Enqueue(runnable);
}

void WorkerPool::NotifyAt(Runnable* runnable, int64_t wall_micros) {
  const std::lock_guard lock(impl_->mutex);
  const bool earliest = impl_->timers.empty() || wall_micros < impl_->timers.front().wall_micros;
  impl_->timers.push_back({wall_micros, runnable});
  std::push_heap(impl_->timers.begin(), impl_->timers.end());
  if (earliest) impl_->CallAnyone();
}

std::unique_ptr<IoHandle> WorkerPool::Start(std::string_view name, IoWork* work) {
  return std::make_unique<IoThread>(name, work, impl_->env->threads);
}

}  // namespace rhei
