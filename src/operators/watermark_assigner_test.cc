#include <gtest/gtest.h>

#include "operators/operator_harness.h"
#include "plan/physical/source_spec.h"

namespace rhei {
namespace {

class WatermarkAssignerTest : public ::testing::Test {
 protected:
  // ts TIMESTAMP(3), WATERMARK FOR ts AS ts.
  WatermarkAssignerTest() {
    const DataType type = DataType::Timestamp(3);
    spec_.strategy.expression = MakeInput(0, "ts", type);
    spec_.strategy.rowtime_column = 0;
    test_.inputs = {SchemaOf({{"ts", type}})};
    test_.output = test_.inputs[0];
    test_.spec = &spec_;
    test_.print_watermarks = true;
  }
  WatermarkAssignerSpec spec_;
  OperatorCase test_;
};

// The changelog without the rows' values. The end's watermark replaces one that the last row
// causes: of several points between two rows the last counts.
std::string Rows(const std::string& text) {
  std::string rows;
  for (size_t at = 0; at < text.size();) {
    const size_t end = text.find('\n', at);
    const std::string line = text.substr(at, end - at);
    rows += line.starts_with("WM") ? line + "\n" : "row\n";
    at = end + 1;
  }
  return rows;
}

TEST_F(WatermarkAssignerTest, ComesAfterTheRowWhenMoreThanTheIntervalAhead) {
  test_.script = {Row("+I", {Ms(1000)}),
                  Row("+I", {Ms(1150)}),
                  Row("+I", {Ms(1200)}),
                  Row("+I", {Ms(1201)}),
                  Row("+I", {Ms(1100)}),
                  Row("+I", {Ms(1402)}),
                  End()};
  EXPECT_EQ(Rows(CheckOperator(test_)),
            "row\nWM 1000\nrow\nrow\nrow\nWM 1201\nrow\nrow\nWM final\n");
}

TEST_F(WatermarkAssignerTest, OnEventComesWithEveryRise) {
  spec_.strategy.rows_between = 1;
  test_.script = {Row("+I", {Ms(10)}), Row("+I", {Ms(11)}), Row("+I", {Ms(11)}),
                  Row("+I", {Ms(12)}), End()};
  EXPECT_EQ(Rows(CheckOperator(test_)), "row\nWM 10\nrow\nWM 11\nrow\nrow\nWM final\n");
}

TEST_F(WatermarkAssignerTest, OnEventWithAGapComesWithEveryNthRow) {
  spec_.strategy.rows_between = 2;
  test_.script = {Row("+I", {Ms(10)}), Row("+I", {Ms(11)}), Row("+I", {Ms(12)}),
                  Row("+I", {Ms(11)}), Row("+I", {Ms(14)}), End()};
  EXPECT_EQ(Rows(CheckOperator(test_)), "row\nrow\nWM 11\nrow\nrow\nWM 12\nrow\nWM final\n");
}

TEST_F(WatermarkAssignerTest, TimesBefore1970DoNotMoveIt) {
  test_.script = {Row("+I", {Ms(-5000)}), Row("+I", {Ms(100)}), End()};
  EXPECT_EQ(Rows(CheckOperator(test_)), "row\nrow\nWM final\n");
}

TEST_F(WatermarkAssignerTest, WatermarksFromUpstreamGoOnWhenHigher) {
  test_.script = {Row("+I", {Ms(1000)}), Watermark(400), Watermark(1100), Row("+I", {Ms(1200)}),
                  End()};
  EXPECT_EQ(Rows(CheckOperator(test_)), "row\nWM 1100\nrow\nWM final\n");
}

TEST_F(WatermarkAssignerTest, ANullRowtimeEndsTheJobInFlinksWords) {
  test_.script = {Row("+I", {Null()}), End()};
  EXPECT_NE(CheckOperator(test_).find("RowTime field should not be null"), std::string::npos);
}

}  // namespace
}  // namespace rhei
