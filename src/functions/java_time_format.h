#pragma once
// Date and time patterns of Java, in English: those of DateTimeFormatter (DATE_FORMAT,
// TO_TIMESTAMP) and those of the older, lenient SimpleDateFormat (FROM_UNIXTIME, UNIX_TIMESTAMP,
// TO_DATE).
//
// A pattern is compiled once per call site. Weeks are those of the United States (they begin on
// Sunday, and 1 January is in week 1), as Java's default locale has it. Thread-safety: const.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "base/time_zone.h"

namespace rhei {

// A wall clock reading.
struct LocalTime {
  int64_t days = 0;  // since 1970-01-01
  int32_t second_of_day = 0;
  int32_t nano = 0;
};

// What a pattern found in a text. A zone offset in the text is kept apart.
struct ParsedTime {
  LocalTime local;
  bool has_offset = false;
  int32_t offset_seconds = 0;
};

class TimePattern {
 public:
  enum class Dialect : uint8_t { kDateTimeFormatter, kSimpleDateFormat };

  // The message is Java's ("Unknown pattern letter: b").
  static Result<TimePattern> Compile(std::string_view pattern, Dialect dialect);

  // What zone letters print. DateTimeFormatter formats local times, which have no zone.
  struct ZoneInfo {
    const TimeZone* zone = nullptr;
    int64_t epoch_seconds = 0;
  };
  // False (and a message in *out) for a pattern that needs a zone when there is none.
  bool Format(const LocalTime& time, ZoneInfo zone, std::string* out) const;
  // False when the text does not fit the pattern. DateTimeFormatter wants all of it and moves a day
  // beyond the month's end to that end; SimpleDateFormat ignores what follows and carries over.
  bool Parse(std::string_view text, ParsedTime* time) const;

  // Whether all times of a day are formatted alike.
  bool date_only() const;
  // Letters S of the pattern: digits of fraction.
  int fraction_digits() const { return fraction_digits_; }

 private:
  struct Token {
    char letter;  // 0: literal; '[' and ']': an optional section
    int count = 0;
    std::string literal;
    size_t section_end = 0;  // '[': the index of its ']'
  };
  struct Fields;
  class Reader;

  Status CheckLetter(char letter, int count) const;
  bool FormatModern(const Token& token, const LocalTime& time, std::string* out) const;
  bool FormatSimple(const Token& token, const LocalTime& time, ZoneInfo zone,
                    std::string* out) const;
  bool ParseRange(size_t from, size_t until, Reader* reader, Fields* fields) const;
  bool ParseModern(size_t index, Reader* reader, Fields* fields) const;
  bool ParseSimple(size_t index, Reader* reader, Fields* fields) const;
  size_t ReservedDigits(size_t index) const;

  Dialect dialect_ = Dialect::kDateTimeFormatter;
  std::vector<Token> tokens_;
  int fraction_digits_ = 0;
};

}  // namespace rhei
