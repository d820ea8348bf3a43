#include "types/number_text.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace rhei {
namespace {

TEST(NumberTextTest, PrintsDoublesAsJava) {
  EXPECT_EQ(DoubleToString(0.0), "0.0");
  EXPECT_EQ(DoubleToString(-0.0), "-0.0");
  EXPECT_EQ(DoubleToString(1), "1.0");
  EXPECT_EQ(DoubleToString(123.456789), "123.456789");
  EXPECT_EQ(DoubleToString(9999999), "9999999.0");
  EXPECT_EQ(DoubleToString(1e7), "1.0E7");
  EXPECT_EQ(DoubleToString(0.001), "0.001");
  EXPECT_EQ(DoubleToString(0.0012345), "0.0012345");
  EXPECT_EQ(DoubleToString(0.000999), "9.99E-4");
  EXPECT_EQ(DoubleToString(-3.27691344313487E12), "-3.27691344313487E12");
  EXPECT_EQ(DoubleToString(std::numeric_limits<double>::denorm_min()), "4.9E-324");
  EXPECT_EQ(DoubleToString(std::numeric_limits<double>::max()), "1.7976931348623157E308");
  EXPECT_EQ(DoubleToString(std::nan("")), "NaN");
  EXPECT_EQ(DoubleToString(-HUGE_VAL), "-Infinity");
  EXPECT_EQ(FloatToString(123.456F), "123.456");
  EXPECT_EQ(FloatToString(1.1e-5F), "1.1E-5");
}

NumberParse Int(std::string_view text, int64_t* value) {
  return ParseInteger(text, INT64_MIN, INT64_MAX, value);
}

TEST(NumberTextTest, ParsesIntegers) {
  int64_t v = 0;
  EXPECT_EQ(Int(" 12 ", &v), NumberParse::kOk);
  EXPECT_EQ(v, 12);
  EXPECT_EQ(Int("-1.9", &v), NumberParse::kOk);
  EXPECT_EQ(v, -1);
  EXPECT_EQ(Int(".", &v), NumberParse::kOk);
  EXPECT_EQ(v, 0);
  EXPECT_EQ(Int("-9223372036854775808", &v), NumberParse::kOk);
  EXPECT_EQ(v, INT64_MIN);
  EXPECT_EQ(Int("9223372036854775808", &v), NumberParse::kOverflow);
  EXPECT_EQ(ParseInteger("-130", -128, 127, &v), NumberParse::kOverflow);
  EXPECT_EQ(Int("", &v), NumberParse::kEmpty);
  for (const char* bad : {"+", "1e3", "1.x", "a", "1 2"}) {
    EXPECT_EQ(Int(bad, &v), NumberParse::kInvalid) << bad;
  }
}

TEST(NumberTextTest, ParsesDoubles) {
  double v = 0;
  EXPECT_EQ(ParseDouble(" 1e3 ", &v), NumberParse::kOk);
  EXPECT_EQ(v, 1000);
  EXPECT_EQ(ParseDouble("0x1p3", &v), NumberParse::kOk);
  EXPECT_EQ(v, 8);
  EXPECT_EQ(ParseDouble("1d", &v), NumberParse::kOk);
  EXPECT_EQ(v, 1);
  EXPECT_EQ(ParseDouble("1e999", &v), NumberParse::kOk);
  EXPECT_EQ(v, HUGE_VAL);
  EXPECT_EQ(ParseDouble("-1e-999", &v), NumberParse::kOk);
  EXPECT_EQ(v, 0);
  EXPECT_EQ(ParseDouble("-Infinity", &v), NumberParse::kOk);
  EXPECT_EQ(v, -HUGE_VAL);
  EXPECT_EQ(ParseDouble("", &v), NumberParse::kEmpty);
  for (const char* bad : {"nan", "inf", "1.2.3", "d", "abc", "0x1", "1e"}) {
    EXPECT_EQ(ParseDouble(bad, &v), NumberParse::kInvalid) << bad;
  }
}

}  // namespace
}  // namespace rhei
