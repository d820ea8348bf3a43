#include "cli/progress.h"

#include <gtest/gtest.h>

namespace rhei {
namespace {

constexpr int64_t kSecond = 1'000'000;
// 2024-05-01 12:00:00 UTC.
constexpr int64_t kNoonMs = 1714564800000;

JobProgress OneSource(SourceStanding source) {
  JobProgress job;
  job.rows_in = 1200;
  job.rows_out = 3;
  job.sources.push_back(std::move(source));
  return job;
}

TEST(ProgressText, TellsWhatHoldsTheWatermarkBack) {
  SourceStanding clicks;
  clicks.table = "a.b.clicks";
  clicks.watermark_ms = kNoonMs;
  clicks.held_by = "partition 2 of `clicks`";
  ProgressTimes times{.now_micros = (kNoonMs + 90'000) * 1000,
                      .running_micros = 12 * kSecond,
                      .silent_micros = 4 * kSecond,
                      .rows_per_second = 100};
  EXPECT_EQ(ProgressText({OneSource(clicks)}, times),
            "   12 s  1200 rows in (100/s)  3 rows out  clicks at 2024-05-01 12:00:00 (lag 90 s)");
  times.silent_micros = 5 * kSecond;
  EXPECT_EQ(ProgressText({OneSource(clicks)}, times),
            "   12 s  1200 rows in (100/s)  3 rows out  no output because partition 2 of `clicks` "
            "is at 2024-05-01 12:00:00  clicks at 2024-05-01 12:00:00 (lag 90 s)");
}

TEST(ProgressText, TellsDoneOfTotalAndTheCheckpoint) {
  SourceStanding log;
  log.table = "a.b.log";
  log.watermark_ms = kNoWatermark;
  log.done = 30 << 20;
  log.total = 120 << 20;
  JobProgress job = OneSource(log);
  job.checkpoint = {
      .epoch = 7, .created_micros = kNoonMs * 1000, .duration_micros = 8000, .bytes = 20 << 10};
  const ProgressTimes times{.now_micros = kNoonMs * 1000 + 300 * kSecond,
                            .running_micros = 61 * kSecond,
                            .silent_micros = 60 * kSecond,
                            .rows_per_second = 0};
  EXPECT_EQ(ProgressText({job}, times),
            "   61 s  1200 rows in (0/s)  3 rows out  log 25 % of 120 MB  checkpoint 7 5 min ago, "
            "8 ms, 20 kB");
}

}  // namespace
}  // namespace rhei
