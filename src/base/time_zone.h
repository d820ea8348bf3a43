#pragma once
// TimeZone: a time zone by name, and the conversion between instants and its local time, as
// java.time does it. All times are whole seconds; the caller keeps the fraction.
//
// Names: tzdb ("Asia/Shanghai"), "UTC", "GMT", "Z", offsets ("+08:00", "-8", "GMT+8", "UTC+01:30")
// and the three-letter names of Java ("PST", "CST"). Cheap to copy. Thread-safety: const.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"

namespace rhei {

class TimeZone {
 public:
  TimeZone();  // UTC
  static Result<TimeZone> Find(std::string_view id);

  const std::string& id() const;
  // The same offset at all times (UTC, "GMT+8").
  bool is_fixed() const { return zone_ == nullptr; }
  // Seconds to add to an instant to get local time. For the name an instant has in this zone
  // ("CET", "GMT+08:00"), see Abbreviation.
  int32_t OffsetAt(int64_t epoch_seconds) const;
  std::string Abbreviation(int64_t epoch_seconds) const;
  int64_t LocalFromInstant(int64_t epoch_seconds) const {
    return epoch_seconds + OffsetAt(epoch_seconds);
  }
  // A local time that a clock change skips counts on with the offset before the change; of one that
  // comes twice the first is meant.
  int64_t InstantFromLocal(int64_t local_seconds) const;

 private:
  friend class TimeZoneCursor;
  struct Zone;
  std::shared_ptr<const Zone> zone_;  // null: fixed
  int32_t fixed_offset_ = 0;
  std::string fixed_id_;
};

// Converts many times of one zone: remembers between which clock changes the last one was, so that
// most conversions are an addition. Thread-safety: one thread.
class TimeZoneCursor {
 public:
  TimeZoneCursor() = default;  // UTC
  explicit TimeZoneCursor(TimeZone zone) : zone_(std::move(zone)) { SetBounds(); }
  int64_t LocalFromInstant(int64_t epoch_seconds) {
    if (epoch_seconds < from_ || epoch_seconds >= until_) MoveTo(epoch_seconds);
    return epoch_seconds + offset_;
  }
  int64_t InstantFromLocal(int64_t local_seconds) {
    const int64_t guess = local_seconds - offset_;
    // A day from both changes no local time is skipped or repeated.
    if (guess - kDay >= from_ && guess + kDay < until_) return guess;
    if (zone_.is_fixed()) return guess;
    return SlowInstant(local_seconds);
  }
  const TimeZone& zone() const { return zone_; }

 private:
  static constexpr int64_t kDay = 86400;
  void SetBounds();
  void MoveTo(int64_t epoch_seconds);
  int64_t SlowInstant(int64_t local_seconds);

  TimeZone zone_;
  int64_t from_ = INT64_MIN / 2;
  int64_t until_ = INT64_MAX / 2;
  int32_t offset_ = 0;
};

}  // namespace rhei
