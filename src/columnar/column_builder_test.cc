#include "columnar/column_builder.h"

#include <gtest/gtest.h>

namespace rhei {
namespace {

TEST(ColumnBuilder, TruncateTakesBackRowsNullsAndElements) {
  const DataType type = DataType::Array(DataType::Row({{"s", DataType::String(), ""}}));
  ColumnBuilder builder(type);
  const auto add = [&](std::string_view text) {
    builder.child(0).child(0).AppendString(text);
    builder.child(0).CloseNested();
  };
  add("a");
  add("b");
  builder.CloseNested();
  builder.AppendNull();
  add("half a row");
  builder.Truncate(1);
  EXPECT_EQ(builder.child(0).row_count(), 2);
  add("c");
  builder.CloseNested();
  const Column column = builder.Finish();
  EXPECT_EQ(column.row_count, 2);
  EXPECT_FALSE(column.IsNull(1));
  EXPECT_EQ(GetValue(column, 1, type), Value::Nested({Value::Nested({Value::Text("c")})}));
}

TEST(ColumnBuilder, AHalfBuiltFirstRowIsTakenBack) {
  ColumnBuilder builder(DataType::Map(DataType::Int(), DataType::Int()));
  builder.child(0).Append<int32_t>(1);
  builder.Truncate(0);
  EXPECT_EQ(builder.child(0).row_count(), 0);
  EXPECT_EQ(builder.Finish().row_count, 0);
}

TEST(ColumnBuilder, IsReusableAfterFinish) {
  ColumnBuilder builder(DataType::String());
  const std::string longer(40, 'x');
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 1000; ++i) {
      if (i % 10 == round) {
        builder.AppendNull();
      } else {
        builder.AppendString(longer + std::to_string(i));
      }
    }
    const Column column = builder.Finish();
    ASSERT_EQ(column.row_count, 1000);
    EXPECT_EQ(CountNulls(column), 100);
    EXPECT_EQ(column.data<StringView>()[999].view(), longer + "999");
    EXPECT_EQ(builder.row_count(), 0);
  }
  EXPECT_FALSE(builder.Finish().may_have_nulls());
}

TEST(ColumnBuilder, CopiesRowsOfEveryEncoding) {
  const DataType type = DataType::String();
  ColumnBuilder source(type);
  source.AppendString("a string beyond the inline limit");
  source.AppendNull();
  const Column flat = source.Finish();
  ColumnBuilder copy(type);
  copy.AppendFrom(flat, 0);
  copy.AppendFrom(flat, 1);
  copy.AppendFrom(MakeConstant(Value::Text("c"), type, 5), 4);
  const Column column = copy.Finish();
  EXPECT_NE(column.data<StringView>()[0].data(), flat.data<StringView>()[0].data());
  EXPECT_EQ(column.data<StringView>()[0].view(), "a string beyond the inline limit");
  EXPECT_TRUE(column.IsNull(1));
  EXPECT_EQ(column.data<StringView>()[2].view(), "c");
}

TEST(ColumnBuilder, ChargesItsPoolAndGivesBack) {
  MemoryPool pool("test", MemoryPool::kUnlimited);
  {
    ColumnBuilder builder(DataType::BigInt(), &pool);
    for (int64_t i = 0; i < 5000; ++i) builder.Append(i);
    const Column column = builder.Finish();
    EXPECT_GE(pool.used_bytes(), 40000);
  }
  EXPECT_EQ(pool.used_bytes(), 0);
}

}  // namespace
}  // namespace rhei
