#pragma once
// What a person sees of running jobs: a line that moves on a terminal while they run, and the
// counts per table at their end.
#include <memory>
#include <string>
#include <vector>

#include "base/env.h"
#include "engine/job_progress.h"

namespace rhei {

// Redraws one line per second on a terminal once the jobs have run for a second; silent elsewhere.
class ProgressLine {
 public:
  ProgressLine(const Environment& env, bool enabled);
  void Update(const std::vector<std::shared_ptr<Job>>& jobs);
  // Removes the line, before something else is printed.
  void Clear();

 private:
  const Environment& env_;
  bool enabled_;
  bool shown_ = false;
  int64_t started_micros_;
  int64_t last_micros_ = 0;
  int64_t last_rows_ = 0;
  int64_t last_rows_out_ = 0;
  int64_t last_output_micros_ = 0;
};

struct ProgressTimes {
  int64_t now_micros = 0;
  int64_t running_micros = 0;
  int64_t silent_micros = 0;  // since the last row went out, while rows come in
  double rows_per_second = 0;
};
// The line: rows, per source its watermark with lag and done of total, the newest checkpoint; and
// what holds back the watermark when no rows have come out for a while.
std::string ProgressText(const std::vector<JobProgress>& jobs, const ProgressTimes& times);

// Every operator of the job with its counters, summed over shards, in the order of the plan: one
// JSON object per line.
std::string JobCountersJson(const Job& job);
// One line per source and sink with all its counters, and late rows where there are some.
std::string JobSummary(const Job& job);
// Of a stopped job: how it goes on, or what lies in windows that have not fired and is lost. Else
// "".
std::string StopSummary(const Job& job);

}  // namespace rhei
