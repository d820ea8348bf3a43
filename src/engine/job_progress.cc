#include "engine/job_progress.h"

#include <algorithm>

#include <fmt/format.h>

#include "plan/physical/source_spec.h"

namespace rhei {
namespace {

std::string LastPart(std::string_view path) {
  const size_t dot = path.rfind('.');
  return std::string(dot == std::string_view::npos ? path : path.substr(dot + 1));
}

// A file's id is its path; a partition's is topic-number.
std::string SplitName(std::string_view id) {
  if (id.find('/') != std::string_view::npos) return fmt::format("file {}", id);
  const size_t dash = id.rfind('-');
  if (dash == std::string_view::npos) return std::string(id);
  return fmt::format("partition {} of `{}`", id.substr(dash + 1), id.substr(0, dash));
}

void AddTask(const JobRun::TaskReading& task, int64_t* held_ms, SourceStanding* source) {
  source->done += task.source.done;
  if (task.source.total >= 0) source->total = task.source.total;
  if (task.done) return;
  source->ended = false;
  if (task.idle) return;
  source->idle = false;
  source->watermark_ms = std::min(source->watermark_ms, task.output_watermark_ms);
  for (const SplitReading& split : task.source.splits) {
    if (split.idle || split.watermark_ms == kNoWatermark || split.watermark_ms >= *held_ms) {
      continue;
    }
    *held_ms = split.watermark_ms;
    source->held_by = SplitName(split.id);
  }
}

}  // namespace

const SourceStanding* JobProgress::slowest() const {
  const SourceStanding* slowest = nullptr;
  for (const SourceStanding& source : sources) {
    if (source.idle || source.ended || source.watermark_ms == kNoWatermark) continue;
    if (slowest == nullptr || source.watermark_ms < slowest->watermark_ms) slowest = &source;
  }
  return slowest;
}

JobProgress SumProgress(const std::vector<std::pair<std::string, std::string>>& tables,
                        const std::vector<JobRun::TaskReading>& tasks) {
  JobProgress progress;
  for (const auto& [id, table] : tables) {
    SourceStanding source;
    source.table = table;
    source.held_by = fmt::format("`{}`", LastPart(table));
    source.idle = source.ended = true;
    source.watermark_ms = kFinalWatermark;
    int64_t held_ms = kFinalWatermark;
    for (const JobRun::TaskReading& task : tasks) {
      if (task.operator_id != id) continue;
      progress.rows_in += task.rows_out;
      AddTask(task, &held_ms, &source);
    }
    if (!source.ended && source.idle) source.watermark_ms = kNoWatermark;
    progress.sources.push_back(std::move(source));
  }
  for (const JobRun::TaskReading& task : tasks) {
    if (task.operator_id.find("/Sink-") != std::string::npos) progress.rows_out += task.rows_in;
  }
  return progress;
}

JobProgress ReadProgress(const Job& job) {
  std::vector<std::pair<std::string, std::string>> tables;
  for (const PhysicalNode& node : job.plan().nodes) {
    if (node.spec->kind != OperatorKind::kSource) continue;
    tables.emplace_back(node.operator_id, static_cast<const SourceSpec&>(*node.spec).table);
  }
  JobProgress progress = SumProgress(tables, job.Read());
  progress.checkpoint = job.last_checkpoint();
  return progress;
}

}  // namespace rhei
