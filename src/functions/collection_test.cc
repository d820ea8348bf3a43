#include <gtest/gtest.h>

#include "functions/function_test_kit.h"

namespace rhei::function_test {
namespace {

const DataType kInts = DataType::Array(DataType::Int(), false);
TestArgument Array(const std::vector<int64_t>& values, bool null_at_end = false) {
  Value::List items;
  for (int64_t value : values) items.push_back(Value::Int(value));
  if (null_at_end) items.push_back(Value::Null());
  return TestArgument{kInts, Value::Nested(std::move(items))};
}
const TestArgument kNullInt = NullOf(DataType::Int());
const DataType kMapType = DataType::Map(DataType::String(false), DataType::Int(false), false);
TestArgument Map(Value::List entries) {
  return TestArgument{kMapType, Value::Nested(std::move(entries))};
}
Value T(std::string text) {
  return Value::Text(std::move(text));
}
Value I(int64_t number) {
  return Value::Int(number);
}

TEST(ValueConstruction, ArraysMapsAndRows) {
  EXPECT_EQ(Call("ARRAY", {Str("a"), NullOf(DataType::String())}),
            "[a, NULL]: ARRAY<STRING> NOT NULL");
  EXPECT_EQ(CallValue("ARRAY", {Int(1), kNullInt, Int(3)}), "[1, NULL, 3]");
  EXPECT_EQ(CallValue("ARRAY", {}), "error: Require at least 1 argument");
  EXPECT_EQ(CallValue("MAP", {Str("a"), Int(1), Str("b"), Int(2), Str("a"), Int(3)}), "{a=3, b=2}");
  EXPECT_TRUE(CallValue("MAP", {Str("a")}).starts_with("error: "));
  EXPECT_EQ(
      Call("ROW", {Int(1), Str("a"), kNullInt}),
      "(1, a, NULL): ROW<`EXPR$0` INT NOT NULL, `EXPR$1` STRING NOT NULL, `EXPR$2` INT> NOT NULL");
}

TEST(ValueAccess, WhatIsMissingDependsOnNullability) {
  EXPECT_EQ(CallValue("ITEM", {Array({1, 2}), Int(2)}), "2");
  EXPECT_EQ(CallValue("ITEM", {Array({1, 2}), Int(5)}), "NULL");
  const TestArgument strict =
      TestArgument{DataType::Array(DataType::Int(false), false), Value::Nested({I(1)})};
  EXPECT_EQ(CallValue("ITEM", {strict, Int(4)}), "-1");
  EXPECT_EQ(CallValue("ITEM", {strict, Int(0)}),
            "error: Array element access needs an index starting at 1 but was 0.");
  EXPECT_EQ(Call("ITEM", {strict, Int(1)}), "1: INT");
  EXPECT_EQ(CallValue("ITEM", {NullOf(kInts.WithNullable(true)), Int(1)}), "NULL");
  EXPECT_EQ(CallValue("ITEM", {Map({T("a"), I(1), T("b"), I(2)}), Str("b")}), "2");
  EXPECT_EQ(CallValue("ITEM", {Map({T("a"), I(1)}), Str("z")}), "-1");
  EXPECT_EQ(CallValue("ITEM", {Map({T("a"), I(1)}), Str("ab")}), "-1");
  const DataType row = DataType::Row({{"n", DataType::Int(false), {}}}, true);
  EXPECT_EQ(CallValue("ITEM", {TestArgument{row, Value::Nested({I(7)})}, Str("n")}), "7");
  EXPECT_EQ(CallValue("ITEM", {NullOf(row), Str("n")}), "NULL");
  EXPECT_TRUE(CallValue("ITEM", {NullOf(row), Str("x")}).starts_with("error: "));
  EXPECT_EQ(CallValue("CARDINALITY", {Map({T("a"), I(1)})}), "1");
  EXPECT_EQ(CallValue("ELEMENT", {Array({5})}), "5");
  EXPECT_EQ(CallValue("ELEMENT", {Array({})}), "NULL");
  EXPECT_EQ(CallValue("ELEMENT", {Array({1, 2})}), "fails: Array has more than one element.");
}

TEST(Arrays, FindAndRemove) {
  EXPECT_EQ(CallValue("ARRAY_CONTAINS", {Array({1}, true), kNullInt}), "TRUE");
  EXPECT_EQ(CallValue("ARRAY_CONTAINS", {Array({1}), NullOf(DataType::Null())}), "FALSE");
  EXPECT_EQ(Call("ARRAY_CONTAINS", {Array({1}), kNullInt}), "FALSE: BOOLEAN NOT NULL");
  EXPECT_EQ(CallValue("ARRAY_POSITION", {Array({1, 2, 2}), Int(2)}), "2");
  EXPECT_EQ(CallValue("ARRAY_POSITION", {Array({1}), Int(3)}), "0");
  EXPECT_EQ(CallValue("ARRAY_REMOVE", {Array({1, 2, 2}, true), Int(2)}), "[1, NULL]");
  EXPECT_EQ(CallValue("ARRAY_REMOVE", {Array({1}, true), kNullInt}), "[1]");
  EXPECT_TRUE(CallValue("ARRAY_REMOVE", {Array({1}), Bool(true)}).starts_with("error: "));
}

TEST(Arrays, SliceAndSort) {
  const TestArgument four = Array({1, 2, 3, 4});
  EXPECT_EQ(CallValue("ARRAY_SLICE", {four, Int(-2), Int(-1)}), "[3, 4]");
  EXPECT_EQ(CallValue("ARRAY_SLICE", {four, Int(0), Int(2)}), "[1, 2]");
  EXPECT_EQ(CallValue("ARRAY_SLICE", {four, Int(3), Int(1)}), "[]");
  EXPECT_EQ(CallValue("ARRAY_SLICE", {four, Int(-9), Int(2)}), "[1, 2]");
  EXPECT_EQ(CallValue("ARRAY_SLICE", {four, Int(2), Int(9)}), "[2, 3, 4]");
  EXPECT_EQ(CallValue("ARRAY_SLICE", {four, Int(-123), Int(-231)}), "[]");
  EXPECT_EQ(CallValue("ARRAY_SLICE", {four, Int(-123)}), "[1, 2, 3, 4]");
  EXPECT_EQ(CallValue("ARRAY_SORT", {Array({3, 1}, true)}), "[NULL, 1, 3]");
  EXPECT_EQ(CallValue("ARRAY_SORT", {Array({3, 1}, true), Bool(false)}), "[3, 1, NULL]");
  EXPECT_EQ(CallValue("ARRAY_SORT", {Array({3, 1}, true), Bool(true), Bool(false)}),
            "[1, 3, NULL]");
  EXPECT_EQ(CallValue("ARRAY_REVERSE", {Array({3, 1}, true)}), "[NULL, 1, 3]");
  EXPECT_EQ(CallValue("ARRAY_MAX", {Array({3, 1}, true)}), "3");
  EXPECT_EQ(CallValue("ARRAY_MIN", {Array({}, true)}), "NULL");
}

TEST(Arrays, SetsAndJoins) {
  EXPECT_EQ(CallValue("ARRAY_UNION", {Array({1, 2, 2}), Array({2, 3})}), "[1, 2, 3]");
  EXPECT_EQ(CallValue("ARRAY_CONCAT", {Array({1, 2}), Array({2}, true)}), "[1, 2, 2, NULL]");
  EXPECT_EQ(CallValue("ARRAY_EXCEPT", {Array({1, 2, 2, 3}), Array({2})}), "[1, 3]");
  EXPECT_EQ(CallValue("ARRAY_INTERSECT", {Array({1, 2, 2, 3}), Array({2, 3})}), "[2, 3]");
  EXPECT_EQ(CallValue("ARRAY_DISTINCT", {Array({1, 2, 1}, true)}), "[1, 2, NULL]");
  EXPECT_EQ(CallValue("ARRAY_APPEND", {Array({1}), kNullInt}), "[1, NULL]");
  EXPECT_EQ(Call("ARRAY_APPEND", {Array({1}), kNullInt}), "[1, NULL]: ARRAY<INT>");
  EXPECT_EQ(CallValue("ARRAY_PREPEND", {Array({1}), Int(2)}), "[2, 1]");
  const DataType texts = DataType::Array(DataType::String(), false);
  const TestArgument list = TestArgument{texts, Value::Nested({T("a"), Value::Null(), T("b")})};
  EXPECT_EQ(CallValue("ARRAY_JOIN", {list, Str("-")}), "a-b");
  EXPECT_EQ(CallValue("ARRAY_JOIN", {list, Str("-"), Str("?")}), "a-?-b");
}

TEST(Maps, PartsAndUnions) {
  const TestArgument map = Map({T("b"), I(1), T("a"), I(2)});
  EXPECT_EQ(CallValue("MAP_KEYS", {map}), "[b, a]");
  EXPECT_EQ(CallValue("MAP_VALUES", {map}), "[1, 2]");
  EXPECT_EQ(CallValue("MAP_ENTRIES", {map}), "[(b, 1), (a, 2)]");
  EXPECT_EQ(Call("MAP_ENTRIES", {map}),
            "[(b, 1), (a, 2)]: ARRAY<ROW<`key` STRING NOT NULL, `value` INT NOT NULL>> NOT NULL");
  EXPECT_EQ(CallValue("MAP_UNION", {map, Map({T("a"), I(3)})}), "{b=1, a=3}");
  EXPECT_EQ(CallValue("MAP_FROM_ARRAYS", {Array({1, 2}), Array({3, 4})}), "{1=3, 2=4}");
  EXPECT_EQ(CallValue("MAP_FROM_ARRAYS", {Array({1, 2}), Array({3})}).substr(0, 46),
            "fails: Invalid function MAP_FROM_ARRAYS call:\n");
}

TEST(Bitmaps, FollowTheOracle) {
  const auto chain = [](std::string_view name, std::string_view inner,
                        const std::vector<TestArgument>& arguments) {
    return CallValue(name, {ResultOf(inner, arguments)});
  };
  EXPECT_EQ(chain("BITMAP_TO_STRING", "BITMAP_BUILD", {Array({1, 2, 3, -4}, true)}),
            "{1,2,3,4294967292}");
  EXPECT_EQ(chain("BITMAP_TO_ARRAY", "BITMAP_BUILD", {Array({-1, 1, 1})}), "[1, -1]");
  EXPECT_EQ(chain("BITMAP_CARDINALITY", "BITMAP_BUILD", {Array({})}), "0");
  EXPECT_EQ(CallValue("BITMAP_CARDINALITY", {NullOf(DataType::Bitmap())}), "NULL");
  const TestArgument bad{DataType::Bytes(), Value::Text("x")};
  EXPECT_TRUE(CallValue("BITMAP_FROM_BYTES", {bad}).starts_with("fails: "));
  EXPECT_TRUE(CallValue("BITMAP_AND", {Str("x"), Str("y")}).starts_with("error: "));
}

}  // namespace
}  // namespace rhei::function_test
