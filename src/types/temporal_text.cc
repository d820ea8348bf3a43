#include "types/temporal_text.h"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace rhei {
namespace {

// Two digits, four digits and n digits with leading zeros.
char* Put2(int64_t value, char* out) {
  const auto small = static_cast<uint32_t>(value);
  out[0] = static_cast<char>('0' + small / 10 % 10);
  out[1] = static_cast<char>('0' + small % 10);
  return out + 2;
}

// REQUIRES: value has at most nine digits.
char* PutDigits(int64_t value, int count, char* out) {
  auto small = static_cast<uint32_t>(value);
  for (int i = count; i-- > 0;) {
    out[i] = static_cast<char>('0' + small % 10);
    small /= 10;
  }
  return out + count;
}

char* PutDate(int64_t days, char* out) {
  const CivilDate date = CivilFromDays(days);
  int64_t year = date.year;
  if (year < 0) {
    *out++ = '-';
    year = -year;
  } else if (year > 9999) {
    *out++ = '+';
  }
  out = year > 9999 ? std::to_chars(out, out + 20, year).ptr : PutDigits(year, 4, out);
  *out++ = '-';
  out = Put2(date.month, out);
  *out++ = '-';
  return Put2(date.day, out);
}

char* PutClock(int64_t seconds_of_day, char* out) {
  out = Put2(seconds_of_day / 3600, out);
  *out++ = ':';
  out = Put2(seconds_of_day / 60 % 60, out);
  *out++ = ':';
  return Put2(seconds_of_day % 60, out);
}

// A timestamp taken apart.
struct Parts {
  int64_t days;
  int64_t second_of_day;
  int64_t nano;  // 0 .. 999,999,999
};

Parts Split(Timestamp9 timestamp) {
  const int64_t days = FloorDiv(timestamp.micros, kMicrosPerDay);
  const int64_t micro = timestamp.micros - days * kMicrosPerDay;
  return {days, micro / kMicrosPerSecond, micro % kMicrosPerSecond * 1000 + timestamp.nanos};
}

// The fraction in groups of three digits, as java.time prints it; nothing when zero.
char* PutIsoFraction(int64_t nano, char* out) {
  if (nano == 0) return out;
  *out++ = '.';
  if (nano % 1000000 == 0) return PutDigits(nano / 1000000, 3, out);
  if (nano % 1000 == 0) return PutDigits(nano / 1000, 6, out);
  return PutDigits(nano, 9, out);
}

char* PutIsoClock(int64_t second_of_day, int64_t nano, char* out) {
  if (second_of_day % 60 == 0 && nano == 0) {
    out = Put2(second_of_day / 3600, out);
    *out++ = ':';
    return Put2(second_of_day / 60 % 60, out);
  }
  return PutIsoFraction(nano, PutClock(second_of_day, out));
}

size_t Length(const char* from, const char* until) {
  return static_cast<size_t>(until - from);
}

std::string_view Trim(std::string_view text) {
  while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ') text.remove_prefix(1);
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
  return text;
}

// Digits only, at least one, at most nine.
bool ParseNumber(std::string_view text, int32_t* value) {
  if (text.empty() || text.size() > 9) return false;
  int32_t number = 0;
  for (char c : text) {
    if (c < '0' || c > '9') return false;
    number = number * 10 + (c - '0');
  }
  *value = number;
  return true;
}

// Reads fixed shapes from the front of a text.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}
  bool Take(char c) {
    if (text_.empty() || text_.front() != c) return false;
    text_.remove_prefix(1);
    return true;
  }
  // Between `least` and `most` digits.
  bool Number(size_t least, size_t most, int32_t* value) {
    size_t count = 0;
    int32_t number = 0;
    while (count < most && count < text_.size() && text_[count] >= '0' && text_[count] <= '9') {
      number = number * 10 + (text_[count++] - '0');
    }
    if (count < least) return false;
    text_.remove_prefix(count);
    *value = number;
    return true;
  }
  // Up to nine digits as nanoseconds.
  bool Fraction(size_t least, int32_t* nano) {
    const size_t before = text_.size();
    int32_t value = 0;
    if (!Number(least, 9, &value)) return false;
    for (size_t digits = before - text_.size(); digits < 9; ++digits) value *= 10;
    *nano = value;
    return true;
  }
  bool done() const { return text_.empty(); }
  std::string_view rest() const { return text_; }

 private:
  std::string_view text_;
};

Timestamp9 Join(int64_t days, int64_t second_of_day, int32_t nano) {
  return {days * kMicrosPerDay + second_of_day * kMicrosPerSecond + nano / 1000, nano % 1000};
}

