#include <gtest/gtest.h>

#include <fmt/format.h>

#include "functions/registry.h"
#include "operators/operator_harness.h"
#include "plan/physical/aggregate_spec.h"

namespace rhei {
namespace {

class WindowAggregateTest : public ::testing::Test {
 protected:
  // Input: k STRING, v BIGINT, ts. Output: k, COUNT(*), SUM(v), window_start, window_end.
  WindowAggregateTest() {
    spec_.input = SchemaOf(
        {{"k", DataType::String()}, {"v", DataType::BigInt()}, {"ts", DataType::Timestamp(3)}});
    spec_.keys = {0};
    BoundAggregate count;
    count.aggregate = FindAggregate("COUNT");
    count.type = DataType::BigInt(false);
    BoundAggregate sum;
    sum.aggregate = FindAggregate("SUM");
    sum.type = DataType::BigInt();
    sum.args = {MakeInput(1, "v", DataType::BigInt())};
    sum.argument_types = {DataType::BigInt()};
    spec_.aggregates = {count, sum};
    spec_.window.time_column = 2;
    spec_.properties = {WindowProperty::kStart, WindowProperty::kEnd};
    test_.inputs = {spec_.input};
    test_.side_output = spec_.input;
    // Bounds print as microseconds.
    test_.output = SchemaOf({{"k", DataType::String()},
                             {"n", DataType::BigInt()},
                             {"s", DataType::BigInt()},
                             {"ws", DataType::BigInt()},
                             {"we", DataType::BigInt()}});
    test_.print_late = true;
  }
  void Window(WindowKind kind, int64_t size_ms, int64_t step_ms = 0) {
    spec_.window.kind = kind;
    spec_.window.size_ms = size_ms;
    spec_.window.step_ms = step_ms;
  }
  std::string Check() {
    test_.spec = &spec_;
    return CheckOperator(test_);
  }
  static ScriptStep Put(std::string key, int64_t value, int64_t time_ms,
                        std::string_view change = "+I") {
    return Row(change, {T(std::move(key)), I(value), Ms(time_ms)});
  }

