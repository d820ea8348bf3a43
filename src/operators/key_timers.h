#pragma once
// KeyTimers: timers of the keys of a state table: each has the key's columns and their hash, so
// that what is kept under the key is found when the timer is due. Thread-safety: one thread.
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "columnar/row_codec.h"
#include "state/state_store.h"
#include "state/timers.h"

namespace rhei {

struct KeyTimer {
  Timer timer;
  std::vector<Column> columns;  // of the key: one row

  std::vector<const Column*> keys() const {
    std::vector<const Column*> out;
    for (const Column& column : columns) out.push_back(&column);
    return out;
  }
};

class KeyTimers {
 public:
  Status Open(StateStore* state, std::vector<DataType> key_types, MemoryPool* pool);

  // `hash`: of the key that is row `row` of `keys`.
  void Add(int64_t time_ms, uint64_t hash, std::span<const Column* const> keys, int32_t row);
  // From one time to another.
  void Move(int64_t from_ms, int64_t to_ms, uint64_t hash, std::span<const Column* const> keys,
            int32_t row);
  // Another one for the same key.
  void Add(int64_t time_ms, const KeyTimer& of) {
    timers_->Add(time_ms, of.timer.hash, of.timer.key);
  }
  // Takes out the earliest timer when it is due.
  bool PopDue(int64_t now_ms, KeyTimer* out);
  // The earliest time, or INT64_MAX.
  int64_t NextTime() { return timers_->NextTime(); }

 private:
  std::string_view Encode(std::span<const Column* const> keys, int32_t row);

  TimerQueue* timers_ = nullptr;
  RowCodec codec_{{}};
  MemoryPool* pool_ = nullptr;
  std::string bytes_;
};

}  // namespace rhei
