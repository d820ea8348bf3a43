#pragma once
// OutputQueue: what an operator has computed and not handed on yet, in order, cut into batches of
// at most batch_rows_max rows. For output whose size the input batch bounds; what one row may
// multiply without bound is computed piece by piece between pulls.
//
// Thread-safety: one thread.
#include <cstdint>
#include <deque>

#include "columnar/batch.h"
#include "runtime/operator.h"

namespace rhei {

class OutputQueue {
 public:
  void Open(int32_t batch_rows_max, MemoryPool* pool) {
    rows_max_ = batch_rows_max;
    pool_ = pool;
  }
  // Empty batches are left out.
  void Push(Batch batch, int port = kMainPort);
  // A watermark after everything pushed to the main port so far.
  void PushWatermark(int64_t watermark_ms);
  bool empty() const { return queue_.empty(); }
  // kBatch, or kNeedInput when it is empty.
  PullResult Pull(PulledBatch* out);

 private:
  struct Waiting {
    Batch batch;
    int port;
    int32_t taken;  // rows handed on
  };
  std::deque<Waiting> queue_;
  int32_t rows_max_ = kBatchRowsMax;
  MemoryPool* pool_ = nullptr;
};

}  // namespace rhei
