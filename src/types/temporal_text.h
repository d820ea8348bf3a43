#pragma once
// DATE, TIME, TIMESTAMP and intervals as text: the SQL form ("2021-01-02 03:04:05.600"), which
// casts print and read, and Java's ISO form ("2021-01-02T03:04:05.6"). Units as in DataType: days,
// milliseconds of the day, microseconds (plus nanos 0..999 below them), months.
// Thread-safety: pure functions.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "types/temporal.h"

namespace rhei {

// Enough for any text printed below.
inline constexpr size_t kTemporalTextMax = 48;

// Print to `out` and return the length.
size_t PrintDate(int64_t days, char* out);
// A fraction of at most `precision` digits; zeros at its end are left out, but not the first digit.
size_t PrintTime(int32_t millis, int precision, char* out);
// Exactly `precision` digits of fraction, 0 to 9.
size_t PrintTimestamp(Timestamp9 timestamp, int precision, char* out);
// LocalTime.toString and LocalDateTime.toString: no seconds when they are zero, the fraction in
// groups of three digits.
size_t PrintIsoTime(int32_t millis, char* out);
size_t PrintIsoTimestamp(Timestamp9 timestamp, char* out);
// "2021-01-02T03:04:05.6": always with seconds, the fraction without zeros at its end. What JSON
// calls ISO-8601; the zone designator is the caller's. `separator` is 'T' or ' '.
size_t PrintIsoTimestampSeconds(Timestamp9 timestamp, char separator, char* out);
size_t PrintIntervalYearMonth(int64_t months, char* out);  // "+10-03"
size_t PrintIntervalDayTime(int64_t millis, char* out);    // "+1 10:17:36.789"

// The readers of casts. False when the text is not one.
// "2021-1-2", "2021", a time after a space is not looked at.
bool ParseDate(std::string_view text, int32_t* days);
// "12", "1:2", "12:34:56.789"
bool ParseTime(std::string_view text, int32_t* millis);
// "2021-1-2" or "2021-01-02 3:4:5[.fffffffff]"; a day the month does not have becomes its last.
bool ParseTimestamp(std::string_view text, Timestamp9* timestamp);
// As ParseTimestamp, with 'T' between date and time and seconds optional; true for what
// LocalDateTime.parse takes.
bool ParseIsoTimestamp(std::string_view text, Timestamp9* timestamp);
// LocalDate.parse and LocalTime.parse.
bool ParseIsoDate(std::string_view text, int32_t* days);
bool ParseIsoTime(std::string_view text, int32_t* millis);

// Cuts off what `precision` digits of fraction do not hold (toward the past).
Timestamp9 TruncateTimestamp(Timestamp9 timestamp, int precision);
int64_t TruncateMicros(int64_t micros, int precision);
int32_t TruncateTime(int32_t millis, int precision);

}  // namespace rhei