bool TakeIsoDate(Scanner* scanner, int64_t* days) {
  int32_t year, month, day;
  if (!scanner->Number(4, 4, &year) || !scanner->Take('-') || !scanner->Number(2, 2, &month) ||
      !scanner->Take('-') || !scanner->Number(2, 2, &day)) {
    return false;
  }
  if (month < 1 || month > 12 || day < 1 || day > DaysInMonth(year, month)) return false;
  *days = DaysFromCivil(year, month, day);
  return true;
}

bool TakeIsoTime(Scanner* scanner, int64_t* second_of_day, int32_t* nano) {
  int32_t hour, minute;
  int32_t second = 0;
  *nano = 0;
  if (!scanner->Number(2, 2, &hour) || !scanner->Take(':') || !scanner->Number(2, 2, &minute)) {
    return false;
  }
  if (scanner->Take(':')) {
    if (!scanner->Number(2, 2, &second)) return false;
    if (scanner->Take('.') && !scanner->Fraction(0, nano)) return false;
  }
  if (hour > 23 || minute > 59 || second > 59) return false;
  *second_of_day = hour * 3600 + minute * 60 + second;
  return true;
}

}  // namespace

size_t PrintDate(int64_t days, char* out) {
  return Length(out, PutDate(days, out));
}

size_t PrintTime(int32_t millis, int precision, char* out) {
  if (millis < 0)
    millis += static_cast<int32_t>(kMillisPerDay);  // cut out of a timestamp before 1970
  char* at = PutClock(millis / 1000, out);
  if (precision <= 0) return Length(out, at);
  int32_t fraction = millis % 1000;
  *at++ = '.';
  for (int i = 0; i < precision; ++i) {
    *at++ = static_cast<char>('0' + fraction / 100);
    fraction = fraction % 100 * 10;
    if (fraction == 0) break;
  }
  return Length(out, at);
}

size_t PrintTimestamp(Timestamp9 timestamp, int precision, char* out) {
  const Parts parts = Split(timestamp);
  char* at = PutDate(parts.days, out);
  *at++ = ' ';
  at = PutClock(parts.second_of_day, at);
  if (precision > 0) {
    *at++ = '.';
    char digits[9];
    PutDigits(parts.nano, 9, digits);
    std::memcpy(at, digits, static_cast<size_t>(precision));
    at += precision;
  }
  return Length(out, at);
}

size_t PrintIsoTime(int32_t millis, char* out) {
  if (millis < 0)
    millis += static_cast<int32_t>(kMillisPerDay);  // cut out of a timestamp before 1970
  return Length(out, PutIsoClock(millis / 1000, int64_t{millis % 1000} * 1000000, out));
}

size_t PrintIsoTimestamp(Timestamp9 timestamp, char* out) {
  const Parts parts = Split(timestamp);
  char* at = PutDate(parts.days, out);
  *at++ = 'T';
  return Length(out, PutIsoClock(parts.second_of_day, parts.nano, at));
}

size_t PrintIsoTimestampSeconds(Timestamp9 timestamp, char separator, char* out) {
  const Parts parts = Split(timestamp);
  char* at = PutDate(parts.days, out);
  *at++ = separator;
  at = PutClock(parts.second_of_day, at);
  if (parts.nano != 0) {
    *at++ = '.';
    at = PutDigits(parts.nano, 9, at);
    while (at[-1] == '0') --at;
  }
  return Length(out, at);
}

size_t PrintIntervalYearMonth(int64_t months, char* out) {
  char* at = out;
  *at++ = months < 0 ? '-' : '+';
  const int64_t size = months < 0 ? -months : months;
  at = std::to_chars(at, at + 20, size / 12).ptr;
  *at++ = '-';
  return Length(out, Put2(size % 12, at));
}

size_t PrintIntervalDayTime(int64_t millis, char* out) {
  char* at = out;
  *at++ = millis < 0 ? '-' : '+';
  const uint64_t size = millis < 0 ? -static_cast<uint64_t>(millis) : static_cast<uint64_t>(millis);
  const auto day = static_cast<uint64_t>(kMillisPerDay);
  at = std::to_chars(at, at + 20, size / day).ptr;
  *at++ = ' ';
  const auto of_day = static_cast<int64_t>(size % day);
  at = PutClock(of_day / 1000, at);
  *at++ = '.';
  return Length(out, PutDigits(of_day % 1000, 3, at));
}

bool ParseDate(std::string_view text, int32_t* days) {
  text = Trim(text);
  text = text.substr(0, text.find(' '));
  int32_t year;
  int32_t month = 1;
  int32_t day = 1;
  const size_t first = text.find('-');
  if (!ParseNumber(Trim(text.substr(0, first)), &year)) return false;
  if (first != std::string_view::npos) {
    text.remove_prefix(first + 1);
    const size_t second = text.find('-');
    if (!ParseNumber(Trim(text.substr(0, second)), &month)) return false;
    if (second != std::string_view::npos && !ParseNumber(Trim(text.substr(second + 1)), &day)) {
      return false;
    }
  }
  if (year > 9999 || month < 1 || month > 12 || day < 1 || day > DaysInMonth(year, month)) {
    return false;
  }
  *days = static_cast<int32_t>(DaysFromCivil(year, month, day));
  return true;
}

