#include <gtest/gtest.h>

#include "functions/function_test_kit.h"
#include "functions/registry.h"

namespace rhei::function_test {
namespace {

const DataType kText = DataType::String();

TEST(TemporalTest, Extracts) {
  const auto extract = [](std::string_view unit, const TestArgument& from) {
    return CallValue("EXTRACT", {Word(unit), from});
  };
  const TestArgument date = Date("2021-01-03");  // A Sunday.
  EXPECT_EQ(Call("EXTRACT", {Word("DAY"), date}), "3: BIGINT NOT NULL");
  EXPECT_EQ(extract("ISODOW", date), "7");
  EXPECT_EQ(extract("DOW", date), "1");
  EXPECT_EQ(extract("ISOYEAR", date), "2020");
  EXPECT_EQ(extract("WEEK", date), "53");
  EXPECT_EQ(extract("CENTURY", Date("2001-01-03")), "21");
  EXPECT_EQ(extract("DECADE", Date("2001-01-03")), "200");
  EXPECT_EQ(extract("MILLENNIUM", Date("2001-01-03")), "3");
  EXPECT_EQ(extract("DOY", Date("2001-02-03")), "34");
  const TestArgument old = Stamp("1969-06-15 10:20:30.400");
  EXPECT_EQ(extract("DAY", old), "16");
  EXPECT_EQ(extract("HOUR", old), "-13");
  EXPECT_EQ(extract("MILLISECOND", old), "-600");
  EXPECT_EQ(extract("EPOCH", old), "-17242769");
  const TestArgument stamp = Stamp("2000-01-31 11:22:33.123456789", 9);
  EXPECT_EQ(extract("NANOSECOND", stamp), "123456789");
  EXPECT_EQ(extract("MICROSECOND", stamp), "123456");
  EXPECT_EQ(extract("MILLISECOND", stamp), "123");
  EXPECT_EQ(extract("SECOND", stamp), "33");
  EXPECT_EQ(extract("EPOCH", Stamp("2020-01-01 00:00:01")), "1577836801");
  EXPECT_EQ(extract("HOUR", Time("10:11:12")), "10");
  EXPECT_EQ(extract("MICROSECOND", Time("10:11:12")).substr(0, 6), "error:");
  EXPECT_EQ(extract("WEEK", Time("10:11:12")),
            "error: unit WEEK can not be applied to time variable");
  EXPECT_EQ(extract("MONTH", Months(14)), "2");
  EXPECT_EQ(extract("DAY", Days(19)), "19");
  EXPECT_EQ(extract("DAY", Months(14)).substr(0, 6), "error:");
  EXPECT_EQ(CallValue("DAYOFWEEK", {date}), "1");
  EXPECT_EQ(CallValue("QUARTER", {Date("2001-05-03")}), "2");
  EXPECT_EQ(Call("YEAR", {NullOf(DataType::Date())}), "NULL: BIGINT");
  TestOptions shanghai;
  shanghai.session.time_zone = "Asia/Shanghai";
  EXPECT_EQ(CallValue("HOUR", {Ltz("2020-01-01 20:00:00")}, shanghai), "4");
}

std::string Floor(const TestArgument& time, std::string_view unit, std::string_view zone = "UTC") {
  TestOptions options;
  options.session.time_zone = zone;
  return CallValue("FLOOR", {time, Word(unit)}, options);
}
std::string Ceil(const TestArgument& time, std::string_view unit) {
  return CallValue("CEIL", {time, Word(unit)});
}

TEST(TemporalTest, FloorsAndCeils) {
  const TestArgument stamp = Stamp("2021-01-03 10:11:12.345");
  EXPECT_EQ(Floor(stamp, "WEEK"), "2021-01-03 00:00:00.000");
  EXPECT_EQ(Floor(Date("2021-02-27"), "WEEK"), "2021-02-21");
  EXPECT_EQ(Ceil(stamp, "MONTH"), "2021-02-01 00:00:00.000");
  EXPECT_EQ(Ceil(Stamp("2018-03-01 21:00:01", 0), "MONTH"), "2018-03-01 00:00:00");
  EXPECT_EQ(Floor(stamp, "SECOND"), "2021-01-03 10:11:12.000");
  EXPECT_EQ(Ceil(stamp, "DAY"), "2021-01-04 00:00:00.000");
  EXPECT_EQ(Ceil(Stamp("2018-03-01 00:00:00"), "DAY"), "2018-03-01 00:00:00.000");
  EXPECT_EQ(Ceil(Date("2021-05-03"), "DAY"), "2021-05-04");
  EXPECT_EQ(Floor(Date("2021-05-03"), "QUARTER"), "2021-04-01");
  EXPECT_EQ(Ceil(Date("2018-01-02"), "MILLENNIUM"), "3001-01-01");
  EXPECT_EQ(Floor(Stamp("2018-01-02 21:00:01", 0), "CENTURY"), "2001-01-01 00:00:00");
  EXPECT_EQ(Ceil(Stamp("2018-01-02 21:00:01", 0), "DECADE"), "2020-01-01 00:00:00");
  EXPECT_EQ(Ceil(Time("12:44:31"), "MINUTE"), "12:45:00.0");
  EXPECT_EQ(Ceil(Stamp("2021-09-24 09:20:50.924325", 6), "MILLISECOND"),
            "2021-09-24 09:20:50.924000");
  EXPECT_EQ(Floor(Ltz("2021-01-03 20:00:00"), "DAY", "Asia/Shanghai"), "2021-01-04 00:00:00.000");
}

std::string Diff(std::string_view unit, const TestArgument& a, const TestArgument& b) {
  return CallValue("TIMESTAMPDIFF", {Word(unit), a, b});
}

TEST(TemporalTest, AddsAndSubtracts) {
  EXPECT_EQ(Call("TIMESTAMPADD", {Word("DAY"), Int(1), Date("2020-01-31")}),
            "2020-02-01: DATE NOT NULL");
  EXPECT_EQ(Call("TIMESTAMPADD", {Word("HOUR"), Int(1), Date("2020-01-31")}),
            "2020-01-31 01:00:00.000000: TIMESTAMP(6) NOT NULL");
  EXPECT_EQ(CallValue("TIMESTAMPADD", {Word("MONTH"), Int(1), Stamp("2020-01-31 00:00:00", 0)}),
            "2020-02-29 00:00:00");
  EXPECT_EQ(CallValue("TIMESTAMPADD", {Word("SECOND"), Int(5), Time("10:00:00")}), "10:00:05.0");
  EXPECT_EQ(Call("TIMESTAMPDIFF",
                 {Word("MONTH"), Stamp("2020-01-31 00:00:00"), Stamp("2020-02-29 00:00:00")}),
            "1: INT NOT NULL");
  EXPECT_EQ(Diff("MONTH", Stamp("2020-03-31 10:00:00"), Stamp("2020-02-29 09:00:00")), "-2");
  EXPECT_EQ(Diff("MONTH", Stamp("2020-01-31 10:00:00"), Stamp("2020-02-29 09:00:00")), "0");
  EXPECT_EQ(Diff("MONTH", Stamp("2020-03-15 09:00:00"), Stamp("2020-02-15 10:00:00")), "-1");
  EXPECT_EQ(Diff("DAY", Date("2020-01-01"), Date("2020-03-01")), "60");
  EXPECT_EQ(Diff("WEEK", Date("2020-01-01"), Date("2020-03-01")), "8");
  EXPECT_EQ(Diff("YEAR", Date("2020-02-29"), Date("2021-02-28")), "1");
  EXPECT_EQ(Diff("QUARTER", Date("2020-01-01"), Date("2020-12-31")), "3");
  EXPECT_EQ(Diff("SECOND", Date("2020-01-01"), Stamp("2020-01-01 00:00:10")), "10");
  EXPECT_EQ(Diff("SECOND", Time("10:00:00"), Time("11:00:00")), "3600");
  EXPECT_EQ(Diff("DAY", Stamp("2020-01-02 00:00:00"), Stamp("2020-01-01 12:00:00")), "0");
  EXPECT_EQ(Diff("DAY", Ltz("2020-01-01 00:00:00"), Ltz("2020-01-02 00:00:00")), "1");
  EXPECT_EQ(Diff("DAY", Ltz("2020-01-01 00:00:00"), Date("2020-01-02")).substr(0, 6), "error:");
  EXPECT_EQ(Diff("MILLISECOND", Stamp("2020-01-01 00:00:00"), Stamp("2020-01-01 00:00:05.5")),
            "5000");
}

TEST(TemporalTest, Overlaps) {
  EXPECT_EQ(CallValue("OVERLAPS", {Date("2011-03-10"), Days(10), Date("2011-03-19"), Days(10)}),
            "TRUE");
  EXPECT_EQ(
      CallValue("OVERLAPS", {Stamp("2011-03-10 02:02:02.001"), Days(0),
                             Stamp("2011-03-10 02:02:02.002"), Stamp("2011-03-10 02:02:02.002")}),
      "FALSE");
  EXPECT_EQ(CallValue("OVERLAPS", {Stamp("2020-01-05 00:00:00"), Stamp("2020-01-01 00:00:00"),
                                   Stamp("2020-01-02 00:00:00"), Days(1)}),
            "TRUE");
}

TEST(TemporalTest, Now) {
  TestOptions options;
  options.now_micros = 1609459200123456;  // 2021-01-01T00:00:00.123456Z
  options.session.time_zone = "America/New_York";
  EXPECT_EQ(Call("CURRENT_DATE", {}, options), "2020-12-31: DATE NOT NULL");
  EXPECT_EQ(Call("CURRENT_TIME", {}, options), "19:00:00: TIME(0) NOT NULL");
  EXPECT_EQ(Call("CURRENT_TIMESTAMP", {}, options),
            "2020-12-31 19:00:00.123: TIMESTAMP_LTZ(3) NOT NULL");
  EXPECT_EQ(Call("LOCALTIMESTAMP", {}, options), "2020-12-31 19:00:00.123: TIMESTAMP(3) NOT NULL");
  EXPECT_EQ(CallValue("UNIX_TIMESTAMP", {}, options), "1609459200");
  options.session.batch_mode = true;
  EXPECT_EQ(CallValue("CURRENT_DATE", {}, options), "1969-12-31");
  EXPECT_EQ(CallValue("CURRENT_ROW_TIMESTAMP", {}, options), "2020-12-31 19:00:00.123");
}

TEST(TemporalTest, CurrentWatermark) {
  const FunctionDef* def = FindFunction("CURRENT_WATERMARK");
  EvalContext context;
  context.row_count = 2;
  const int64_t watermarks[] = {INT64_MIN, 5};
  context.row_watermarks = watermarks;
  Column out;
  def->eval(nullptr, context, {}, &out);
  EXPECT_TRUE(out.IsNull(0));
  EXPECT_EQ(out.data<int64_t>()[1], 5000);
  EXPECT_EQ(Call("CURRENT_WATERMARK", {Stamp("2020-01-01 00:00:00")}).substr(0, 6), "error:");
}

TEST(TemporalTest, TextByPatterns) {
  EXPECT_EQ(Call("DATE_FORMAT", {Stamp("2024-12-30 13:04:05.123456", 6), Str("YYYY-MM-dd SSSSSS")}),
            "2025-12-30 123456: STRING");
  EXPECT_EQ(CallValue("DATE_FORMAT", {Str("2024-01-02 03:04:05"), Str("yyyyMMdd")}), "20240102");
  EXPECT_EQ(CallValue("DATE_FORMAT", {Str("2024-01-05"), Str("yyyy")}), "NULL");
  EXPECT_EQ(CallValue("DATE_FORMAT", {Stamp("2024-12-30 13:04:05"), Str("b")}),
            "fails: Unknown pattern letter: b");
  EXPECT_EQ(Call("DATE_FORMAT", {Date("2024-12-30"), Str("yyyy")}).substr(0, 6), "error:");
  EXPECT_EQ(Call("FROM_UNIXTIME", {Int(1234567890)}), "2009-02-13 23:31:30: STRING");
  EXPECT_EQ(CallValue("FROM_UNIXTIME", {Int(-1), Str("yyyy HH:mm")}), "1969 23:59");
  TestOptions shanghai;
  shanghai.session.time_zone = "Asia/Shanghai";
  EXPECT_EQ(CallValue("FROM_UNIXTIME", {Int(0)}, shanghai), "1970-01-01 08:00:00");
  EXPECT_EQ(CallValue("UNIX_TIMESTAMP",
                      {Str("1970-01-01 08:00:01.001 +0800"), Str("yyyy-MM-dd HH:mm:ss.SSS X")}),
            "1");
  EXPECT_EQ(
      CallValue("UNIX_TIMESTAMP", {Str("2021-06-15 10:20:30 PST"), Str("yyyy-MM-dd HH:mm:ss z")}),
      "1623781230");
  EXPECT_EQ(Call("UNIX_TIMESTAMP", {Str("2009-02-31 00:00:00")}), "1236038400: BIGINT NOT NULL");
  EXPECT_EQ(CallValue("UNIX_TIMESTAMP", {Str("bad")}), "-9223372036854775808");
  EXPECT_EQ(
      CallValue("CONVERT_TZ", {Str("1970-01-01 00:00:00"), Str("UTC"), Str("America/Los_Angeles")}),
      "1969-12-31 16:00:00");
  EXPECT_EQ(CallValue("CONVERT_TZ", {Str("1970-01-01"), Str("UTC"), Str("UTC")}), "NULL");
  EXPECT_EQ(CallValue("CONVERT_TZ", {Str("1970-01-01 00:00:00"), Str("UTC"), Str("Nowhere")}),
            "1970-01-01 00:00:00");
}

TEST(TemporalTest, DatesFromText) {
  EXPECT_EQ(Call("TO_DATE", {Str("2024-2-3")}), "2024-02-03: DATE");
  EXPECT_EQ(CallValue("TO_DATE", {Str("2024-02-30")}), "NULL");
  EXPECT_EQ(CallValue("TO_DATE", {Str("2024-02-31"), Str("yyyy-MM-dd")}), "2024-03-02");
  EXPECT_EQ(Call("TO_TIMESTAMP", {Str("2024-02-30 01:02:03.123456")}),
            "2024-02-29 01:02:03.123: TIMESTAMP(3)");
  EXPECT_EQ(CallValue("TO_TIMESTAMP", {Str("2024-02-03T01:02:03")}), "NULL");
  EXPECT_EQ(CallValue("TO_TIMESTAMP", {Str("03/02/2024 01"), Str("dd/MM/yyyy HH")}),
            "2024-02-03 01:00:00.000");
  // What the pattern does not read may still be a plain timestamp, read leniently.
  EXPECT_EQ(CallValue("TO_TIMESTAMP", {Str("2024-1-5"), Str("yyyy/MM/dd")}),
            "2024-01-05 00:00:00.000");
  EXPECT_EQ(CallValue("TO_TIMESTAMP", {Str("2024-01-05 25:61:00"), Str("yyyy-MM-dd HH:mm:ss")}),
            "2024-01-06 02:01:00.000");
  EXPECT_EQ(CallValue("TO_TIMESTAMP", {Str("x"), Str("b")}), "NULL");
}

TEST(TemporalTest, InstantsFromNumbersAndText) {
  EXPECT_EQ(Call("TO_TIMESTAMP_LTZ", {Int(1234)}), "1970-01-01 00:00:01.234: TIMESTAMP_LTZ(3)");
  EXPECT_EQ(CallValue("TO_TIMESTAMP_LTZ", {Int(-100), Int(0)}), "1969-12-31 23:58:20.000");
  EXPECT_EQ(CallValue("TO_TIMESTAMP_LTZ", {Int(5), Int(1)}), "1970-01-01 00:00:00.500");
  EXPECT_EQ(Call("TO_TIMESTAMP_LTZ", {Int(1234), Int(9)}),
            "1970-01-01 00:00:00.000001234: TIMESTAMP_LTZ(9)");
  EXPECT_EQ(CallValue("TO_TIMESTAMP_LTZ", {Dec("12.5", 3, 1), Int(0)}), "1970-01-01 00:00:12.000");
  EXPECT_EQ(CallValue("TO_TIMESTAMP_LTZ", {Dbl(1.5), Int(0)}), "1970-01-01 00:00:01.500");
  EXPECT_EQ(CallValue("TO_TIMESTAMP_LTZ", {Dbl(12.3456), Int(3)}), "1970-01-01 00:00:00.012");
  EXPECT_EQ(CallValue("TO_TIMESTAMP_LTZ", {Dbl(-1.7e308), Int(0)}), "NULL");
  EXPECT_EQ(CallValue("TO_TIMESTAMP_LTZ", {Int(123), NullOf(DataType::Int())}), "NULL");
  EXPECT_EQ(
      Call("TO_TIMESTAMP_LTZ", {Str("20000202 59:59.1234567"), Str("yyyyMMdd mm:ss.SSSSSSS")}),
      "2000-02-02 00:59:59.1234567: TIMESTAMP_LTZ(7)");
  EXPECT_EQ(CallValue("TO_TIMESTAMP_LTZ", {Str("01/01/2023 08:00:00"), Str("dd/MM/yyyy HH:mm:ss"),
                                           Str("America/Los_Angeles")}),
            "2023-01-01 16:00:00.000");
  EXPECT_EQ(CallValue("TO_TIMESTAMP_LTZ", {Str("bad"), Str("yyyy")}), "NULL");
  EXPECT_EQ(CallValue("TO_TIMESTAMP_LTZ", {Str("bad")}), "fails: Text 'bad' could not be parsed");
}

}  // namespace
}  // namespace rhei::function_test
