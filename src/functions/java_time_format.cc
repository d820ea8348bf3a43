#include "functions/java_time_format.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/check.h"
#include "functions/java_time_fields.h"

namespace rhei {
namespace {

bool IsLetter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// With leading zeros up to `width`, which is at most 19. The hot part of formatting.
void PutNumber(int64_t value, int width, std::string* out) {
  char text[40];
  char* const end = text + sizeof(text);
  char* at = end;
  uint64_t rest = value < 0 ? -static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
  const int digits = std::min(width, 30);
  while (rest != 0 || end - at < digits) {
    *--at = static_cast<char>('0' + rest % 10);
    rest /= 10;
  }
  if (at == end) *--at = '0';
  if (value < 0) *--at = '-';
  out->append(at, static_cast<size_t>(end - at));
}

// The name in full, its first three letters, or its first.
void PutName(std::string_view name, int count, std::string* out) {
  *out += count == 4 ? name : name.substr(0, count == 5 ? 1 : 3);
}

void PutOffset(int32_t offset, bool colon, bool z_for_zero, bool minutes, std::string* out) {
  if (offset == 0 && z_for_zero) {
    *out += 'Z';
    return;
  }
  const int32_t size = std::abs(offset);
  *out += offset < 0 ? '-' : '+';
  PutNumber(size / 3600, 2, out);
  if (!minutes) return;
  if (colon) *out += ':';
  PutNumber(size / 60 % 60, 2, out);
}

struct Clock {
  int32_t hour, minute, second;
};
Clock ClockOf(int32_t second_of_day) {
  return {second_of_day / 3600, second_of_day / 60 % 60, second_of_day % 60};
}

// Letters whose numbers may stand next to each other, told apart by their widths.
constexpr std::string_view kNumberLetters = "yuYMLdDFwWeHhKkmsSAnNQq";

}  // namespace

// What parsing has found so far.
struct TimePattern::Fields {
  std::optional<int64_t> year, month, day, day_of_year;
  std::optional<int64_t> hour, hour_of_half, half;  // half: 0 AM, 1 PM
  std::optional<int64_t> minute, second, nano, nano_of_day;
  std::optional<int32_t> offset;
};

class TimePattern::Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}
  bool done() const { return at_ == text_.size(); }
  size_t at() const { return at_; }
  void Reset(size_t at) { at_ = at; }
  void SkipSpaces() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
  }
  bool Take(std::string_view literal) {
    if (!text_.substr(at_).starts_with(literal)) return false;
    at_ += literal.size();
    return true;
  }
  size_t CountDigits() const {
    size_t count = 0;
    while (at_ + count < text_.size() && text_[at_ + count] >= '0' && text_[at_ + count] <= '9') {
      ++count;
    }
    return count;
  }
  // Between `least` and `most` digits, at most eighteen.
  bool Number(size_t least, size_t most, int64_t* value) {
    const size_t count = std::min({CountDigits(), most, size_t{18}});
    if (count < least || count == 0) return false;
    *value = 0;
    for (size_t i = 0; i < count; ++i) *value = *value * 10 + (text_[at_ + i] - '0');
    at_ += count;
    return true;
  }
  // The index of the first name that stands here: in full, or by its first `letters` letters.
  bool Name(std::span<const std::string_view> names, size_t letters, bool any_case,
            int64_t* index) {
    for (size_t i = 0; i < names.size(); ++i) {
      const std::string_view name = names[i].substr(0, letters);
      const std::string_view here = text_.substr(at_, name.size());
      const bool same = here.size() == name.size() &&
                        std::equal(here.begin(), here.end(), name.begin(), [&](char a, char b) {
                          return a == b || (any_case && IsLetter(a) && (a | 0x20) == (b | 0x20));
                        });
      if (!same) continue;
      at_ += name.size();
      *index = static_cast<int64_t>(i);
      return true;
    }
    return false;
  }
  // "Z", "UTC", "GMT", "+08", "+0800", "+08:00", and zones by name at their standard time.
  bool Offset(int32_t* seconds) {
    size_t letters = 0;
    while (at_ + letters < text_.size() && IsLetter(text_[at_ + letters])) ++letters;
    if (letters >= 3 && !text_.substr(at_).starts_with("GMT")) {
      const Result<TimeZone> zone = TimeZone::Find(text_.substr(at_, letters));
      if (!zone.ok()) return false;
      *seconds = zone->OffsetAt(0);
      at_ += letters;
      return true;
    }
    if (Take("Z") || Take("UTC")) {
      *seconds = 0;
      return true;
    }
    const bool gmt = Take("GMT");
    if (done() || (text_[at_] != '+' && text_[at_] != '-')) {
      *seconds = 0;
      return gmt;
    }
    const int32_t sign = text_[at_++] == '-' ? -1 : 1;
    int64_t hours = 0;
    int64_t minutes = 0;
    if (!Number(1, 2, &hours)) return false;
    const size_t before = at_;
    Take(":");
    if (!Number(2, 2, &minutes)) at_ = before;
    *seconds = sign * static_cast<int32_t>(hours * 3600 + minutes * 60);
    return hours <= 18 && minutes <= 59;
  }

 private:
  std::string_view text_;
  size_t at_ = 0;
};