  WindowAggregateSpec spec_;
  OperatorCase test_;
};

TEST_F(WindowAggregateTest, TumbleFiresAtEndMinusOne) {
  Window(WindowKind::kTumble, 10);
  test_.print_watermarks = true;
  test_.script = {Put("a", 1, 0),  Put("b", 2, 9), Watermark(8),    Put("a", 3, 5),
                  Put("a", 4, 12), Watermark(9),   Put("a", 5, 9),  // late
                  Put("a", 6, 10), Watermark(100), Put("a", 7, -1), End()};
  EXPECT_EQ(Check(),
            "WM 8\n+I[a, 2, 4, 0, 10000]\n+I[b, 1, 2, 0, 10000]\nWM 9\n"
            "LATE +I[a, 5, 1970-01-01 00:00:00.009]\n+I[a, 2, 10, 10000, 20000]\nWM 100\n"
            "LATE +I[a, 7, 1969-12-31 23:59:59.999]\nWM final\n");
}

TEST_F(WindowAggregateTest, HopRowLateForOneWindowCountsInTheOthers) {
  Window(WindowKind::kHop, 10, 5);
  test_.script = {Put("a", 1, 7), Watermark(9),   Put("a", 2, 8),
                  Watermark(14),  Put("a", 4, 8), End()};
  EXPECT_EQ(Check(),
            "+I[a, 1, 1, 0, 10000]\n+I[a, 2, 3, 5000, 15000]\n"
            "LATE +I[a, 4, 1970-01-01 00:00:00.008]\n");
}

TEST_F(WindowAggregateTest, HopMergesItsSlices) {
  Window(WindowKind::kHop, 10, 5);
  test_.script = {Put("a", 1, 2), Put("b", 8, 7), Put("a", 2, 6), Put("a", 4, 13), End()};
  EXPECT_EQ(Check(),
            "+I[a, 1, 1, -5000, 5000]\n+I[a, 2, 3, 0, 10000]\n+I[b, 1, 8, 0, 10000]\n"
            "+I[b, 1, 8, 5000, 15000]\n+I[a, 2, 6, 5000, 15000]\n+I[a, 1, 4, 10000, 20000]\n");
}

TEST_F(WindowAggregateTest, CumulateGrowsUpToItsSize) {
  Window(WindowKind::kCumulate, 15, 5);
  test_.script = {Put("a", 1, 2),  Watermark(4),   Put("a", 2, 1),
                  Put("b", 3, 11), Watermark(9),   Put("a", 8, 16),
                  Watermark(14),   Put("a", 9, 3), End()};
  EXPECT_EQ(Check(),
            "+I[a, 1, 1, 0, 5000]\n+I[a, 2, 3, 0, 10000]\n+I[a, 2, 3, 0, 15000]\n"
            "+I[b, 1, 3, 0, 15000]\nLATE +I[a, 9, 1970-01-01 00:00:00.003]\n"
            "+I[a, 1, 8, 15000, 20000]\n+I[a, 1, 8, 15000, 25000]\n+I[a, 1, 8, 15000, 30000]\n");
}

TEST_F(WindowAggregateTest, SessionsGrowAndMerge) {
  Window(WindowKind::kSession, 10);
  test_.script = {Put("a", 1, 0),
                  Put("a", 2, 25),
                  Put("b", 7, 3),
                  Put("a", 4, 12),
                  Put("a", 8, 20),  // joins [12, 22) and [25, 35); [0, 10) stays apart
                  Watermark(9),     // closes a's first
                  Put("a", 16, 1),  // would end at 11: not over; apart from [12, 35)
                  Watermark(11),
                  Put("a", 32, 2),   // touches [1, 11)? gone; joins [12, 35)
                  Put("a", 64, -9),  // late
                  End()};
  EXPECT_EQ(Check(),
            "+I[a, 1, 1, 0, 10000]\n+I[a, 1, 16, 1000, 11000]\n"
            "LATE +I[a, 64, 1969-12-31 23:59:59.991]\n"
            "+I[b, 1, 7, 3000, 13000]\n+I[a, 4, 46, 2000, 35000]\n");
}

// Sessions of one key are apart in the state, however many are open.
TEST_F(WindowAggregateTest, KeepsThousandsOfSessionsOfOneKey) {
  Window(WindowKind::kSession, 10);
  std::string expected;
  for (int64_t v = 0; v < 6000; ++v) {
    test_.script.push_back(Put("a", v, 20 * v));
    expected += fmt::format("+I[a, 1, {}, {}, {}]\n", v, 20'000 * v, 20'000 * v + 10'000);
  }
  test_.script.push_back(End());
  test_.spec = &spec_;
  for (const int restore_every : {0, 1}) {
    EXPECT_EQ(RunOperator(test_, {.restore_every = restore_every}), expected) << restore_every;
  }
}

TEST_F(WindowAggregateTest, RetractionsCanEmptyAWindow) {
  Window(WindowKind::kTumble, 10);
  spec_.input_changelog = ChangelogMode::All();
  test_.script = {Put("a", 1, 0),       Put("b", 2, 1),       Put("a", 1, 0, "-D"),
                  Put("b", 2, 1, "-U"), Put("b", 5, 1, "+U"), End()};
  EXPECT_EQ(Check(), "+I[b, 1, 5, 0, 10000]\n");
  Window(WindowKind::kSession, 10);
  EXPECT_EQ(Check(), "+I[b, 1, 5, 1000, 11000]\n");
}

TEST_F(WindowAggregateTest, CarriedWindowsKeepTheirBounds) {
  spec_.input = SchemaOf({{"k", DataType::String()},
                          {"v", DataType::BigInt()},
                          {"ws", DataType::Timestamp(3)},
                          {"we", DataType::Timestamp(3)}});
  spec_.window_start_column = 2;
  spec_.window_end_column = 3;
  test_.inputs = {spec_.input};
  test_.side_output = spec_.input;
  const auto put = [](const std::string& key, int64_t v, int64_t start, int64_t end) {
    return Row("+I", {T(key), I(v), Ms(start), Ms(end)});
  };
  test_.script = {put("a", 1, 0, 10),
                  put("a", 2, 0, 10),
                  put("a", 4, 3, 10),
                  Watermark(9),
                  put("b", 8, 0, 10),
                  put("b", 9, 10, 20),
                  End()};
  EXPECT_EQ(Check(),
            "+I[a, 2, 3, 0, 10000]\n+I[a, 1, 4, 3000, 10000]\n"
            "LATE +I[b, 8, 1970-01-01 00:00:00.000, 1970-01-01 00:00:00.010]\n"
            "+I[b, 1, 9, 10000, 20000]\n");
}

TEST_F(WindowAggregateTest, ZonesAlignToTheWallClock) {
  Window(WindowKind::kTumble, kMillisPerDay);
  spec_.window.time_zone = "Asia/Shanghai";  // UTC+8
  spec_.properties = {WindowProperty::kStart, WindowProperty::kTime};
  test_.print_watermarks = true;
  const int64_t hour = 3600 * 1000;
  test_.script = {Put("a", 1, 15 * hour),   Watermark(16 * hour - 2), Put("a", 2, 17 * hour),
                  Watermark(16 * hour - 1), Put("a", 4, 17 * hour),   End()};
  // 15:00 UTC is 23:00 of the first local day, which ends at 16:00 UTC.
  EXPECT_EQ(Check(),
            "WM 57599998\n+I[a, 1, 1, 0, 57599999000]\nWM 57599999\n"
            "+I[a, 2, 6, 86400000000, 143999999000]\nWM final\n");
}

TEST_F(WindowAggregateTest, ProcessingTimeFiresByTheClock) {
  Window(WindowKind::kTumble, 10);
  spec_.window.event_time = false;
  test_.script = {ClockAt(3), Put("a", 1, 0), ClockAt(8),     Put("a", 2, 0),
                  ClockAt(9), ClockAt(14),    Put("a", 4, 0), End()};
  EXPECT_EQ(Check(), "+I[a, 2, 3, 0, 10000]\n");
  Window(WindowKind::kSession, 10);
  EXPECT_EQ(Check(), "");
}

TEST_F(WindowAggregateTest, DistinctValuesMergeAcrossSlices) {
  Window(WindowKind::kHop, 10, 5);
  spec_.aggregates.resize(1);
  spec_.aggregates[0].args = {MakeInput(1, "v", DataType::BigInt())};
  spec_.aggregates[0].argument_types = {DataType::BigInt()};
  spec_.aggregates[0].distinct = true;
  test_.output = SchemaOf({{"k", DataType::String()},
                           {"n", DataType::BigInt()},
                           {"ws", DataType::BigInt()},
                           {"we", DataType::BigInt()}});
  test_.script = {Put("a", 1, 2), Put("a", 1, 7), Put("a", 2, 8), Put("a", 2, 8), End()};
  EXPECT_EQ(Check(), "+I[a, 1, -5000, 5000]\n+I[a, 2, 0, 10000]\n+I[a, 2, 5000, 15000]\n");
}

TEST_F(WindowAggregateTest, NullTimeEndsTheJob) {
  Window(WindowKind::kTumble, 10);
  test_.script = {Row("+I", {T("a"), I(1), Null()})};
  EXPECT_NE(Check().find("ERROR RowTime field should not be null"), std::string::npos);
}

}  // namespace
}  // namespace rhei
