#pragma once
// CarriedWindows: the windows that rows carry in two columns, and when they are over. What is kept
// of a window's rows is the operator's, under a key of some columns, the window's start and its
// end; each such key has a timer for its end.
//
// Call order: Open; per run of rows between two watermarks Take, then SetTimer for each of its rows
// that begins a window; at a watermark Fire until it says false. Thread-safety: one thread.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "operators/batch_cursor.h"
#include "operators/key_timers.h"
#include "operators/keyed_batch.h"
#include "operators/window_times.h"

namespace rhei {

class CarriedWindows {
 public:
  // `key_types`: with the window's bounds at their end. `what`: of which operator a wrong row is
  // said to be.
  Status Open(StateStore* state, const std::string& time_zone,
              const std::vector<DataType>& key_types, std::string_view what, MemoryPool* pool);

  // Takes the cursor's rows before its next point. The columns stay those of its batch.
  Status Take(BatchCursor* cursor, const KeyedBatch& keyed, int start_column, int end_column,
              int64_t watermark_ms);
  const std::vector<const Column*>& keys() const { return keys_; }
  const uint64_t* hashes() const { return hashes_.data(); }  // by row: of its key and its window
  const std::vector<int32_t>& rows() const { return rows_; }
  const std::vector<int32_t>& late() const { return late_; }  // their windows are over

  // For the end of the row's window.
  void SetTimer(int32_t row);
  // The next key whose window is over, and its hash().
  bool Fire(int64_t watermark_ms, KeyTimer* out) { return timers_.PopDue(watermark_ms, out); }
  static uint64_t HashOf(const KeyTimer& fired);

 private:
  WindowTimes times_;
  KeyTimers timers_;
  std::string what_;

  const KeyedBatch* keyed_ = nullptr;
  std::vector<const Column*> keys_;
  std::vector<uint64_t> hashes_;
  std::vector<int32_t> rows_;
  std::vector<int32_t> late_;
};

}  // namespace rhei