Status TimePattern::CheckLetter(char letter, int count) const {
  const bool simple = dialect_ == Dialect::kSimpleDateFormat;
  static constexpr std::string_view kSimple = "GyYMLwWDdFEuaHkKhmsSzZX";
  static constexpr std::string_view kModern = "GuyYQqMLwWdDFEecaHkKhmsSAnNVzOXxZ";
  if ((simple ? kSimple : kModern).find(letter) == std::string_view::npos) {
    return DataError(simple ? fmt::format("Illegal pattern character '{}'", letter)
                            : fmt::format("Unknown pattern letter: {}", letter));
  }
  if (simple) return {};
  int most = 19;
  if (std::string_view("dHhKkmsw").find(letter) != std::string_view::npos) most = 2;
  if (std::string_view("FWa").find(letter) != std::string_view::npos) most = 1;
  if (letter == 'D') most = 3;
  if (letter == 'S') most = 9;
  if (std::string_view("GQqMLEecXxZO").find(letter) != std::string_view::npos) most = 5;
  if (count > most) return DataError(fmt::format("Too many pattern letters: {}", letter));
  return {};
}

Result<TimePattern> TimePattern::Compile(std::string_view pattern, Dialect dialect) {
  TimePattern compiled;
  compiled.dialect_ = dialect;
  const bool modern = dialect == Dialect::kDateTimeFormatter;
  std::vector<size_t> open;
  const auto literal = [&](std::string_view text) {
    if (compiled.tokens_.empty() || compiled.tokens_.back().letter != 0) {
      compiled.tokens_.push_back({0, 0, "", 0});
    }
    compiled.tokens_.back().literal += text;
  };
  for (size_t i = 0; i < pattern.size();) {
    const char c = pattern[i];
    if (IsLetter(c)) {
      size_t end = i;
      while (end < pattern.size() && pattern[end] == c) ++end;
      const int count = static_cast<int>(end - i);
      RETURN_IF_ERROR(compiled.CheckLetter(c, count));
      compiled.tokens_.push_back({c, count, "", 0});
      if (c == 'S') compiled.fraction_digits_ += count;
      i = end;
    } else if (c == '\'') {
      const size_t end = pattern.find('\'', i + 1);
      if (end == std::string_view::npos) {
        return DataError("Pattern ends with an incomplete string literal: " + std::string(pattern));
      }
      // Two quotes are one, inside a quoted text too.
      literal(end == i + 1 ? "'" : pattern.substr(i + 1, end - i - 1));
      i = end + 1;
      if (i < pattern.size() && pattern[i] == '\'' && end != i - 2) literal("'");
    } else if (modern && (c == '{' || c == '}' || c == '#')) {
      return DataError(fmt::format("Pattern includes reserved character: '{}'", c));
    } else if (modern && c == '[') {
      open.push_back(compiled.tokens_.size());
      compiled.tokens_.push_back({'[', 0, "", 0});
      ++i;
    } else if (modern && c == ']') {
      if (open.empty()) return DataError("Pattern invalid as it contains ] without previous [");
      compiled.tokens_[open.back()].section_end = compiled.tokens_.size();
      open.pop_back();
      compiled.tokens_.push_back({']', 0, "", 0});
      ++i;
    } else {
      literal(pattern.substr(i, 1));
      ++i;
    }
  }
  for (size_t start : open) compiled.tokens_[start].section_end = compiled.tokens_.size();
  return compiled;
}

