#include "runtime/collect_queue.h"

#include <algorithm>
#include <chrono>

#include "columnar/batch_builder.h"

namespace rhei {
namespace {

// A copy that shares no buffer with the job, whose memory pools it may outlive.
Batch Detach(const Batch& batch, const Schema& schema) {
  BatchBuilder builder(schema);
  for (int32_t row = 0; row < batch.row_count; ++row) {
    builder.AppendRowFrom(batch, row, batch.change(row));
  }
  return builder.Finish();
}

}  // namespace

bool CollectQueue::Push(const Batch& batch, const Schema& schema, uint64_t epoch,
                        WakeupService* wakeup) {
  {
    const std::lock_guard lock(mutex_);
    if (!by_epoch_ && row_count_ > 0 && row_count_ + batch.row_count > rows_max_) {
      if (std::find(waiting_.begin(), waiting_.end(), wakeup) == waiting_.end()) {
        waiting_.push_back(wakeup);
      }
      return false;
    }
  }
  Entry entry;
  entry.batch = Detach(batch, schema);
  entry.epoch = epoch;
  const std::lock_guard lock(mutex_);
  row_count_ += entry.batch.row_count;
  entries_.push_back(std::move(entry));
  changed_.notify_all();
  return true;
}

void CollectQueue::Forget(const WakeupService* wakeup) {
  const std::lock_guard lock(mutex_);
  std::erase(waiting_, wakeup);
}

void CollectQueue::Commit(uint64_t epoch) {
  const std::lock_guard lock(mutex_);
  committed_epoch_ = std::max(committed_epoch_, epoch);
  changed_.notify_all();
}

void CollectQueue::Restart(uint64_t epoch) {
  const std::lock_guard lock(mutex_);
  if (!by_epoch_) return;
  std::erase_if(entries_, [&](const Entry& entry) { return entry.epoch > epoch; });
}

void CollectQueue::Close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  changed_.notify_all();
}

CollectQueue::Taken CollectQueue::Take(int64_t wait_micros, Batch* batch) {
  std::unique_lock lock(mutex_);
  const auto available = [this] {
    return !entries_.empty() && (!by_epoch_ || entries_.front().epoch <= committed_epoch_);
  };
  if (wait_micros > 0) {
    changed_.wait_for(lock, std::chrono::microseconds(wait_micros),
                      [&] { return available() || closed_; });
  }
  if (!available()) return closed_ ? Taken::kClosed : Taken::kNothing;
  *batch = std::move(entries_.front().batch);
  entries_.pop_front();
  row_count_ -= batch->row_count;
  for (WakeupService* wakeup : waiting_) wakeup->WakeNow();
  waiting_.clear();
  return Taken::kBatch;
}

}  // namespace rhei
