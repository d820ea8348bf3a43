#include "types/data_type.h"

#include <gtest/gtest.h>

#include "types/temporal.h"

namespace rhei {
namespace {

TEST(DataType, PrintsAsFlinkDoes) {
  EXPECT_EQ(DataType::String().ToString(), "STRING");
  EXPECT_EQ(DataType::Decimal(10, 2, false).ToString(), "DECIMAL(10, 2) NOT NULL");
  EXPECT_EQ(DataType::IntervalDayTime().ToString(), "INTERVAL DAY(2) TO SECOND(3)");
  EXPECT_EQ(
      DataType::Row({{"a", DataType::Int(), ""}, {"b`c", DataType::String(false), ""}}).ToString(),
      "ROW<`a` INT, `b``c` STRING NOT NULL>");
  EXPECT_EQ(DataType::Map(DataType::Int(false), DataType::Array(DataType::Date())).ToString(),
            "MAP<INT NOT NULL, ARRAY<DATE>>");
}

TEST(DataType, EqualityIncludesNullability) {
  EXPECT_FALSE(DataType::Int() == DataType::Int(false));
  EXPECT_TRUE(DataType::Int().EqualsIgnoringNullability(DataType::Int(false)));
  EXPECT_FALSE(DataType::Char(2) == DataType::Char(3));
}

TEST(DataType, PhysicalTypeFollowsPrecision) {
  EXPECT_EQ(PhysicalTypeOf(DataType::Decimal(18, 0)), PhysicalType::kInt64);
  EXPECT_EQ(PhysicalTypeOf(DataType::Decimal(19, 0)), PhysicalType::kInt128);
  EXPECT_EQ(PhysicalTypeOf(DataType::Timestamp(6)), PhysicalType::kInt64);
  EXPECT_EQ(PhysicalTypeOf(DataType::Timestamp(9)), PhysicalType::kTimestamp9);
}

TEST(Temporal, CivilDatesRoundTrip) {
  for (int64_t day = -800000; day < 800000; day += 37) {
    const CivilDate date = CivilFromDays(day);
    ASSERT_EQ(DaysFromCivil(date.year, date.month, date.day), day);
  }
  EXPECT_EQ(DaysFromCivil(2024, 2, 29), 19782);
}

}  // namespace
}  // namespace rhei
