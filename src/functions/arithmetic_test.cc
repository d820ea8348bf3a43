#include <gtest/gtest.h>

#include "functions/function_test_kit.h"

namespace rhei::function_test {
namespace {

TestArgument Tiny(int64_t value) {
  return Of(DataType::TinyInt(false), Value::Int(value));
}

TEST(ArithmeticTest, IntegersWrapAndKeepTheirType) {
  EXPECT_EQ(Call("+", {Int(1), Int(2)}), "3: INT NOT NULL");
  EXPECT_EQ(Call("+", {Int(2147483647), Int(1)}), "-2147483648: INT NOT NULL");
  EXPECT_EQ(Call("+", {Tiny(127), Tiny(1)}), "-128: TINYINT NOT NULL");
  EXPECT_EQ(Call("-", {Tiny(-128)}), "-128: TINYINT NOT NULL");
  EXPECT_EQ(Call("*", {BigInt(INT64_MAX), Int(2)}), "-2: BIGINT NOT NULL");
  EXPECT_EQ(Call("/", {Int(-7), Int(2)}), "-3: INT NOT NULL");
  EXPECT_EQ(Call("/", {Int(-2147483648), Int(-1)}), "-2147483648: INT NOT NULL");
  EXPECT_EQ(Call("%", {Int(-7), Int(3)}), "-1: INT NOT NULL");
  EXPECT_EQ(Call("%", {BigInt(-7), Tiny(3)}), "-1: TINYINT NOT NULL");
  EXPECT_EQ(Call("%", {Tiny(5), Int(3)}), "2: INT NOT NULL");
  EXPECT_EQ(Call("+", {Int(1), NullOf(DataType::Int())}), "NULL: INT");
}

TEST(ArithmeticTest, DivisionByZeroFails) {
  EXPECT_EQ(Call("/", {Int(1), Int(0)}), "fails: / by zero: INT NOT NULL");
  EXPECT_EQ(Call("%", {Int(1), Int(0)}), "fails: / by zero: INT NOT NULL");
  EXPECT_EQ(Call("/", {Dec("1.5", 2, 1), Int(0)}),
            "fails: Division by zero: DECIMAL(13, 12) NOT NULL");
  EXPECT_EQ(Call("/", {Dbl(1), Int(0)}), "Infinity: DOUBLE NOT NULL");
  EXPECT_EQ(CallValue("/", {NullOf(DataType::Int()), Int(0)}), "NULL");
}

TEST(ArithmeticTest, DecimalsAreExact) {
  EXPECT_EQ(Call("+", {Int(1), Dec("1.50", 5, 2)}), "2.50: DECIMAL(13, 2) NOT NULL");
  EXPECT_EQ(Call("*", {Dec("0.908", 3, 3), BigInt(1000)}), "908.000: DECIMAL(23, 3) NOT NULL");
  EXPECT_EQ(Call("*", {Dec("-0.5", 2, 1), Dec("3", 1, 0)}), "-1.5: DECIMAL(4, 1) NOT NULL");
  EXPECT_EQ(CallValue("/", {Dec("1", 7, 0), Dec("3", 5, 0)}), "0.333333");
  EXPECT_EQ(Call("%", {Dec("5.5", 2, 1), Int(2)}), "1.5: DECIMAL(2, 1) NOT NULL");
  EXPECT_EQ(Call("%", {Dec("7", 5, 0), Int(4)}), "3: INT NOT NULL");
  EXPECT_EQ(Call("-", {Dec("1.50", 5, 2)}), "-1.50: DECIMAL(5, 2) NOT NULL");
  EXPECT_EQ(Call("+", {Dec("1.5", 2, 1), Dbl(1)}), "2.5: DOUBLE NOT NULL");
  // Overflow is NULL whatever the type says.
  const TestArgument nines = Dec(std::string(38, '9'), 38, 0);
  EXPECT_EQ(CallValue("+", {nines, nines}), "NULL");
  EXPECT_EQ(CallValue("*", {nines, Int(10)}), "NULL");
  EXPECT_EQ(CallValue("-", {nines, nines}), "0");
}

TEST(ArithmeticTest, DatesAndIntervals) {
  EXPECT_EQ(Call("+", {Date("2020-01-31"), Months(1)}), "2020-02-29: DATE NOT NULL");
  EXPECT_EQ(Call("-", {Date("2020-03-01"), Days(1)}), "2020-02-29: DATE NOT NULL");
  EXPECT_EQ(CallValue("+", {Days(1), Stamp("2020-01-01 00:00:00.12")}), "2020-01-02 00:00:00.120");
  EXPECT_EQ(CallValue("-", {Stamp("1970-02-01 00:00:00.123456789", 9), Months(1)}),
            "1970-01-01 00:00:00.123456789");
  const TestArgument hours =
      Of(DataType::IntervalDayTime("HOUR", 2, 3, false), Value::Int(-12 * 3600 * 1000));
  EXPECT_EQ(CallValue("+", {hours, Time("10:20:45")}), "22:20:45.0");
  EXPECT_EQ(CallValue("-", {Months(24), Months(12)}), "+1-00");
  EXPECT_EQ(CallValue("*", {Int(2), Months(3)}), "+0-06");
  EXPECT_EQ(CallValue("*", {Days(2), Int(3)}), "+6 00:00:00.000");
  EXPECT_EQ(CallValue("-", {Days(2)}), "-2 00:00:00.000");
}

TEST(ArithmeticTest, RefusesWhatHasNoSum) {
  EXPECT_EQ(Call("+", {Str("1"), Int(2)}),
            "error: Cannot apply '+' to arguments of type '<VARCHAR(2147483647)> + <INTEGER>'. "
            "Supported form(s): '<NUMERIC> + <NUMERIC>'");
  EXPECT_EQ(Call("%", {Int(5), Dbl(2)}),
            "error: Cannot apply '%' to arguments of type '<INTEGER> % <DOUBLE>'. Supported "
            "form(s): '<EXACT_NUMERIC> % <EXACT_NUMERIC>'");
  EXPECT_EQ(Call("-", {Date("2020-01-01"), Date("2020-01-01")}).substr(0, 6), "error:");
}

}  // namespace
}  // namespace rhei::function_test
