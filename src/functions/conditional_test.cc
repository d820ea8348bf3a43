#include <gtest/gtest.h>

#include "functions/function_test_kit.h"
#include "functions/registry.h"

namespace rhei::function_test {
namespace {

std::string TypeOfCall(std::string_view name, std::vector<DataType> types) {
  std::vector<ArgumentInfo> infos;
  for (DataType& type : types) infos.push_back({type, nullptr, ""});
  const Result<CallTyping> typing = FindFunction(name)->infer({infos, nullptr});
  return typing.ok() ? typing->result.ToString() : typing.status().message();
}

TEST(ConditionalTest, BranchesMeetInOneType) {
  const DataType boolean = DataType::Boolean(false);
  EXPECT_EQ(TypeOfCall("CASE", {boolean, DataType::Char(1, false), DataType::Char(2, false)}),
            "VARCHAR(2) NOT NULL");
  EXPECT_EQ(TypeOfCall("CASE", {boolean, DataType::TinyInt(false), DataType::Decimal(2, 1, false)}),
            "DECIMAL(4, 1) NOT NULL");
  EXPECT_EQ(TypeOfCall("CASE", {boolean, DataType::Int(false), DataType::Null()}), "INT");
  EXPECT_EQ(TypeOfCall("CASE", {boolean, DataType::Int(false), DataType::String()}),
            "Illegal mixing of types in CASE or COALESCE statement");
  EXPECT_EQ(TypeOfCall("COALESCE", {DataType::BigInt(), DataType::Int(false)}), "BIGINT NOT NULL");
  EXPECT_EQ(TypeOfCall("IF", {boolean, DataType::Int(false), DataType::Decimal(2, 1, false)}),
            "DECIMAL(11, 1) NOT NULL");
}

TEST(ConditionalTest, NullIfKeepsTheFirstType) {
  EXPECT_EQ(Call("NULLIF", {Int(1), Int(2)}), "1: INT");
  EXPECT_EQ(Call("NULLIF", {Int(1), BigInt(1)}), "NULL: INT");
  EXPECT_EQ(Call("NULLIF", {Int(1), NullOf(DataType::Int())}), "1: INT");
  EXPECT_EQ(Call("NULLIF", {NullOf(DataType::Int()), Int(1)}), "NULL: INT");
  EXPECT_EQ(Call("NULLIF", {Dec("0.0", 2, 1), Dec("0.00", 3, 2)}), "NULL: DECIMAL(2, 1)");
  EXPECT_EQ(Call("NULLIF", {Str("some longer text"), Str("other")}), "some longer text: STRING");
}

TEST(ConditionalTest, Extremes) {
  EXPECT_EQ(Call("GREATEST", {Int(1), Dec("2.5", 2, 1)}), "2.5: DECIMAL(11, 1) NOT NULL");
  EXPECT_EQ(CallValue("LEAST", {Str("the second text"), Str("a first text"), Str("b")}),
            "a first text");
  EXPECT_EQ(Call("GREATEST", {Int(1), NullOf(DataType::Int())}), "NULL: INT");
  EXPECT_EQ(CallValue("GREATEST", {Date("2020-01-01"), Date("2021-01-01")}), "2021-01-01");
  EXPECT_EQ(Call("GREATEST", {Str("a"), Date("2021-01-01")}).substr(0, 6), "error:");
}

TEST(ConditionalTest, TextTests) {
  EXPECT_EQ(CallValue("IS_ALPHA", {Str("abc\xc3\xa4")}), "TRUE");
  EXPECT_EQ(CallValue("IS_ALPHA", {Str("")}), "FALSE");
  EXPECT_EQ(CallValue("IS_ALPHA", {Int(5)}), "FALSE");
  EXPECT_EQ(Call("IS_ALPHA", {NullOf(DataType::String())}), "FALSE: BOOLEAN NOT NULL");
  EXPECT_EQ(CallValue("IS_DIGIT", {Str("123")}), "TRUE");
  EXPECT_EQ(CallValue("IS_DIGIT", {Str("-1")}), "FALSE");
  EXPECT_EQ(CallValue("IS_DIGIT", {Int(5)}), "TRUE");
  EXPECT_EQ(CallValue("IS_DECIMAL", {Str("-1e3")}), "TRUE");
  EXPECT_EQ(CallValue("IS_DECIMAL", {Str("")}), "FALSE");
  EXPECT_EQ(CallValue("IS_DECIMAL", {Dec("1.5", 2, 1)}), "FALSE");
}

TEST(ConversionTest, CurrentDatabase) {
  TestOptions options;
  options.session.current_database = "db1";
  EXPECT_EQ(Call("CURRENT_DATABASE", {}, options), "db1: STRING NOT NULL");
}

TEST(ConversionTest, TypeOf) {
  EXPECT_EQ(Call("TYPEOF", {Int(1)}), "INT NOT NULL: STRING");
  EXPECT_EQ(Call("TYPEOF", {NullOf(DataType::Int())}), "INT: STRING");
}

}  // namespace
}  // namespace rhei::function_test