bool TimePattern::date_only() const {
  for (const Token& token : tokens_) {
    if (token.letter != 0 && std::string_view("GuyMLdD").find(token.letter) == std::string::npos) {
      return false;
    }
  }
  return true;
}

bool TimePattern::Format(const LocalTime& time, ZoneInfo zone, std::string* out) const {
  for (const Token& token : tokens_) {
    if (token.letter == 0) {
      *out += token.literal;
    } else if (token.letter == '[' || token.letter == ']') {
      continue;
    } else if (dialect_ == Dialect::kSimpleDateFormat) {
      if (!FormatSimple(token, time, zone, out)) return false;
    } else if (!FormatModern(token, time, out)) {
      return false;
    }
  }
  return true;
}

bool TimePattern::FormatModern(const Token& token, const LocalTime& time, std::string* out) const {
  const CivilDate date = CivilFromDays(time.days);
  const Clock clock = ClockOf(time.second_of_day);
  const int count = token.count;
  const int64_t year_of_era = date.year > 0 ? date.year : 1 - date.year;
  const auto year = [&](int64_t value) {
    if (count == 2) {
      PutNumber(FloorMod(value, 100), 2, out);
    } else {
      if (count >= 4 && value > 9999 && count < 19) *out += '+';
      PutNumber(value, count, out);
    }
  };
  switch (token.letter) {
    case 'G':
      if (count == 4) {
        *out += date.year > 0 ? "Anno Domini" : "Before Christ";
      } else {
        *out += std::string_view(date.year > 0 ? "AD" : "BC").substr(0, count == 5 ? 1 : 2);
      }
      return true;
    case 'u': year(date.year); return true;
    case 'y': year(year_of_era); return true;
    case 'Y': year(UsWeek(time.days).year); return true;
    case 'Q':
    case 'q': {
      const int32_t quarter = (date.month - 1) / 3 + 1;
      static constexpr std::string_view kNames[] = {"1st quarter", "2nd quarter", "3rd quarter",
                                                    "4th quarter"};
      if (count == 3) *out += 'Q';
      if (count == 4) {
        *out += kNames[quarter - 1];
      } else {
        PutNumber(quarter, count == 2 ? 2 : 1, out);
      }
      return true;
    }
    case 'M':
    case 'L':
      if (count <= 2) {
        PutNumber(date.month, count, out);
      } else {
        PutName(kMonthNames[date.month - 1], count, out);
      }
      return true;
    case 'w': PutNumber(UsWeek(time.days).week, count, out); return true;
    case 'W': PutNumber(UsWeekOfMonth(time.days, date.day), count, out); return true;
    case 'd': PutNumber(date.day, count, out); return true;
    case 'D': PutNumber(DayOfYear(time.days, date.year), count, out); return true;
    case 'F': PutNumber((date.day - 1) % 7 + 1, count, out); return true;
    case 'e':
    case 'c':
      if (count <= 2) {
        PutNumber(UsDayOfWeek(time.days), count, out);
        return true;
      }
      [[fallthrough]];
    case 'E': PutName(kDayNames[IsoDayOfWeek(time.days) - 1], count, out); return true;
    case 'a': *out += clock.hour < 12 ? "AM" : "PM"; return true;
    case 'H': PutNumber(clock.hour, count, out); return true;
    case 'k': PutNumber(clock.hour == 0 ? 24 : clock.hour, count, out); return true;
    case 'K': PutNumber(clock.hour % 12, count, out); return true;
    case 'h': PutNumber(clock.hour % 12 == 0 ? 12 : clock.hour % 12, count, out); return true;
    case 'm': PutNumber(clock.minute, count, out); return true;
    case 's': PutNumber(clock.second, count, out); return true;
    case 'S': {
      std::string digits;
      PutNumber(time.nano, 9, &digits);
      *out += digits.substr(0, static_cast<size_t>(count));
      return true;
    }
    case 'A':
      PutNumber(int64_t{time.second_of_day} * 1000 + time.nano / 1000000, count, out);
      return true;
    case 'n': PutNumber(time.nano, count, out); return true;
    case 'N':
      PutNumber(int64_t{time.second_of_day} * 1000000000 + time.nano, count, out);
      return true;
    default: *out = "Unable to extract ZoneId from temporal"; return false;
  }
}

