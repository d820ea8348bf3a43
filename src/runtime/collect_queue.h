#pragma once
// CollectQueue: the rows of a SELECT on their way from the job's shards to whoever asked. Bounded,
// so that a reader that pauses holds the job back.
//
// Rows are to be had at once, or (by_epoch, for runs that are restarted on purpose) only after the
// commit of their epoch, so that none comes twice; then nothing bounds the queue.
// Ownership: batches here own their bytes, and may outlive the job. Thread-safety: all calls.
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <vector>

#include "columnar/batch.h"
#include "runtime/operator.h"

namespace rhei {

class CollectQueue {
 public:
  CollectQueue(bool by_epoch, int64_t rows_max) : by_epoch_(by_epoch), rows_max_(rows_max) {}

  // False: no room; `wakeup` is called when there is.
  bool Push(const Batch& batch, const Schema& schema, uint64_t epoch, WakeupService* wakeup);
  // Before the service goes away.
  void Forget(const WakeupService* wakeup);
  void Commit(uint64_t epoch);
  // A run begins from the checkpoint of `epoch`: rows of later epochs will come again.
  void Restart(uint64_t epoch);
  // No row will come any more.
  void Close();

  enum class Taken : uint8_t { kBatch, kNothing, kClosed };
  // Waits at most wait_micros for rows.
  Taken Take(int64_t wait_micros, Batch* batch);

 private:
  struct Entry {
    Batch batch;
    uint64_t epoch = 0;
  };
  const bool by_epoch_;
  const int64_t rows_max_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Entry> entries_;
  int64_t row_count_ = 0;
  uint64_t committed_epoch_ = 0;
  bool closed_ = false;
  std::vector<WakeupService*> waiting_;
};

}  // namespace rhei
