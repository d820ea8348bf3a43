#include "functions/java_time_format.h"

#include <gtest/gtest.h>

#include "types/temporal.h"
#include "types/temporal_text.h"

namespace rhei {
namespace {

constexpr auto kModern = TimePattern::Dialect::kDateTimeFormatter;
constexpr auto kSimple = TimePattern::Dialect::kSimpleDateFormat;

std::string Format(std::string_view text, std::string_view pattern, TimePattern::Dialect dialect) {
  Timestamp9 stamp;
  EXPECT_TRUE(ParseTimestamp(text, &stamp)) << text;
  const Result<TimePattern> compiled = TimePattern::Compile(pattern, dialect);
  if (!compiled.ok()) return compiled.status().message();
  const int64_t days = FloorDiv(stamp.micros, kMicrosPerDay);
  const int64_t micro = stamp.micros - days * kMicrosPerDay;
  const LocalTime time{days, static_cast<int32_t>(micro / 1000000),
                       static_cast<int32_t>(micro % 1000000 * 1000 + stamp.nanos)};
  const TimeZone utc;
  std::string out;
  compiled->Format(time, {&utc, stamp.micros / 1000000}, &out);
  return out;
}

std::string Parse(std::string_view text, std::string_view pattern, TimePattern::Dialect dialect) {
  const Result<TimePattern> compiled = TimePattern::Compile(pattern, dialect);
  if (!compiled.ok()) return compiled.status().message();
  ParsedTime parsed;
  if (!compiled->Parse(text, &parsed)) return "no";
  const LocalTime& t = parsed.local;
  char out[kTemporalTextMax];
  const Timestamp9 stamp{
      t.days * kMicrosPerDay + int64_t{t.second_of_day} * 1000000 + t.nano / 1000, t.nano % 1000};
  return {out, PrintIsoTimestamp(stamp, out)};
}

TEST(JavaTimeFormatTest, FormatsEveryLetter) {
  const char* t = "2024-12-30 03:04:05.123";
  EXPECT_EQ(Format(t,
                   "yy/M/d h:m:s a E EEEE MMM MMMM Q w W D F e k K n A N S SS G u uuuu YY EEEEE "
                   "MMMMM",
                   kModern),
            "24/12/30 3:4:5 AM Mon Monday Dec December 4 1 5 365 2 2 3 3 123000000 11045123 "
            "11045123000000 1 12 AD 2024 2024 25 M D");
  EXPECT_EQ(Format(t, "c LLL LLLL qqq", kModern), "2 Dec December Q4");
  EXPECT_EQ(Format(t, "YYYY-'W'ww-e EEE, d MMM uuuu", kModern), "2025-W01-2 Mon, 30 Dec 2024");
  EXPECT_EQ(Format(t, "[HH] 'o''clock' ''", kModern), "03 o'clock '");
  EXPECT_EQ(Format(t, "yyyyMMddHHmmssSSS", kModern), "20241230030405123");
  EXPECT_EQ(Format("2009-02-13 23:31:30",
                   "Z X XX XXX zzzz k K h D F W E EEEE M MMM MMMM y yy yyyyy G S SSSSSS", kSimple),
            "+0000 Z Z Z Coordinated Universal Time 23 11 11 44 2 2 Fri Friday 2 Feb February 2009 "
            "09 02009 AD 0 000000");
  EXPECT_EQ(Format("1970-01-01 00:00:00", "YYYY w u", kSimple), "1970 1 4");
}

TEST(JavaTimeFormatTest, RefusesBadPatterns) {
  EXPECT_EQ(Format("2024-01-01", "bbb", kModern), "Unknown pattern letter: b");
  EXPECT_EQ(Format("2024-01-01", "#", kModern), "Pattern includes reserved character: '#'");
  EXPECT_EQ(Format("2024-01-01", "b", kSimple), "Illegal pattern character 'b'");
  EXPECT_EQ(Format("2024-01-01", "ddd", kModern), "Too many pattern letters: d");
  EXPECT_EQ(Format("2024-01-01", "z", kModern), "Unable to extract ZoneId from temporal");
}

TEST(JavaTimeFormatTest, ParsesAllOfTheText) {
  EXPECT_EQ(Parse("20240203", "yyyyMMdd", kModern), "2024-02-03T00:00");
  EXPECT_EQ(Parse("20240203112233444", "yyyyMMddHHmmssSSS", kModern), "2024-02-03T11:22:33.444");
  EXPECT_EQ(Parse("2024", "yyyy", kModern), "2024-01-01T00:00");
  EXPECT_EQ(Parse("10:20", "HH:mm", kModern), "1970-01-01T10:20");
  EXPECT_EQ(Parse("1:2 PM", "h:m a", kModern), "1970-01-01T13:02");
  EXPECT_EQ(Parse("Jan 5 2024", "MMM d yyyy", kModern), "2024-01-05T00:00");
  EXPECT_EQ(Parse("24-1-5", "yy-M-d", kModern), "2024-01-05T00:00");
  EXPECT_EQ(Parse("2024-02-31", "yyyy-MM-dd", kModern), "2024-02-29T00:00");
  EXPECT_EQ(Parse("20000202 59:59.1234567", "yyyyMMdd mm:ss.SSSSSSS", kModern),
            "2000-02-02T00:59:59.123456700");
  EXPECT_EQ(Parse("2024-02-03", "yyyy-MM-dd[ HH:mm]", kModern), "2024-02-03T00:00");
  EXPECT_EQ(Parse("2024-02-03 10:11", "yyyy-MM-dd[ HH:mm]", kModern), "2024-02-03T10:11");
  EXPECT_EQ(Parse("2024-2-3", "yyyy-MM-dd", kModern), "no");
  EXPECT_EQ(Parse("2024-02-03 x", "yyyy-MM-dd", kModern), "no");
  EXPECT_EQ(Parse("2024-01-05 25:00", "yyyy-MM-dd HH:mm", kModern), "no");
}

TEST(JavaTimeFormatTest, SimpleDateFormatIsLenient) {
  EXPECT_EQ(Parse("2024-02-31", "yyyy-MM-dd", kSimple), "2024-03-02T00:00");
  EXPECT_EQ(Parse("2009-2-3 3:1:3 extra", "yyyy-MM-dd HH:mm:ss", kSimple), "2009-02-03T03:01:03");
  EXPECT_EQ(Parse(" 2009-02-13", "yyyy-MM-dd", kSimple), "2009-02-13T00:00");
  EXPECT_EQ(Parse("20240105", "yyyyMMdd", kSimple), "2024-01-05T00:00");
  EXPECT_EQ(Parse("24-01-05", "yy-MM-dd", kSimple), "2024-01-05T00:00");
  EXPECT_EQ(Parse("10:00 PM", "hh:mm a", kSimple), "1970-01-01T22:00");
  EXPECT_EQ(Parse("Mon Jan 01 2024", "EEE MMM dd yyyy", kSimple), "2024-01-01T00:00");
  EXPECT_EQ(Parse("bad", "yyyy", kSimple), "no");
}

}  // namespace
}  // namespace rhei
