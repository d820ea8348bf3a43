#pragma once
// InstanceSnapshot: what one barrier preserves of one operator instance: its frozen state, and the
// task's own knowledge of time, so that a restored run judges late rows as the run without a stop.
// Plain data: a durable store writes it field by field.
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "columnar/batch.h"
#include "state/state_store.h"

namespace rhei {

struct InstanceSnapshot {
  std::string operator_id;
  int shard = 0;
  uint64_t epoch = 0;
  std::shared_ptr<const FrozenState> state;  // null: the barrier did not ask for it
  std::vector<int64_t> input_watermarks_ms;
  int64_t combined_watermark_ms = kNoWatermark;
  int64_t output_watermark_ms = kNoWatermark;
  bool output_idle = false;
  bool done = false;  // has sent its end
  // Sinks: what the committer needs. Null for others.
  std::shared_ptr<const std::string> seal;
};

}  // namespace rhei
