#include "cli/progress.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "types/temporal_text.h"

namespace rhei {
namespace {

struct Totals {
  int64_t source_rows = 0;
  int64_t sink_rows = 0;
  int64_t watermark_ms = kFinalWatermark;
  bool has_watermark = false;
};

Totals TotalsOf(const std::vector<std::shared_ptr<Job>>& jobs) {
  Totals totals;
  for (const std::shared_ptr<Job>& job : jobs) {
    for (const JobRun::TaskReading& task : job->Read()) {
      if (task.operator_id.find("/TableSourceScan") != std::string::npos) {
        totals.source_rows += task.rows_out;
      }
      if (task.operator_id.find("/Sink") != std::string::npos) totals.sink_rows += task.rows_in;
      const bool sink = task.operator_id.find("/Sink") != std::string::npos;
      if (sink && !task.idle && task.input_watermark_ms != kNoWatermark) {
        totals.watermark_ms = std::min(totals.watermark_ms, task.input_watermark_ms);
        totals.has_watermark = true;
      }
    }
  }
  return totals;
}

std::string WatermarkText(int64_t watermark_ms) {
  if (watermark_ms == kFinalWatermark) return "end";
  char buffer[kTemporalTextMax];
  const size_t size = PrintTimestamp({watermark_ms * 1000, 0}, 0, buffer);
  return std::string(buffer, size);
}

}  // namespace

ProgressLine::ProgressLine(const Environment& env, bool enabled)
    : env_(env), enabled_(enabled), started_micros_(env.clock->WallMicros()) {}

void ProgressLine::Update(const std::vector<std::shared_ptr<Job>>& jobs) {
  if (!enabled_) return;
  const int64_t now = env_.clock->WallMicros();
  if (now - started_micros_ < 1'000'000 || now - last_micros_ < 1'000'000) return;
  const Totals totals = TotalsOf(jobs);
  const int64_t since = last_micros_ == 0 ? now - started_micros_ : now - last_micros_;
  const double rate =
      static_cast<double>(totals.source_rows - last_rows_) * 1e6 / static_cast<double>(since);
  last_micros_ = now;
  last_rows_ = totals.source_rows;
  std::string line = fmt::format("{:>5.0f} s  {} rows in ({:.0f}/s)  {} rows out",
                                 static_cast<double>(now - started_micros_) / 1e6,
                                 totals.source_rows, rate, totals.sink_rows);
  if (totals.has_watermark) line += "  watermark " + WatermarkText(totals.watermark_ms);
  (void)env_.standard_error->Write("\r\x1b[K" + line);
  shown_ = true;
}

void ProgressLine::Clear() {
  if (shown_) (void)env_.standard_error->Write("\r\x1b[K");
  shown_ = false;
}

namespace {

struct OperatorCounters {
  std::string operator_id;
  std::vector<std::pair<std::string, int64_t>> values;
};

// Summed over shards, in the order of the plan.
std::vector<OperatorCounters> CountersOf(const Job& job) {
  std::vector<OperatorCounters> all;
  std::map<std::string, size_t> places;
  for (const JobRun::TaskReading& task : job.Read()) {
    const auto [place, added] = places.try_emplace(task.operator_id, all.size());
    if (added) all.push_back({task.operator_id, {}});
    auto& values = all[place->second].values;
    for (const Counters::Reading& reading : task.counters) {
      auto same = std::find_if(values.begin(), values.end(),
                               [&](const auto& each) { return each.first == reading.name; });
      if (same == values.end()) {
        values.emplace_back(reading.name, reading.value);
      } else {
        same->second += reading.value;
      }
    }
  }
  return all;
}

}  // namespace

std::string JobCountersJson(const Job& job) {
  std::string text;
  for (const auto& [id, values] : CountersOf(job)) {
    nlohmann::ordered_json counters = nlohmann::ordered_json::object();
    for (const auto& [name, value] : values) counters[name] = value;
    const nlohmann::ordered_json line = {
        {"job", job.id()}, {"name", job.name()}, {"operator", id}, {"counters", counters}};
    text += line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  }
  return text;
}

std::string JobSummary(const Job& job) {
  std::string text;
  for (const auto& [id, values] : CountersOf(job)) {
    const bool table =
        id.find("/TableSourceScan") != std::string::npos || id.find("/Sink-") != std::string::npos;
    std::vector<std::string> parts;
    for (const auto& [name, value] : values) {
      const bool notable = table || (value > 0 && name.find("late") != std::string::npos);
      if (notable) parts.push_back(fmt::format("{} {}", value, name));
    }
    if (!parts.empty()) text += fmt::format("  {}: {}\n", id, fmt::join(parts, ", "));
  }
  return text;
}

}  // namespace rhei
