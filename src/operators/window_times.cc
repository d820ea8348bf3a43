#include "operators/window_times.h"

#include <numeric>

#include "types/temporal.h"

namespace rhei {

namespace {

constexpr int64_t kMillisPerHour = 3600 * 1000;

// The largest multiple of `size` (moved by offset) that is <= t.
int64_t AlignDown(int64_t t, int64_t offset, int64_t size) {
  return t - FloorMod(t - offset, size);
}

}  // namespace

Result<WindowTimes> WindowTimes::MakeZoneOnly(const std::string& time_zone) {
  WindowTimes out;
  if (time_zone.empty()) return out;
  ASSIGN_OR_RETURN(TimeZone zone, TimeZone::Find(time_zone));
  out.has_zone_ = true;
  out.zone_ = TimeZoneCursor(std::move(zone));
  return out;
}

Result<WindowTimes> WindowTimes::Make(const WindowSpec& window) {
  ASSIGN_OR_RETURN(WindowTimes out, MakeZoneOnly(window.time_zone));
  out.kind_ = window.kind;
  out.size_ = window.size_ms;
  out.step_ = window.kind == WindowKind::kHop || window.kind == WindowKind::kCumulate
                  ? window.step_ms
                  : window.size_ms;
  if (out.size_ <= 0 || out.step_ <= 0) return InvalidArgument("a window must be longer than 0");
  out.slice_ = window.kind == WindowKind::kHop ? std::gcd(out.size_, out.step_) : out.step_;
  out.offset_ = window.offset_ms;
  return out;
}

int64_t WindowTimes::LocalMillis(int64_t time_micros) {
  const int64_t millis = MillisOfMicros(time_micros);
  if (!has_zone_) return millis;
  const int64_t seconds = FloorDiv(millis, kMillisPerSecond);
  return zone_.LocalFromInstant(seconds) * kMillisPerSecond + (millis - seconds * kMillisPerSecond);
}

int64_t WindowTimes::EpochMillis(int64_t local_ms) {
  if (!has_zone_) return local_ms;
  const int64_t seconds = FloorDiv(local_ms, kMillisPerSecond);
  return zone_.InstantFromLocal(seconds) * kMillisPerSecond +
         (local_ms - seconds * kMillisPerSecond);
}

int64_t WindowTimes::TimerMillis(int64_t local_ms) {
  if (!has_zone_) return local_ms;
  const int64_t instant = EpochMillis(local_ms);
  if (zone_.zone().is_fixed()) return instant;
  const int64_t hour_later = EpochMillis(local_ms + kMillisPerHour);
  if (hour_later == instant) return instant - FloorMod(instant, kMillisPerHour);  // skipped
  if (hour_later - instant > kMillisPerHour) return instant + kMillisPerHour;     // comes twice
  return instant;
}

int64_t WindowTimes::SliceEnd(int64_t local_ms) const {
  // Slices of a cumulating window count from the start of its longest one.
  const int64_t base =
      kind_ == WindowKind::kCumulate ? AlignDown(local_ms, offset_, size_) : offset_;
  return AlignDown(local_ms, base, slice_) + slice_;
}

int64_t WindowTimes::FirstWindowEnd(int64_t slice_end) const {
  if (kind_ != WindowKind::kHop) return slice_end;
  return slice_end + FloorMod(offset_ + size_ - slice_end, step_);
}

int64_t WindowTimes::LastWindowEnd(int64_t slice_end) const {
  if (kind_ == WindowKind::kTumble) return slice_end;
  const int64_t start =
      AlignDown(slice_end - slice_, offset_, kind_ == WindowKind::kHop ? step_ : size_);
  return start + size_;
}

int64_t WindowTimes::WindowStart(int64_t window_end) const {
  if (kind_ == WindowKind::kCumulate) return AlignDown(window_end - 1, offset_, size_);
  return window_end - size_;
}

}  // namespace rhei
