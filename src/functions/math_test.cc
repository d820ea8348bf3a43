#include <gtest/gtest.h>

#include "functions/function_test_kit.h"
#include "functions/registry.h"

namespace rhei::function_test {
namespace {

TestArgument Tiny(int64_t value) {
  return Of(DataType::TinyInt(false), Value::Int(value));
}

TEST(MathTest, RoundsNumbersOfEveryType) {
  EXPECT_EQ(Call("ROUND", {Dec("1.255", 4, 3), Int(2)}), "1.26: DECIMAL(4, 2) NOT NULL");
  EXPECT_EQ(Call("ROUND", {Dec("1.5", 2, 1)}), "2: DECIMAL(2, 0) NOT NULL");
  EXPECT_EQ(Call("ROUND", {Int(155), Int(-1)}), "160: INT NOT NULL");
  EXPECT_EQ(CallValue("ROUND", {Tiny(123), Int(-2)}), "100");
  EXPECT_EQ(Call("ROUND", {Dbl(1.255), Int(2)}), "1.26: DOUBLE NOT NULL");
  EXPECT_EQ(CallValue("ROUND", {Dbl(-2.5)}), "-3.0");
  EXPECT_EQ(CallValue("ROUND", {Dbl(9.99), Int(1)}), "10.0");
  EXPECT_EQ(CallValue("ROUND", {Dbl(0.04), Int(1)}), "0.0");
  EXPECT_EQ(CallValue("ROUND", {Dbl(1e300), Int(1)}), "1.0E300");
  EXPECT_EQ(CallValue("ROUND", {Dbl(155), Int(-1)}), "160.0");
  EXPECT_EQ(CallValue("ROUND", {Dbl(55), Int(-2)}), "100.0");
  EXPECT_EQ(CallValue("ROUND", {Dbl(45), Int(-2)}), "0.0");
  EXPECT_EQ(CallValue("ROUND", {Dec("646.646", 6, 3), Int(-4)}), "0");
  EXPECT_EQ(Call("ROUND", {Dec("1.2345", 5, 4), NullOf(DataType::Int())}), "NULL: DECIMAL(5, 4)");
  EXPECT_EQ(Call("TRUNCATE", {Dec("1.259", 4, 3), Int(2)}), "1.25: DECIMAL(4, 2) NOT NULL");
  EXPECT_EQ(CallValue("TRUNCATE", {Int(159), Int(-1)}), "150");
  EXPECT_EQ(CallValue("TRUNCATE", {Dbl(1.999)}), "1.0");
  EXPECT_EQ(CallValue("TRUNCATE", {Dbl(0.46), Int(1)}), "0.4");
}

TEST(MathTest, FloorCeilAbsSign) {
  EXPECT_EQ(Call("CEIL", {Dec("1.2", 2, 1)}), "2: DECIMAL(2, 0) NOT NULL");
  EXPECT_EQ(Call("FLOOR", {Dec("-1.2", 2, 1)}), "-2: DECIMAL(2, 0) NOT NULL");
  EXPECT_EQ(Call("CEILING", {Dbl(1.2)}), "2.0: DOUBLE NOT NULL");
  EXPECT_EQ(Call("CEIL", {Int(5)}), "5: INT NOT NULL");
  EXPECT_EQ(CallValue("ABS", {Int(-2147483648)}), "-2147483648");
  EXPECT_EQ(CallValue("ABS", {Dec("-1.50", 5, 2)}), "1.50");
  EXPECT_EQ(Call("SIGN", {Dec("-1.5", 2, 1)}), "-1.0: DECIMAL(2, 1) NOT NULL");
  EXPECT_EQ(CallValue("SIGN", {Dbl(-2)}), "-1.0");
  EXPECT_EQ(CallValue("SIGN", {Int(0)}), "0");
  EXPECT_EQ(Call("ABS", {Str("4")}).substr(0, 6), "error:");
}

TEST(MathTest, Doubles) {
  EXPECT_EQ(Call("POWER", {Int(2), Int(3)}), "8.0: DOUBLE NOT NULL");
  EXPECT_EQ(CallValue("LOG", {Int(2), Int(8)}), "3.0");
  EXPECT_EQ(CallValue("LOG2", {Int(100)}), "6.643856189774725");
  EXPECT_EQ(CallValue("LN", {Int(-1)}), "NaN");
  EXPECT_EQ(CallValue("COT", {Dbl(2.5)}), "-1.3386481283041514");
  EXPECT_EQ(CallValue("DEGREES", {Int(1)}), "57.29577951308232");
  EXPECT_EQ(CallValue("PI", {}), "3.141592653589793");
  EXPECT_EQ(CallValue("ATAN2", {Int(1), Int(2)}), "0.4636476090008061");
}

TEST(MathTest, RandomNumbersAreJavas) {
  EXPECT_EQ(CallValue("RAND", {Int(1)}), "0.7308781907032909");
  EXPECT_EQ(CallValue("RAND", {Int(10)}), "0.7304302967434272");
  EXPECT_EQ(CallValue("RAND_INTEGER", {Int(5), Int(10)}), "7");
  EXPECT_EQ(CallValue("RAND_INTEGER", {Int(1), Int(10)}), "5");
  EXPECT_EQ(CallValue("RAND_INTEGER", {Int(3), Int(3)}), "2");
  EXPECT_EQ(CallValue("RAND_INTEGER", {Int(3), Int(99)}), "50");
  EXPECT_EQ(CallValue("RAND_INTEGER", {Int(0)}), "fails: bound must be positive");
  const std::string uuid = CallValue("UUID", {});
  EXPECT_EQ(uuid.size(), 36U);
  EXPECT_EQ(uuid[14], '4');
}

TEST(MathTest, RandomNumbersGoOnFromBatchToBatch) {
  const FunctionDef* rand = FindFunction("RAND");
  const Value seed = Value::Int(1);
  const ArgumentInfo argument{DataType::Int(false), &seed, {}};
  const CallInfo call{{&argument, 1}, nullptr};
  const Result<CallTyping> typing = rand->infer(call);
  ASSERT_TRUE(typing.ok());
  const SessionSettings session;
  Result<std::unique_ptr<FunctionState>> state = rand->open({call, &typing->result, &session, 0});
  ASSERT_TRUE(state.ok());
  const EvalFn eval = rand->eval != nullptr ? rand->eval : rand->choose(call, typing->result);
  std::vector<double> numbers;
  for (const int32_t rows : {1, 2}) {
    EvalContext context;
    context.row_count = rows;
    context.session = &session;
    const std::vector<Column> arguments{MakeConstant(seed, DataType::Int(false), rows)};
    Column out;
    eval(state->get(), context, arguments, &out);
    const ColumnReader<double> values(out);
    for (int32_t row = 0; row < rows; ++row) numbers.push_back(values[row]);
  }
  EXPECT_EQ(numbers,
            (std::vector<double>{0.7308781907032909, 0.41008081149220166, 0.20771484130971707}));
}

TEST(MathTest, DigitsOfNumbers) {
  EXPECT_EQ(Call("BIN", {Int(5)}), "101: STRING NOT NULL");
  EXPECT_EQ(CallValue("BIN", {Int(-1)}), std::string(64, '1'));
  EXPECT_EQ(CallValue("HEX", {Int(255)}), "FF");
  EXPECT_EQ(CallValue("HEX", {Int(0)}), "0");
  EXPECT_EQ(CallValue("HEX", {Str("\xc3\xb6")}), "C3B6");
  EXPECT_EQ(Call("UNHEX", {Str("616263")}), "x'616263': BYTES");
  EXPECT_EQ(CallValue("UNHEX", {Str("6")}), "x'00'");
  EXPECT_EQ(CallValue("UNHEX", {Str("zz")}), "NULL");
  EXPECT_EQ(Call("BIN", {Str("5")}).substr(0, 6), "error:");
}

}  // namespace
}  // namespace rhei::function_test
