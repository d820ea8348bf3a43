#pragma once
// Cells: values of text formats (JSON strings, CSV cells) as Flink 2.3 reads them there, which is
// stricter than CAST. Each Parse is false when the text is not one. Thread-safety: pure functions,
// except TimestampParser.
#include <cstdint>
#include <string>
#include <string_view>

#include "types/temporal.h"

namespace rhei {

// As String.trim: cuts off what is not above a space.
std::string_view TrimCell(std::string_view text);
// A sign and digits, nothing else (Integer.parseInt).
bool ParseIntegerCell(std::string_view text, int64_t min, int64_t max, int64_t* value);
// "true" in any case is TRUE, everything else FALSE (Boolean.parseBoolean).
bool BooleanOfCell(std::string_view text);
// Base64 with padding; spaces between the letters are skipped. Appends to `out`.
bool ReadBase64(std::string_view text, std::string* out);
void EncodeBase64(std::string_view bytes, std::string* out);

// The length of the longest valid UTF-8 start of `text`.
size_t ValidUtf8Prefix(std::string_view text);
// The text with U+FFFD for whatever is not UTF-8, as Java reads bytes: one for the longest start of
// a character, one for a surrogate, one for any other byte. For text whose bytes nobody has checked
// (the format raw).
std::string ReplaceInvalidUtf8(std::string_view text);

enum class TimestampStyle : uint8_t {
  kSql,  // "2020-01-02 03:04:05[.fffffffff]"; Feb 30 is the last of February, 24:00:00 the next day
  kIso,  // "2020-01-02T03:04[:05[.fffffffff]]"; days must exist
};

// Reads timestamps; remembers the last date, which the next record most often has too.
class TimestampParser {
 public:
  explicit TimestampParser(TimestampStyle style) : style_(style) {}
  // `zulu`: a "Z" must follow (TIMESTAMP_LTZ).
  bool Parse(std::string_view text, bool zulu, Timestamp9* timestamp);

 private:
  bool ParseDays(std::string_view text, int64_t* days);

  TimestampStyle style_;
  char last_date_[10] = {'1', '9', '7', '0', '-', '0', '1', '-', '0', '1'};
  int64_t last_days_ = 0;
};

// "12:34:56[.fffffffff]", 24:00:00 is midnight: TIME in JSON. Milliseconds of the day.
bool ParseSqlTimeCell(std::string_view text, int32_t* millis);
// "2020-1-2", the day up to 31 in every month, running over into the next: DATE in CSV.
bool ParseLenientDateCell(std::string_view text, int32_t* days);

}  // namespace rhei
