#pragma once
// ExpirySweep: how far a slow sweep over rows with ids, for those that have expired, has come.
//
// Some at a time, and for each row more that there is two: a round over all rows is done before
// half as many have come, so that rows past their time stay a fraction of the others.
// Thread-safety: one thread.
#include <cstdint>

namespace rhei {

class ExpirySweep {
 public:
  // Calls look(id), which may free the row, for some ids below end(). live(): how many rows there
  // are; 0: there may be no ids.
  template <typename Live, typename End, typename Look>
  void Step(Live&& live, End&& end, Look&& look) {
    const uint64_t rows = live();
    uint64_t left = kLeast + kPerNewRow * (rows > seen_rows_ ? rows - seen_rows_ : 0);
    for (; left > 0 && live() > 0; --left) {
      if (next_id_ >= end()) next_id_ = 0;
      look(next_id_++);
    }
    seen_rows_ = live();
  }
  // Ids begin at 0 again.
  void Clear() { next_id_ = 0; }

 private:
  static constexpr uint64_t kLeast = 64;
  static constexpr uint64_t kPerNewRow = 2;
  // After the last step; those of a restore are not new.
  uint64_t seen_rows_ = UINT64_MAX;
  uint32_t next_id_ = 0;
};

}  // namespace rhei
