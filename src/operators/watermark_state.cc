#include "operators/watermark_state.h"

#include <algorithm>

#include "state/state_bytes.h"

namespace rhei {

Status WatermarkState::Open(OperatorContext& context) {
  ASSIGN_OR_RETURN(list_, context.state->OpenList("watermark"));
  const std::vector<std::string>& restored = list_->restored();
  if (restored.empty()) return {};
  // With as many shards as before each takes its own; else none may be ahead of any.
  if (restored.size() == static_cast<size_t>(context.shard_count)) {
    value_ = ByteReader(restored[static_cast<size_t>(context.shard)]).ReadFixed<int64_t>();
  } else {
    value_ = kFinalWatermark;
    for (const std::string& element : restored) {
      value_ = std::min(value_, ByteReader(element).ReadFixed<int64_t>());
    }
  }
  if (value_ == kFinalWatermark && context.forgets_final_time) value_ = kNoWatermark;
  return {};
}

void WatermarkState::Save() {
  std::string element;
  WriteFixed(value_, &element);
  list_->Set({std::move(element)});
}

}  // namespace rhei
