#include "functions/comparison.h"

#include <gtest/gtest.h>

#include <cmath>

#include "functions/function_test_kit.h"
#include "functions/registry.h"

namespace rhei::function_test {
namespace {

TEST(ComparisonTest, ComparesEveryKindOfValue) {
  EXPECT_EQ(Call("=", {Int(1), BigInt(1)}), "TRUE: BOOLEAN NOT NULL");
  EXPECT_EQ(CallValue("<", {Int(1), Dbl(1.5)}), "TRUE");
  EXPECT_EQ(CallValue(">", {Bool(true), Bool(false)}), "TRUE");
  EXPECT_EQ(CallValue(">=", {Str("b"), Str("a")}), "TRUE");
  EXPECT_EQ(CallValue("<", {Str("a"), Str("\xc3\xa4")}), "TRUE");
  EXPECT_EQ(CallValue("=", {Str("a"), Str("a ")}), "FALSE");
  EXPECT_EQ(CallValue("<>", {Date("2020-01-01"), Str("2020-01-02")}), "TRUE");
  EXPECT_EQ(
      CallValue("<", {Stamp("2020-01-01 00:00:00"), Stamp("2020-01-01 00:00:00.000000001", 9)}),
      "TRUE");
  EXPECT_EQ(Call("=", {Int(1), NullOf(DataType::Int())}), "NULL: BOOLEAN");
}

TEST(ComparisonTest, DecimalsCompareExactly) {
  EXPECT_EQ(CallValue("=", {Dec("1.50", 5, 2), Dec("1.5", 20, 1)}), "TRUE");
  EXPECT_EQ(CallValue("<", {Dec("1.50", 5, 2), BigInt(2)}), "TRUE");
  EXPECT_EQ(
      CallValue(">", {Dec("1", 38, 0), Dec("0.99999999999999999999999999999999999999", 38, 38)}),
      "TRUE");
  EXPECT_EQ(CallValue("<=", {Int(2), Dec("1.50", 5, 2)}), "FALSE");
}

TEST(ComparisonTest, NaNIsLikeNothing) {
  EXPECT_EQ(CallValue("=", {Dbl(NAN), Dbl(NAN)}), "FALSE");
  EXPECT_EQ(CallValue(">", {Dbl(NAN), Dbl(1)}), "FALSE");
  EXPECT_EQ(CallValue("=", {Dbl(0.0), Dbl(-0.0)}), "TRUE");
}

TEST(ComparisonTest, TextThatIsNoTimeComparesToNull) {
  const FunctionDef* equal = FindFunction("=");
  const DataType types[] = {DataType::String(false), DataType::Date(false)};
  const ArgumentInfo infos[] = {{types[0], nullptr, ""}, {types[1], nullptr, ""}};
  OpenContext open;
  open.call = {infos, nullptr};
  const Result<CallTyping> typing = equal->infer(open.call);
  ASSERT_TRUE(typing.ok());
  EXPECT_EQ(typing->result.ToString(), "BOOLEAN");
  const SessionSettings session;
  open.session = &session;
  open.result_type = &typing->result;
  const Result<std::unique_ptr<FunctionState>> state = equal->open(open);
  ASSERT_TRUE(state.ok());
  EvalContext context;
  context.row_count = 1;
  for (const auto& [text, expected] :
       {std::pair("bad", "NULL"), std::pair("2020-01-01", "TRUE"), std::pair("2021", "FALSE")}) {
    const Column columns[] = {MakeConstant(Value::Text(text), types[0], 1),
                              MakeConstant(Value::Int(18262), types[1], 1)};
    Column out;
    equal->choose(open.call, typing->result)(state->get(), context,
                                             std::span<const Column>(columns, 2), &out);
    EXPECT_FALSE(context.has_failures());
    const Value value = GetValue(out, 0, typing->result);
    const std::string got = value.is_null() ? "NULL" : value.bool_value() ? "TRUE" : "FALSE";
    EXPECT_EQ(got, expected) << text;
  }
}

TEST(ComparisonTest, TextAgainstOtherTypes) {
  EXPECT_EQ(Call("=", {Str("1"), Int(1)}),
            "error: implicit type conversion between VARCHAR and INTEGER is not supported now");
  EXPECT_EQ(CallValue("<", {Str("10"), Int(9)}), "FALSE");
  EXPECT_EQ(CallValue(">", {Bool(true), Str("false")}), "TRUE");
  EXPECT_EQ(CallValue("=", {Bool(true), Str("true")}), "FALSE");
  EXPECT_EQ(Call("<", {Date("2020-01-01"), Stamp("2020-01-01 00:00:01", 0)}),
            "error: Cannot apply '<' to arguments of type '<DATE> < <TIMESTAMP(0)>'. Supported "
            "form(s): '<COMPARABLE_TYPE> < <COMPARABLE_TYPE>'");
}

TEST(ComparisonTest, NestedValues) {
  const DataType array = DataType::Array(DataType::Int(), false);
  const TestArgument a = Of(array, Value::Nested({Value::Int(1), Value::Null()}));
  const TestArgument b = Of(array, Value::Nested({Value::Int(1), Value::Int(2)}));
  EXPECT_EQ(Call("=", {a, a}), "TRUE: BOOLEAN NOT NULL");
  EXPECT_EQ(CallValue("=", {a, b}), "FALSE");
  EXPECT_EQ(Call("<", {a, b}).substr(0, 6), "error:");
  const DataType row =
      DataType::Row({{"x", DataType::Int(), ""}, {"y", DataType::Int(), ""}}, false);
  EXPECT_EQ(Call("=", {Of(row, Value::Nested({Value::Int(1), Value::Null()})),
                       Of(row, Value::Nested({Value::Int(1), Value::Null()}))}),
            "NULL: BOOLEAN");
  EXPECT_EQ(CallValue("=", {Of(row, Value::Nested({Value::Int(1), Value::Null()})),
                            Of(row, Value::Nested({Value::Int(2), Value::Null()}))}),
            "FALSE");
  const DataType map = DataType::Map(DataType::Int(false), DataType::Int(), false);
  EXPECT_EQ(
      CallValue(
          "=",
          {Of(map, Value::Nested({Value::Int(1), Value::Int(2), Value::Int(3), Value::Int(4)})),
           Of(map, Value::Nested({Value::Int(3), Value::Int(4), Value::Int(1), Value::Int(2)}))}),
      "TRUE");
}

TEST(ComparisonTest, DistinctTreatsNullAsAValue) {
  const TestArgument null = NullOf(DataType::Int());
  EXPECT_EQ(Call("IS DISTINCT FROM", {null, null}), "FALSE: BOOLEAN NOT NULL");
  EXPECT_EQ(CallValue("IS DISTINCT FROM", {null, Int(1)}), "TRUE");
  EXPECT_EQ(CallValue("IS NOT DISTINCT FROM", {Int(1), Int(1)}), "TRUE");
  EXPECT_EQ(CallValue("IS NOT DISTINCT FROM", {Dec("1.0", 2, 1), Int(1)}), "TRUE");
}

TEST(ComparisonTest, InHasThreeAnswers) {
  const TestArgument null = NullOf(DataType::Int());
  EXPECT_EQ(Call("IN", {Int(2), Int(1), Int(2)}), "TRUE: BOOLEAN NOT NULL");
  EXPECT_EQ(CallValue("IN", {Int(3), Int(1), null}), "NULL");
  EXPECT_EQ(CallValue("IN", {Int(1), Int(1), null}), "TRUE");
  EXPECT_EQ(CallValue("IN", {null, Int(1)}), "NULL");
  EXPECT_EQ(CallValue("IN", {Str("b"), Str("a"), Str("a string that is not inline")}), "FALSE");
  EXPECT_EQ(CallValue("IN", {Str("3"), Int(1), Int(3)}), "TRUE");
  EXPECT_EQ(CallValue("IN", {Dec("1.0", 2, 1), Int(1), Int(3)}), "TRUE");
  std::vector<TestArgument> many = {BigInt(15)};
  for (int i = 0; i < 20; ++i) many.push_back(Int(i));
  EXPECT_EQ(CallValue("IN", many), "TRUE");
  many[0] = BigInt(INT64_MAX);
  EXPECT_EQ(CallValue("IN", many), "FALSE");
}

TEST(ComparisonTest, TruthTests) {
  const TestArgument unknown = NullOf(DataType::Boolean());
  EXPECT_EQ(Call("IS TRUE", {unknown}), "FALSE: BOOLEAN NOT NULL");
  EXPECT_EQ(CallValue("IS NOT TRUE", {unknown}), "TRUE");
  EXPECT_EQ(CallValue("IS FALSE", {Bool(false)}), "TRUE");
  EXPECT_EQ(CallValue("IS NOT FALSE", {Bool(false)}), "FALSE");
  EXPECT_EQ(CallValue("IS UNKNOWN", {unknown}), "TRUE");
  EXPECT_EQ(CallValue("IS NULL", {Int(1)}), "FALSE");
  EXPECT_EQ(CallValue("IS NOT NULL", {Int(1)}), "TRUE");
  EXPECT_EQ(Call("NOT", {unknown}), "NULL: BOOLEAN");
  EXPECT_EQ(CallValue("NOT", {Bool(false)}), "TRUE");
}

}  // namespace
}  // namespace rhei::function_test
