#include "operators/carried_windows.h"

#include <fmt/format.h>

#include "columnar/hash.h"

namespace rhei {

Status CarriedWindows::Open(StateStore* state, const std::string& time_zone,
                            const std::vector<DataType>& key_types, std::string_view what,
                            MemoryPool* pool) {
  what_ = what;
  ASSIGN_OR_RETURN(times_, WindowTimes::MakeZoneOnly(time_zone));
  return timers_.Open(state, key_types, pool);
}

Status CarriedWindows::Take(BatchCursor* cursor, const KeyedBatch& keyed, int start_column,
                            int end_column, int64_t watermark_ms) {
  const std::vector<Column>& columns = cursor->batch.columns;
  const Column& ends = columns[static_cast<size_t>(end_column)];
  keyed_ = &keyed;
  keys_.assign(keyed.keys().begin(), keyed.keys().end());
  keys_.push_back(&columns[static_cast<size_t>(start_column)]);
  keys_.push_back(&ends);
  const ColumnReader<int64_t> reader(ends);
  rows_.clear();
  late_.clear();
  hashes_.resize(keyed.row_count());
  const int32_t end = cursor->RunEnd();
  for (; cursor->row < end; ++cursor->row) {
    const int32_t row = cursor->row;
    if (ends.IsNull(row)) {
      return DataError(fmt::format("window_end of a {} must not be NULL", what_));
    }
    if (times_.Over(reader[row] / 1000, watermark_ms)) {
      late_.push_back(row);
    } else {
      rows_.push_back(row);
      hashes_[static_cast<size_t>(row)] = ExtendHash(keyed.hashes()[row], reader[row]);
    }
  }
  return {};
}

void CarriedWindows::SetTimer(int32_t row) {
  const int64_t end_micros = ColumnReader<int64_t>(*keys_.back())[row];
  timers_.Add(times_.TimerMillis(end_micros / 1000 - 1), keyed_->hashes()[row], keys_, row);
}

uint64_t CarriedWindows::HashOf(const KeyTimer& fired) {
  return ExtendHash(fired.timer.hash, ColumnReader<int64_t>(fired.columns.back())[0]);
}

}  // namespace rhei
