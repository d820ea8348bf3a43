// RankFromOver: `WHERE rn <= N` over ROW_NUMBER() is a Top-N, which keeps N rows per partition
// where the bare window function would have to keep, and renumber, all of them.
//
// Matches Filter over any projections over an OVER whose only call is ROW_NUMBER; of the filter's
// terms, those that compare the row number with a literal (or, as an upper bound, with another
// column: variable Top-N) become the rank's range, the others stay in a filter above.
#include <algorithm>
#include <limits>
#include <optional>

#include "functions/registry.h"
#include "planner/logical_rewrite.h"
#include "planner/rules/list.h"

namespace rhei {
namespace {

struct Range {
  int64_t start = 1;
  int64_t end = std::numeric_limits<int64_t>::max();
  int end_column = -1;
};

// Strips casts that the binder put around the row number or the bound.
const BoundExpr& WithoutCasts(const BoundExpr& expr) {
  const BoundExpr* bare = &expr;
  while (bare->kind == BoundExpr::Kind::kCall && bare->name == "CAST" && !bare->args.empty()) {
    bare = bare->args[0].get();
  }
  return *bare;
}

// Takes `term` into the range when it bounds column `rank`; false when it does not.
bool TakeBound(const BoundExpr& term, int rank, Range* range) {
  if (term.kind != BoundExpr::Kind::kCall || term.args.size() != 2) return false;
  const BoundExpr* left = &WithoutCasts(*term.args[0]);
  const BoundExpr* right = &WithoutCasts(*term.args[1]);
  std::string op = term.name;
  if (right->kind == BoundExpr::Kind::kInput && right->input_index == rank) {
    std::swap(left, right);
    if (op == "<")
      op = ">";
    else if (op == "<=")
      op = ">=";
    else if (op == ">")
      op = "<";
    else if (op == ">=")
      op = "<=";
  }
  if (left->kind != BoundExpr::Kind::kInput || left->input_index != rank) return false;
  if (right->kind == BoundExpr::Kind::kInput && right->input_index != rank) {
    if ((op != "<=" && op != "=") || range->end_column >= 0 || !IsInteger(right->type.root())) {
      return false;
    }
    if (op == "=") return false;
    range->end_column = right->input_index;
    return true;
  }
  if (right->kind != BoundExpr::Kind::kLiteral || !right->literal.is_int() ||
      !IsInteger(right->type.root())) {
    return false;
  }
  const int64_t bound = right->literal.int_value();
  if (op == "<")
    range->end = std::min(range->end, bound - 1);
  else if (op == "<=")
    range->end = std::min(range->end, bound);
  else if (op == ">")
    range->start = std::max(range->start, bound + 1);
  else if (op == ">=")
    range->start = std::max(range->start, bound);
  else if (op == "=") {
    range->start = std::max(range->start, bound);
    range->end = std::min(range->end, bound);
  } else {
    return false;
  }
  return true;
}

// The OVER under `node`, seen through projections; `expressions` are node's columns over its
// output.
const LogicalNodePtr* FindOver(const LogicalNodePtr& node, std::vector<BoundExprPtr>* expressions) {
  if (node->kind == LogicalKind::kOver) return &node;
  if (node->kind != LogicalKind::kProject) return nullptr;
  const auto& project = As<LogicalProject>(*node);
  if (project.watermark != nullptr) return nullptr;
  for (BoundExprPtr& expr : *expressions) expr = ReplaceInputs(expr, project.expressions);
  return FindOver(node->inputs[0], expressions);
}

LogicalNodePtr TryRank(const LogicalNodePtr& filter) {
  const LogicalNodePtr& below = filter->inputs[0];
  std::vector<BoundExprPtr> columns = InputRefs(below->schema);
  const LogicalNodePtr* found = FindOver(below, &columns);
  if (found == nullptr) return nullptr;
  const auto& over = As<LogicalOver>(**found);
  if (over.calls.size() != 1 || over.calls[0].name != "ROW_NUMBER" || over.order.empty()) {
    return nullptr;
  }
  const auto rank_column = static_cast<int>(over.schema.size()) - 1;
  Range range;
  std::vector<BoundExprPtr> rest;
  for (const BoundExprPtr& term : SplitConjunction(As<LogicalFilter>(*filter).condition)) {
    const BoundExprPtr over_term = ReplaceInputs(term, columns);
    if (!TakeBound(*over_term, rank_column, &range)) rest.push_back(term);
  }
  if (range.end == std::numeric_limits<int64_t>::max() && range.end_column < 0) return nullptr;
  auto rank = std::make_shared<LogicalRank>();
  rank->inputs = over.inputs;
  rank->schema = over.schema;
  rank->position = over.position;
  rank->partition = over.partition;
  rank->order = over.order;
  rank->rank_start = range.start;
  rank->rank_end = range.end;
  rank->rank_end_column = range.end_column;
  auto project = std::make_shared<LogicalProject>();
  project->inputs = {rank};
  project->schema = below->schema;
  project->position = filter->position;
  project->expressions = std::move(columns);
  // A row number that can only be one value is that value: the rank column need not be kept.
  if (range.start == range.end && range.end_column < 0) {
    std::vector<BoundExprPtr> values = InputRefs(rank->schema);
    values.back() = MakeLiteral(Value::Int(range.start), rank->schema.fields.back().type);
    for (BoundExprPtr& expr : project->expressions) expr = ReplaceInputs(expr, values);
  }
  return MakeFilter(project, rest);
}

}  // namespace

LogicalNodePtr RankFromOver(const LogicalNodePtr& root) {
  std::vector<LogicalNodePtr> inputs;
  for (const LogicalNodePtr& input : root->inputs) inputs.push_back(RankFromOver(input));
  LogicalNodePtr node = WithInputs(root, std::move(inputs));
  if (node->kind == LogicalKind::kFilter) {
    // Stacked filters count as one.
    if (node->inputs[0]->kind == LogicalKind::kFilter) {
      std::vector<BoundExprPtr> terms = SplitConjunction(As<LogicalFilter>(*node).condition);
      for (BoundExprPtr& term : SplitConjunction(As<LogicalFilter>(*node->inputs[0]).condition)) {
        terms.push_back(std::move(term));
      }
      node = MakeFilter(node->inputs[0]->inputs[0], terms);
    }
    if (LogicalNodePtr rank = TryRank(node); rank != nullptr) return rank;
  }
  return node;
}

}  // namespace rhei
