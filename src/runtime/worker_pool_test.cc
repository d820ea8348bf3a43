#include "runtime/worker_pool.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

#include "base/env.h"

namespace rhei {
namespace {

// Counts its runs and remembers their threads; while `held`, a run does not end.
class Recorder final : public Runnable {
 public:
  Outcome Run(const RunBudget&) override {
    std::unique_lock lock(mutex_);
    ++runs_;
    threads_.insert(std::this_thread::get_id());
    changed_.notify_all();
    changed_.wait(lock, [this] { return !held_; });
    return Outcome::kSleep;
  }
  // False when it takes longer than any machine needs.
  bool AwaitRuns(int count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(60), [&] { return runs_ >= count; });
  }
  void set_held(bool held) {
    const std::lock_guard lock(mutex_);
    held_ = held;
    changed_.notify_all();
  }
  std::set<std::thread::id> threads() {
    const std::lock_guard lock(mutex_);
    return threads_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool held_ = false;
  int runs_ = 0;
  std::set<std::thread::id> threads_;
};

TEST(WorkerPoolTest, ARunnableStaysWithItsWorkerWhileOthersAreIdle) {
  WorkerPool workers(4, &RealEnvironment());
  Recorder runnable;
  workers.Add(&runnable, 2);
  for (int run = 1; run <= 500; ++run) {
    if (run % 5 == 0) {
      workers.NotifyAt(&runnable, RealEnvironment().clock->WallMicros() + 100);
    } else {
      workers.Notify(&runnable);
    }
    ASSERT_TRUE(runnable.AwaitRuns(run));
  }
  workers.Remove(&runnable);
  EXPECT_EQ(runnable.threads().size(), 1);
}

TEST(WorkerPoolTest, WhatWaitsBehindABusyWorkerIsTakenByOthers) {
  WorkerPool workers(3, &RealEnvironment());
  Recorder busy;
  Recorder first;
  Recorder second;
  for (Recorder* runnable : {&busy, &first, &second}) workers.Add(runnable, 1);
  busy.set_held(true);
  workers.Notify(&busy);
  ASSERT_TRUE(busy.AwaitRuns(1));
  // Both at once: two bells must ring, and not twice the same.
  first.set_held(true);
  second.set_held(true);
  workers.Notify(&first);
  workers.Notify(&second);
  EXPECT_TRUE(first.AwaitRuns(1));
  EXPECT_TRUE(second.AwaitRuns(1));
  for (Recorder* runnable : {&busy, &first, &second}) {
    runnable->set_held(false);
    workers.Remove(runnable);
  }
  std::set<std::thread::id> threads = busy.threads();
  threads.merge(first.threads());
  threads.merge(second.threads());
  EXPECT_EQ(threads.size(), 3);
}

// One worker has two of them while both others are idle: the second must not wait for the first.
TEST(WorkerPoolTest, WhatComesToAWorkerBeforeItWakesIsTakenByOthers) {
  for (int round = 0; round < 200; ++round) {
    WorkerPool workers(2, &RealEnvironment());
    Recorder first;
    Recorder second;
    for (Recorder* runnable : {&first, &second}) {
      workers.Add(runnable, 0);
      runnable->set_held(true);
    }
    workers.Notify(&first);
    workers.Notify(&second);
    ASSERT_TRUE(first.AwaitRuns(1));
    ASSERT_TRUE(second.AwaitRuns(1));
    for (Recorder* runnable : {&first, &second}) {
      runnable->set_held(false);
      workers.Remove(runnable);
    }
  }
}

}  // namespace
}  // namespace rhei