bool TimePattern::FormatSimple(const Token& token, const LocalTime& time, ZoneInfo zone,
                               std::string* out) const {
  const CivilDate date = CivilFromDays(time.days);
  const Clock clock = ClockOf(time.second_of_day);
  const int count = token.count;
  const int32_t offset = zone.zone == nullptr ? 0 : zone.zone->OffsetAt(zone.epoch_seconds);
  switch (token.letter) {
    case 'G': *out += date.year > 0 ? "AD" : "BC"; return true;
    case 'y':
    case 'Y': {
      const int64_t year = token.letter == 'y' ? date.year : UsWeek(time.days).year;
      PutNumber(count == 2 ? FloorMod(year, 100) : year, count, out);
      return true;
    }
    case 'M':
    case 'L':
      if (count <= 2) {
        PutNumber(date.month, count, out);
      } else {
        PutName(kMonthNames[date.month - 1], std::min(count, 4), out);
      }
      return true;
    case 'w': PutNumber(UsWeek(time.days).week, count, out); return true;
    case 'W': PutNumber(UsWeekOfMonth(time.days, date.day), count, out); return true;
    case 'D': PutNumber(DayOfYear(time.days, date.year), count, out); return true;
    case 'd': PutNumber(date.day, count, out); return true;
    case 'F': PutNumber((date.day - 1) / 7 + 1, count, out); return true;
    case 'E': PutName(kDayNames[IsoDayOfWeek(time.days) - 1], count >= 4 ? 4 : 3, out); return true;
    case 'u': PutNumber(IsoDayOfWeek(time.days), count, out); return true;
    case 'a': *out += clock.hour < 12 ? "AM" : "PM"; return true;
    case 'H': PutNumber(clock.hour, count, out); return true;
    case 'k': PutNumber(clock.hour == 0 ? 24 : clock.hour, count, out); return true;
    case 'K': PutNumber(clock.hour % 12, count, out); return true;
    case 'h': PutNumber(clock.hour % 12 == 0 ? 12 : clock.hour % 12, count, out); return true;
    case 'm': PutNumber(clock.minute, count, out); return true;
    case 's': PutNumber(clock.second, count, out); return true;
    case 'S': PutNumber(time.nano / 1000000, count, out); return true;
    case 'Z': PutOffset(offset, false, false, true, out); return true;
    case 'X': PutOffset(offset, count == 3, true, count > 1, out); return true;
    default:  // 'z'
      if (zone.zone == nullptr) return true;
      if (count >= 4 && zone.zone->is_fixed() && offset == 0) {
        *out += "Coordinated Universal Time";
      } else {
        *out += zone.zone->Abbreviation(zone.epoch_seconds);
      }
      return true;
  }
}

// The digits that the numbers directly after token `index` need, so that "yyyyMMdd" can be read.
size_t TimePattern::ReservedDigits(size_t index) const {
  size_t reserved = 0;
  for (size_t i = index + 1; i < tokens_.size(); ++i) {
    const Token& token = tokens_[i];
    if (kNumberLetters.find(token.letter) == std::string_view::npos || token.letter == 0) break;
    const bool name = (token.letter == 'M' || token.letter == 'L') && token.count > 2;
    if (name) break;
    const bool fixed = token.count >= 2 || dialect_ == Dialect::kSimpleDateFormat;
    if (!fixed) break;
    reserved += static_cast<size_t>(token.count);
  }
  return reserved;
}

