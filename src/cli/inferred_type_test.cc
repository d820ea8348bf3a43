#include "cli/inferred_type.h"

#include <gtest/gtest.h>

namespace rhei {
namespace {

std::string TypeOfCells(std::initializer_list<std::string_view> cells,
                        TimestampText style = TimestampText::kSql) {
  InferredType type;
  for (const std::string_view cell : cells) type.AddCell(cell);
  return type.ToSql(style);
}

TEST(InferredTypeTest, NumbersWidenToWhatHoldsThemAll) {
  EXPECT_EQ(TypeOfCells({"1", "-2"}), "BIGINT");
  EXPECT_EQ(TypeOfCells({"9223372036854775807"}), "BIGINT");
  EXPECT_EQ(TypeOfCells({"1", "9223372036854775808"}), "DECIMAL(38, 0)");
  EXPECT_EQ(TypeOfCells({"1", "2.5"}), "DOUBLE");
  EXPECT_EQ(TypeOfCells({"1e3"}), "DOUBLE");
  EXPECT_EQ(TypeOfCells({"1", "x"}), "STRING");
  EXPECT_EQ(TypeOfCells({"007"}), "STRING");
  EXPECT_EQ(TypeOfCells({"+1"}), "STRING");
  EXPECT_EQ(TypeOfCells({"1", "true"}), "STRING");
  EXPECT_EQ(TypeOfCells({}), "STRING");
}

TEST(InferredTypeTest, TimestampsNeedTheStyleAndTheCalendar) {
  EXPECT_EQ(TypeOfCells({"2024-02-29 01:02:03"}), "TIMESTAMP(3)");
  EXPECT_EQ(TypeOfCells({"2024-02-29 01:02:03.123456"}), "TIMESTAMP(6)");
  EXPECT_EQ(TypeOfCells({"2024-02-29T01:02:03"}), "STRING");
  EXPECT_EQ(TypeOfCells({"2024-02-29T01:02:03"}, TimestampText::kIso), "TIMESTAMP(3)");
  EXPECT_EQ(TypeOfCells({"2024-02-29T01:02:03Z"}, TimestampText::kIso), "TIMESTAMP_LTZ(3)");
  EXPECT_EQ(TypeOfCells({"2023-02-29 01:02:03"}), "STRING");
  EXPECT_EQ(TypeOfCells({"2024-02-29 25:02:03"}), "STRING");
  EXPECT_EQ(TypeOfCells({"2024-02-29"}), "DATE");
  EXPECT_EQ(TypeOfCells({"2024-02-29", "2024-02-29 01:02:03"}), "STRING");
}

TEST(InferredTypeTest, NamesThatAreReservedAreQuoted) {
  EXPECT_EQ(SqlName("user_id"), "user_id");
  EXPECT_EQ(SqlName("order"), "`order`");
  EXPECT_EQ(SqlName("a b"), "`a b`");
  EXPECT_EQ(SqlName("1st"), "`1st`");
  EXPECT_EQ(SqlName("a`b"), "`a``b`");
}

TEST(InferredTypeTest, ObjectsAndArraysMerge) {
  InferredType type;
  type.AddObject()->AddField("a")->AddNumber("1");
  type.AddObject()->AddField("b")->AddArray()->AddText("x");
  EXPECT_EQ(type.ToSql(TimestampText::kSql), "ROW<a BIGINT, b ARRAY<STRING>>");
  type.AddNumber("1");
  EXPECT_EQ(type.ToSql(TimestampText::kSql), "STRING");
}

}  // namespace
}  // namespace rhei
