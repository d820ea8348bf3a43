#include "connectors/values/row_store.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace rhei {
namespace {

ScriptElement Row(int64_t key, int64_t number, int64_t time = 0) {
  ScriptElement element;
  element.values = {Value::Int(key), Value::Int(number), Value::Int(time)};
  return element;
}

std::vector<int64_t> Numbers(const std::vector<ScriptElement>& elements) {
  std::vector<int64_t> numbers;
  for (const ScriptElement& element : elements) {
    numbers.push_back(element.is_watermark ? -1 : element.values[1].int_value());
  }
  return numbers;
}

std::vector<ScriptElement> TwentyRows() {
  std::vector<ScriptElement> rows;
  for (int i = 0; i < 20; ++i) rows.push_back(Row(i % 3, i));
  return rows;
}

TEST(ShuffleRowsTest, SeedsGiveOrdersAndLoseNothing) {
  std::vector<ScriptElement> a = TwentyRows(), b = TwentyRows();
  ShuffleRows({.seed = 1}, &a);
  ShuffleRows({.seed = 2}, &b);
  EXPECT_NE(Numbers(a), Numbers(TwentyRows()));
  EXPECT_NE(Numbers(a), Numbers(b));
  std::vector<int64_t> sorted = Numbers(a);
  std::sort(sorted.begin(), sorted.end());
  EXPECT_EQ(sorted, Numbers(TwentyRows()));
}

TEST(ShuffleRowsTest, RowsOfOneKeyKeepTheirOrder) {
  std::vector<ScriptElement> rows = TwentyRows();
  ShuffleRows({.seed = 3, .key = {0}}, &rows);
  EXPECT_NE(Numbers(rows), Numbers(TwentyRows()));
  std::vector<int64_t> last(3, -1);
  for (const ScriptElement& row : rows) {
    const auto key = static_cast<size_t>(row.values[0].int_value());
    EXPECT_LT(last[key], row.values[1].int_value());
    last[key] = row.values[1].int_value();
  }
}

TEST(ShuffleRowsTest, NothingPassesAWatermark) {
  std::vector<ScriptElement> rows = TwentyRows();
  ScriptElement watermark;
  watermark.is_watermark = true;
  rows.insert(rows.begin() + 10, watermark);
  ShuffleRows({.seed = 4}, &rows);
  EXPECT_TRUE(rows[10].is_watermark);
  for (size_t i = 0; i < 10; ++i) EXPECT_LT(rows[i].values[1].int_value(), 10);
}

TEST(ShuffleRowsTest, ARowThatRaisesTheWatermarkStays) {
  std::vector<ScriptElement> rows;
  for (int i = 0; i < 20; ++i) rows.push_back(Row(i, i, i % 5 == 0 ? i : 0));
  ShuffleRows({.seed = 5, .rowtime_column = 2}, &rows);
  for (size_t i = 0; i < 20; i += 5) {
    EXPECT_EQ(rows[i].values[1].int_value(), static_cast<int64_t>(i));
  }
}

TEST(ShuffleRowsTest, AFixedSourceStays) {
  std::vector<ScriptElement> rows = TwentyRows();
  ShuffleRows({.seed = 6, .fixed = true}, &rows);
  EXPECT_EQ(Numbers(rows), Numbers(TwentyRows()));
}

TEST(RowStoreTest, RowsAreReceivedOnceWhenCommitted) {
  RowStore store;
  const std::string first = store.Stage("t", {{ChangeKind::kInsert, {Value::Int(1)}}});
  const std::string second = store.Stage("t", {{ChangeKind::kInsert, {Value::Int(2)}}});
  EXPECT_TRUE(store.Received("t").empty());
  store.Commit(first);
  store.Commit(first);
  ASSERT_EQ(store.Received("t").size(), 1U);
  EXPECT_FALSE(store.IsStaged(first));
  EXPECT_TRUE(store.IsStaged(second));
  store.ClearReceived("t");
  store.Commit(second);
  ASSERT_EQ(store.Received("t").size(), 1U);
  EXPECT_EQ(store.Received("t")[0].values[0].int_value(), 2);
}

}  // namespace
}  // namespace rhei
