#include "planner/monotonicity.h"

#include <algorithm>

#include "plan/physical/calc_spec.h"

namespace rhei {

Monotonicity MonotonicityOf(const StreamNode& node, int column) {
  if (node.insert_only()) return Monotonicity::kConstant;
  if (node.spec->kind == OperatorKind::kCalc) {
    const auto& spec = static_cast<const CalcSpec&>(*node.spec);
    const BoundExpr& projection = *spec.projections[static_cast<size_t>(column)];
    if (projection.kind == BoundExpr::Kind::kLiteral) return Monotonicity::kConstant;
    if (projection.kind != BoundExpr::Kind::kInput) return Monotonicity::kUnknown;
    return MonotonicityOf(*node.inputs[0].node, projection.input_index);
  }
  if (node.spec->kind != OperatorKind::kGroupAggregate) return Monotonicity::kUnknown;
  const auto& spec = static_cast<const GroupAggregateSpec&>(*node.spec);
  if (static_cast<size_t>(column) < spec.keys.size()) return Monotonicity::kConstant;
  // What is taken back may lower a count.
  if (!node.inputs[0].node->insert_only()) return Monotonicity::kUnknown;
  const std::string& name = spec.aggregates[static_cast<size_t>(column) - spec.keys.size()].name;
  if (name == "COUNT" || name == "MAX") return Monotonicity::kIncreasing;
  return name == "MIN" ? Monotonicity::kDecreasing : Monotonicity::kUnknown;
}

const std::vector<int>* ImprovingKey(const StreamNode& input, const std::vector<int>& partition,
                                     const std::vector<SortKey>& order) {
  if (input.insert_only() || input.produces_deletes || order.empty()) return nullptr;
  for (const SortKey& key : order) {
    const Monotonicity moves = MonotonicityOf(input, key.column);
    const Monotonicity improves =
        key.descending ? Monotonicity::kIncreasing : Monotonicity::kDecreasing;
    if (moves != improves && moves != Monotonicity::kConstant) return nullptr;
  }
  for (const std::vector<int>& key : input.upsert_keys) {
    const bool holds = std::all_of(partition.begin(), partition.end(), [&](int column) {
      return std::find(key.begin(), key.end(), column) != key.end();
    });
    if (holds && !key.empty()) return &key;
  }
  return nullptr;
}

}  // namespace rhei
