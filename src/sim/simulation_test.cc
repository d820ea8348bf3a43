#include "sim/simulation.h"

#include <gtest/gtest.h>

#include "operators/builtin.h"
#include "sim/collapse.h"
#include "sim/job_list.h"

namespace rhei {
namespace {

// Operators that keep nothing between two elements. Whoever adds an operator adds it here or to a
// job of sim/job_list.cc.
constexpr OperatorKind kStateless[] = {OperatorKind::kValues,
                                       OperatorKind::kCalc,
                                       OperatorKind::kUnion,
                                       OperatorKind::kExpand,
                                       OperatorKind::kDropUpdateBefore,
                                       OperatorKind::kUnnest,
                                       OperatorKind::kLateRows};

TEST(SimulationTest, EveryStatefulOperatorIsInAJob) {
  Simulator simulator;
  const Result<std::set<OperatorKind>> planned = simulator.PlannedOperators();
  ASSERT_TRUE(planned.ok()) << planned.status().message();
  std::vector<OperatorKind> kinds = BuiltinOperatorKinds();
  kinds.insert(kinds.end(), {OperatorKind::kSource, OperatorKind::kSink});
  for (const OperatorKind kind : kinds) {
    const bool stateless =
        std::find(std::begin(kStateless), std::end(kStateless), kind) != std::end(kStateless);
    EXPECT_TRUE(stateless || planned->contains(kind))
        << "operator kind " << static_cast<int>(kind) << " is in no job of sim/job_list.cc";
  }
}

TEST(SimulationTest, ASeedReplaysBitForBit) {
  Simulator first, second;
  for (const uint64_t seed : {uint64_t{3}, uint64_t{4}, uint64_t{5}, ~uint64_t{0}}) {
    const Result<SimulationReport> once = first.Run(seed);
    const Result<SimulationReport> again = second.Run(seed);
    ASSERT_TRUE(once.ok() && again.ok());
    EXPECT_EQ(once->trace, again->trace) << seed;
    EXPECT_EQ(once->step_count, again->step_count) << seed;
    EXPECT_EQ(once->events, again->events) << seed;
    EXPECT_EQ(once->files, again->files) << seed;
  }
  EXPECT_NE(first.Run(3)->trace, first.Run(4)->trace);
}

// A simulation that finds nothing is worth nothing: each planted bug is found, and soon.
TEST(SimulationTest, FindsEveryPlantedBug) {
  Simulator simulator;
  for (const PlantedBug bug : {PlantedBug::kSkippedFsync, PlantedBug::kRenameBeforeFsync,
                               PlantedBug::kWatermarkNotRestored, PlantedBug::kTimerLost,
                               PlantedBug::kWrongEpochSegment, PlantedBug::kLiveSegmentSwept}) {
    bool found = false;
    for (uint64_t seed = 0; seed < 2000 && !found; ++seed) {
      const Result<SimulationReport> report = simulator.Run(seed, bug);
      ASSERT_TRUE(report.ok());
      found = !report->equal;
    }
    EXPECT_TRUE(found) << PlantedBugName(bug);
  }
}

TEST(SimulationTest, NoSeedDiffers) {
  Simulator simulator;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    const Result<SimulationReport> report = simulator.Run(seed);
    ASSERT_TRUE(report.ok());
    EXPECT_TRUE(report->equal) << "seed " << seed << ": " << report->difference;
  }
}

TEST(CollapseTest, HiddenFilesDoNotCountAndCutLinesDo) {
  const auto rows = Collapse(Outcome::kRows, {{"/out/a", "x\ny\n"}, {"/out/.b", "z"}});
  ASSERT_TRUE(rows.ok());
  EXPECT_EQ(*rows, (CommittedRows{{"/out/x", 1}, {"/out/y", 1}}));
  EXPECT_FALSE(Collapse(Outcome::kRows, {{"/out/a", "x\ny"}}).ok());
}

TEST(CollapseTest, ChangesLeaveWhatIsNotTakenAway) {
  const auto rows = Collapse(Outcome::kChanges, {{"/out/b", "+I\t1\ta\n-U\t1\ta\n"},
                                                 {"/out/a", "+U\t1\tb\n+I\t2\tc\n-D\t2\tc\n"}});
  ASSERT_TRUE(rows.ok());
  EXPECT_EQ(*rows, (CommittedRows{{"1\tb", 1}}));
  EXPECT_FALSE(Collapse(Outcome::kChanges, {{"/out/a", "-D\t1\ta\n"}}).ok());
}

TEST(CollapseTest, UpsertsCountInTheOrderOfEpochs) {
  const auto rows = Collapse(Outcome::kUpserts, {{"/out/part-j-0-10-0", "+U\t1\tnew\n"},
                                                 {"/out/part-j-1-9-0", "+I\t1\told\n"},
                                                 {"/out/part-j-1-9-1", "+I\t2\tx\n-D\t2\tx\n"}});
  ASSERT_TRUE(rows.ok());
  EXPECT_EQ(*rows, (CommittedRows{{"1\tnew", 1}}));
}

TEST(CollapseTest, CompareNamesWhatIsLostAndWhatIsDoubled) {
  EXPECT_EQ(Compare({{"a", 1}}, {{"a", 1}}), "");
  const std::string difference = Compare({{"a", 1}, {"b", 1}}, {{"b", 2}, {"c", 1}});
  EXPECT_NE(difference.find("0 instead of 1 times: a"), std::string::npos);
  EXPECT_NE(difference.find("2 instead of 1 times: b"), std::string::npos);
  EXPECT_NE(difference.find("1 instead of 0 times: c"), std::string::npos);
}

}  // namespace
}  // namespace rhei
