#pragma once
// For tests of functions: types a call, casts its arguments as the binder would, runs the kernel
// and returns the result as text. Two rows are evaluated: the arguments as constants and as columns
// must agree.
#include <string>
#include <string_view>
#include <vector>

#include "functions/function.h"

namespace rhei::function_test {

struct TestArgument {
  DataType type;
  Value value;
  std::string symbol = {};  // a keyword when not empty
  bool literal = true;      // known when the call is typed and opened
};

struct TestOptions {
  SessionSettings session;
  int64_t now_micros = 0;
  const DataType* target_type = nullptr;
};

TestArgument Int(int64_t value);
TestArgument BigInt(int64_t value);
TestArgument Dbl(double value);
TestArgument Bool(bool value);
TestArgument Str(std::string_view value);
// An unscaled value of DECIMAL(precision, scale), from its text.
TestArgument Dec(std::string_view text, int precision, int scale);
TestArgument Date(std::string_view text);
TestArgument Time(std::string_view text);
TestArgument Stamp(std::string_view text, int precision = 3);
TestArgument Ltz(std::string_view utc_text, int precision = 3);
TestArgument Days(int64_t days);      // INTERVAL DAY
TestArgument Months(int64_t months);  // INTERVAL MONTH
TestArgument Word(std::string_view symbol);
TestArgument NullOf(DataType type);
TestArgument Of(DataType type, Value value);
// The same argument as an expression would give it, not known beforehand.
TestArgument Varying(TestArgument argument);
// What a call gives, as an argument of another call. The call must not fail.
TestArgument ResultOf(std::string_view function, std::vector<TestArgument> arguments);

// "3: INT NOT NULL", "NULL: INT", "fails: Division by zero: INT" of a row, or "error: ..." of
// typing the call or opening it.
std::string Call(std::string_view function, std::vector<TestArgument> arguments,
                 const TestOptions& options = {});
// As Call, without the type.
std::string CallValue(std::string_view function, std::vector<TestArgument> arguments,
                      const TestOptions& options = {});
std::string CastText(const TestArgument& argument, const DataType& to,
                     std::string_view zone = "UTC");

}  // namespace rhei::function_test
