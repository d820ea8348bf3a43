#pragma once
// WindowTimes: which windows a moment belongs to, and when a window is over.
//
// Window bounds are milliseconds of local time: of the zone for a TIMESTAMP_LTZ attribute, else of
// the timestamps themselves. Progress (watermarks, the wall clock) is in epoch milliseconds. A
// window [start, end) is over when progress >= TimerMillis(end - 1). A *slice* is the longest
// piece of time that lies in the same windows all over, named by its end.
// Thread-safety: one thread (it remembers the last zone offset).
#include <cstdint>

#include "base/status.h"
#include "base/time_zone.h"
#include "plan/physical/aggregate_spec.h"

namespace rhei {

class WindowTimes {
 public:
  // Empty zone: local time is epoch time.
  static Result<WindowTimes> Make(const WindowSpec& window);
  static Result<WindowTimes> MakeZoneOnly(const std::string& time_zone);

  // Of a value of the time attribute.
  int64_t LocalMillis(int64_t time_micros);
  // When a timer for local time fires. Of a local time that comes twice the later instant, of one
  // that is skipped the hour's start, as Flink has it.
  int64_t TimerMillis(int64_t local_ms);
  // The instant of a local time as a value of the attribute (window_time).
  int64_t EpochMillis(int64_t local_ms);
  bool Over(int64_t window_end, int64_t progress_ms) {
    return progress_ms != INT64_MIN && TimerMillis(window_end - 1) <= progress_ms;
  }
  bool has_zone() const { return has_zone_; }

  // TUMBLE, HOP and CUMULATE only.
  int64_t SliceEnd(int64_t local_ms) const;
  // Ends of the windows that hold a slice: first, first + step(), ..., last. last < first: none.
  int64_t FirstWindowEnd(int64_t slice_end) const;
  int64_t LastWindowEnd(int64_t slice_end) const;
  int64_t WindowStart(int64_t window_end) const;
  int64_t step() const { return step_; }

 private:
  WindowKind kind_ = WindowKind::kTumble;
  int64_t size_ = 1;
  int64_t step_ = 1;
  int64_t slice_ = 1;
  int64_t offset_ = 0;
  bool has_zone_ = false;
  TimeZoneCursor zone_;
};

}  // namespace rhei
