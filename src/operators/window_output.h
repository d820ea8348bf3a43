#pragma once
// Columns that hold one bound of a window, as TIMESTAMP(3) or TIMESTAMP_LTZ(3) microseconds.
// Thread-safety: pure.
#include <cstdint>
#include <vector>

#include "columnar/column.h"
#include "operators/window_times.h"

namespace rhei {

// One value for all rows.
Column WindowBoundColumn(int64_t millis, int32_t row_count, MemoryPool* pool);
// The asked-for properties of one window, in order.
void AppendWindowProperties(const std::vector<WindowProperty>& properties, int64_t start_ms,
                            int64_t end_ms, WindowTimes* times, int32_t row_count, MemoryPool* pool,
                            std::vector<Column>* out);

}  // namespace rhei
