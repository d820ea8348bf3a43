#include "operators/output_queue.h"

#include <algorithm>
#include <utility>

namespace rhei {

void OutputQueue::Push(Batch batch, int port) {
  if (!batch.empty()) queue_.push_back({std::move(batch), port, 0});
}

void OutputQueue::PushWatermark(int64_t watermark_ms) {
  if (!queue_.empty() && queue_.back().port == kMainPort) {
    Batch& last = queue_.back().batch;
    if (!last.points.empty() && last.points.back().row == last.row_count) last.points.pop_back();
    last.points.push_back({last.row_count, watermark_ms});
    return;
  }
  Batch alone;
  alone.points.push_back({0, watermark_ms});
  queue_.push_back({std::move(alone), kMainPort, 0});
}

PullResult OutputQueue::Pull(PulledBatch* out) {
  if (queue_.empty()) return PullResult::kNeedInput;
  Waiting& first = queue_.front();
  out->port = first.port;
  const int32_t left = first.batch.row_count - first.taken;
  if (left <= rows_max_) {
    out->batch = first.taken == 0 ? std::move(first.batch)
                                  : SliceRows(first.batch, first.taken, left, pool_);
    queue_.pop_front();
    return PullResult::kBatch;
  }
  out->batch = SliceRows(first.batch, first.taken, rows_max_, pool_);
  first.taken += rows_max_;
  return PullResult::kBatch;
}

}  // namespace rhei
