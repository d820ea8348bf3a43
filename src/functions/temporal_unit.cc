#include "functions/temporal_unit.h"

namespace rhei {

std::optional<TimeUnit> TimeUnitOf(std::string_view word) {
  struct Word {
    std::string_view text;
    TimeUnit unit;
  };
  static constexpr Word kWords[] = {
      {"NANOSECOND", TimeUnit::kNanosecond},
      {"MICROSECOND", TimeUnit::kMicrosecond},
      {"FRAC_SECOND", TimeUnit::kMicrosecond},
      {"MILLISECOND", TimeUnit::kMillisecond},
      {"SECOND", TimeUnit::kSecond},
      {"MINUTE", TimeUnit::kMinute},
      {"HOUR", TimeUnit::kHour},
      {"DAY", TimeUnit::kDay},
      {"WEEK", TimeUnit::kWeek},
      {"MONTH", TimeUnit::kMonth},
      {"QUARTER", TimeUnit::kQuarter},
      {"YEAR", TimeUnit::kYear},
      {"DECADE", TimeUnit::kDecade},
      {"CENTURY", TimeUnit::kCentury},
      {"MILLENNIUM", TimeUnit::kMillennium},
      {"DOW", TimeUnit::kDayOfWeek},
      {"ISODOW", TimeUnit::kIsoDayOfWeek},
      {"DOY", TimeUnit::kDayOfYear},
      {"ISOYEAR", TimeUnit::kIsoYear},
      {"EPOCH", TimeUnit::kEpoch},
  };
  if (word.starts_with("SQL_TSI_")) word.remove_prefix(8);
  const bool plural = word.ends_with('S');
  for (const Word& entry : kWords) {
    if (word == entry.text) return entry.unit;
    if (plural && word.substr(0, word.size() - 1) == entry.text) return entry.unit;
  }
  return std::nullopt;
}

int64_t MicrosOfUnit(TimeUnit unit) {
  switch (unit) {
    case TimeUnit::kNanosecond:
    case TimeUnit::kMicrosecond: return 1;
    case TimeUnit::kMillisecond: return 1000;
    case TimeUnit::kSecond: return 1000000;
    case TimeUnit::kMinute: return int64_t{60} * 1000000;
    case TimeUnit::kHour: return int64_t{3600} * 1000000;
    case TimeUnit::kDay: return int64_t{86400} * 1000000;
    default: return -1;
  }
}

}  // namespace rhei
