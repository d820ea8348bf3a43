#pragma once
// WatermarkState: the watermark that an operator judges rows by, kept over a restore, so that a
// restarted job calls the same rows late as the run without a failure.
//
// Call order: Open at the operator's Open, Save in its BeforeBarrier. Thread-safety: one thread.
#include <cstdint>

#include "columnar/batch.h"
#include "runtime/operator.h"
#include "state/list_state.h"

namespace rhei {

// Processing time as progress. A millisecond is over when the next one has begun, so that the last
// one of a window is its own; Flink's timers fire a millisecond after their time for the same
// reason.
constexpr int64_t ProgressAt(int64_t wall_micros) {
  return wall_micros / 1000 - 1;
}
// The wall time at which progress comes to that millisecond.
constexpr int64_t WallMicrosOf(int64_t progress_ms) {
  return (progress_ms + 1) * 1000;
}

class WatermarkState {
 public:
  Status Open(OperatorContext& context);
  void Save();
  int64_t value() const { return value_; }
  void Set(int64_t watermark_ms) { value_ = watermark_ms; }

 private:
  ListState* list_ = nullptr;
  int64_t value_ = kNoWatermark;
};

}  // namespace rhei
