#include "cli/progress.h"

#include <sys/ioctl.h>

#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "types/temporal_text.h"

namespace rhei {
namespace {

// Most jobs live there: saying it of every operator would hide what differs.
constexpr std::string_view kDefaultPlace = "default_catalog.default_database.";

std::string ClockText(int64_t watermark_ms) {
  char buffer[kTemporalTextMax];
  const size_t size = PrintTimestamp({watermark_ms * 1000, 0}, 0, buffer);
  return std::string(buffer, size);
}

std::string BytesText(int64_t bytes) {
  if (bytes >= int64_t{10} << 30) return fmt::format("{} GB", bytes >> 30);
  if (bytes >= 10 << 20) return fmt::format("{} MB", bytes >> 20);
  if (bytes >= 10 << 10) return fmt::format("{} kB", bytes >> 10);
  return fmt::format("{} B", bytes);
}

std::string AgeText(int64_t micros) {
  const int64_t seconds = std::max<int64_t>(micros, 0) / 1'000'000;
  if (seconds < 120) return fmt::format("{} s", seconds);
  return seconds < 7200 ? fmt::format("{} min", seconds / 60) : fmt::format("{} h", seconds / 3600);
}

std::string_view LastPart(std::string_view table) {
  const size_t dot = table.rfind('.');
  return dot == std::string_view::npos ? table : table.substr(dot + 1);
}

std::string SourceText(const SourceStanding& source, int64_t now_micros) {
  std::string text = fmt::format("  {}", LastPart(source.table));
  if (source.total > 0) {
    text += fmt::format(" {} % of {}", std::min(source.done, source.total) * 100 / source.total,
                        BytesText(source.total));
  }
  if (source.ended) return text + " read";
  if (source.idle) text += " idle";
  if (source.watermark_ms == kNoWatermark || source.watermark_ms == kFinalWatermark) {
    return text == fmt::format("  {}", LastPart(source.table)) ? "" : text;
  }
  text += " at " + ClockText(source.watermark_ms);
  // Of what is made up or long past a lag says nothing.
  constexpr int64_t kLagMaxMicros = int64_t{30} * 86'400 * 1'000'000;
  const int64_t lag_micros = now_micros - source.watermark_ms * 1000;
  if (source.total < 0 && lag_micros >= 0 && lag_micros < kLagMaxMicros) {
    text += fmt::format(" (lag {})", AgeText(lag_micros));
  }
  return text;
}

int TerminalColumns() {
  winsize size{};
  return ioctl(2, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

}  // namespace

std::string ProgressText(const std::vector<JobProgress>& jobs, const ProgressTimes& times) {
  int64_t rows_in = 0, rows_out = 0;
  CheckpointReading checkpoint;
  std::string sources;
  const SourceStanding* slowest = nullptr;
  for (const JobProgress& job : jobs) {
    rows_in += job.rows_in;
    rows_out += job.rows_out;
    if (job.checkpoint.created_micros > checkpoint.created_micros) checkpoint = job.checkpoint;
    for (const SourceStanding& source : job.sources)
      sources += SourceText(source, times.now_micros);
    const SourceStanding* last = job.slowest();
    if (last != nullptr && (slowest == nullptr || last->watermark_ms < slowest->watermark_ms)) {
      slowest = last;
    }
  }
  std::string line =
      fmt::format("{:>5} s  {} rows in ({:.0f}/s)  {} rows out", times.running_micros / 1'000'000,
                  rows_in, times.rows_per_second, rows_out);
  if (times.silent_micros >= 5'000'000 && slowest != nullptr) {
    line += fmt::format("  no output because {} is at {}", slowest->held_by,
                        ClockText(slowest->watermark_ms));
  }
  line += sources;
  if (checkpoint.epoch > 0) {
    line += fmt::format("  checkpoint {} {} ago, {} ms", checkpoint.epoch,
                        AgeText(times.now_micros - checkpoint.created_micros),
                        checkpoint.duration_micros / 1000);
    if (checkpoint.bytes > 0) line += ", " + BytesText(checkpoint.bytes);
  }
  return line;
}

ProgressLine::ProgressLine(const Environment& env, bool enabled)
    : env_(env), enabled_(enabled), started_micros_(env.clock->WallMicros()) {}

void ProgressLine::Update(const std::vector<std::shared_ptr<Job>>& jobs) {
  if (!enabled_) return;
  const int64_t now = env_.clock->WallMicros();
  if (now - started_micros_ < 1'000'000 || now - last_micros_ < 1'000'000) return;
  std::vector<JobProgress> progress;
  int64_t rows_in = 0, rows_out = 0;
  for (const std::shared_ptr<Job>& job : jobs) {
    progress.push_back(ReadProgress(*job));
    rows_in += progress.back().rows_in;
    rows_out += progress.back().rows_out;
  }
  const int64_t since = last_micros_ == 0 ? now - started_micros_ : now - last_micros_;
  if (rows_out != last_rows_out_ || last_output_micros_ == 0) last_output_micros_ = now;
  ProgressTimes times;
  times.now_micros = now;
  times.running_micros = now - started_micros_;
  times.rows_per_second =
      static_cast<double>(rows_in - last_rows_) * 1e6 / static_cast<double>(since);
  times.silent_micros = rows_in > 0 ? now - last_output_micros_ : 0;
  last_micros_ = now;
  last_rows_ = rows_in;
  last_rows_out_ = rows_out;
  std::string line = ProgressText(progress, times);
  const auto columns = static_cast<size_t>(TerminalColumns());
  // A line that wraps could not be taken back.
  if (line.size() >= columns) line.resize(columns - 1);
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
    const bool log = id.find("/SideLog-") != std::string::npos;
    const bool table =
        id.find("/TableSourceScan") != std::string::npos || id.find("/Sink-") != std::string::npos;
    std::vector<std::string> parts;
    for (const auto& [name, value] : values) {
      const bool notable =
          table ||
          (value > 0 && (log ? name == "written" : name.find("late") != std::string::npos));
      if (notable) parts.push_back(fmt::format("{} {}", value, name));
    }
    std::string_view name = id;
    if (name.starts_with(kDefaultPlace)) name.remove_prefix(kDefaultPlace.size());
    if (!parts.empty()) text += fmt::format("  {}: {}\n", name, fmt::join(parts, ", "));
  }
  return text;
}

std::string StopSummary(const Job& job) {
  if (job.state() != JobState::kStopped) return "";
  const CheckpointReading checkpoint = job.last_checkpoint();
  if (job.is_durable() && checkpoint.drained) {
    return fmt::format(
        "  drained at checkpoint {}: its windows have fired; --from {} goes on with new rows\n",
        checkpoint.epoch, checkpoint.epoch);
  }
  if (job.is_durable()) {
    return fmt::format("  stands at checkpoint {}; run it again to go on\n", checkpoint.epoch);
  }
  int64_t groups = 0;
  for (const JobRun::TaskReading& task : job.Read()) {
    if (task.operator_id.find("/Window") != std::string::npos) groups += task.state_rows;
  }
  if (groups == 0) return "";
  return fmt::format(
      "  {} results of windows that have not fired are not written; with "
      "'execution.checkpointing.interval' the next run goes on with them\n",
      groups);
}

}  // namespace rhei
