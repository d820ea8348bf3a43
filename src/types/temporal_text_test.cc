#include "types/temporal_text.h"

#include <gtest/gtest.h>

namespace rhei {
namespace {

std::string Date(int64_t days) {
  char text[kTemporalTextMax];
  return {text, PrintDate(days, text)};
}
std::string Time(int32_t millis, int precision) {
  char text[kTemporalTextMax];
  return {text, PrintTime(millis, precision, text)};
}
std::string Stamp(Timestamp9 t, int precision) {
  char text[kTemporalTextMax];
  return {text, PrintTimestamp(t, precision, text)};
}
std::string Iso(Timestamp9 t) {
  char text[kTemporalTextMax];
  return {text, PrintIsoTimestamp(t, text)};
}
std::string IsoSeconds(Timestamp9 t) {
  char text[kTemporalTextMax];
  return {text, PrintIsoTimestampSeconds(t, 'T', text)};
}
std::string Months(int64_t months) {
  char text[kTemporalTextMax];
  return {text, PrintIntervalYearMonth(months, text)};
}
std::string Millis(int64_t millis) {
  char text[kTemporalTextMax];
  return {text, PrintIntervalDayTime(millis, text)};
}

TEST(TemporalTextTest, Prints) {
  EXPECT_EQ(Date(0), "1970-01-01");
  EXPECT_EQ(Date(-719528), "0000-01-01");
  EXPECT_EQ(Time(45296100, 3), "12:34:56.1");
  EXPECT_EQ(Time(45296000, 3), "12:34:56.0");
  EXPECT_EQ(Time(45296123, 0), "12:34:56");
  EXPECT_EQ(Time(45296123, 9), "12:34:56.123");
  EXPECT_EQ(Stamp({1632486896123456, 789}, 9), "2021-09-24 12:34:56.123456789");
  EXPECT_EQ(Stamp({1632486896123456, 789}, 4), "2021-09-24 12:34:56.1234");
  EXPECT_EQ(Stamp({-1, 0}, 0), "1969-12-31 23:59:59");
  EXPECT_EQ(Iso({0, 0}), "1970-01-01T00:00");
  EXPECT_EQ(Iso({1500000, 0}), "1970-01-01T00:00:01.500");
  EXPECT_EQ(IsoSeconds({1500000, 0}), "1970-01-01T00:00:01.5");
  EXPECT_EQ(IsoSeconds({0, 0}), "1970-01-01T00:00:00");
  EXPECT_EQ(Months(123), "+10-03");
  EXPECT_EQ(Months(-123), "-10-03");
  EXPECT_EQ(Millis(123456789), "+1 10:17:36.789");
  EXPECT_EQ(Millis(-10), "-0 00:00:00.010");
}

TEST(TemporalTextTest, ParsesDates) {
  int32_t days = 0;
  EXPECT_TRUE(ParseDate("2021-9-27", &days));
  EXPECT_EQ(Date(days), "2021-09-27");
  EXPECT_TRUE(ParseDate(" 2021-01-01 ", &days));
  EXPECT_TRUE(ParseDate("123", &days));
  EXPECT_EQ(Date(days), "0123-01-01");
  EXPECT_TRUE(ParseDate("2021-09-27 12:34:56.123456789", &days));
  EXPECT_EQ(Date(days), "2021-09-27");
  for (const char* bad : {"", "foo", "2021/09/27", "2021-02-30", "2021-05-06T10:00:00"}) {
    EXPECT_FALSE(ParseDate(bad, &days)) << bad;
  }
}

TEST(TemporalTextTest, ParsesTimes) {
  int32_t millis = 0;
  EXPECT_TRUE(ParseTime("23", &millis));
  EXPECT_EQ(millis, 23 * 3600000);
  EXPECT_TRUE(ParseTime("1:2:3.4567", &millis));
  EXPECT_EQ(Time(millis, 3), "01:02:03.457");
  EXPECT_TRUE(ParseTime("12:3", &millis));
  for (const char* bad : {"", "foo", "123", "123:45", "2021-09-27 12:34:56", "1:2:3:4"}) {
    EXPECT_FALSE(ParseTime(bad, &millis)) << bad;
  }
}

TEST(TemporalTextTest, ParsesTimestamps) {
  Timestamp9 t;
  EXPECT_TRUE(ParseTimestamp("2021-02-30 10:00:00", &t));
  EXPECT_EQ(Stamp(t, 0), "2021-02-28 10:00:00");
  EXPECT_TRUE(ParseTimestamp("2021-1-1 1:2:3.123456789", &t));
  EXPECT_EQ(Stamp(t, 9), "2021-01-01 01:02:03.123456789");
  EXPECT_TRUE(ParseTimestamp("2021-01-01 24:00:00", &t));
  EXPECT_EQ(Stamp(t, 0), "2021-01-02 00:00:00");
  EXPECT_TRUE(ParseTimestamp("1950-06-07", &t));
  EXPECT_EQ(Iso(t), "1950-06-07T00:00");
  for (const char* bad : {"", "2021-01-01 10:00", "2021-01-01T10:00:00", "2021-01-01 10:00:00Z",
                          "123", "2021-13-01 00:00:00"}) {
    EXPECT_FALSE(ParseTimestamp(bad, &t)) << bad;
  }
  EXPECT_TRUE(ParseIsoTimestamp("2021-01-01T10:00", &t));
  EXPECT_TRUE(ParseIsoTimestamp("2021-01-01T10:00:00.5", &t));
  EXPECT_EQ(Iso(t), "2021-01-01T10:00:00.500");
  EXPECT_FALSE(ParseIsoTimestamp("2021-01-01T10:00:00Z", &t));
}

TEST(TemporalTextTest, TruncatesTowardThePast) {
  EXPECT_EQ(TruncateMicros(-1, 3), -1000);
  EXPECT_EQ(TruncateTimestamp({5, 789}, 7), (Timestamp9{5, 700}));
  EXPECT_EQ(TruncateTime(1234, 0), 1000);
}

}  // namespace
}  // namespace rhei
