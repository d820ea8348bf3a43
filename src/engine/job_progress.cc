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

// Rows and bytes.
void AddRows(const JobRun::TaskReading& task, SourceStanding* source) {
  source->done += task.source.done;
  if (task.source.total >= 0) source->total = task.source.total;
  if (!task.done) source->ended = false;
}

// The lowest watermark of the shards that count, and who stands there.
void AddTime(const JobRun::TaskReading& task, SourceStanding* source, int64_t* idle_ms) {
  if (task.done) return;
  if (task.idle) {
    if (task.output_watermark_ms != kNoWatermark) {
      *idle_ms = std::min(*idle_ms, task.output_watermark_ms);
    }
    return;
  }
  source->idle = false;
  source->watermark_ms = std::min(source->watermark_ms, task.output_watermark_ms);
}

void NameSplit(const JobRun::TaskReading& task, int64_t* held_ms, SourceStanding* source) {
  if (task.done) return;
  for (const SplitReading& split : task.source.splits) {
    if (split.idle || split.watermark_ms == kNoWatermark || split.watermark_ms >= *held_ms) {
      continue;
    }
    *held_ms = split.watermark_ms;
    source->held_by = SplitName(split.id);
  }
}

bool ReadsNode(const PhysicalNode& node, size_t index) {
  return std::any_of(node.inputs.begin(), node.inputs.end(), [&](const PhysicalInput& input) {
    return static_cast<size_t>(input.node) == index;
  });
}

// The assigner behind a source, with nothing but row by row work between; the source without one.
std::string TimeIdOf(const PhysicalPlan& plan, size_t source) {
  size_t behind = source;
  for (size_t i = source + 1; i < plan.nodes.size(); ++i) {
    const PhysicalNode& node = plan.nodes[i];
    if (!ReadsNode(node, behind)) continue;
    if (node.spec->kind == OperatorKind::kWatermarkAssigner) return node.operator_id;
    if (node.spec->kind == OperatorKind::kCalc) behind = i;
  }
  return plan.nodes[source].operator_id;
}

}  // namespace

const SourceStanding* JobProgress::slowest() const {
  const SourceStanding* slowest = nullptr;
  bool any_active = false;
  for (const SourceStanding& source : sources) any_active |= !source.idle && !source.ended;
  for (const SourceStanding& source : sources) {
    if (source.ended || source.watermark_ms == kNoWatermark || source.idle == any_active) continue;
    if (slowest == nullptr || source.watermark_ms < slowest->watermark_ms) slowest = &source;
  }
  return slowest;
}

JobProgress SumProgress(const std::vector<SourceOperator>& sources,
                        const std::vector<JobRun::TaskReading>& tasks) {
  JobProgress progress;
  for (const SourceOperator& from : sources) {
    SourceStanding source;
    source.table = from.table;
    source.held_by = fmt::format("`{}`", LastPart(from.table));
    source.idle = source.ended = true;
    source.watermark_ms = kFinalWatermark;
    int64_t held_ms = kFinalWatermark, idle_ms = kFinalWatermark;
    for (const JobRun::TaskReading& task : tasks) {
      if (task.operator_id == from.id) {
        progress.rows_in += task.rows_out;
        AddRows(task, &source);
        NameSplit(task, &held_ms, &source);
      }
      if (task.operator_id == from.time_id) AddTime(task, &source, &idle_ms);
    }
    if (source.ended) source.idle = false;
    if (source.idle) {
      source.watermark_ms = idle_ms == kFinalWatermark ? kNoWatermark : idle_ms;
    }
    progress.sources.push_back(std::move(source));
  }
  for (const JobRun::TaskReading& task : tasks) {
    if (task.operator_id.find("/Sink-") != std::string::npos) progress.rows_out += task.rows_in;
  }
  return progress;
}

JobProgress ReadProgress(const Job& job) {
  std::vector<SourceOperator> sources;
  const PhysicalPlan& plan = job.plan();
  for (size_t i = 0; i < plan.nodes.size(); ++i) {
    const PhysicalNode& node = plan.nodes[i];
    if (node.spec->kind != OperatorKind::kSource) continue;
    sources.push_back(
        {node.operator_id, static_cast<const SourceSpec&>(*node.spec).table, TimeIdOf(plan, i)});
  }
  JobProgress progress = SumProgress(sources, job.Read());
  progress.checkpoint = job.last_checkpoint();
  return progress;
}

}  // namespace rhei
