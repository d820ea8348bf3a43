#pragma once
// Physical values of the temporal types and the arithmetic on them that needs no time zone.
// Proleptic Gregorian calendar; all divisions round toward negative infinity.
#include <compare>
#include <cstdint>

namespace rhei {

inline constexpr int64_t kMicrosPerMilli = 1000;
inline constexpr int64_t kMicrosPerSecond = 1000 * 1000;
inline constexpr int64_t kMillisPerSecond = 1000;
inline constexpr int64_t kMillisPerDay = int64_t{86400} * 1000;
inline constexpr int64_t kMicrosPerDay = kMillisPerDay * 1000;

// TIMESTAMP and TIMESTAMP_LTZ with precision 7 to 9. With precision 0 to 6 a plain int64 of
// microseconds since the epoch is stored. Ordered by (micros, nanos).
struct Timestamp9 {
  int64_t micros = 0;
  int64_t nanos = 0;  // 0..999, below the microsecond
  auto operator<=>(const Timestamp9&) const = default;
};

struct CivilDate {
  int64_t year;
  int32_t month;  // 1..12
  int32_t day;    // 1..31
};

constexpr int64_t FloorDiv(int64_t a, int64_t b) {
  return a / b - ((a % b != 0) && ((a < 0) != (b < 0)));
}
constexpr int64_t FloorMod(int64_t a, int64_t b) {
  return a - FloorDiv(a, b) * b;
}

// Milliseconds (rounded down) of a microsecond timestamp: what watermarks and windows count in.
constexpr int64_t MillisOfMicros(int64_t micros) {
  return FloorDiv(micros, kMicrosPerMilli);
}

CivilDate CivilFromDays(int64_t days_since_epoch);
int64_t DaysFromCivil(int64_t year, int32_t month, int32_t day);
int32_t DaysInMonth(int64_t year, int32_t month);
// The same day `months` later, or the last day of that month where it has no such day.
int64_t AddMonths(int64_t days_since_epoch, int64_t months);
// Whole months from `since` to `until` (negative when `until` is earlier): the most months that
// AddMonths can add to the earlier day without passing the later one.
int64_t MonthsBetween(int64_t since, int64_t until);

}  // namespace rhei
