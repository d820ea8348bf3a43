#include "types/temporal.h"

namespace rhei {

// The era-based conversion: years are counted from 1 March, so that the leap day is the last day of
// a year and a 400-year era has a fixed 146,097 days.
CivilDate CivilFromDays(int64_t days_since_epoch) {
  const int64_t shifted = days_since_epoch + 719468;  // Days from 0000-03-01.
  if (shifted >= 0 && shifted <= INT32_MAX) {
    // The same in 32 bits without signs, for all dates that occur.
    const auto days = static_cast<uint32_t>(shifted);
    const uint32_t era = days / 146097;
    const uint32_t day_of_era = days % 146097;
    const uint32_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    const uint32_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const uint32_t march_month = (5 * day_of_year + 2) / 153;
    const uint32_t day = day_of_year - (153 * march_month + 2) / 5 + 1;
    const uint32_t month = march_month < 10 ? march_month + 3 : march_month - 9;
    return {int64_t{year_of_era} + int64_t{era} * 400 + (month <= 2 ? 1 : 0),
            static_cast<int32_t>(month), static_cast<int32_t>(day)};
  }
  const int64_t era = FloorDiv(shifted, 146097);
  const int64_t day_of_era = shifted - era * 146097;
  const int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t march_month = (5 * day_of_year + 2) / 153;
  const auto day = static_cast<int32_t>(day_of_year - (153 * march_month + 2) / 5 + 1);
  const auto month = static_cast<int32_t>(march_month < 10 ? march_month + 3 : march_month - 9);
  return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), month, day};
}

int64_t DaysFromCivil(int64_t year, int32_t month, int32_t day) {
  const int64_t march_year = month <= 2 ? year - 1 : year;
  const int64_t era = FloorDiv(march_year, 400);
  const int64_t year_of_era = march_year - era * 400;
  const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

int32_t DaysInMonth(int64_t year, int32_t month) {
  constexpr int32_t kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : kDays[month - 1];
}

int64_t AddMonths(int64_t days_since_epoch, int64_t months) {
  const CivilDate date = CivilFromDays(days_since_epoch);
  const int64_t month_count = date.year * 12 + (date.month - 1) + months;
  const int64_t year = FloorDiv(month_count, 12);
  const auto month = static_cast<int32_t>(FloorMod(month_count, 12) + 1);
  const int32_t last = DaysInMonth(year, month);
  return DaysFromCivil(year, month, date.day < last ? date.day : last);
}

int64_t MonthsBetween(int64_t since, int64_t until) {
  if (until < since) return -MonthsBetween(until, since);
  const CivilDate from = CivilFromDays(since);
  const CivilDate to = CivilFromDays(until);
  const int64_t months = (to.year - from.year) * 12 + (to.month - from.month);
  return AddMonths(since, months) > until ? months - 1 : months;
}

}  // namespace rhei
