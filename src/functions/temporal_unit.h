#pragma once
// The units of time that EXTRACT, FLOOR, TIMESTAMPADD and their like are given as keywords.
#include <cstdint>
#include <optional>
#include <string_view>

namespace rhei {

enum class TimeUnit : uint8_t {
  kNanosecond,
  kMicrosecond,
  kMillisecond,
  kSecond,
  kMinute,
  kHour,
  kDay,
  kWeek,
  kMonth,
  kQuarter,
  kYear,
  kDecade,
  kCentury,
  kMillennium,
  // EXTRACT only.
  kDayOfWeek,     // Sunday is 1
  kIsoDayOfWeek,  // Monday is 1
  kDayOfYear,
  kIsoYear,
  kEpoch,
};

// By its keyword, upper case; plurals, SQL_TSI_ prefixes and short forms (DOW, FRAC_SECOND) too.
std::optional<TimeUnit> TimeUnitOf(std::string_view word);
// The length of a unit up to a day in microseconds (a nanosecond counts as one); -1 for longer
// ones and for those of EXTRACT only.
int64_t MicrosOfUnit(TimeUnit unit);

}  // namespace rhei
