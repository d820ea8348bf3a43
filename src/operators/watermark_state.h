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
