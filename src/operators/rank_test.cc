// Top-N, deduplication, sort, limit and their neighbours.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "operators/operator_harness.h"
#include "plan/physical/calc_spec.h"
#include "plan/physical/rank_spec.h"
#include "plan/physical/sink_spec.h"

namespace rhei {
namespace {

Schema KeyValueTime() {
  return SchemaOf(
      {{"k", DataType::String()}, {"v", DataType::BigInt()}, {"ts", DataType::Timestamp(3)}});
}

Schema WithRank() {
  Schema schema = KeyValueTime();
  schema.fields.resize(2);
  schema.fields.push_back({"rank", DataType::BigInt(), ""});
  return schema;
}

class RankTest : public ::testing::Test {
 protected:
  // Input: k STRING, v BIGINT; PARTITION BY k ORDER BY v DESC.
  RankTest() {
    spec_.input = SchemaOf({{"k", DataType::String()}, {"v", DataType::BigInt()}});
    spec_.partition = {0};
    spec_.order = {{1, true, false}};
    spec_.rank_end = 2;
    test_.inputs = {spec_.input};
    test_.output = spec_.input;
  }
  std::string Check() {
    test_.spec = &spec_;
    return CheckOperator(test_);
  }
  static ScriptStep Put(std::string_view change, std::string key, int64_t value) {
    return Row(change, {T(std::move(key)), I(value)});
  }
  RankSpec spec_;
  OperatorCase test_;
};

TEST_F(RankTest, OnlyMembershipWithoutARankColumn) {
  test_.print_watermarks = true;
  test_.script = {Put("+I", "a", 5), Put("+I", "a", 3), Put("+I", "b", 1), Watermark(9),
                  Put("+I", "a", 3), Put("+I", "a", 4), Put("+I", "a", 9)};
  EXPECT_EQ(Check(),
            "+I[a, 5]\n+I[a, 3]\n+I[b, 1]\nWM 9\n-D[a, 3]\n+I[a, 4]\n-D[a, 4]\n+I[a, 9]\n");
}

TEST_F(RankTest, TopOneUpdates) {
  spec_.rank_end = 1;
  test_.script = {Put("+I", "a", 5), Put("+I", "a", 3), Put("+I", "a", 5), Put("+I", "a", 7)};
  EXPECT_EQ(Check(), "+I[a, 5]\n-U[a, 5]\n+U[a, 7]\n");
  spec_.generate_update_before = false;
  EXPECT_EQ(Check(), "+I[a, 5]\n+U[a, 7]\n");
}

TEST_F(RankTest, RanksCascade) {
  spec_.output_rank = true;
  test_.output = WithRank();
  test_.script = {Put("+I", "a", 5), Put("+I", "a", 7), Put("+I", "a", 5), Put("+I", "a", 6)};
  EXPECT_EQ(Check(),
            "+I[a, 5, 1]\n-U[a, 5, 1]\n+U[a, 7, 1]\n+I[a, 5, 2]\n-U[a, 5, 2]\n+U[a, 6, 2]\n");
}

TEST_F(RankTest, RetractionMovesARowUp) {
  spec_.input_changelog = ChangelogMode::All();
  test_.script = {Put("+I", "a", 5), Put("+I", "a", 7), Put("+I", "a", 3),
                  Put("+I", "a", 6), Put("-D", "a", 7), Put("-D", "a", 99),
                  Put("-D", "a", 3), Put("-D", "a", 5), Put("-D", "a", 6)};
  EXPECT_EQ(Check(),
            "+I[a, 5]\n+I[a, 7]\n-D[a, 5]\n+I[a, 6]\n-D[a, 7]\n+I[a, 5]\n-D[a, 5]\n-D[a, 6]\n");
}

TEST_F(RankTest, RetractionWithRanksShrinks) {
  spec_.input_changelog = ChangelogMode::All();
  spec_.output_rank = true;
  test_.output = WithRank();
  test_.script = {Put("+I", "a", 5), Put("+I", "a", 7), Put("+I", "a", 3), Put("-D", "a", 7),
                  Put("-D", "a", 3)};
  EXPECT_EQ(Check(),
            "+I[a, 5, 1]\n-U[a, 5, 1]\n+U[a, 7, 1]\n+I[a, 5, 2]\n"
            "-U[a, 7, 1]\n+U[a, 5, 1]\n-U[a, 5, 2]\n+U[a, 3, 2]\n-D[a, 3, 2]\n");
}

TEST_F(RankTest, OffsetShowsOnlyItsRange) {
  spec_.rank_start = 2;
  test_.script = {Put("+I", "a", 5), Put("+I", "a", 7), Put("+I", "a", 6)};
  EXPECT_EQ(Check(), "+I[a, 5]\n-U[a, 5]\n+U[a, 6]\n");
}

TEST_F(RankTest, UpdatesByKeyReplace) {
  spec_.input =
      SchemaOf({{"k", DataType::String()}, {"v", DataType::BigInt()}, {"id", DataType::BigInt()}});
  spec_.input_upsert_key = {0, 2};
  spec_.input_changelog = ChangelogMode::Upsert();
  test_.inputs = {spec_.input};
  test_.output = spec_.input;
  const auto put = [](std::string_view change, int64_t value, int64_t id) {
    return Row(change, {T("a"), I(value), I(id)});
  };
  test_.script = {put("+I", 5, 1), put("+I", 7, 2), put("+I", 3, 3), put("+U", 8, 1),
                  put("+U", 9, 3), put("+U", 1, 3), put("-D", 0, 1)};
  EXPECT_EQ(Check(),
            "+I[a, 5, 1]\n+I[a, 7, 2]\n-U[a, 5, 1]\n+U[a, 8, 1]\n-D[a, 7, 2]\n+I[a, 9, 3]\n"
            "-D[a, 9, 3]\n+I[a, 7, 2]\n-D[a, 8, 1]\n+I[a, 1, 3]\n");
}

// A row that takes its old place comes before those that it ties with and that came after it.
TEST_F(RankTest, AnUpdateThatTiesWithTheLastMayEnter) {
  spec_.input =
      SchemaOf({{"k", DataType::String()}, {"v", DataType::BigInt()}, {"id", DataType::BigInt()}});
  spec_.input_upsert_key = {0, 2};
  spec_.input_changelog = ChangelogMode::Upsert();
  test_.inputs = {spec_.input};
  const auto put = [](std::string_view change, int64_t value, int64_t id) {
    return Row(change, {T("a"), I(value), I(id)});
  };
  test_.script = {put("+I", 1, 1), put("+I", 7, 2), put("+I", 5, 3), put("+U", 5, 1),
                  put("+I", 5, 4), put("+U", 4, 3), put("+U", 5, 3), put("+U", 6, 4)};
  test_.output = spec_.input;
  EXPECT_EQ(Check(),
            "+I[a, 1, 1]\n+I[a, 7, 2]\n-D[a, 1, 1]\n+I[a, 5, 3]\n-D[a, 5, 3]\n+I[a, 5, 1]\n"
            "-D[a, 5, 1]\n+I[a, 6, 4]\n");
  spec_.output_rank = true;
  test_.output.fields.push_back({"rank", DataType::BigInt(), ""});
  test_.script.resize(5);
  EXPECT_EQ(Check(),
            "+I[a, 1, 1, 1]\n-U[a, 1, 1, 1]\n+U[a, 7, 2, 1]\n+I[a, 1, 1, 2]\n"
            "-U[a, 1, 1, 2]\n+U[a, 5, 3, 2]\n-U[a, 5, 3, 2]\n+U[a, 5, 1, 2]\n");
}

TEST_F(RankTest, BatchModeGivesFinalRanks) {
  spec_.final_rows_only = true;
  spec_.output_rank = true;
  test_.batch_mode = true;
  test_.output = WithRank();
  test_.script = {Put("+I", "b", 5), Put("+I", "a", 7), Put("+I", "b", 3), Put("+I", "b", 6),
                  End()};
  EXPECT_EQ(Check(), "+I[b, 6, 1]\n+I[b, 5, 2]\n+I[a, 7, 1]\n");
}

TEST_F(RankTest, VariableBound) {
  spec_.input =
      SchemaOf({{"k", DataType::String()}, {"v", DataType::BigInt()}, {"n", DataType::BigInt()}});
  spec_.rank_end_column = 2;
  test_.inputs = {spec_.input};
  test_.output = spec_.input;
  const auto put = [](const std::string& key, int64_t value, int64_t n) {
    return Row("+I", {T(key), I(value), I(n)});
  };
  test_.script = {put("a", 1, 1), put("b", 1, 2), put("a", 2, 1), put("b", 2, 2)};
  EXPECT_EQ(Check(), "+I[a, 1, 1]\n+I[b, 1, 2]\n-D[a, 1, 1]\n+I[a, 2, 1]\n+I[b, 2, 2]\n");
}

TEST(LimitTest, TakesRowsByArrival) {
  SortSpec spec(OperatorKind::kLimit);
  spec.input = SchemaOf({{"v", DataType::BigInt()}});
  spec.offset = 1;
  spec.limit = 2;
  OperatorCase test;
  test.spec = &spec;
  test.inputs = {spec.input};
  test.output = spec.input;
  for (int64_t v = 1; v <= 5; ++v) test.script.push_back(Row("+I", {I(v)}));
  EXPECT_EQ(CheckOperator(test), "+I[2]\n+I[3]\n");
}

TEST(LimitTest, UpdatingInputKeepsTheRest) {
  SortSpec spec(OperatorKind::kLimit);
  spec.input = SchemaOf({{"v", DataType::BigInt()}});
  spec.limit = 1;
  spec.input_changelog = ChangelogMode::All();
  OperatorCase test;
  test.spec = &spec;
  test.inputs = {spec.input};
  test.output = spec.input;
  test.script = {Row("+I", {I(1)}), Row("+I", {I(2)}), Row("-D", {I(1)})};
  EXPECT_EQ(CheckOperator(test), "+I[1]\n-D[1]\n+I[2]\n");
}

TEST(SortTest, BatchSortsEverything) {
  SortSpec spec(OperatorKind::kSort);
  spec.input = SchemaOf({{"v", DataType::BigInt()}, {"s", DataType::String()}});
  spec.order = {{0, true, false}, {1, false, true}};
  spec.batch_mode = true;
  OperatorCase test;
  test.spec = &spec;
  test.inputs = {spec.input};
  test.output = spec.input;
  test.batch_mode = true;
  test.print_watermarks = true;
  test.script = {Row("+I", {I(1), T("x")}), Row("+I", {I(2), T("b")}), Row("+I", {Null(), T("n")}),
                 Row("+I", {I(2), T("a")}), End()};
  EXPECT_EQ(CheckOperator(test), "+I[2, a]\n+I[2, b]\n+I[1, x]\n+I[NULL, n]\nWM final\n");
}

TEST(SortTest, TemporalSortFollowsTheWatermark) {
  SortSpec spec(OperatorKind::kTemporalSort);
  spec.input = KeyValueTime();
  spec.order = {{2, false, true}, {1, true, false}};
  OperatorCase test;
  test.spec = &spec;
  test.inputs = {spec.input};
  test.output = spec.input;
  const auto put = [](int64_t v, int64_t t) { return Row("+I", {T("a"), I(v), Ms(t)}); };
  // 3 is behind the watermark, but nothing later than 2 has gone out.
  test.script = {put(1, 5), put(2, 2), put(3, 5), Watermark(4), put(4, 3), put(5, 2), End()};
  EXPECT_EQ(CheckOperator(test),
            "+I[a, 2, 1970-01-01 00:00:00.002]\n+I[a, 4, 1970-01-01 00:00:00.003]\n"
            "+I[a, 3, 1970-01-01 00:00:00.005]\n+I[a, 1, 1970-01-01 00:00:00.005]\n");
}

class DeduplicateTest : public ::testing::Test {
 protected:
  DeduplicateTest() {
    spec_.input = SchemaOf(
        {{"k", DataType::String()}, {"v", DataType::BigInt()}, {"ts", DataType::BigInt()}});
    spec_.partition = {0};
    spec_.time_column = 2;
    test_.inputs = {spec_.input};
    test_.output = spec_.input;
  }
  std::string Check() {
    test_.spec = &spec_;
    return CheckOperator(test_);
  }
  static ScriptStep Put(std::string key, int64_t value, int64_t time_ms) {
    return Row("+I", {T(std::move(key)), I(value), Ms(time_ms)});
  }
  DeduplicateSpec spec_;
  OperatorCase test_;
};

TEST_F(DeduplicateTest, FirstByArrival) {
  spec_.event_time = false;
  test_.script = {Put("a", 1, 0), Put("a", 2, 0), Put("b", 3, 0), Put("a", 4, 0)};
  EXPECT_EQ(Check(), "+I[a, 1, 0]\n+I[b, 3, 0]\n");
}

TEST_F(DeduplicateTest, LastByArrivalSkipsEqualRows) {
  spec_.event_time = false;
  spec_.keep_first = false;
  test_.script = {Put("a", 1, 0), Put("a", 1, 0), Put("a", 2, 0)};
  EXPECT_EQ(Check(), "+I[a, 1, 0]\n-U[a, 1, 0]\n+U[a, 2, 0]\n");
}

TEST_F(DeduplicateTest, LastByArrivalDoesNotCompareTheClock) {
  spec_.event_time = false;
  spec_.keep_first = false;
  const auto read_clock = [this](size_t column) {
    DataType& type = spec_.input.fields[column].type;
    type = type.WithTimeAttribute(TimeAttribute::kProctime);
  };
  read_clock(2);
  test_.script = {Put("a", 1, 0), Put("a", 1, 1), Put("a", 2, 2)};
  EXPECT_EQ(Check(), "+I[a, 1, 0]\n-U[a, 1, 0]\n+U[a, 2, 2000]\n");
  read_clock(1);
  EXPECT_EQ(Check(), "+I[a, 1, 0]\n");
}

TEST_F(DeduplicateTest, FirstByEventTimeWaitsForTheWatermark) {
  test_.script = {Put("a", 1, 5), Put("a", 2, 3), Put("b", 9, 4), Put("a", 3, 3), Watermark(3),
                  Put("a", 4, 2), Put("c", 5, 2), Put("c", 6, 3), End()};
  EXPECT_EQ(Check(), "+I[a, 2, 3000]\n+I[c, 6, 3000]\n+I[b, 9, 4000]\n");
}

// A key that a late row has named, and that a watermark of the same batch could have taken away.
TEST_F(DeduplicateTest, FirstByEventTimeAfterALateRowOfTheSameBatch) {
  test_.script = {Put("b", 1, 10), Watermark(10),   Put("a", 2, 5), Put("b", 3, 20),
                  Watermark(20),   Put("a", 4, 30), Watermark(30),  Put("c", 5, 40),
                  Put("a", 6, 50), Watermark(50),   End()};
  EXPECT_EQ(Check(), "+I[b, 1, 10000]\n+I[a, 4, 30000]\n+I[c, 5, 40000]\n");
}

TEST_F(DeduplicateTest, LastByEventTime) {
  spec_.keep_first = false;
  test_.script = {Put("a", 1, 5), Put("a", 2, 3), Put("a", 3, 5), Put("a", 4, 6)};
  EXPECT_EQ(Check(),
            "+I[a, 1, 5000]\n-U[a, 1, 5000]\n+U[a, 3, 5000]\n-U[a, 3, 5000]\n+U[a, 4, 6000]\n");
}

TEST_F(DeduplicateTest, BatchModeGivesFinalRows) {
  spec_.final_rows_only = true;
  test_.batch_mode = true;
  test_.script = {Put("a", 1, 5), Put("b", 2, 3), Put("a", 3, 4), End()};
  EXPECT_EQ(Check(), "+I[a, 3, 4000]\n+I[b, 2, 3000]\n");
  spec_.keep_first = false;
  EXPECT_EQ(Check(), "+I[a, 1, 5000]\n+I[b, 2, 3000]\n");
}

TEST_F(DeduplicateTest, OnlyWhatIsKeptRenewsTheTimeToLive) {
  spec_.ttl_ms = 100;
  spec_.keep_first = false;
  test_.script = {ClockAt(0),   Put("a", 1, 5), ClockAt(60),  Put("a", 2, 3),
                  ClockAt(110), Put("a", 3, 4), ClockAt(200), Put("a", 4, 6)};
  EXPECT_EQ(Check(), "+I[a, 1, 5000]\n+I[a, 3, 4000]\n-U[a, 3, 4000]\n+U[a, 4, 6000]\n");
  spec_.event_time = false;
  spec_.keep_first = true;
  EXPECT_EQ(Check(), "+I[a, 1, 5000]\n+I[a, 3, 4000]\n");
}

TEST(ChangelogNormalizeTest, StateExpires) {
  ChangelogNormalizeSpec spec;
  spec.input = SchemaOf({{"k", DataType::BigInt()}, {"s", DataType::String()}});
  spec.key = {0};
  spec.ttl_ms = 100;
  OperatorCase test;
  test.spec = &spec;
  test.inputs = {spec.input};
  test.output = spec.input;
  // An equal row renews the key, and is not silent when there is a TTL.
  test.script = {ClockAt(0),
                 Row("+U", {I(1), T("a")}),
                 ClockAt(60),
                 Row("+U", {I(1), T("a")}),
                 ClockAt(150),
                 Row("+U", {I(1), T("b")}),
                 ClockAt(260),
                 Row("-D", {I(1), Null()}),
                 Row("+U", {I(1), T("c")})};
  EXPECT_EQ(CheckOperator(test), "+I[1, a]\n-U[1, a]\n+U[1, a]\n-U[1, a]\n+U[1, b]\n+I[1, c]\n");
}

TEST(SinkMaterializerTest, AChangeRenewsAllRowsOfTheKey) {
  SinkMaterializerSpec spec;
  spec.input = SchemaOf({{"k", DataType::BigInt()}, {"s", DataType::String()}});
  spec.primary_key = {0};
  spec.ttl_ms = 100;
  OperatorCase test;
  test.spec = &spec;
  test.inputs = {spec.input};
  test.output = spec.input;
  const auto put = [](std::string_view change, const std::string& s) {
    return Row(change, {I(1), T(s)});
  };
  test.script = {ClockAt(0),     put("+I", "a"), ClockAt(60),    put("+I", "b"), ClockAt(150),
                 put("-D", "b"), ClockAt(249),   put("+I", "c"), ClockAt(349),   put("+I", "d")};
  EXPECT_EQ(CheckOperator(test), "+I[1, a]\n+U[1, b]\n+U[1, a]\n+U[1, c]\n+I[1, d]\n");
}

TEST_F(RankTest, StateExpires) {
  spec_.ttl_ms = 100;
  test_.script = {ClockAt(0),   Put("+I", "a", 9), ClockAt(50),  Put("+I", "a", 8),
                  ClockAt(100), Put("+I", "a", 1), ClockAt(149), Put("+I", "a", 0)};
  EXPECT_EQ(Check(), "+I[a, 9]\n+I[a, 8]\n+I[a, 1]\n");
}

TEST(ChangelogNormalizeTest, CompletesAnUpsertStream) {
  ChangelogNormalizeSpec spec;
  spec.input = SchemaOf({{"k", DataType::BigInt()}, {"s", DataType::String()}});
  spec.key = {0};
  OperatorCase test;
  test.spec = &spec;
  test.inputs = {spec.input};
  test.output = spec.input;
  test.script = {Row("+U", {I(1), T("a")}), Row("-D", {I(2), Null()}), Row("+U", {I(1), T("a")}),
                 Row("+U", {I(1), T("b")}), Row("-D", {I(1), Null()}), Row("+I", {I(1), T("c")})};
  EXPECT_EQ(CheckOperator(test), "+I[1, a]\n-U[1, a]\n+U[1, b]\n-D[1, b]\n+I[1, c]\n");
}

TEST(SinkMaterializerTest, ShowsTheNewestThatIsLeft) {
  SinkMaterializerSpec spec;
  spec.input = SchemaOf({{"k", DataType::BigInt()}, {"s", DataType::String()}});
  spec.primary_key = {0};
  OperatorCase test;
  test.spec = &spec;
  test.inputs = {spec.input};
  test.output = spec.input;
  const auto put = [](std::string_view change, const std::string& s) {
    return Row(change, {I(1), T(s)});
  };
  test.script = {put("+I", "a"), put("+I", "b"), put("+U", "c"), put("-U", "b"),
                 put("-D", "c"), put("-D", "x"), put("-D", "a")};
  EXPECT_EQ(CheckOperator(test), "+I[1, a]\n+U[1, b]\n+U[1, c]\n+U[1, a]\n-D[1, a]\n");
}

TEST(WindowRankTest, FiresWithTheWindow) {
  WindowRankSpec spec;
  spec.input = SchemaOf({{"k", DataType::String()},
                         {"v", DataType::BigInt()},
                         {"ws", DataType::BigInt()},
                         {"we", DataType::BigInt()}});
  spec.window_start_column = 2;
  spec.window_end_column = 3;
  spec.partition = {0};
  spec.order = {{1, true, false}};
  spec.rank_end = 2;
  spec.output_rank = true;
  OperatorCase test;
  test.spec = &spec;
  test.inputs = {spec.input};
  test.side_output = spec.input;
  test.output = spec.input;
  test.output.fields.push_back({"rank", DataType::BigInt(), ""});
  test.print_late = true;
  test.print_watermarks = true;
  const auto put = [](const std::string& key, int64_t v, int64_t start, int64_t end) {
    return Row("+I", {T(key), I(v), Ms(start), Ms(end)});
  };
  test.script = {put("a", 1, 0, 10),  put("a", 3, 0, 10), put("b", 7, 0, 10), put("a", 2, 0, 10),
                 put("a", 4, 10, 20), Watermark(9),       put("a", 9, 0, 10), End()};
  EXPECT_EQ(CheckOperator(test),
            "+I[a, 3, 0, 10000, 1]\n+I[a, 2, 0, 10000, 2]\n+I[b, 7, 0, 10000, 1]\nWM 9\n"
            "LATE +I[a, 9, 0, 10000]\n+I[a, 4, 10000, 20000, 1]\nWM final\n");
}

// Windows of one key are apart in the state, however many are open.
TEST(WindowRankTest, KeepsThousandsOfWindowsOfOneKey) {
  WindowRankSpec spec;
  spec.input =
      SchemaOf({{"v", DataType::BigInt()}, {"ws", DataType::BigInt()}, {"we", DataType::BigInt()}});
  spec.window_start_column = 1;
  spec.window_end_column = 2;
  spec.order = {{0, true, false}};
  spec.rank_end = 1;
  OperatorCase test;
  test.spec = &spec;
  test.inputs = {spec.input};
  test.side_output = spec.input;
  test.output = spec.input;
  std::string expected;
  for (int64_t v = 0; v < 6000; ++v) {
    test.script.push_back(Row("+I", {I(v), Ms(v), Ms(v + 1)}));
    expected += fmt::format("+I[{}, {}, {}]\n", v, v * 1000, (v + 1) * 1000);
  }
  test.script.push_back(End());
  for (const int restore_every : {0, 1}) {
    EXPECT_EQ(RunOperator(test, {.restore_every = restore_every}), expected) << restore_every;
  }
}

}  // namespace
}  // namespace rhei
