// AggregateOfNothing: COUNT(*) over WHERE FALSE is 0 before any row has come. Elsewhere a streaming
// aggregate without keys says nothing until its first row; this one is known while planning.
#include "planner/logical_rewrite.h"
#include "planner/rules/list.h"

namespace rhei {
namespace {

bool HasNoRows(const LogicalNode& node) {
  switch (node.kind) {
    case LogicalKind::kProject:
    case LogicalKind::kWindowTvf: return HasNoRows(*node.inputs[0]);
    case LogicalKind::kValues: return As<LogicalValues>(node).rows.empty();
    case LogicalKind::kFilter:
      for (const BoundExprPtr& term : SplitConjunction(As<LogicalFilter>(node).condition)) {
        if (term->kind != BoundExpr::Kind::kLiteral) continue;
        if (term->literal.is_null() || !term->literal.bool_value()) return true;
      }
      return HasNoRows(*node.inputs[0]);
    default: return false;
  }
}

bool IsKnown(const LogicalAggregate& aggregate) {
  if (!aggregate.keys.empty() || !aggregate.grouping_sets.empty()) return false;
  for (const BoundAggregate& call : aggregate.aggregates) {
    const bool known = call.name == "COUNT" || call.name == "SUM" || call.name == "MIN" ||
                       call.name == "MAX" || call.name == "AVG";
    if (!known) return false;
  }
  return !aggregate.aggregates.empty() && HasNoRows(*aggregate.inputs[0]);
}

}  // namespace

LogicalNodePtr AggregateOfNothing(const LogicalNodePtr& root) {
  std::vector<LogicalNodePtr> inputs;
  for (const LogicalNodePtr& input : root->inputs) inputs.push_back(AggregateOfNothing(input));
  LogicalNodePtr node = WithInputs(root, std::move(inputs));
  if (node->kind != LogicalKind::kAggregate) return node;
  const auto& aggregate = As<LogicalAggregate>(*node);
  if (!IsKnown(aggregate)) return node;
  auto values = std::make_shared<LogicalValues>();
  values->schema = aggregate.schema;
  values->position = aggregate.position;
  std::vector<BoundExprPtr>& row = values->rows.emplace_back();
  for (size_t i = 0; i < aggregate.aggregates.size(); ++i) {
    const bool counts = aggregate.aggregates[i].name == "COUNT";
    row.push_back(MakeLiteral(counts ? Value::Int(0) : Value::Null(), aggregate.schema.type(i)));
  }
  return values;
}

}  // namespace rhei
