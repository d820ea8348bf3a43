#include <gtest/gtest.h>

#include "functions/registry.h"
#include "operators/operator_harness.h"
#include "plan/physical/aggregate_spec.h"

namespace rhei {
namespace {

BoundAggregate Aggregate(const std::string& name, DataType type, std::vector<int> columns,
                         std::vector<DataType> types) {
  BoundAggregate out;
  out.aggregate = FindAggregate(name);
  out.name = name;
  out.type = type;
  for (size_t i = 0; i < columns.size(); ++i) {
    out.args.push_back(MakeInput(columns[i], "c", types[i]));
  }
  out.argument_types = types;
  return out;
}

class GroupAggregateTest : public ::testing::Test {
 protected:
  // Input: k STRING, v BIGINT, f BOOLEAN. Output: k, COUNT(*), SUM(v).
  GroupAggregateTest() {
    spec_.input = SchemaOf(
        {{"k", DataType::String()}, {"v", DataType::BigInt()}, {"f", DataType::Boolean()}});
    spec_.keys = {0};
    spec_.aggregates = {
        Aggregate("COUNT", DataType::BigInt(false), {}, {}),
        Aggregate("SUM", DataType::BigInt(), {1}, {DataType::BigInt()}),
    };
    test_.inputs = {spec_.input};
    test_.output =
        SchemaOf({{"k", DataType::String()}, {"n", DataType::BigInt()}, {"s", DataType::BigInt()}});
  }
  std::string Check() {
    test_.spec = &spec_;
    return CheckOperator(test_);
  }
  static ScriptStep Put(std::string_view change, std::string key, Value value) {
    return Row(change, {T(std::move(key)), std::move(value), Value::Bool(true)});
  }

