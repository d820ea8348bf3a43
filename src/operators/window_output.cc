#include "operators/window_output.h"

#include "types/temporal.h"

namespace rhei {

Column WindowBoundColumn(int64_t millis, int32_t row_count, MemoryPool* pool) {
  Column out;
  out.type = PhysicalType::kInt64;
  out.encoding = Encoding::kConstant;
  out.row_count = row_count;
  out.values = Buffer::Allocate(sizeof(int64_t), pool);
  *out.values->as<int64_t>() = millis * kMicrosPerMilli;
  return out;
}

void AppendWindowProperties(const std::vector<WindowProperty>& properties, int64_t start_ms,
                            int64_t end_ms, WindowTimes* times, int32_t row_count, MemoryPool* pool,
                            std::vector<Column>* out) {
  for (const WindowProperty property : properties) {
    int64_t millis = 0;
    switch (property) {
      case WindowProperty::kStart: millis = start_ms; break;
      case WindowProperty::kEnd: millis = end_ms; break;
      // With a zone the attribute is an instant.
      case WindowProperty::kTime: millis = times->EpochMillis(end_ms - 1); break;
    }
    out->push_back(WindowBoundColumn(millis, row_count, pool));
  }
}

}  // namespace rhei
