#include "functions/cast.h"

#include <gtest/gtest.h>

#include <cmath>

#include "functions/function_test_kit.h"

namespace rhei::function_test {
namespace {

const DataType kString = DataType::String();

std::string FromText(std::string_view text, const DataType& to, std::string_view zone = "UTC") {
  return CastText(Str(text), to, zone);
}

TEST(CastTest, NumbersWrapAndSaturate) {
  EXPECT_EQ(CastText(BigInt(12345678901), DataType::Int()), "-539222987");
  EXPECT_EQ(CastText(BigInt(-12345678901), DataType::TinyInt()), "-53");
  EXPECT_EQ(CastText(Dbl(1e20), DataType::Int()), "2147483647");
  EXPECT_EQ(CastText(Dbl(1e20), DataType::BigInt()), "9223372036854775807");
  EXPECT_EQ(CastText(Dbl(1e20), DataType::TinyInt()), "-1");
  EXPECT_EQ(CastText(Dbl(NAN), DataType::Int()), "0");
  EXPECT_EQ(CastText(Dbl(-123.9), DataType::SmallInt()), "-123");
  EXPECT_EQ(CastText(Dec("3276913443134.87", 20, 3), DataType::Int()), "-146603714");
  EXPECT_EQ(CastText(Dec("9.87", 4, 3), DataType::TinyInt()), "9");
  EXPECT_EQ(CastText(Dec("3276913443134.87", 20, 3), DataType::Double()), "3.27691344313487E12");
  EXPECT_EQ(CastText(BigInt(0), DataType::Boolean()), "FALSE");
  EXPECT_EQ(CastText(Bool(true), DataType::Decimal(5, 3)), "1.000");
  EXPECT_EQ(CastText(Dbl(-12.345), DataType::Float()), "-12.345");
}

TEST(CastTest, DecimalsRoundAndOverflowToNull) {
  EXPECT_EQ(CastText(Dec("12.34561234", 10, 8), DataType::Decimal(8, 4)), "12.3456");
  EXPECT_EQ(CastText(Dbl(12345.678912), DataType::Decimal(8, 4)), "NULL");
  EXPECT_EQ(CastText(Dbl(-12.345), DataType::Decimal(5, 3)), "-12.345");
  EXPECT_EQ(CastText(Int(123), DataType::Decimal(2, 0)), "NULL");
  EXPECT_EQ(CastText(Int(-128), DataType::Decimal(38, 2)), "-128.00");
  EXPECT_EQ(CastText(Dbl(NAN), DataType::Decimal(5, 2)).substr(0, 5), "fails");
  EXPECT_EQ(CastText(Dec("1.5", 5, 1), DataType::Decimal(20, 3)), "1.500");
}

TEST(CastTest, NumbersFromText) {
  EXPECT_EQ(FromText("1.234", DataType::TinyInt()), "1");
  EXPECT_EQ(FromText(" 12 ", DataType::Int()), "12");
  EXPECT_EQ(FromText("-3276913443134", DataType::BigInt()), "-3276913443134");
  EXPECT_EQ(FromText("-130", DataType::TinyInt()), "fails: For input string: '-130'. Overflow.");
  EXPECT_EQ(FromText("", DataType::Int()), "fails: For input string: ''. Input is empty.");
  EXPECT_EQ(FromText("1e3", DataType::Int()),
            "fails: For input string: '1e3'. Invalid character found.");
  EXPECT_EQ(FromText("123", DataType::Double()), "123.0");
  EXPECT_EQ(FromText("1.234", DataType::Float()), "1.234");
  EXPECT_EQ(FromText("Apache", DataType::Double()).substr(0, 5), "fails");
  EXPECT_EQ(FromText("1.2", DataType::Decimal(5, 3)), "1.200");
  EXPECT_EQ(FromText("123456", DataType::Decimal(5, 3)).substr(0, 5), "fails");
  EXPECT_EQ(FromText("FalsE", DataType::Boolean()), "FALSE");
  EXPECT_EQ(FromText("y", DataType::Boolean()), "TRUE");
  EXPECT_EQ(FromText("foo", DataType::Boolean()), "fails: Cannot parse 'foo' as BOOLEAN.");
  EXPECT_EQ(CastText(NullOf(DataType::String()), DataType::Int()), "NULL");
}

TEST(CastTest, TryCastGivesNull) {
  TestOptions options;
  const DataType to = DataType::Int();
  options.target_type = &to;
  EXPECT_EQ(Call("TRY_CAST", {Str("x")}, options), "NULL: INT");
  EXPECT_EQ(Call("TRY_CAST", {Str("5")}, options), "5: INT");
  EXPECT_EQ(Call("CAST", {Str("5")}, options), "5: INT NOT NULL");
}

TEST(CastTest, TimesFromText) {
  EXPECT_EQ(FromText("2021-9-27", DataType::Date()), "2021-09-27");
  EXPECT_EQ(FromText("2021/09/27", DataType::Date()).substr(0, 5), "fails");
  EXPECT_EQ(FromText("23", DataType::Time(0)), "23:00:00");
  EXPECT_EQ(FromText("1:2:3.4567", DataType::Time(3)), "01:02:03.457");
  EXPECT_EQ(FromText("2021-09-27 12:34:56.123456789", DataType::Timestamp(3)),
            "2021-09-27 12:34:56.123");
  EXPECT_EQ(FromText("2021-09-27 12:34:56.123456789", DataType::Timestamp(9)),
            "2021-09-27 12:34:56.123456789");
  EXPECT_EQ(FromText("2021-09-27T12:34:56", DataType::Timestamp(3)).substr(0, 5), "fails");
  // Read and printed in the zone of the session.
  EXPECT_EQ(FromText("2021-09-27 12:34:56.123", DataType::TimestampLtz(9), "Asia/Shanghai"),
            "2021-09-27 12:34:56.123000000");
}

TEST(CastTest, TimesAmongThemselves) {
  const TestArgument stamp = Stamp("1969-12-31 23:34:56.987654", 6);
  EXPECT_EQ(CastText(stamp, DataType::Timestamp(3)), "1969-12-31 23:34:56.987");
  EXPECT_EQ(CastText(stamp, DataType::Timestamp(9)), "1969-12-31 23:34:56.987654000");
  EXPECT_EQ(CastText(stamp, DataType::Date()), "1970-01-01");
  EXPECT_EQ(CastText(stamp, DataType::Time(3)), "23:34:56.987");
  EXPECT_EQ(CastText(stamp, DataType::Time(0)), "23:34:57");
  EXPECT_EQ(CastText(Date("2021-09-24"), DataType::Timestamp(9)), "2021-09-24 00:00:00.000000000");
  EXPECT_EQ(CastText(Time("12:34:56.123"), DataType::Timestamp(3)), "1970-01-01 12:34:56.123");
  EXPECT_EQ(CastText(Date("2021-01-01"), DataType::Int()),
            "error: Cast function cannot convert value of type DATE to type INTEGER");
  // An instant in New York.
  const TestArgument instant = Ltz("2021-01-01 02:00:00");
  EXPECT_EQ(CastText(instant, kString, "America/New_York"), "2020-12-31 21:00:00.000");
  EXPECT_EQ(CastText(instant, DataType::Date(), "America/New_York"), "2020-12-31");
  EXPECT_EQ(CastText(instant, DataType::Timestamp(0), "America/New_York"), "2020-12-31 21:00:00");
  EXPECT_EQ(CastText(Stamp("2020-12-31 21:00:00"), DataType::TimestampLtz(0), "America/New_York"),
            "2020-12-31 21:00:00");
}

TEST(CastTest, Intervals) {
  EXPECT_EQ(CastText(Int(5), DataType::IntervalYearMonth("MONTH")), "+0-05");
  EXPECT_EQ(CastText(Int(84), DataType::IntervalYearMonth("YEAR")), "+7-00");
  EXPECT_EQ(CastText(Int(7), DataType::IntervalDayTime("DAY")), "+0 00:00:00.007");
  EXPECT_EQ(CastText(Months(84), kString), "+7-00");
}

TEST(CastTest, TextAndBytesHaveLengths) {
  EXPECT_EQ(CastText(Str("abcdef"), DataType::Char(3)), "abc");
  EXPECT_EQ(CastText(Str("foo"), DataType::Char(5)), "foo  ");
  EXPECT_EQ(CastText(Str("foo"), DataType::Char(15)), "foo            ");
  EXPECT_EQ(CastText(Str("\xf0\x9f\x98\x80xyz"), DataType::Varchar(2)), "\xf0\x9f\x98\x80x");
  EXPECT_EQ(CastText(Bool(true), DataType::Char(3)), "TRU");
  EXPECT_EQ(CastText(Int(12345), DataType::Varchar(3)), "123");
  EXPECT_EQ(CastText(Str("a"), DataType::Binary(3)), "x'610000'");
  EXPECT_EQ(CastText(Str("AAbbCc"), DataType::Varbinary(4)), "x'41416262'");
  EXPECT_EQ(CastText(Of(DataType::Bytes(), Value::Text("hi")), kString), "hi");
  EXPECT_EQ(CastText(Int(1), DataType::Bytes()).substr(0, 6), "error:");
}

TEST(CastTest, NestedValues) {
  const DataType ints = DataType::Array(DataType::Int(), false);
  const TestArgument list = Of(ints, Value::Nested({Value::Null(), Value::Int(456)}));
  EXPECT_EQ(CastText(list, kString), "[NULL, 456]");
  EXPECT_EQ(CastText(list, DataType::Array(DataType::String())), "[NULL, 456]");
  EXPECT_EQ(CastText(list, DataType::Array(DataType::TinyInt())), "[NULL, -56]");
  const DataType texts = DataType::Array(DataType::String(), false);
  EXPECT_EQ(CastText(Of(texts, Value::Nested({Value::Text("1"), Value::Null()})), ints),
            "[1, NULL]");
  EXPECT_EQ(CastText(Of(texts, Value::Nested({Value::Text("1"), Value::Text("a")})), ints),
            "fails: For input string: 'a'. Invalid character found.");
  const DataType row = DataType::Row(
      {{"a", DataType::Int(), ""}, {"b", DataType::String(), ""}, {"c", DataType::Boolean(), ""}},
      false);
  const TestArgument value =
      Of(row, Value::Nested({Value::Null(), Value::Text("abc"), Value::Bool(true)}));
  EXPECT_EQ(CastText(value, kString), "(NULL, abc, TRUE)");
  const DataType map = DataType::Map(DataType::String(false), DataType::IntervalYearMonth(), false);
  EXPECT_EQ(CastText(Of(map, Value::Nested({Value::Text("a"), Value::Int(-123)})), kString),
            "{a=-10-03}");
}

}  // namespace
}  // namespace rhei::function_test
