#include "types/coercion.h"

#include <gtest/gtest.h>

namespace rhei {
namespace {

std::string Common(const DataType& a, const DataType& b) {
  const std::optional<DataType> type = CommonType(a, b);
  return type.has_value() ? type->ToString() : "none";
}

TEST(CoercionTest, CommonTypeOfNumbers) {
  EXPECT_EQ(Common(DataType::TinyInt(false), DataType::Int(false)), "INT NOT NULL");
  EXPECT_EQ(Common(DataType::Int(), DataType::Float(false)), "FLOAT");
  EXPECT_EQ(Common(DataType::Decimal(5, 2), DataType::Float()), "DOUBLE");
  EXPECT_EQ(Common(DataType::Float(), DataType::Double()), "FLOAT");
  EXPECT_EQ(Common(DataType::Double(), DataType::Float()), "DOUBLE");
  EXPECT_EQ(Common(DataType::Decimal(5, 2), DataType::Int()), "DECIMAL(12, 2)");
  EXPECT_EQ(Common(DataType::Decimal(38, 0), DataType::Decimal(38, 10)), "DECIMAL(38, 0)");
}

TEST(CoercionTest, CommonTypeOfTextGrows) {
  EXPECT_EQ(Common(DataType::Char(3, false), DataType::Char(3, false)), "CHAR(3) NOT NULL");
  EXPECT_EQ(Common(DataType::Char(3), DataType::Char(5)), "VARCHAR(5)");
  EXPECT_EQ(Common(DataType::Null(), DataType::Char(5, false)), "CHAR(5)");
}

TEST(CoercionTest, CommonTypeOfTimesAndNestedTypes) {
  EXPECT_EQ(Common(DataType::Date(), DataType::Timestamp(3)), "none");
  EXPECT_EQ(Common(DataType::Timestamp(6), DataType::TimestampLtz(3)), "TIMESTAMP_LTZ(6)");
  EXPECT_EQ(Common(DataType::Time(0), DataType::Date()), "none");
  EXPECT_EQ(Common(DataType::Array(DataType::Int(false)), DataType::Array(DataType::BigInt())),
            "ARRAY<BIGINT>");
  EXPECT_EQ(Common(DataType::Int(), DataType::String()), "none");
}

TEST(CoercionTest, ComparisonsOfTextDependOnTheOperator) {
  EXPECT_FALSE(ComparisonType(DataType::String(), DataType::Int(), true).has_value());
  EXPECT_EQ(ComparisonType(DataType::String(), DataType::Int(), false)->ToString(), "INT");
  EXPECT_EQ(ComparisonType(DataType::Date(), DataType::Char(10), true)->ToString(), "DATE");
  EXPECT_FALSE(ComparisonType(DataType::Date(), DataType::Timestamp(3), true).has_value());
}

std::string Decimal(DecimalOperator op, const DataType& a, const DataType& b) {
  return DecimalResultType(op, a, b).ToString();
}

TEST(CoercionTest, DecimalResults) {
  const DataType d52 = DataType::Decimal(5, 2);
  EXPECT_EQ(Decimal(DecimalOperator::kAdd, d52, DataType::Int()), "DECIMAL(13, 2)");
  EXPECT_EQ(Decimal(DecimalOperator::kMultiply, DataType::Decimal(3, 3), DataType::BigInt()),
            "DECIMAL(23, 3)");
  EXPECT_EQ(Decimal(DecimalOperator::kDivide, d52, d52), "DECIMAL(13, 8)");
  EXPECT_EQ(Decimal(DecimalOperator::kModulo, DataType::Decimal(5, 0), DataType::Int()), "INT");
  EXPECT_EQ(Decimal(DecimalOperator::kModulo, d52, DataType::Decimal(4, 1)), "DECIMAL(5, 2)");
  EXPECT_EQ(
      Decimal(DecimalOperator::kMultiply, DataType::Decimal(38, 10), DataType::Decimal(38, 10)),
      "DECIMAL(38, 6)");
}

TEST(CoercionTest, ImplicitCastsLoseNothingThatMatters) {
  EXPECT_TRUE(ImplicitCastAllowed(DataType::Int(), DataType::BigInt()));
  EXPECT_FALSE(ImplicitCastAllowed(DataType::BigInt(), DataType::Int()));
  EXPECT_TRUE(ImplicitCastAllowed(DataType::Double(), DataType::Decimal(5, 2)));
  EXPECT_FALSE(ImplicitCastAllowed(DataType::Int(), DataType::String()));
  EXPECT_TRUE(ImplicitCastAllowed(DataType::Timestamp(3), DataType::Date()));
  EXPECT_FALSE(ImplicitCastAllowed(DataType::String(), DataType::Char(3)));
}

TEST(CoercionTest, ExplicitCasts) {
  EXPECT_TRUE(CastAllowed(DataType::Array(DataType::Int()), DataType::String()));
  EXPECT_FALSE(CastAllowed(DataType::Int(), DataType::Bytes()));
  EXPECT_FALSE(CastAllowed(DataType::Int(), DataType::Timestamp(3)));
  EXPECT_EQ(CastRefusal(DataType::Int(false), DataType::Bytes()),
            "Cast function cannot convert value of type INTEGER to type VARBINARY(2147483647)");
}

}  // namespace
}  // namespace rhei
