#include "planner/describe.h"

#include <fmt/format.h>

#include "plan/physical/calc_spec.h"
#include "plan/physical/join_spec.h"
#include "plan/physical/rank_spec.h"
#include "plan/physical/sink_spec.h"
#include "plan/physical/source_spec.h"

namespace rhei {
namespace {

std::vector<std::string> NamesOf(const Schema& schema) {
  std::vector<std::string> names;
  for (const Field& field : schema.fields) names.push_back(field.name);
  return names;
}

std::string Join(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
  return text;
}

std::string ColumnList(const std::vector<int>& columns, const Schema& schema) {
  std::vector<std::string> names;
  for (int column : columns) names.push_back(schema.name(static_cast<size_t>(column)));
  return Join(names);
}

std::string OrderList(const std::vector<SortKey>& order, const Schema& schema) {
  std::vector<std::string> parts;
  for (const SortKey& key : order) {
    parts.push_back(schema.name(static_cast<size_t>(key.column)) +
                    (key.descending ? " DESC" : " ASC"));
  }
  return Join(parts);
}

std::string PrintAggregate(const BoundAggregate& call, const Schema& input) {
  const std::vector<std::string> names = NamesOf(input);
  std::vector<std::string> args;
  for (const BoundExprPtr& arg : call.args) args.push_back(PrintExpr(*arg, &names));
  std::string text = call.name + "(" + (call.distinct ? "DISTINCT " : "") +
                     (args.empty() ? "*" : Join(args)) + ")";
  if (call.filter_column >= 0) {
    text += " FILTER " + input.name(static_cast<size_t>(call.filter_column));
  }
  return text;
}

std::string Millis(int64_t ms) {
  if (ms % 60000 == 0 && ms != 0) return fmt::format("{} min", ms / 60000);
  if (ms % 1000 == 0) return fmt::format("{} s", ms / 1000);
  return fmt::format("{} ms", ms);
}

std::string PrintWindow(const WindowSpec& window, const Schema& input) {
  const std::string time = input.name(static_cast<size_t>(window.time_column));
  switch (window.kind) {
    case WindowKind::kTumble:
      return fmt::format("TUMBLE(time_col=[{}], size=[{}])", time, Millis(window.size_ms));
    case WindowKind::kHop:
      return fmt::format("HOP(time_col=[{}], size=[{}], slide=[{}])", time, Millis(window.size_ms),
                         Millis(window.step_ms));
    case WindowKind::kCumulate:
      return fmt::format("CUMULATE(time_col=[{}], max_size=[{}], step=[{}])", time,
                         Millis(window.size_ms), Millis(window.step_ms));
    case WindowKind::kSession:
      return fmt::format("SESSION(time_col=[{}], gap=[{}])", time, Millis(window.size_ms));
  }
  return "";
}

std::string DescribeCalc(const StreamNode& node, const CalcSpec& spec) {
  const std::vector<std::string> names = NamesOf(node.inputs[0].node->schema);
  std::vector<std::string> parts;
  for (size_t i = 0; i < spec.projections.size(); ++i) {
    std::string text = PrintExpr(*spec.projections[i], &names);
    if (text != node.schema.name(i)) text += " AS " + node.schema.name(i);
    parts.push_back(std::move(text));
  }
  std::string text = "select=[" + Join(parts) + "]";
  if (spec.condition != nullptr) text += ", where=[" + PrintExpr(*spec.condition, &names) + "]";
  return text;
}

template <typename Spec>
std::string DescribeAggregates(const StreamNode& node, const Spec& spec) {
  std::vector<std::string> parts;
  for (int key : spec.keys) parts.push_back(spec.input.name(static_cast<size_t>(key)));
  for (size_t i = 0; i < spec.aggregates.size(); ++i) {
    parts.push_back(PrintAggregate(spec.aggregates[i], spec.input) + " AS " +
                    node.schema.name(spec.keys.size() + i));
  }
  std::string text;
  if (!spec.keys.empty()) text = "groupBy=[" + ColumnList(spec.keys, spec.input) + "], ";
  return text + "select=[" + Join(parts) + "]";
}

std::string DescribeJoin(const StreamNode& node, const JoinSide& left, const JoinSide& right,
                         JoinType type, const BoundExprPtr& residual) {
  static constexpr std::string_view kTypes[] = {"InnerJoin",     "LeftOuterJoin", "RightOuterJoin",
                                                "FullOuterJoin", "LeftSemiJoin",  "LeftAntiJoin"};
  std::vector<std::string> terms;
  for (size_t i = 0; i < left.keys.size(); ++i) {
    terms.push_back(left.schema.name(static_cast<size_t>(left.keys[i])) + " = " +
                    right.schema.name(static_cast<size_t>(right.keys[i])));
  }
  if (residual != nullptr) {
    std::vector<std::string> names = NamesOf(left.schema);
    for (const Field& field : right.schema.fields) names.push_back(field.name);
    terms.push_back(PrintExpr(*residual, &names));
  }
  std::string where;
  for (const std::string& term : terms) where += (where.empty() ? "" : " AND ") + term;
  return fmt::format("joinType=[{}], where=[{}], select=[{}]", kTypes[static_cast<size_t>(type)],
                     where, Join(NamesOf(node.schema)));
}

}  // namespace

std::string DescribeNode(const StreamNode& node) {
  switch (node.spec->kind) {
    case OperatorKind::kSource: {
      const auto& spec = static_cast<const SourceSpec&>(*node.spec);
      std::string text =
          fmt::format("table=[[{}]], fields=[{}]", spec.table, Join(NamesOf(node.schema)));
      if (spec.watermark.expression != nullptr) {
        const std::vector<std::string> names = NamesOf(node.schema);
        text += ", watermark=[" + PrintExpr(*spec.watermark.expression, &names) + "]";
      }
      return text;
    }
    case OperatorKind::kWatermarkAssigner: {
      const auto& spec = static_cast<const WatermarkAssignerSpec&>(*node.spec);
      const std::vector<std::string> names = NamesOf(node.schema);
      return fmt::format("rowtime=[{}], watermark=[{}]",
                         names[static_cast<size_t>(spec.strategy.rowtime_column)],
                         PrintExpr(*spec.strategy.expression, &names));
    }
    case OperatorKind::kCalc: return DescribeCalc(node, static_cast<const CalcSpec&>(*node.spec));
    case OperatorKind::kGroupAggregate:
      return DescribeAggregates(node, static_cast<const GroupAggregateSpec&>(*node.spec));
    case OperatorKind::kWindowAggregate: {
      const auto& spec = static_cast<const WindowAggregateSpec&>(*node.spec);
      std::string window;
      if (spec.window_start_column >= 0) {
        window = fmt::format("win_start=[{}], win_end=[{}]",
                             spec.input.name(static_cast<size_t>(spec.window_start_column)),
                             spec.input.name(static_cast<size_t>(spec.window_end_column)));
      } else {
        window = PrintWindow(spec.window, spec.input);
      }
      return "window=[" + window + "], " + DescribeAggregates(node, spec);
    }
    case OperatorKind::kWindowTableFunction: {
      const auto& spec = static_cast<const WindowTableFunctionSpec&>(*node.spec);
      return "window=[" + PrintWindow(spec.window, spec.input) + "]";
    }
    case OperatorKind::kRank: {
      const auto& spec = static_cast<const RankSpec&>(*node.spec);
      return fmt::format(
          "rankType=[ROW_NUMBER], rankRange=[rankStart={}, rankEnd={}], partitionBy=[{}], "
          "orderBy=[{}], select=[{}]",
          spec.rank_start,
          spec.rank_end_column < 0 ? fmt::format("{}", spec.rank_end)
                                   : spec.input.name(static_cast<size_t>(spec.rank_end_column)),
          ColumnList(spec.partition, spec.input), OrderList(spec.order, spec.input),
          Join(NamesOf(node.schema)));
    }
    case OperatorKind::kWindowRank: {
      const auto& spec = static_cast<const WindowRankSpec&>(*node.spec);
      return fmt::format(
          "window=[win_start=[{}], win_end=[{}]], rankRange=[rankStart={}, rankEnd={}], "
          "partitionBy=[{}], orderBy=[{}], select=[{}]",
          spec.input.name(static_cast<size_t>(spec.window_start_column)),
          spec.input.name(static_cast<size_t>(spec.window_end_column)), spec.rank_start,
          spec.rank_end, ColumnList(spec.partition, spec.input), OrderList(spec.order, spec.input),
          Join(NamesOf(node.schema)));
    }
    case OperatorKind::kDeduplicate: {
      const auto& spec = static_cast<const DeduplicateSpec&>(*node.spec);
      return fmt::format(
          "keep=[{}], key=[{}], order=[{}]", spec.keep_first ? "FirstRow" : "LastRow",
          ColumnList(spec.partition, spec.input), spec.event_time ? "ROWTIME" : "PROCTIME");
    }
    case OperatorKind::kJoin: {
      const auto& spec = static_cast<const JoinSpec&>(*node.spec);
      return DescribeJoin(node, spec.left, spec.right, spec.type, spec.residual);
    }
    case OperatorKind::kWindowJoin: {
      const auto& spec = static_cast<const WindowJoinSpec&>(*node.spec);
      return DescribeJoin(node, spec.left, spec.right, spec.type, spec.residual);
    }
    case OperatorKind::kChangelogNormalize: {
      const auto& spec = static_cast<const ChangelogNormalizeSpec&>(*node.spec);
      std::string text = "key=[" + ColumnList(spec.key, spec.input) + "]";
      if (spec.condition != nullptr) {
        const std::vector<std::string> names = NamesOf(spec.input);
        text += ", condition=[" + PrintExpr(*spec.condition, &names) + "]";
      }
      return text;
    }
    case OperatorKind::kSinkMaterializer: {
      const auto& spec = static_cast<const SinkMaterializerSpec&>(*node.spec);
      return "primaryKey=[" + ColumnList(spec.primary_key, spec.input) + "]";
    }
    case OperatorKind::kTemporalSort:
    case OperatorKind::kSort:
    case OperatorKind::kLimit:
    case OperatorKind::kSortLimit: {
      const auto& spec = static_cast<const SortSpec&>(*node.spec);
      std::string text = "orderBy=[" + OrderList(spec.order, spec.input) + "]";
      if (spec.limit >= 0)
        text += fmt::format(", offset=[{}], fetch=[{}]", spec.offset, spec.limit);
      return text;
    }
    case OperatorKind::kLateRows: return "";
    case OperatorKind::kSink: {
      const auto& spec = static_cast<const SinkSpec&>(*node.spec);
      return fmt::format("table=[{}], fields=[{}]", spec.table.empty() ? "*collect*" : spec.table,
                         Join(NamesOf(node.schema)));
    }
    case OperatorKind::kValues:
    case OperatorKind::kUnion:
    case OperatorKind::kExpand:
    case OperatorKind::kUnnest:
    case OperatorKind::kDropUpdateBefore:
    case OperatorKind::kWindowDeduplicate: return "fields=[" + Join(NamesOf(node.schema)) + "]";
  }
  return "";
}

namespace {

std::string DistributionText(const PhysicalInput& input, const Schema& schema) {
  switch (input.distribution) {
    case Distribution::kForward: return "";
    case Distribution::kHash: return "hash[" + ColumnList(input.hash_columns, schema) + "]";
    case Distribution::kSingleton: return "single";
    case Distribution::kRebalance: return "rebalance";
    case Distribution::kBroadcast: return "broadcast";
  }
  return "";
}

void PrintNode(const PhysicalPlan& plan, int index, int depth, bool with_changelog,
               std::string* out) {
  const PhysicalNode& node = plan.nodes[static_cast<size_t>(index)];
  const std::string indent =
      depth == 0 ? "" : std::string(static_cast<size_t>(depth - 1) * 3, ' ') + "+- ";
  *out += indent + node.name + "(" + node.description;
  if (with_changelog) *out += ", changelogMode=[" + node.changelog.ToString() + "]";
  *out += ")\n";
  for (const PhysicalInput& input : node.inputs) {
    const std::string text =
        DistributionText(input, plan.nodes[static_cast<size_t>(input.node)].output);
    int below = depth + 1;
    if (!text.empty()) {
      *out += std::string(static_cast<size_t>(depth) * 3, ' ') + "+- Exchange(distribution=[" +
              text + "])\n";
      ++below;
    }
    PrintNode(plan, input.node, below, with_changelog, out);
  }
}

}  // namespace

std::string PrintPlan(const PhysicalPlan& plan, bool with_changelog) {
  std::string text;
  for (int sink : plan.sinks) {
    if (!text.empty()) text += "\n";
    PrintNode(plan, sink, 0, with_changelog, &text);
  }
  return text;
}

}  // namespace rhei
