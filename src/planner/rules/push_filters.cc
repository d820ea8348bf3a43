// PushFilters: rows that a WHERE drops should be dropped before they are shuffled, windowed or
// joined.
//
// A term moves through a projection (written over the projection's inputs), to the side of a join
// it reads, and below a window TVF when it does not read the window. It stops at a projection that
// declares a watermark (a filtered row still moves time), at non-deterministic expressions, at
// aggregates (a HAVING on keys could move, Flink's does not for changelogs), ranks and limits.
// Outer joins keep terms on their null-supplying side above.
#include "base/check.h"
#include "planner/logical_rewrite.h"
#include "planner/rules/list.h"

namespace rhei {
namespace {

using Terms = std::vector<BoundExprPtr>;

LogicalNodePtr Push(const LogicalNodePtr& node, Terms terms);

// Whether `term` reads only columns of [begin, end).
bool ReadsOnly(const BoundExpr& term, size_t column_count, size_t begin, size_t end) {
  std::vector<bool> used(column_count);
  CollectInputs(term, &used);
  for (size_t i = 0; i < column_count; ++i) {
    if (used[i] && (i < begin || i >= end)) return false;
  }
  return true;
}

bool ReadsNothing(const BoundExpr& term, size_t column_count) {
  return ReadsOnly(term, column_count, 0, 0);
}

LogicalNodePtr PushInputsOnly(const LogicalNodePtr& node) {
  std::vector<LogicalNodePtr> inputs;
  for (const LogicalNodePtr& input : node->inputs) inputs.push_back(Push(input, {}));
  return WithInputs(node, std::move(inputs));
}

LogicalNodePtr PushThroughProject(const LogicalNodePtr& node, Terms terms) {
  const auto& project = As<LogicalProject>(*node);
  Terms below, above;
  bool deterministic = project.watermark == nullptr;
  for (const BoundExprPtr& expr : project.expressions) deterministic &= IsDeterministic(*expr);
  for (const BoundExprPtr& term : terms) {
    if (deterministic) {
      below.push_back(ReplaceInputs(term, project.expressions));
    } else {
      above.push_back(term);
    }
  }
  return MakeFilter(WithInputs(node, {Push(node->inputs[0], std::move(below))}), above);
}

LogicalNodePtr PushIntoJoin(const LogicalNodePtr& node, Terms terms) {
  const auto& join = As<LogicalJoin>(*node);
  const size_t left_width = join.inputs[0]->schema.size();
  const size_t right_width = join.inputs[1]->schema.size();
  const bool semi = join.type == JoinType::kSemi || join.type == JoinType::kAnti;
  const bool left_kept = join.type != JoinType::kRight && join.type != JoinType::kFull;
  const bool right_kept = join.type == JoinType::kInner || join.type == JoinType::kRight;
  Terms left, right, condition, above;
  std::vector<int> to_right(left_width + right_width, -1);
  for (size_t i = 0; i < right_width; ++i) to_right[left_width + i] = static_cast<int>(i);
  const size_t output_width = node->schema.size();
  for (const BoundExprPtr& term : terms) {
    const bool free = !IsDeterministic(*term) || ReadsNothing(*term, output_width);
    if (!free && left_kept && ReadsOnly(*term, output_width, 0, left_width)) {
      left.push_back(term);
    } else if (!free && right_kept && !semi &&
               ReadsOnly(*term, output_width, left_width, output_width)) {
      right.push_back(RemapInputs(term, to_right));
    } else if (!free && join.type == JoinType::kInner) {
      condition.push_back(term);
    } else {
      above.push_back(term);
    }
  }
  // The join's own condition: terms of one side alone move into that side where it is filtered by
  // the join anyway.
  for (const BoundExprPtr& term : SplitConjunction(join.condition)) {
    const bool inner_like = join.type == JoinType::kInner || join.type == JoinType::kSemi;
    const bool deterministic = IsDeterministic(*term);
    const bool constant = ReadsNothing(*term, left_width + right_width);
    if (deterministic && !constant && (inner_like || join.type == JoinType::kRight) &&
        ReadsOnly(*term, left_width + right_width, 0, left_width)) {
      left.push_back(term);
    } else if (deterministic && !constant && (inner_like || join.type == JoinType::kLeft) &&
               ReadsOnly(*term, left_width + right_width, left_width, left_width + right_width)) {
      right.push_back(RemapInputs(term, to_right));
    } else {
      condition.push_back(term);
    }
  }
  auto copy = std::static_pointer_cast<LogicalJoin>(CopyNode(*node));
  copy->inputs = {Push(join.inputs[0], std::move(left)), Push(join.inputs[1], std::move(right))};
  copy->condition = MakeConjunction(condition);
  return MakeFilter(copy, above);
}

LogicalNodePtr PushBelowWindow(const LogicalNodePtr& node, Terms terms) {
  const size_t input_width = node->inputs[0]->schema.size();
  Terms below, above;
  // Merging sessions would change when a filtered row no longer joins two of them; Flink filters
  // the input of the TVF as written, so a term above a SESSION stays above.
  const bool session = As<LogicalWindowTvf>(*node).window.kind == WindowKind::kSession;
  for (const BoundExprPtr& term : terms) {
    const bool movable =
        !session && IsDeterministic(*term) && ReadsOnly(*term, node->schema.size(), 0, input_width);
    (movable ? below : above).push_back(term);
  }
  return MakeFilter(WithInputs(node, {Push(node->inputs[0], std::move(below))}), above);
}

LogicalNodePtr Push(const LogicalNodePtr& node, Terms terms) {
  switch (node->kind) {
    case LogicalKind::kFilter: {
      for (BoundExprPtr& term : SplitConjunction(As<LogicalFilter>(*node).condition)) {
        terms.push_back(std::move(term));
      }
      return Push(node->inputs[0], std::move(terms));
    }
    case LogicalKind::kProject: return PushThroughProject(node, std::move(terms));
    case LogicalKind::kJoin: return PushIntoJoin(node, std::move(terms));
    case LogicalKind::kWindowTvf: return PushBelowWindow(node, std::move(terms));
    case LogicalKind::kSetOperation: {
      const auto& operation = As<LogicalSetOperation>(*node);
      if (operation.op != LogicalSetOperation::Op::kUnion || !operation.all) break;
      std::vector<LogicalNodePtr> inputs;
      for (const LogicalNodePtr& input : node->inputs) inputs.push_back(Push(input, terms));
      return WithInputs(node, std::move(inputs));
    }
    default: break;
  }
  return MakeFilter(PushInputsOnly(node), terms);
}

}  // namespace

LogicalNodePtr PushFilters(const LogicalNodePtr& root) {
  return Push(root, {});
}

}  // namespace rhei