bool ParseTime(std::string_view text, int32_t* millis) {
  int32_t parts[3] = {0, 0, 0};
  int32_t milli = 0;
  text = Trim(text);
  for (size_t i = 0;; ++i) {
    const size_t colon = i < 2 ? text.find(':') : std::string_view::npos;
    std::string_view part = text.substr(0, colon);
    if (i == 2) {
      const size_t dot = part.find('.');
      if (dot != std::string_view::npos) {
        const std::string_view fraction = Trim(part.substr(dot + 1));
        int32_t digits;
        if (!ParseNumber(fraction.substr(0, 4), &digits)) return false;
        int32_t ignored;
        if (fraction.size() > 4 && !ParseNumber(fraction.substr(4, 9), &ignored)) return false;
        for (size_t count = std::min<size_t>(fraction.size(), 4); count < 4; ++count) digits *= 10;
        milli = (digits + 5) / 10;  // Rounded at the fourth digit.
        part = part.substr(0, dot);
      }
    }
    if (!ParseNumber(Trim(part), &parts[i])) return false;
    if (colon == std::string_view::npos) break;
    text.remove_prefix(colon + 1);
  }
  if (parts[0] > 23 || parts[1] > 59 || parts[2] > 59) return false;
  *millis = ((parts[0] * 60 + parts[1]) * 60 + parts[2]) * 1000 + milli;
  return true;
}

bool ParseTimestamp(std::string_view text, Timestamp9* timestamp) {
  Scanner scanner(text);
  int32_t year, month, day;
  if (!scanner.Number(4, 4, &year) || !scanner.Take('-') || !scanner.Number(1, 2, &month) ||
      !scanner.Take('-') || !scanner.Number(1, 2, &day)) {
    return false;
  }
  if (month < 1 || month > 12 || day < 1 || day > 31) return false;
  day = std::min(day, DaysInMonth(year, month));
  int32_t hour = 0;
  int32_t minute = 0;
  int32_t second = 0;
  int32_t nano = 0;
  if (!scanner.done()) {
    if (!scanner.Take(' ') || !scanner.Number(1, 2, &hour) || !scanner.Take(':') ||
        !scanner.Number(1, 2, &minute) || !scanner.Take(':') || !scanner.Number(1, 2, &second)) {
      return false;
    }
    if (scanner.Take('.') && !scanner.Fraction(0, &nano)) return false;
    if (!scanner.done()) return false;
  }
  const bool midnight_after = hour == 24 && minute == 0 && second == 0 && nano == 0;
  if ((hour > 23 && !midnight_after) || minute > 59 || second > 59) return false;
  *timestamp = Join(DaysFromCivil(year, month, day), hour * 3600 + minute * 60 + second, nano);
  return true;
}

bool ParseIsoTimestamp(std::string_view text, Timestamp9* timestamp) {
  Scanner scanner(text);
  int64_t days, second_of_day;
  int32_t nano;
  if (!TakeIsoDate(&scanner, &days) || !scanner.Take('T') ||
      !TakeIsoTime(&scanner, &second_of_day, &nano) || !scanner.done()) {
    return false;
  }
  *timestamp = Join(days, second_of_day, nano);
  return true;
}

bool ParseIsoDate(std::string_view text, int32_t* days) {
  Scanner scanner(text);
  int64_t value;
  if (!TakeIsoDate(&scanner, &value) || !scanner.done()) return false;
  *days = static_cast<int32_t>(value);
  return true;
}

bool ParseIsoTime(std::string_view text, int32_t* millis) {
  Scanner scanner(text);
  int64_t second_of_day;
  int32_t nano;
  if (!TakeIsoTime(&scanner, &second_of_day, &nano) || !scanner.done()) return false;
  *millis = static_cast<int32_t>(second_of_day * 1000 + nano / 1000000);
  return true;
}

int64_t TruncateMicros(int64_t micros, int precision) {
  if (precision >= 6) return micros;
  static constexpr int64_t kUnits[] = {1000000, 100000, 10000, 1000, 100, 10};
  return micros - FloorMod(micros, kUnits[precision]);
}

Timestamp9 TruncateTimestamp(Timestamp9 timestamp, int precision) {
  if (precision <= 6) return {TruncateMicros(timestamp.micros, precision), 0};
  if (precision == 7) return {timestamp.micros, timestamp.nanos / 100 * 100};
  if (precision == 8) return {timestamp.micros, timestamp.nanos / 10 * 10};
  return timestamp;
}

int32_t TruncateTime(int32_t millis, int precision) {
  static constexpr int32_t kUnits[] = {1000, 100, 10};
  return precision >= 3 ? millis : millis - millis % kUnits[precision];
}

}  // namespace rhei
