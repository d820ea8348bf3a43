#include "plan/logical/print.h"

#include <fmt/format.h>

#include <algorithm>

namespace rhei {
namespace {

std::string Columns(const std::vector<int>& columns) {
  return fmt::format("{}", fmt::join(columns, ", "));
}

std::string_view Name(JoinType type) {
  static constexpr std::string_view kNames[] = {"inner", "left", "right", "full", "semi", "anti"};
  return kNames[static_cast<size_t>(type)];
}

std::string Direction(const SortKey& key) {
  return fmt::format("{}-nulls-{}", key.descending ? "DESC" : "ASC",
                     key.nulls_first ? "first" : "last");
}

std::string Order(const std::vector<SortKey>& order) {
  std::string text;
  for (const SortKey& key : order) {
    text += fmt::format("{}${} {}", text.empty() ? "" : ", ", key.column, Direction(key));
  }
  return text;
}

std::string TableName(const std::string& name) {
  std::string text = "[[";
  for (const char c : name) text += c == '.' ? std::string(", ") : std::string(1, c);
  return text + "]]";
}

std::string Call(const BoundAggregate& call) {
  std::string args;
  for (const BoundExprPtr& arg : call.args) {
    args += (args.empty() ? "" : ", ") + PrintExpr(*arg);
  }
  std::string text = fmt::format("{}({}{})", call.name, call.distinct ? "DISTINCT " : "", args);
  if (call.filter_column >= 0) text += fmt::format(" FILTER ${}", call.filter_column);
  return text;
}

std::string Window(const WindowSpec& window) {
  static constexpr std::string_view kKinds[] = {"TUMBLE", "HOP", "CUMULATE", "SESSION"};
  std::string text = fmt::format(
      "{}(time=[${}], {}=[{} ms]", kKinds[static_cast<size_t>(window.kind)], window.time_column,
      window.kind == WindowKind::kSession ? "gap" : "size", window.size_ms);
  if (window.step_ms > 0) text += fmt::format(", step=[{} ms]", window.step_ms);
  if (window.offset_ms != 0) text += fmt::format(", offset=[{} ms]", window.offset_ms);
  if (!window.session_partition.empty()) {
    text += fmt::format(", partition=[{{{}}}]", Columns(window.session_partition));
  }
  return text + ")";
}

std::string Aggregates(const std::vector<int>& keys, const std::vector<BoundAggregate>& calls,
                       const Schema& schema) {
  std::string text = fmt::format("group=[{{{}}}]", Columns(keys));
  for (size_t i = 0; i < calls.size(); ++i) {
    text += fmt::format(", {}=[{}]", schema.name(keys.size() + i), Call(calls[i]));
  }
  return text;
}

std::string Sets(const LogicalAggregate& node) {
  std::string text;
  for (const std::vector<bool>& set : node.grouping_sets) {
    std::vector<int> kept;
    for (size_t i = 0; i < set.size(); ++i) {
      if (set[i]) kept.push_back(node.keys[i]);
    }
    text += fmt::format("{}{{{}}}", text.empty() ? "" : ", ", Columns(kept));
  }
  return text.empty() ? "" : ", groups=[[" + text + "]]";
}

std::string Project(const LogicalProject& node) {
  std::string text;
  for (size_t i = 0; i < node.expressions.size(); ++i) {
    text += fmt::format("{}{}=[{}]", i > 0 ? ", " : "", node.schema.name(i),
                        PrintExpr(*node.expressions[i]));
  }
  return "LogicalProject(" + text + ")";
}

std::string Over(const LogicalOver& node) {
  std::string calls;
  for (const OverCall& call : node.calls) {
    std::string args;
    for (const BoundExprPtr& arg : call.args) {
      args += (args.empty() ? "" : ", ") + PrintExpr(*arg);
    }
    calls += fmt::format("{}{}({})", calls.empty() ? "" : ", ", call.name, args);
  }
  std::string frame = node.unbounded ? "UNBOUNDED" : fmt::format("{}", node.preceding);
  return fmt::format(
      "LogicalOver(partition=[{{{}}}], order=[{}], frame=[{} {} PRECEDING], "
      "calls=[{}])",
      Columns(node.partition), Order(node.order), node.rows_frame ? "ROWS" : "RANGE", frame, calls);
}

std::string Values(const LogicalValues& node) {
  std::string rows;
  for (const std::vector<BoundExprPtr>& row : node.rows) {
    std::string cells;
    for (const BoundExprPtr& cell : row) cells += (cells.empty() ? "" : ", ") + PrintExpr(*cell);
    rows += fmt::format("{}{{ {} }}", rows.empty() ? "" : ", ", cells);
  }
  return "LogicalValues(tuples=[[" + rows + "]])";
}

std::string Sort(const LogicalSort& node) {
  std::vector<std::string> parts;
  for (size_t i = 0; i < node.order.size(); ++i) {
    parts.push_back(fmt::format("sort{}=[${}], dir{}=[{}]", i, node.order[i].column, i,
                                Direction(node.order[i])));
  }
  if (node.offset > 0) parts.push_back(fmt::format("offset=[{}]", node.offset));
  if (node.limit >= 0) parts.push_back(fmt::format("fetch=[{}]", node.limit));
  return fmt::format("LogicalSort({})", fmt::join(parts, ", "));
}

std::string SetOperation(const LogicalSetOperation& node) {
  static constexpr std::string_view kNames[] = {"LogicalUnion", "LogicalIntersect", "LogicalMinus"};
  return fmt::format("{}(all=[{}])", kNames[static_cast<size_t>(node.op)], node.all);
}

std::string Line(const LogicalNode& node) {
  switch (node.kind) {
    case LogicalKind::kScan:
      return "LogicalTableScan(table=" + TableName(static_cast<const LogicalScan&>(node).table) +
             ")";
    case LogicalKind::kValues: return Values(static_cast<const LogicalValues&>(node));
    case LogicalKind::kProject: return Project(static_cast<const LogicalProject&>(node));
    case LogicalKind::kFilter:
      return fmt::format("LogicalFilter(condition=[{}])",
                         PrintExpr(*static_cast<const LogicalFilter&>(node).condition));
    case LogicalKind::kAggregate: {
      const auto& aggregate = static_cast<const LogicalAggregate&>(node);
      return fmt::format("LogicalAggregate({}{})",
                         Aggregates(aggregate.keys, aggregate.aggregates, node.schema),
                         Sets(aggregate));
    }
    case LogicalKind::kWindowTvf:
      return "LogicalTableFunctionScan(invocation=[" +
             Window(static_cast<const LogicalWindowTvf&>(node).window) + "])";
    case LogicalKind::kLegacyWindowAggregate: {
      const auto& aggregate = static_cast<const LogicalLegacyWindowAggregate&>(node);
      return fmt::format("LogicalWindowAggregate({}, window=[{}])",
                         Aggregates(aggregate.keys, aggregate.aggregates, node.schema),
                         Window(aggregate.window));
    }
    case LogicalKind::kOver: return Over(static_cast<const LogicalOver&>(node));
    case LogicalKind::kJoin: {
      const auto& join = static_cast<const LogicalJoin&>(node);
      return fmt::format("LogicalJoin(condition=[{}], joinType=[{}])",
                         join.condition == nullptr ? "true" : PrintExpr(*join.condition),
                         Name(join.type));
    }
    case LogicalKind::kTemporalJoin: {
      const auto& join = static_cast<const LogicalTemporalJoin&>(node);
      return fmt::format("LogicalTemporalJoin(condition=[{}], joinType=[{}], time=[${}])",
                         PrintExpr(*join.condition), Name(join.type), join.time_column);
    }
    case LogicalKind::kUnnest: {
      const auto& unnest = static_cast<const LogicalUnnest&>(node);
      return fmt::format("LogicalUnnest(collection=[{}], joinType=[{}]{})",
                         PrintExpr(*unnest.collection), unnest.outer ? "left" : "inner",
                         unnest.with_ordinality ? ", ordinality=[true]" : "");
    }
    case LogicalKind::kSetOperation:
      return SetOperation(static_cast<const LogicalSetOperation&>(node));
    case LogicalKind::kSort: return Sort(static_cast<const LogicalSort&>(node));
    case LogicalKind::kMatchRecognize: return "LogicalMatch()";
    case LogicalKind::kSink: {
      const auto& sink = static_cast<const LogicalSink&>(node);
      std::vector<std::string> names;
      for (const Field& field : node.schema.fields) names.push_back(field.name);
      return fmt::format("LogicalSink(table=[{}], fields=[{}])",
                         sink.table.empty() ? "*anonymous_collect*" : sink.table,
                         fmt::join(names, ", "));
    }
    case LogicalKind::kRank: {
      const auto& rank = static_cast<const LogicalRank&>(node);
      return fmt::format("LogicalRank(partition=[{{{}}}], order=[{}], range=[{}, {}])",
                         Columns(rank.partition), Order(rank.order), rank.rank_start,
                         rank.rank_end);
    }
  }
  return "";
}

// `first` goes in front of the node's own line, `rest` in front of those below it.
void Print(const LogicalNode& node, const std::string& first, const std::string& rest,
           std::string* out) {
  // A watermark is a node of its own to the reader.
  if (node.kind == LogicalKind::kProject) {
    const auto& project = static_cast<const LogicalProject&>(node);
    if (project.watermark != nullptr) {
      *out += fmt::format("{}LogicalWatermarkAssigner(rowtime=[{}], watermark=[{}])\n", first,
                          node.schema.name(static_cast<size_t>(project.rowtime_column)),
                          PrintExpr(*project.watermark));
      bool identity = project.expressions.size() == node.inputs[0]->schema.size();
      for (size_t i = 0; identity && i < project.expressions.size(); ++i) {
        identity = project.expressions[i]->kind == BoundExpr::Kind::kInput &&
                   project.expressions[i]->input_index == static_cast<int>(i);
      }
      if (!identity) {
        *out += rest + "+- " + Line(node) + "\n";
        Print(*node.inputs[0], rest + "   +- ", rest + "      ", out);
      } else {
        Print(*node.inputs[0], rest + "+- ", rest + "   ", out);
      }
      return;
    }
  }
  *out += first + Line(node) + "\n";
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    const bool last = i + 1 == node.inputs.size();
    Print(*node.inputs[i], rest + (last ? "+- " : ":- "), rest + (last ? "   " : ":  "), out);
  }
}

}  // namespace

std::string PrintLogical(const LogicalNode& node) {
  std::string text;
  Print(node, "", "", &text);
  return text;
}

}  // namespace rhei
