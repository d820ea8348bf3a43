#include "planner/explain_state.h"

#include <algorithm>

#include <fmt/format.h>

#include "plan/physical/aggregate_spec.h"
#include "plan/physical/calc_spec.h"
#include "plan/physical/join_spec.h"
#include "plan/physical/rank_spec.h"
#include "plan/physical/sink_spec.h"
#include "plan/physical/source_spec.h"

namespace rhei {
namespace {

// Nothing kept: `keeps` is empty.
struct StateUse {
  std::string keeps;
  std::string growth;
  int64_t ttl_ms = 0;
};

constexpr std::string_view kBounded = "bounded";
constexpr std::string_view kByKey = "by key";
constexpr std::string_view kForEver = "for ever";

std::string ColumnList(const std::vector<int>& columns, const Schema& schema) {
  std::vector<std::string> names;
  for (const int column : columns) names.push_back(schema.name(static_cast<size_t>(column)));
  return fmt::format("[{}]", fmt::join(names, ", "));
}

std::string PerKey(std::string_view what, const std::vector<int>& columns, const Schema& schema) {
  if (columns.empty()) return std::string(what);
  return fmt::format("{} per {}", what, ColumnList(columns, schema));
}

std::string DurationText(int64_t ms) {
  if (ms % 86'400'000 == 0) return fmt::format("{} d", ms / 86'400'000);
  if (ms % 3'600'000 == 0) return fmt::format("{} h", ms / 3'600'000);
  if (ms % 60'000 == 0) return fmt::format("{} min", ms / 60'000);
  if (ms % 1000 == 0) return fmt::format("{} s", ms / 1000);
  return fmt::format("{} ms", ms);
}

StateUse OfGroupAggregate(const GroupAggregateSpec& spec) {
  const bool distinct =
      std::any_of(spec.aggregates.begin(), spec.aggregates.end(),
                  [](const BoundAggregate& aggregate) { return aggregate.distinct; });
  std::string keeps = PerKey("an accumulator", spec.keys, spec.input);
  if (distinct) keeps += ", with its distinct values";
  const bool grows = !spec.keys.empty() || distinct;
  return {std::move(keeps), std::string(grows ? kByKey : kBounded),
          spec.final_rows_only ? 0 : spec.ttl_ms};
}

std::string JoinSideText(const JoinSide& side) {
  if (side.upsert_key.empty()) return "every row";
  return PerKey("a row", side.upsert_key, side.schema);
}

StateUse OfJoin(const JoinSpec& spec) {
  const bool keyed = !spec.left.upsert_key.empty() && !spec.right.upsert_key.empty();
  // The longer one decides; none on one side is for ever.
  const int64_t ttl_ms = spec.batch_mode || spec.left.ttl_ms == 0 || spec.right.ttl_ms == 0
                             ? 0
                             : std::max(spec.left.ttl_ms, spec.right.ttl_ms);
  return {fmt::format("left {}, right {}", JoinSideText(spec.left), JoinSideText(spec.right)),
          std::string(keyed ? kByKey : kForEver), ttl_ms};
}

StateUse OfRank(const RankSpec& spec) {
  const bool first_rows = spec.input_changelog.insert_only() && spec.rank_end_column < 0;
  if (first_rows) {
    return {PerKey(fmt::format("the first {} rows", spec.rank_end), spec.partition, spec.input),
            std::string(spec.partition.empty() ? kBounded : kByKey),
            spec.final_rows_only ? 0 : spec.ttl_ms};
  }
  const bool by_key = !spec.input_upsert_key.empty();
  return {by_key ? PerKey("a row", spec.input_upsert_key, spec.input) : "every row",
          std::string(by_key ? kByKey : kForEver), spec.final_rows_only ? 0 : spec.ttl_ms};
}

StateUse OfSort(const SortSpec& spec) {
  switch (spec.kind) {
    case OperatorKind::kTemporalSort:
      return {"rows until the watermark passes them", std::string(kBounded)};
    case OperatorKind::kSort: return {"every row until the end", std::string(kForEver)};
    case OperatorKind::kLimit:
      if (spec.input_changelog.insert_only()) return {"a count", std::string(kBounded)};
      return {"every row", std::string(kForEver)};
    default: break;
  }
  if (spec.input_changelog.insert_only() && spec.limit >= 0) {
    return {fmt::format("the first {} rows", spec.offset + spec.limit), std::string(kBounded)};
  }
  const bool by_key = !spec.input_upsert_key.empty();
  return {by_key ? PerKey("a row", spec.input_upsert_key, spec.input) : "every row",
          std::string(by_key ? kByKey : kForEver)};
}

StateUse UseOf(const PhysicalNode& node) {
  const std::string until_closed = " of each window, until the watermark passes it";
  switch (node.spec->kind) {
    case OperatorKind::kSource: return {"where its splits stand", std::string(kBounded)};
    case OperatorKind::kWatermarkAssigner: return {"the watermark", std::string(kBounded)};
    case OperatorKind::kGroupAggregate:
      return OfGroupAggregate(static_cast<const GroupAggregateSpec&>(*node.spec));
    case OperatorKind::kWindowAggregate: {
      const auto& spec = static_cast<const WindowAggregateSpec&>(*node.spec);
      return {PerKey("an accumulator", spec.keys, spec.input) + until_closed,
              std::string(kBounded)};
    }
    case OperatorKind::kWindowTableFunction: {
      const auto& spec = static_cast<const WindowTableFunctionSpec&>(*node.spec);
      if (spec.window.kind != WindowKind::kSession) return {};
      return {"every row" + until_closed, std::string(kBounded)};
    }
    case OperatorKind::kWindowRank: {
      const auto& spec = static_cast<const WindowRankSpec&>(*node.spec);
      return {PerKey(fmt::format("the first {} rows", spec.rank_end), spec.partition, spec.input) +
                  until_closed,
              std::string(kBounded)};
    }
    case OperatorKind::kWindowDeduplicate:
      return {"a row per key" + until_closed, std::string(kBounded)};
    case OperatorKind::kWindowJoin: return {"every row" + until_closed, std::string(kBounded)};
    case OperatorKind::kRank: return OfRank(static_cast<const RankSpec&>(*node.spec));
    case OperatorKind::kDeduplicate: {
      const auto& spec = static_cast<const DeduplicateSpec&>(*node.spec);
      return {PerKey("a row", spec.partition, spec.input), std::string(kByKey),
              spec.final_rows_only ? 0 : spec.ttl_ms};
    }
    case OperatorKind::kJoin: return OfJoin(static_cast<const JoinSpec&>(*node.spec));
    case OperatorKind::kChangelogNormalize: {
      const auto& spec = static_cast<const ChangelogNormalizeSpec&>(*node.spec);
      return {PerKey("a row", spec.key, spec.input), std::string(kByKey), spec.ttl_ms};
    }
    case OperatorKind::kSinkMaterializer: {
      const auto& spec = static_cast<const SinkMaterializerSpec&>(*node.spec);
      return {PerKey("the rows", spec.primary_key, spec.input), std::string(kForEver), spec.ttl_ms};
    }
    case OperatorKind::kTemporalSort:
    case OperatorKind::kSort:
    case OperatorKind::kLimit:
    case OperatorKind::kSortLimit: return OfSort(static_cast<const SortSpec&>(*node.spec));
    default: return {};
  }
}

}  // namespace

std::string PrintState(const PhysicalPlan& plan) {
  std::string text;
  for (const PhysicalNode& node : plan.nodes) {
    const StateUse use = UseOf(node);
    if (use.keeps.empty()) continue;
    const std::string ttl = use.ttl_ms > 0 ? ", TTL " + DurationText(use.ttl_ms) : "";
    text += fmt::format("{}: {}{}; grows: {}\n", node.operator_id, use.keeps, ttl, use.growth);
  }
  return text;
}

}  // namespace rhei
