#include "engine/job_progress.h"

#include <gtest/gtest.h>

namespace rhei {
namespace {

JobRun::TaskReading Task(std::string id, int64_t watermark_ms, int64_t rows = 0) {
  JobRun::TaskReading task;
  task.operator_id = std::move(id);
  task.output_watermark_ms = watermark_ms;
  task.rows_in = task.rows_out = rows;
  return task;
}

TEST(JobProgress, NamesTheSplitThatHoldsTheWatermarkBack) {
  JobRun::TaskReading first = Task("o/TableSourceScan-1", 5000, 10);
  first.source = {{{"clicks-0", "7", 9000, false}, {"clicks-2", "3", 5000, false}}, 0, -1};
  JobRun::TaskReading second = Task("o/TableSourceScan-1", 8000, 5);
  second.source = {{{"clicks-1", "1", 1000, true}}, 0, -1};
  JobRun::TaskReading other = Task("o/TableSourceScan-2", 7000, 1);
  const JobProgress progress =
      SumProgress({{"o/TableSourceScan-1", "a.b.t", "o/TableSourceScan-1"},
                   {"o/TableSourceScan-2", "a.b.u", "o/TableSourceScan-2"}},
                  {first, second, other, Task("o/Sink-1", 4000, 3)});
  EXPECT_EQ(progress.rows_in, 16);
  EXPECT_EQ(progress.rows_out, 3);
  ASSERT_EQ(progress.sources.size(), 2U);
  EXPECT_EQ(progress.sources[0].watermark_ms, 5000);
  EXPECT_EQ(progress.sources[0].held_by, "partition 2 of `clicks`");
  EXPECT_EQ(progress.sources[1].held_by, "`u`");
  EXPECT_EQ(progress.slowest(), &progress.sources[0]);
}

TEST(JobProgress, IdleAndEndedShardsDoNotCount) {
  JobRun::TaskReading idle = Task("s", 1);
  idle.idle = true;
  JobRun::TaskReading done = Task("s", 2);
  done.done = true;
  done.source.done = 100;
  JobRun::TaskReading working = Task("s", 30);
  working.source = {{{"/data/x.log", "50", kNoWatermark, false}}, 50, 400};
  JobProgress progress = SumProgress({{"s", "t", "s"}}, {idle, done, working});
  EXPECT_EQ(progress.sources[0].watermark_ms, 30);
  EXPECT_EQ(progress.sources[0].done, 150);
  EXPECT_EQ(progress.sources[0].total, 400);
  progress = SumProgress({{"s", "t", "s"}}, {idle, done});
  EXPECT_TRUE(progress.sources[0].idle);
  // When all are idle, time stands where it stood.
  EXPECT_EQ(progress.sources[0].watermark_ms, 1);
  EXPECT_EQ(progress.slowest(), &progress.sources[0]);
  progress = SumProgress({{"s", "t", "s"}}, {done});
  EXPECT_TRUE(progress.sources[0].ended);
  EXPECT_EQ(progress.sources[0].watermark_ms, kFinalWatermark);
}

TEST(JobProgress, WatermarksComeFromTheAssignerBehindTheSource) {
  JobRun::TaskReading source = Task("s", kNoWatermark, 4);
  source.idle = true;
  const JobProgress progress = SumProgress({{"s", "t", "w"}}, {source, Task("w", 70, 4)});
  EXPECT_EQ(progress.rows_in, 4);
  EXPECT_EQ(progress.sources[0].watermark_ms, 70);
  EXPECT_FALSE(progress.sources[0].idle);
}

}  // namespace
}  // namespace rhei
