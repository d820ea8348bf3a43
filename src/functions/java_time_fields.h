#pragma once
// The fields of a calendar date that Java's patterns print, with the week rules of the United
// States. Thread-safety: pure functions.
#include <cstdint>
#include <string_view>

#include "types/temporal.h"

namespace rhei {

// 1 is Monday, 7 is Sunday.
constexpr int32_t IsoDayOfWeek(int64_t days) {
  return static_cast<int32_t>(FloorMod(days + 3, 7) + 1);
}
// 1 is Sunday, 7 is Saturday.
constexpr int32_t UsDayOfWeek(int64_t days) {
  return static_cast<int32_t>(FloorMod(days + 4, 7) + 1);
}
inline int32_t DayOfYear(int64_t days, int64_t year) {
  return static_cast<int32_t>(days - DaysFromCivil(year, 1, 1) + 1);
}

struct WeekDate {
  int64_t year;
  int32_t week;
};

// Weeks begin on Sunday, 1 January is in week 1.
inline WeekDate UsWeek(int64_t days) {
  const int64_t year = CivilFromDays(days).year;
  const auto first_sunday_of = [](int64_t y) {
    const int64_t first = DaysFromCivil(y, 1, 1);
    return first - (UsDayOfWeek(first) - 1);
  };
  const int64_t next = first_sunday_of(year + 1);
  if (days >= next) return {year + 1, 1};
  return {year, static_cast<int32_t>((days - first_sunday_of(year)) / 7 + 1)};
}

// ISO 8601: weeks begin on Monday, 4 January is in week 1.
inline WeekDate IsoWeek(int64_t days) {
  const int64_t thursday = days - (IsoDayOfWeek(days) - 4);
  const int64_t year = CivilFromDays(thursday).year;
  return {year, static_cast<int32_t>((thursday - DaysFromCivil(year, 1, 1)) / 7 + 1)};
}

inline int32_t UsWeekOfMonth(int64_t days, int32_t day_of_month) {
  const int64_t first = days - day_of_month + 1;
  return static_cast<int32_t>((days - (first - (UsDayOfWeek(first) - 1))) / 7 + 1);
}

inline constexpr std::string_view kMonthNames[] = {"January",   "February", "March",    "April",
                                                   "May",       "June",     "July",     "August",
                                                   "September", "October",  "November", "December"};
// From Monday.
inline constexpr std::string_view kDayNames[] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                                 "Friday", "Saturday", "Sunday"};

}  // namespace rhei