bool TimePattern::ParseModern(size_t index, Reader* reader, Fields* fields) const {
  const Token& token = tokens_[index];
  const auto count = static_cast<size_t>(token.count);
  int64_t value = 0;
  // One letter takes what is there, two and more exactly so many digits.
  const auto number = [&](int64_t least, int64_t most, std::optional<int64_t>* field) {
    const size_t reserved = ReservedDigits(index);
    const size_t here = reader->CountDigits();
    const size_t free = here > reserved ? here - reserved : 1;
    if (!reader->Number(count, count == 1 ? free : count, &value)) return false;
    if (value < least || value > most) return false;
    if (field != nullptr) *field = value;
    return true;
  };
  switch (token.letter) {
    case 'u':
    case 'y':
    case 'Y': {
      std::optional<int64_t>* year = token.letter == 'Y' ? nullptr : &fields->year;
      if (count == 2) {
        if (!number(0, 99, year)) return false;
        if (year != nullptr) **year += 2000;
        return true;
      }
      const bool plus = reader->Take("+");
      const size_t reserved = ReservedDigits(index);
      const size_t here = reader->CountDigits();
      size_t most = here > reserved ? here - reserved : count;
      if (count >= 4 && !plus) most = std::min(most, count);
      if (!reader->Number(count, most, &value)) return false;
      if (count >= 4 && !plus && reserved == 0 && reader->CountDigits() > 0) return false;
      if (year != nullptr) *year = value;
      return true;
    }
    case 'M':
    case 'L':
      if (count <= 2) return number(1, 12, &fields->month);
      if (!reader->Name(kMonthNames, count == 3 ? 3 : 99, false, &value)) return false;
      fields->month = value + 1;
      return true;
    case 'd': return number(1, 31, &fields->day);
    case 'D': return number(1, 366, &fields->day_of_year);
    case 'E': return reader->Name(kDayNames, count <= 3 ? 3 : 99, false, &value);
    case 'e':
    case 'c':
      if (count <= 2) return number(1, 7, nullptr);
      return reader->Name(kDayNames, count == 3 ? 3 : 99, false, &value);
    case 'w': return number(1, 54, nullptr);
    case 'W':
    case 'F': return number(0, 7, nullptr);
    case 'Q':
    case 'q':
      if (count == 3 && !reader->Take("Q")) return false;
      return reader->Number(count == 2 ? 2 : 1, count == 2 ? 2 : 1, &value);
    case 'G': return reader->Take("AD") || reader->Take("BC");
    case 'a': {
      static constexpr std::string_view kHalves[] = {"AM", "PM"};
      if (!reader->Name(kHalves, 2, false, &value)) return false;
      fields->half = value;
      return true;
    }
    case 'H': return number(0, 24, &fields->hour);
    case 'k':
      if (!number(1, 24, &fields->hour)) return false;
      fields->hour = *fields->hour % 24;
      return true;
    case 'K': return number(0, 11, &fields->hour_of_half);
    case 'h':
      if (!number(1, 12, &fields->hour_of_half)) return false;
      fields->hour_of_half = *fields->hour_of_half % 12;
      return true;
    case 'm': return number(0, 59, &fields->minute);
    case 's': return number(0, 59, &fields->second);
    case 'S': {
      if (!reader->Number(count, count, &value)) return false;
      for (size_t i = count; i < 9; ++i) value *= 10;
      fields->nano = value;
      return true;
    }
    case 'n': return number(0, 999999999, &fields->nano);
    case 'A':
      if (!number(0, 86399999, &fields->nano_of_day)) return false;
      *fields->nano_of_day *= 1000000;
      return true;
    case 'N': return number(0, int64_t{86400} * 1000000000 - 1, &fields->nano_of_day);
    default: {  // Zones.
      int32_t offset = 0;
      if (!reader->Offset(&offset)) return false;
      fields->offset = offset;
      return true;
    }
  }
}