  GroupAggregateSpec spec_;
  OperatorCase test_;
};

TEST_F(GroupAggregateTest, EmitsPerRow) {
  test_.print_watermarks = true;
  test_.script = {Put("+I", "a", I(1)), Put("+I", "b", I(2)),   Watermark(7),
                  Put("+I", "a", I(3)), Put("+I", "a", Null()), End()};
  EXPECT_EQ(Check(),
            "+I[a, 1, 1]\n+I[b, 1, 2]\nWM 7\n-U[a, 1, 1]\n+U[a, 2, 4]\n-U[a, 2, 4]\n+U[a, 3, 4]\n"
            "WM final\n");
}

TEST_F(GroupAggregateTest, LeavesUpdateBeforeOut) {
  spec_.generate_update_before = false;
  test_.script = {Put("+I", "a", I(1)), Put("+I", "a", I(3))};
  EXPECT_EQ(Check(), "+I[a, 1, 1]\n+U[a, 2, 4]\n");
}

TEST_F(GroupAggregateTest, RetractsDownToNothing) {
  spec_.input_changelog = ChangelogMode::All();
  test_.script = {Put("-D", "a", I(9)), Put("+I", "a", I(1)), Put("-U", "a", I(1)),
                  Put("+U", "a", I(5)), Put("+I", "a", I(2)), Put("-D", "a", I(5)),
                  Put("-D", "a", I(2)), Put("-D", "a", I(2)), Put("+I", "a", I(4))};
  EXPECT_EQ(Check(),
            "+I[a, 1, 1]\n-D[a, 1, 1]\n+I[a, 1, 5]\n-U[a, 1, 5]\n+U[a, 2, 7]\n-U[a, 2, 7]\n"
            "+U[a, 1, 2]\n-D[a, 1, 2]\n+I[a, 1, 4]\n");
}

TEST_F(GroupAggregateTest, UnchangedResultsAreSilent) {
  spec_.aggregates = {Aggregate("MAX", DataType::BigInt(), {1}, {DataType::BigInt()})};
  test_.output = SchemaOf({{"k", DataType::String()}, {"m", DataType::BigInt()}});
  test_.script = {Put("+I", "a", I(5)), Put("+I", "a", I(3)), Put("+I", "a", I(6))};
  EXPECT_EQ(Check(), "+I[a, 5]\n-U[a, 5]\n+U[a, 6]\n");
  spec_.ttl_ms = 1000;  // with a TTL they are not
  EXPECT_EQ(Check(), "+I[a, 5]\n-U[a, 5]\n+U[a, 5]\n-U[a, 5]\n+U[a, 6]\n");
}

TEST_F(GroupAggregateTest, StateExpires) {
  spec_.ttl_ms = 1000;
  test_.script = {ClockAt(1000),        Put("+I", "a", I(5)), ClockAt(1999),
                  Put("+I", "a", I(1)), ClockAt(2999),        Put("+I", "a", I(2))};
  EXPECT_EQ(Check(), "+I[a, 1, 5]\n-U[a, 1, 5]\n+U[a, 2, 6]\n+I[a, 1, 2]\n");
}

TEST_F(GroupAggregateTest, DistinctAndFilter) {
  spec_.input_changelog = ChangelogMode::All();
  BoundAggregate distinct = Aggregate("COUNT", DataType::BigInt(false), {1}, {DataType::BigInt()});
  distinct.distinct = true;
  BoundAggregate filtered = Aggregate("COUNT", DataType::BigInt(false), {}, {});
  filtered.filter_column = 2;
  spec_.aggregates = {distinct, filtered};
  const auto put = [](std::string_view change, int64_t v, Value f) {
    return Row(change, {T("a"), I(v), std::move(f)});
  };
  test_.script = {put("+I", 1, Value::Bool(true)), put("+I", 1, Null()),
                  put("+I", 2, Value::Bool(false)), put("-D", 1, Null()),
                  put("-D", 1, Value::Bool(true))};
  EXPECT_EQ(Check(), "+I[a, 1, 1]\n-U[a, 1, 1]\n+U[a, 2, 1]\n-U[a, 2, 1]\n+U[a, 1, 0]\n");
}

TEST_F(GroupAggregateTest, GlobalInStreamingIsSilentOnNothing) {
  spec_.keys.clear();
  spec_.input_changelog = ChangelogMode::All();
  test_.output = SchemaOf({{"n", DataType::BigInt()}, {"s", DataType::BigInt()}});
  test_.script = {End()};
  EXPECT_EQ(Check(), "");
  test_.script = {Put("+I", "a", I(5)), Put("+I", "b", I(1)), Put("-D", "a", I(5)),
                  Put("-D", "b", I(1)), End()};
  EXPECT_EQ(Check(), "+I[1, 5]\n-U[1, 5]\n+U[2, 6]\n-U[2, 6]\n+U[1, 1]\n-D[1, 1]\n");
}

TEST_F(GroupAggregateTest, BatchModeEmitsAtTheEnd) {
  spec_.final_rows_only = true;
  test_.batch_mode = true;
  test_.print_watermarks = true;
  test_.script = {Put("+I", "b", I(1)), Put("+I", "a", I(2)), Put("+I", "b", I(3)),
                  Put("+I", "c", Null()), End()};
  EXPECT_EQ(Check(), "+I[b, 2, 4]\n+I[a, 1, 2]\n+I[c, 1, NULL]\nWM final\n");
}

TEST_F(GroupAggregateTest, GlobalInBatchModeHasARowForNothing) {
  spec_.final_rows_only = true;
  spec_.keys.clear();
  test_.output = SchemaOf({{"n", DataType::BigInt()}, {"s", DataType::BigInt()}});
  test_.script = {End()};
  EXPECT_EQ(Check(), "+I[0, NULL]\n");
  test_.script = {Put("+I", "b", I(1)), End()};
  EXPECT_EQ(Check(), "+I[1, 1]\n");
}

TEST_F(GroupAggregateTest, BundlesEmitNetChanges) {
  spec_.bundled = true;
  spec_.input_changelog = ChangelogMode::All();
  test_.print_watermarks = true;
  test_.script = {Put("+I", "a", I(1)), Put("+I", "b", I(2)), Watermark(5), Put("+I", "a", I(3)),
                  Put("-D", "c", I(3)), BundleEnd(),
                  // a: unchanged in the end; b: gone; c: came and went.
                  Put("+I", "a", I(7)), Put("-D", "a", I(7)), Put("-D", "b", I(2)),
                  Put("+I", "c", I(1)), Put("-D", "c", I(1)), BundleEnd(), Put("+I", "a", I(1)),
                  End()};
  EXPECT_EQ(Check(),
            "+I[a, 2, 4]\n+I[b, 1, 2]\nWM 5\n-D[b, 1, 2]\n-U[a, 2, 4]\n+U[a, 3, 5]\nWM final\n");
}

TEST_F(GroupAggregateTest, DistinctRowsHaveNoAggregates) {
  spec_.aggregates.clear();
  test_.output = SchemaOf({{"k", DataType::String()}});
  test_.script = {Put("+I", "a", I(1)), Put("+I", "b", I(1)), Put("+I", "a", I(2))};
  EXPECT_EQ(Check(), "+I[a]\n+I[b]\n");
}

TEST_F(GroupAggregateTest, ListaggKeepsItsObjectOverARestore) {
  spec_.input_changelog = ChangelogMode::All();
  spec_.aggregates = {Aggregate("LISTAGG", DataType::String(), {0}, {DataType::String()})};
  spec_.keys = {1};
  test_.output = SchemaOf({{"v", DataType::BigInt()}, {"l", DataType::String()}});
  test_.script = {Put("+I", "a", I(1)), Put("+I", "b", I(1)), Put("-D", "a", I(1))};
  EXPECT_EQ(Check(), "+I[1, a]\n-U[1, a]\n+U[1, a,b]\n-U[1, a,b]\n+U[1, b]\n");
}

}  // namespace
}  // namespace rhei
