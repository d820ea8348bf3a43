#include "planner/monotonicity.h"

#include <algorithm>
#include <utility>

#include "plan/physical/calc_spec.h"
#include "plan/physical/rank_spec.h"

namespace rhei {
namespace {

using List = std::vector<Monotonicity>;

// -1, 0 or 1 as the number is below, equal to or above zero; no value: no number.
std::optional<int> SignOf(const BoundExpr& expr) {
  if (expr.kind != BoundExpr::Kind::kLiteral || expr.literal.is_null()) return {};
  double number = 0;
  switch (expr.type.root()) {
    case TypeRoot::kTinyInt:
    case TypeRoot::kSmallInt:
    case TypeRoot::kInt:
    case TypeRoot::kBigInt: number = static_cast<double>(expr.literal.int_value()); break;
    case TypeRoot::kFloat:
    case TypeRoot::kDouble: number = expr.literal.double_value(); break;
    case TypeRoot::kDecimal:
      number = expr.literal.is_int() ? static_cast<double>(expr.literal.int_value())
                                     : static_cast<double>(expr.literal.big_value());
      break;
    default: return {};
  }
  return number > 0 ? 1 : number < 0 ? -1 : 0;
}

struct Bounds {
  bool not_negative = false;
  bool not_positive = false;
};

// Widening casts stand between a column and the literal it is compared with.
int ColumnBelowCasts(const BoundExpr& expr) {
  const BoundExpr* at = &expr;
  while (at->kind == BoundExpr::Kind::kCall && at->name == "CAST") at = at->args[0].get();
  return at->kind == BoundExpr::Kind::kInput ? at->input_index : -1;
}

// What a term of a condition says about `column`.
void Narrow(const BoundExpr& term, int column, Bounds* bounds) {
  if (term.kind != BoundExpr::Kind::kCall || term.args.size() < 2) return;
  const bool column_first = ColumnBelowCasts(*term.args[0]) == column;
  if (!column_first && ColumnBelowCasts(*term.args[1]) != column) return;
  const std::optional<int> sign = SignOf(*term.args[column_first ? 1 : 0]);
  if (!sign) return;
  const std::string& name = term.name;
  const bool equal = name == "=";
  const bool above = name == (column_first ? ">" : "<") || name == (column_first ? ">=" : "<=");
  const bool below = name == (column_first ? "<" : ">") || name == (column_first ? "<=" : ">=");
  if ((equal || above) && *sign >= 0) bounds->not_negative = true;
  if ((equal || below) && *sign <= 0) bounds->not_positive = true;
}

Bounds BoundsOf(const StreamNode& node, int column) {
  const OperatorKind kind = node.spec->kind;
  if (kind == OperatorKind::kCalc) {
    const auto& spec = static_cast<const CalcSpec&>(*node.spec);
    const BoundExpr& projection = *spec.projections[static_cast<size_t>(column)];
    if (const std::optional<int> sign = SignOf(projection)) return {*sign >= 0, *sign <= 0};
    const int below = ColumnBelowCasts(projection);
    if (below < 0) return {};
    Bounds bounds = BoundsOf(*node.inputs[0].node, below);
    for (const BoundExprPtr& term : SplitConjunction(spec.condition)) {
      Narrow(*term, below, &bounds);
    }
    return bounds;
  }
  if (kind == OperatorKind::kWatermarkAssigner) return BoundsOf(*node.inputs[0].node, column);
  if (kind == OperatorKind::kGroupAggregate) {
    const auto& spec = static_cast<const GroupAggregateSpec&>(*node.spec);
    const auto at = static_cast<size_t>(column);
    if (at < spec.keys.size()) return BoundsOf(*node.inputs[0].node, spec.keys[at]);
    return {.not_negative = spec.aggregates[at - spec.keys.size()].name == "COUNT"};
  }
  return {};
}

Monotonicity OfProjection(const BoundExpr& projection, const List& input) {
  if (projection.kind == BoundExpr::Kind::kLiteral) return Monotonicity::kConstant;
  const int column = ColumnBelowCasts(projection);
  if (column < 0) {
    // A value made of constants alone is one.
    std::vector<bool> used(input.size());
    CollectInputs(projection, &used);
    for (size_t i = 0; i < used.size(); ++i) {
      if (used[i] && input[i] != Monotonicity::kConstant) return Monotonicity::kUnknown;
    }
    return Monotonicity::kConstant;
  }
  // Casts keep the direction, also those to text, where it is wrong: as Flink has it.
  return input[static_cast<size_t>(column)];
}

// Whether a row that passes `term` still passes it after every later update of its key.
bool StaysTrue(const BoundExpr& term, const List& input) {
  std::vector<bool> used(input.size());
  CollectInputs(term, &used);
  bool constant = true;
  for (size_t i = 0; i < used.size(); ++i) {
    constant &= !used[i] || input[i] == Monotonicity::kConstant;
  }
  if (constant) return true;
  if (term.kind != BoundExpr::Kind::kCall || term.args.size() != 2) return false;
  const bool column_first = term.args[1]->kind == BoundExpr::Kind::kLiteral;
  if (!column_first && term.args[0]->kind != BoundExpr::Kind::kLiteral) return false;
  const int column = ColumnBelowCasts(*term.args[column_first ? 0 : 1]);
  if (column < 0) return false;
  const bool above =
      term.name == (column_first ? ">" : "<") || term.name == (column_first ? ">=" : "<=");
  const bool below =
      term.name == (column_first ? "<" : ">") || term.name == (column_first ? "<=" : ">=");
  const Monotonicity moves = input[static_cast<size_t>(column)];
  return (above && moves == Monotonicity::kIncreasing) ||
         (below && moves == Monotonicity::kDecreasing);
}

Monotonicity OfAggregate(const StreamNode& input, const BoundAggregate& call) {
  if (call.name == "COUNT" || call.name == "MAX") return Monotonicity::kIncreasing;
  if (call.name == "MIN") return Monotonicity::kDecreasing;
  if (call.name != "SUM" || call.args[0]->kind != BoundExpr::Kind::kInput) {
    return Monotonicity::kUnknown;
  }
  const Bounds bounds = BoundsOf(input, call.args[0]->input_index);
  return bounds.not_negative   ? Monotonicity::kIncreasing
         : bounds.not_positive ? Monotonicity::kDecreasing
                               : Monotonicity::kUnknown;
}

Monotonicities OfRank(const StreamNode& node) {
  const auto& spec = static_cast<const RankSpec&>(*node.spec);
  const Monotonicities input = MonotonicityOf(*node.inputs[0].node);
  if (!input) return {};
  List list(node.schema.size(), Monotonicity::kUnknown);
  for (const int column : spec.partition) {
    if ((*input)[static_cast<size_t>(column)] != Monotonicity::kConstant) return {};
    list[static_cast<size_t>(column)] = Monotonicity::kConstant;
  }
  if (spec.output_rank) list.back() = Monotonicity::kConstant;
  if (!spec.order.empty()) {
    // A partition's rows only give way to better ones.
    const auto column = static_cast<size_t>(spec.order[0].column);
    const Monotonicity better =
        spec.order[0].descending ? Monotonicity::kIncreasing : Monotonicity::kDecreasing;
    const Monotonicity moves = (*input)[column];
    if (moves == better || moves == Monotonicity::kConstant) list[column] = better;
  }
  return list;
}

}  // namespace

Monotonicities AggregateMonotonicity(const StreamNode& input, const std::vector<int>& keys,
                                     const std::vector<BoundAggregate>& aggregates) {
  const Monotonicities below = MonotonicityOf(input);
  if (!below) return {};
  List list;
  for (const int key : keys) {
    if ((*below)[static_cast<size_t>(key)] != Monotonicity::kConstant) return {};
    list.push_back(Monotonicity::kConstant);
  }
  for (const BoundAggregate& call : aggregates) {
    Monotonicity moves = OfAggregate(input, call);
    if (call.args.size() > 1) moves = Monotonicity::kUnknown;
    if (call.args.size() == 1 && call.args[0]->kind == BoundExpr::Kind::kInput) {
      const Monotonicity argument = (*below)[static_cast<size_t>(call.args[0]->input_index)];
      if (argument != Monotonicity::kConstant && argument != moves) moves = Monotonicity::kUnknown;
    }
    list.push_back(moves);
  }
  return list;
}

Monotonicities MonotonicityOf(const StreamNode& node) {
  if (node.insert_only()) return List(node.schema.size(), Monotonicity::kConstant);
  switch (node.spec->kind) {
    case OperatorKind::kWatermarkAssigner: return MonotonicityOf(*node.inputs[0].node);
    case OperatorKind::kRank: return OfRank(node);
    case OperatorKind::kGroupAggregate: {
      const auto& spec = static_cast<const GroupAggregateSpec&>(*node.spec);
      return AggregateMonotonicity(*node.inputs[0].node, spec.keys, spec.aggregates);
    }
    case OperatorKind::kCalc: {
      const auto& spec = static_cast<const CalcSpec&>(*node.spec);
      const Monotonicities input = MonotonicityOf(*node.inputs[0].node);
      if (!input) return {};
      for (const BoundExprPtr& term : SplitConjunction(spec.condition)) {
        if (!StaysTrue(*term, *input)) return {};
      }
      List list;
      for (const BoundExprPtr& projection : spec.projections) {
        list.push_back(OfProjection(*projection, *input));
      }
      return list;
    }
    case OperatorKind::kUnion: {
      Monotonicities all;
      for (const StreamInput& input : node.inputs) {
        const Monotonicities one = MonotonicityOf(*input.node);
        if (!one) return {};
        if (!all) all = one;
        for (size_t i = 0; i < all->size(); ++i) {
          if ((*all)[i] != (*one)[i]) (*all)[i] = Monotonicity::kUnknown;
        }
      }
      return all;
    }
    default: return {};
  }
}

namespace {

// A filter on what changes needs the -U: it may let the old row through and not the new one.
bool FiltersChanges(const StreamNode& node) {
  if (node.spec->kind != OperatorKind::kCalc) return false;
  const auto& spec = static_cast<const CalcSpec&>(*node.spec);
  const StreamNode& below = *node.inputs[0].node;
  if (spec.condition != nullptr && !below.insert_only()) {
    const Monotonicities list = MonotonicityOf(below);
    std::vector<bool> used(below.schema.size());
    CollectInputs(*spec.condition, &used);
    for (size_t i = 0; i < used.size(); ++i) {
      if (used[i] && (!list || (*list)[i] != Monotonicity::kConstant)) return true;
    }
  }
  return FiltersChanges(below);
}

}  // namespace

const std::vector<int>* ImprovingKey(const StreamNode& input, const std::vector<int>& partition,
                                     const std::vector<SortKey>& order) {
  if (input.insert_only() || input.produces_deletes || order.empty()) return nullptr;
  const Monotonicities list = MonotonicityOf(input);
  if (!list || FiltersChanges(input)) return nullptr;
  for (const SortKey& key : order) {
    const Monotonicity moves = (*list)[static_cast<size_t>(key.column)];
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
