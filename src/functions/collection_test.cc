#include <gtest/gtest.h>

#include "functions/test_call.h"

namespace rhei {
namespace {

// "[1, NULL, [a]]"; maps and rows alike.
std::string Print(const Value& value) {
  if (value.is_null()) return "NULL";
  if (value.is_int()) return std::to_string(value.int_value());
  if (value.is_text()) return value.text();
  std::string text = "[";
  for (const Value& item : value.nested()) {
    if (text.size() > 1) text += ", ";
    text += Print(item);
  }
  return text + "]";
}
std::string Call(std::string_view name, const std::vector<TestArgument>& arguments) {
  const Called called = CallFunction(name, arguments);
  if (!called.status.ok()) return "!" + called.status.message();
  if (called.type.root() == TypeRoot::kBoolean && !called.value.is_null()) {
    return called.value.bool_value() ? "TRUE" : "FALSE";
  }
  return Print(called.value);
}

const DataType kInts = DataType::Array(DataType::Int(), false);
TestArgument Array(const std::vector<int64_t>& values, bool null_at_end = false) {
  Value::List items;
  for (int64_t value : values) items.push_back(Value::Int(value));
  if (null_at_end) items.push_back(Value::Null());
  return Varying({kInts, Value::Nested(std::move(items))});
}
TestArgument Bool(bool value) {
  return {DataType::Boolean(false), Value::Bool(value)};
}
const TestArgument kNullInt = Null(DataType::Int());
const DataType kMapType = DataType::Map(DataType::String(false), DataType::Int(false), false);
TestArgument Map(Value::List entries) {
  return Varying({kMapType, Value::Nested(std::move(entries))});
}
Value T(std::string text) {
  return Value::Text(std::move(text));
}
Value I(int64_t number) {
  return Value::Int(number);
}

TEST(ValueConstruction, ArraysMapsAndRows) {
  EXPECT_EQ(CallFunction("ARRAY", {Text("a"), Null(DataType::String())}).type,
            DataType::Array(DataType::String(), false));
  EXPECT_EQ(Call("ARRAY", {Int(1), Varying(kNullInt), Varying(Int(3))}), "[1, NULL, 3]");
  EXPECT_EQ(Call("ARRAY", {}), "!Require at least 1 argument");
  EXPECT_EQ(Call("MAP", {Text("a"), Int(1), Text("b"), Int(2), Text("a"), Int(3)}), "[a, 3, b, 2]");
  EXPECT_EQ(Call("MAP", {Text("a")})[0], '!');
  const Called row = CallFunction("ROW", {Int(1), Varying(Text("a")), kNullInt});
  EXPECT_EQ(row.type.ToString(),
            "ROW<`EXPR$0` INT NOT NULL, `EXPR$1` STRING NOT NULL, `EXPR$2` INT> NOT NULL");
  EXPECT_EQ(Print(row.value), "[1, a, NULL]");
}

TEST(ValueAccess, WhatIsMissingDependsOnNullability) {
  EXPECT_EQ(Call("ITEM", {Array({1, 2}), Int(2)}), "2");
  EXPECT_EQ(Call("ITEM", {Array({1, 2}), Int(5)}), "NULL");
  const TestArgument strict =
      Varying({DataType::Array(DataType::Int(false), false), Value::Nested({I(1)})});
  EXPECT_EQ(Call("ITEM", {strict, Int(4)}), "-1");
  EXPECT_EQ(Call("ITEM", {strict, Int(0)}),
            "!Array element access needs an index starting at 1 but was 0.");
  EXPECT_EQ(CallFunction("ITEM", {strict, Int(1)}).type, DataType::Int());
  EXPECT_EQ(Call("ITEM", {Null(kInts.WithNullable(true)), Int(1)}), "NULL");
  EXPECT_EQ(Call("ITEM", {Map({T("a"), I(1), T("b"), I(2)}), Text("b")}), "2");
  EXPECT_EQ(Call("ITEM", {Map({T("a"), I(1)}), Text("z")}), "-1");
  EXPECT_EQ(Call("ITEM", {Map({T("a"), I(1)}), Text("ab")}), "-1");
  const DataType row = DataType::Row({{"n", DataType::Int(false), {}}}, true);
  EXPECT_EQ(Call("ITEM", {Varying({row, Value::Nested({I(7)})}), Text("n")}), "7");
  EXPECT_EQ(Call("ITEM", {Varying(Null(row)), Text("n")}), "NULL");
  EXPECT_EQ(Call("ITEM", {Varying(Null(row)), Text("x")})[0], '!');
  EXPECT_EQ(Call("CARDINALITY", {Map({T("a"), I(1)})}), "1");
  EXPECT_EQ(Call("ELEMENT", {Array({5})}), "5");
  EXPECT_EQ(Call("ELEMENT", {Array({})}), "NULL");
  EXPECT_EQ(Call("ELEMENT", {Array({1, 2})}), "!Array has more than one element.");
}

TEST(Arrays, FindAndRemove) {
  EXPECT_EQ(Call("ARRAY_CONTAINS", {Array({1}, true), kNullInt}), "TRUE");
  EXPECT_EQ(Call("ARRAY_CONTAINS", {Array({1}), Null(DataType::Null())}), "FALSE");
  EXPECT_EQ(CallFunction("ARRAY_CONTAINS", {Array({1}), kNullInt}).type, DataType::Boolean(false));
  EXPECT_EQ(Call("ARRAY_POSITION", {Array({1, 2, 2}), Int(2)}), "2");
  EXPECT_EQ(Call("ARRAY_POSITION", {Array({1}), Int(3)}), "0");
  EXPECT_EQ(Call("ARRAY_REMOVE", {Array({1, 2, 2}, true), Int(2)}), "[1, NULL]");
  EXPECT_EQ(Call("ARRAY_REMOVE", {Array({1}, true), kNullInt}), "[1]");
  EXPECT_EQ(Call("ARRAY_REMOVE", {Array({1}), Bool(true)})[0], '!');
}

TEST(Arrays, SliceAndSort) {
  const TestArgument four = Array({1, 2, 3, 4});
  EXPECT_EQ(Call("ARRAY_SLICE", {four, Int(-2), Int(-1)}), "[3, 4]");
  EXPECT_EQ(Call("ARRAY_SLICE", {four, Int(0), Int(2)}), "[1, 2]");
  EXPECT_EQ(Call("ARRAY_SLICE", {four, Int(3), Int(1)}), "[]");
  EXPECT_EQ(Call("ARRAY_SLICE", {four, Int(-9), Int(2)}), "[1, 2]");
  EXPECT_EQ(Call("ARRAY_SLICE", {four, Int(2), Int(9)}), "[2, 3, 4]");
  EXPECT_EQ(Call("ARRAY_SLICE", {four, Int(-123), Int(-231)}), "[]");
  EXPECT_EQ(Call("ARRAY_SLICE", {four, Int(-123)}), "[1, 2, 3, 4]");
  EXPECT_EQ(Call("ARRAY_SORT", {Array({3, 1}, true)}), "[NULL, 1, 3]");
  EXPECT_EQ(Call("ARRAY_SORT", {Array({3, 1}, true), Bool(false)}), "[3, 1, NULL]");
  EXPECT_EQ(Call("ARRAY_SORT", {Array({3, 1}, true), Bool(true), Bool(false)}), "[1, 3, NULL]");
  EXPECT_EQ(Call("ARRAY_REVERSE", {Array({3, 1}, true)}), "[NULL, 1, 3]");
  EXPECT_EQ(Call("ARRAY_MAX", {Array({3, 1}, true)}), "3");
  EXPECT_EQ(Call("ARRAY_MIN", {Array({}, true)}), "NULL");
}

TEST(Arrays, SetsAndJoins) {
  EXPECT_EQ(Call("ARRAY_UNION", {Array({1, 2, 2}), Array({2, 3})}), "[1, 2, 3]");
  EXPECT_EQ(Call("ARRAY_CONCAT", {Array({1, 2}), Array({2}, true)}), "[1, 2, 2, NULL]");
  EXPECT_EQ(Call("ARRAY_EXCEPT", {Array({1, 2, 2, 3}), Array({2})}), "[1, 3]");
  EXPECT_EQ(Call("ARRAY_INTERSECT", {Array({1, 2, 2, 3}), Array({2, 3})}), "[2, 3]");
  EXPECT_EQ(Call("ARRAY_DISTINCT", {Array({1, 2, 1}, true)}), "[1, 2, NULL]");
  EXPECT_EQ(Call("ARRAY_APPEND", {Array({1}), kNullInt}), "[1, NULL]");
  EXPECT_EQ(CallFunction("ARRAY_APPEND", {Array({1}), kNullInt}).type,
            DataType::Array(DataType::Int()));
  EXPECT_EQ(Call("ARRAY_PREPEND", {Array({1}), Int(2)}), "[2, 1]");
  const DataType texts = DataType::Array(DataType::String(), false);
  const TestArgument list = Varying({texts, Value::Nested({T("a"), Value::Null(), T("b")})});
  EXPECT_EQ(Call("ARRAY_JOIN", {list, Text("-")}), "a-b");
  EXPECT_EQ(Call("ARRAY_JOIN", {list, Text("-"), Text("?")}), "a-?-b");
}

TEST(Maps, PartsAndUnions) {
  const TestArgument map = Map({T("b"), I(1), T("a"), I(2)});
  EXPECT_EQ(Call("MAP_KEYS", {map}), "[b, a]");
  EXPECT_EQ(Call("MAP_VALUES", {map}), "[1, 2]");
  EXPECT_EQ(Call("MAP_ENTRIES", {map}), "[[b, 1], [a, 2]]");
  EXPECT_EQ(CallFunction("MAP_ENTRIES", {map}).type.ToString(),
            "ARRAY<ROW<`key` STRING NOT NULL, `value` INT NOT NULL>> NOT NULL");
  EXPECT_EQ(Call("MAP_UNION", {map, Map({T("a"), I(3)})}), "[b, 1, a, 3]");
  EXPECT_EQ(Call("MAP_FROM_ARRAYS", {Array({1, 2}), Array({3, 4})}), "[1, 3, 2, 4]");
  EXPECT_EQ(Call("MAP_FROM_ARRAYS", {Array({1, 2}), Array({3})}).substr(0, 40),
            "!Invalid function MAP_FROM_ARRAYS call:\n");
}

TEST(Bitmaps, FollowTheOracle) {
  const auto chain = [](std::string_view name, std::string_view inner,
                        const std::vector<TestArgument>& arguments) {
    const Called built = CallFunction(inner, arguments);
    return Call(name, {Varying({built.type, built.value})});
  };
  EXPECT_EQ(chain("BITMAP_TO_STRING", "BITMAP_BUILD", {Array({1, 2, 3, -4}, true)}),
            "{1,2,3,4294967292}");
  EXPECT_EQ(chain("BITMAP_TO_ARRAY", "BITMAP_BUILD", {Array({-1, 1, 1})}), "[1, -1]");
  EXPECT_EQ(chain("BITMAP_CARDINALITY", "BITMAP_BUILD", {Array({})}), "0");
  EXPECT_EQ(Call("BITMAP_CARDINALITY", {Null(DataType::Bitmap())}), "NULL");
  const TestArgument bad{DataType::Bytes(), Value::Text("x")};
  EXPECT_EQ(Call("BITMAP_FROM_BYTES", {bad})[0], '!');
  EXPECT_EQ(Call("BITMAP_AND", {Text("x"), Text("y")})[0], '!');
}

}  // namespace
}  // namespace rhei