bool TimePattern::ParseSimple(size_t index, Reader* reader, Fields* fields) const {
  const Token& token = tokens_[index];
  const auto count = static_cast<size_t>(token.count);
  int64_t value = 0;
  const auto number = [&](std::optional<int64_t>* field) {
    reader->SkipSpaces();
    const bool abuts = ReservedDigits(index) > 0;
    if (!reader->Number(1, abuts ? count : 18, &value)) return false;
    if (field != nullptr) *field = value;
    return true;
  };
  switch (token.letter) {
    case 'y': {
      reader->SkipSpaces();
      const size_t digits = reader->CountDigits();
      if (!number(&fields->year)) return false;
      // Two digits for "yy" mean a year of this century, or the end of the last one.
      if (count <= 2 && digits == 2) fields->year = value + (value < 46 ? 2000 : 1900);
      return true;
    }
    case 'M':
    case 'L':
      if (count <= 2) return number(&fields->month);
      if (!reader->Name(kMonthNames, 99, true, &value) &&
          !reader->Name(kMonthNames, 3, true, &value)) {
        return false;
      }
      fields->month = value + 1;
      return true;
    case 'd': return number(&fields->day);
    case 'D': return number(&fields->day_of_year);
    case 'E':
      return reader->Name(kDayNames, 99, true, &value) || reader->Name(kDayNames, 3, true, &value);
    case 'G': return reader->Take("AD") || reader->Take("BC");
    case 'a': {
      static constexpr std::string_view kHalves[] = {"AM", "PM"};
      if (!reader->Name(kHalves, 2, true, &value)) return false;
      fields->half = value;
      return true;
    }
    case 'H': return number(&fields->hour);
    case 'k':
      if (!number(&fields->hour)) return false;
      if (value == 24) fields->hour = 0;
      return true;
    case 'K': return number(&fields->hour_of_half);
    case 'h':
      if (!number(&fields->hour_of_half)) return false;
      if (value == 12) fields->hour_of_half = 0;
      return true;
    case 'm': return number(&fields->minute);
    case 's': return number(&fields->second);
    case 'S':
      if (!number(&fields->nano)) return false;
      fields->nano = value * 1000000;
      return true;
    case 'z':
    case 'Z':
    case 'X': {
      int32_t offset = 0;
      if (!reader->Offset(&offset)) return false;
      fields->offset = offset;
      return true;
    }
    default: return number(nullptr);  // Weeks: read, not used.
  }
}

bool TimePattern::ParseRange(size_t from, size_t until, Reader* reader, Fields* fields) const {
  for (size_t i = from; i < until; ++i) {
    const Token& token = tokens_[i];
    if (token.letter == ']') continue;
    if (token.letter == '[') {
      // An optional section counts as a whole or not at all.
      const size_t before = reader->at();
      const Fields saved = *fields;
      if (!ParseRange(i + 1, token.section_end, reader, fields)) {
        reader->Reset(before);
        *fields = saved;
      }
      i = token.section_end;
      continue;
    }
    const bool ok = token.letter == 0                        ? reader->Take(token.literal)
                    : dialect_ == Dialect::kSimpleDateFormat ? ParseSimple(i, reader, fields)
                                                             : ParseModern(i, reader, fields);
    if (!ok) return false;
  }
  return true;
}

bool TimePattern::Parse(std::string_view text, ParsedTime* time) const {
  Reader reader(text);
  Fields fields;
  if (!ParseRange(0, tokens_.size(), &reader, &fields)) return false;
  const bool modern = dialect_ == Dialect::kDateTimeFormatter;
  if (modern && !reader.done()) return false;
  const int64_t year = fields.year.value_or(1970);
  const int64_t month = fields.month.value_or(1);
  int64_t day = fields.day.value_or(1);
  if (modern && fields.year && fields.month) {
    day = std::min<int64_t>(day, DaysInMonth(year, static_cast<int32_t>(month)));
  }
  // Lenient months and days carry over.
  const int64_t months = year * 12 + month - 1;
  int64_t days =
      DaysFromCivil(FloorDiv(months, 12), static_cast<int32_t>(FloorMod(months, 12)) + 1, 1) + day -
      1;
  if (fields.day_of_year && !fields.month) {
    days = DaysFromCivil(year, 1, 1) + *fields.day_of_year - 1;
  }
  int64_t hour = fields.hour.value_or(0);
  if (!fields.hour && fields.hour_of_half && (fields.half || !modern)) {
    hour = *fields.hour_of_half + 12 * fields.half.value_or(0);
  }
  const int64_t minute = fields.minute.value_or(0);
  const int64_t second = fields.second.value_or(0);
  int64_t nano = fields.nano.value_or(0);
  if (modern && hour == 24 && (minute != 0 || second != 0 || nano != 0)) return false;
  int64_t seconds = hour * 3600 + minute * 60 + second;
  if (fields.nano_of_day) {
    seconds = *fields.nano_of_day / 1000000000;
    nano = *fields.nano_of_day % 1000000000;
  }
  seconds += FloorDiv(nano, 1000000000);
  nano = FloorMod(nano, 1000000000);
  days += FloorDiv(seconds, 86400);
  time->local = {days, static_cast<int32_t>(FloorMod(seconds, 86400)), static_cast<int32_t>(nano)};
  time->has_offset = fields.offset.has_value();
  time->offset_seconds = fields.offset.value_or(0);
  return true;
}

}  // namespace rhei
