#include "columnar/batch.h"

#include <gtest/gtest.h>

#include "columnar/batch_builder.h"

namespace rhei {
namespace {

Schema TwoColumns() {
  return {{{"i", DataType::Int(), ""}, {"s", DataType::String(), ""}}};
}

Batch SixRows() {
  BatchBuilder builder(TwoColumns());
  for (int32_t i = 0; i < 6; ++i) {
    if (i == 2) builder.AddWatermark(10);
    if (i == 4) builder.AddWatermark(20);
    builder.AppendRow(std::vector<Value>{Value::Int(i), Value::Text("s" + std::to_string(i))},
                      i == 3 ? ChangeKind::kDelete : ChangeKind::kInsert);
  }
  builder.AddWatermark(25);
  builder.AddWatermark(30);
  return builder.Finish();
}

TEST(Batch, IsBuiltRowByRow) {
  const Batch batch = SixRows();
  EXPECT_EQ(DebugRow(batch, 3, TwoColumns()), "-D[3, s3]");
  EXPECT_EQ(DebugRow(batch, 1, TwoColumns()), "+I[1, s1]");
  EXPECT_EQ(batch.points, (std::vector<WatermarkPoint>{{2, 10}, {4, 20}, {6, 30}}));
  EXPECT_FALSE(batch.insert_only());
  BatchBuilder copy(TwoColumns());
  copy.AppendRowFrom(batch, 3, ChangeKind::kUpdateAfter);
  EXPECT_EQ(DebugRow(copy.Finish(), 0, TwoColumns()), "+U[3, s3]");
  EXPECT_TRUE(copy.empty());
  copy.AppendRowFrom(batch, 0, ChangeKind::kInsert);
  EXPECT_TRUE(copy.Finish().insert_only());
}

TEST(Batch, GatheredRowsKeepTheirWatermarks) {
  const std::vector<int32_t> rows = {0, 1, 5};
  const Batch kept = GatherRows(SixRows(), rows);
  EXPECT_EQ(kept.points, (std::vector<WatermarkPoint>{{2, 20}, {3, 30}}));
  EXPECT_EQ(DebugRow(kept, 2, TwoColumns()), "+I[5, s5]");
  const Batch none = GatherRows(SixRows(), {});
  EXPECT_EQ(none.points, (std::vector<WatermarkPoint>{{0, 30}}));
}

TEST(Batch, SlicesShareOutThePoints) {
  const Batch batch = SixRows();
  const Batch first = SliceRows(batch, 0, 4);
  EXPECT_EQ(first.points, (std::vector<WatermarkPoint>{{2, 10}, {4, 20}}));
  EXPECT_EQ(first.change(3), ChangeKind::kDelete);
  const Batch second = SliceRows(batch, 4, 2);
  EXPECT_EQ(second.points, (std::vector<WatermarkPoint>{{2, 30}}));
  EXPECT_EQ(DebugRow(second, 0, TwoColumns()), "+I[4, s4]");
  EXPECT_GT(BatchBytes(batch), BatchBytes(second));
}

TEST(Batch, DebugTextKnowsTheTemporalTypes) {
  const Schema schema = {{{"t", DataType::Timestamp(3), ""},
                          {"d", DataType::Decimal(5, 2), ""},
                          {"m", DataType::Map(DataType::String(), DataType::Int()), ""}}};
  BatchBuilder builder(schema);
  builder.AppendRow(std::vector<Value>{Value::Int(1500000), Value::Int(-5),
                                       Value::Nested({Value::Text("k"), Value()})});
  EXPECT_EQ(DebugRow(builder.Finish(), 0, schema), "+I[1970-01-01 00:00:01.500, -0.05, {k=NULL}]");
}

}  // namespace
}  // namespace rhei
