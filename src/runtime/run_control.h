#pragma once
// RunControl: what the tasks of a run and its coordinator tell each other. Tasks read the requests
// between elements; they report by calls that take a lock once per barrier, none per batch.
// Thread-safety: everything from any thread.
#include <atomic>
#include <cstdint>
#include <mutex>

#include "base/status.h"
#include "runtime/snapshot.h"

namespace rhei {

// Who hears of a run; the checkpoint coordinator. Calls come from shards and must not wait.
class RunListener {
 public:
  virtual ~RunListener() = default;
  virtual void OnSnapshot(InstanceSnapshot snapshot) = 0;
  // Every source instance has reached its end.
  virtual void OnSourcesDone() = 0;
  // A source instance has emitted a batch (tests take a barrier after every k-th).
  virtual void OnSourceBatch() = 0;
  // The first failure. Shards do no more work.
  virtual void OnFailure(const Status& status) = 0;
};

// What a barrier is for.
enum class BarrierPurpose : uint8_t {
  kCheckpoint,
  kSavepoint,  // sinks leave nothing open; the job goes on
  kStop,       // as kSavepoint, and sources read nothing after it
  kDrain,      // as kStop, behind a final watermark that fires every open window
};

class RunControl {
 public:
  explicit RunControl(RunListener* listener, int source_count)
      : listener_(listener), sources_left_(source_count) {}

  // Requests. Sources take a barrier when requested_epoch is above the last one they took; after
  // the barrier stop_epoch they read nothing more.
  std::atomic<uint64_t> requested_epoch{0};
  std::atomic<uint64_t> stop_epoch{0};
  std::atomic<uint64_t> savepoint_epoch{0};
  // The newest barrier at which no state is frozen.
  std::atomic<uint64_t> flush_epoch{0};
  std::atomic<bool> drain{false};  // of stop_epoch; set before it
  std::atomic<uint64_t> completed_epoch{0};
  std::atomic<bool> cancelled{false};

  void Fail(const Status& status);
  bool failed() const { return failed_.load(std::memory_order_acquire); }
  Status failure() const;
  void SourceDone();
  RunListener* listener() const { return listener_; }

 private:
  RunListener* listener_;
  std::atomic<int> sources_left_;
  std::atomic<bool> failed_{false};
  mutable std::mutex mutex_;
  Status failure_;
};

}  // namespace rhei
