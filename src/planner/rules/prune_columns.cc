// PruneColumns: every node keeps only the columns that something above reads. A scan is left whole
// here; the physical step trims it to the union of what all its readers need.
//
// Prune returns the rewritten node and where each old output column went (-1: dropped). A node may
// keep more than was asked for.
#include "base/check.h"
#include "planner/logical_rewrite.h"
#include "planner/rules/list.h"

namespace rhei {
namespace {

using Mask = std::vector<bool>;
struct Pruned {
  LogicalNodePtr node;
  std::vector<int> moved;  // old column -> new column, or -1
};

Pruned Prune(const LogicalNodePtr& node, const Mask& wanted);

std::vector<int> Identity(size_t width) {
  std::vector<int> moved(width);
  for (size_t i = 0; i < width; ++i) moved[i] = static_cast<int>(i);
  return moved;
}

Mask All(const LogicalNodePtr& node) {
  return Mask(node->schema.size(), true);
}

void Want(const std::vector<int>& columns, Mask* mask) {
  for (int column : columns) {
    if (column >= 0) (*mask)[static_cast<size_t>(column)] = true;
  }
}

void Move(std::vector<int>* columns, const std::vector<int>& moved) {
  for (int& column : *columns) column = moved[static_cast<size_t>(column)];
}

void MoveKeys(std::vector<SortKey>* order, const std::vector<int>& moved) {
  for (SortKey& key : *order) key.column = moved[static_cast<size_t>(key.column)];
}

void WantKeys(const std::vector<SortKey>& order, Mask* mask) {
  for (const SortKey& key : order) (*mask)[static_cast<size_t>(key.column)] = true;
}

void WantAggregate(const BoundAggregate& aggregate, Mask* mask) {
  for (const BoundExprPtr& arg : aggregate.args) CollectInputs(*arg, mask);
  if (aggregate.filter_column >= 0) (*mask)[static_cast<size_t>(aggregate.filter_column)] = true;
}

void MoveAggregate(BoundAggregate* aggregate, const std::vector<int>& moved) {
  for (BoundExprPtr& arg : aggregate->args) arg = RemapInputs(arg, moved);
  if (aggregate->filter_column >= 0) {
    aggregate->filter_column = moved[static_cast<size_t>(aggregate->filter_column)];
  }
}

Schema KeepFields(const Schema& schema, const std::vector<int>& moved) {
  Schema kept;
  for (size_t i = 0; i < schema.size(); ++i) {
    if (moved[i] >= 0) kept.fields.push_back(schema.fields[i]);
  }
  return kept;
}

// The input's columns followed by `extra` more: how the output of Over, Rank, window TVFs moves.
std::vector<int> Extend(std::vector<int> moved, size_t input_width, size_t extra) {
  for (size_t i = 0; i < extra; ++i) moved.push_back(static_cast<int>(input_width + i));
  return moved;
}

Mask InputPart(const Mask& wanted, size_t input_width) {
  return Mask(wanted.begin(), wanted.begin() + static_cast<std::ptrdiff_t>(input_width));
}

// The columns of a table's own projection that must stay for an upsert source: its key.
void WantPrimaryKey(const LogicalNodePtr& input, const std::vector<BoundExprPtr>& expressions,
                    Mask* wanted) {
  if (input->kind != LogicalKind::kScan) return;
  const auto& scan = As<LogicalScan>(*input);
  if (scan.description.produces.insert_only()) return;
  for (size_t i = 0; i < expressions.size(); ++i) {
    for (int key : scan.primary_key) {
      if (IsInput(*expressions[i]) && expressions[i]->input_index == key) (*wanted)[i] = true;
    }
  }
}

Pruned PruneProject(const LogicalNodePtr& node, Mask wanted) {
  const auto& project = As<LogicalProject>(*node);
  if (project.watermark != nullptr) {
    wanted[static_cast<size_t>(project.rowtime_column)] = true;
    CollectInputs(*project.watermark, &wanted);
  }
  WantPrimaryKey(project.inputs[0], project.expressions, &wanted);
  Mask below(project.inputs[0]->schema.size());
  Pruned result;
  result.moved.assign(wanted.size(), -1);
  int next = 0;
  for (size_t i = 0; i < wanted.size(); ++i) {
    if (!wanted[i]) continue;
    CollectInputs(*project.expressions[i], &below);
    result.moved[i] = next++;
  }
  Pruned input = Prune(project.inputs[0], below);
  auto copy = std::make_shared<LogicalProject>(project);
  copy->inputs = {input.node};
  copy->schema = KeepFields(project.schema, result.moved);
  copy->expressions.clear();
  for (size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i]) copy->expressions.push_back(RemapInputs(project.expressions[i], input.moved));
  }
  if (project.watermark != nullptr) {
    copy->watermark = RemapInputs(project.watermark, result.moved);
    copy->rowtime_column = result.moved[static_cast<size_t>(project.rowtime_column)];
  }
  result.node = copy;
  return result;
}

Pruned PruneFilter(const LogicalNodePtr& node, Mask wanted) {
  const auto& filter = As<LogicalFilter>(*node);
  CollectInputs(*filter.condition, &wanted);
  Pruned input = Prune(filter.inputs[0], wanted);
  auto copy = std::make_shared<LogicalFilter>(filter);
  copy->inputs = {input.node};
  copy->schema = input.node->schema;
  copy->condition = RemapInputs(filter.condition, input.moved);
  return {copy, input.moved};
}

Pruned PruneAggregate(const LogicalNodePtr& node, const Mask& wanted) {
  const auto& aggregate = As<LogicalAggregate>(*node);
  auto copy = std::make_shared<LogicalAggregate>(aggregate);
  Mask below(aggregate.inputs[0]->schema.size());
  Want(aggregate.keys, &below);
  Pruned result;
  result.moved.assign(wanted.size(), -1);
  copy->aggregates.clear();
  const size_t key_count = aggregate.keys.size();
  int next = 0;
  for (size_t i = 0; i < wanted.size(); ++i) {
    const bool is_aggregate = i >= key_count && i < key_count + aggregate.aggregates.size();
    if (is_aggregate && !wanted[i]) continue;
    result.moved[i] = next++;
    if (!is_aggregate) continue;
    copy->aggregates.push_back(aggregate.aggregates[i - key_count]);
    WantAggregate(copy->aggregates.back(), &below);
  }
  Pruned input = Prune(aggregate.inputs[0], below);
  copy->inputs = {input.node};
  copy->schema = KeepFields(aggregate.schema, result.moved);
  Move(&copy->keys, input.moved);
  for (BoundAggregate& call : copy->aggregates) MoveAggregate(&call, input.moved);
  result.node = copy;
  return result;
}

void MoveWindow(WindowSpec* window, const std::vector<int>& moved) {
  if (window->time_column >= 0) {
    window->time_column = moved[static_cast<size_t>(window->time_column)];
  }
  Move(&window->session_partition, moved);
}

Pruned PruneWindowTvf(const LogicalNodePtr& node, const Mask& wanted) {
  const auto& tvf = As<LogicalWindowTvf>(*node);
  const size_t width = tvf.inputs[0]->schema.size();
  Mask below = InputPart(wanted, width);
  below[static_cast<size_t>(tvf.window.time_column)] = true;
  Want(tvf.window.session_partition, &below);
  Pruned input = Prune(tvf.inputs[0], below);
  auto copy = std::make_shared<LogicalWindowTvf>(tvf);
  copy->inputs = {input.node};
  MoveWindow(&copy->window, input.moved);
  copy->schema = input.node->schema;
  for (size_t i = width; i < tvf.schema.size(); ++i) {
    copy->schema.fields.push_back(tvf.schema.fields[i]);
  }
  return {copy, Extend(input.moved, input.node->schema.size(), tvf.schema.size() - width)};
}

Pruned PruneLegacyWindow(const LogicalNodePtr& node) {
  const auto& aggregate = As<LogicalLegacyWindowAggregate>(*node);
  Mask below(aggregate.inputs[0]->schema.size());
  Want(aggregate.keys, &below);
  below[static_cast<size_t>(aggregate.window.time_column)] = true;
  for (const BoundAggregate& call : aggregate.aggregates) WantAggregate(call, &below);
  Pruned input = Prune(aggregate.inputs[0], below);
  auto copy = std::make_shared<LogicalLegacyWindowAggregate>(aggregate);
  copy->inputs = {input.node};
  Move(&copy->keys, input.moved);
  MoveWindow(&copy->window, input.moved);
  for (BoundAggregate& call : copy->aggregates) MoveAggregate(&call, input.moved);
  return {copy, Identity(node->schema.size())};
}

Pruned PruneOver(const LogicalNodePtr& node, const Mask& wanted) {
  const auto& over = As<LogicalOver>(*node);
  const size_t width = over.inputs[0]->schema.size();
  Mask below = InputPart(wanted, width);
  Want(over.partition, &below);
  WantKeys(over.order, &below);
  for (const OverCall& call : over.calls) {
    for (const BoundExprPtr& arg : call.args) CollectInputs(*arg, &below);
    WantAggregate(call.aggregate, &below);
  }
  Pruned input = Prune(over.inputs[0], below);
  auto copy = std::make_shared<LogicalOver>(over);
  copy->inputs = {input.node};
  Move(&copy->partition, input.moved);
  MoveKeys(&copy->order, input.moved);
  for (OverCall& call : copy->calls) {
    for (BoundExprPtr& arg : call.args) arg = RemapInputs(arg, input.moved);
    MoveAggregate(&call.aggregate, input.moved);
  }
  copy->schema = input.node->schema;
  for (size_t i = width; i < over.schema.size(); ++i) {
    copy->schema.fields.push_back(over.schema.fields[i]);
  }
  return {copy, Extend(input.moved, input.node->schema.size(), over.calls.size())};
}

Pruned PruneRank(const LogicalNodePtr& node, const Mask& wanted) {
  const auto& rank = As<LogicalRank>(*node);
  const size_t width = rank.inputs[0]->schema.size();
  Mask below = InputPart(wanted, width);
  Want(rank.partition, &below);
  WantKeys(rank.order, &below);
  if (rank.rank_end_column >= 0) below[static_cast<size_t>(rank.rank_end_column)] = true;
  Pruned input = Prune(rank.inputs[0], below);
  auto copy = std::make_shared<LogicalRank>(rank);
  copy->inputs = {input.node};
  Move(&copy->partition, input.moved);
  MoveKeys(&copy->order, input.moved);
  if (rank.rank_end_column >= 0) {
    copy->rank_end_column = input.moved[static_cast<size_t>(rank.rank_end_column)];
  }
  copy->schema = input.node->schema;
  std::vector<int> moved = std::move(input.moved);
  if (rank.output_rank) {
    copy->output_rank = wanted[width];
    moved.push_back(copy->output_rank ? static_cast<int>(copy->schema.size()) : -1);
    if (copy->output_rank) copy->schema.fields.push_back(rank.schema.fields.back());
  }
  return {copy, std::move(moved)};
}

// Joins of both kinds: the condition reads left columns, then right columns.
Pruned PruneJoin(const LogicalNodePtr& node, const Mask& wanted) {
  const size_t left_width = node->inputs[0]->schema.size();
  const size_t right_width = node->inputs[1]->schema.size();
  Mask both(left_width + right_width);
  for (size_t i = 0; i < wanted.size(); ++i) both[i] = wanted[i];
  const BoundExprPtr condition = node->kind == LogicalKind::kJoin
                                     ? As<LogicalJoin>(*node).condition
                                     : As<LogicalTemporalJoin>(*node).condition;
  if (condition != nullptr) CollectInputs(*condition, &both);
  if (node->kind == LogicalKind::kTemporalJoin) {
    both[static_cast<size_t>(As<LogicalTemporalJoin>(*node).time_column)] = true;
  }
  const auto middle = both.begin() + static_cast<std::ptrdiff_t>(left_width);
  Pruned left = Prune(node->inputs[0], Mask(both.begin(), middle));
  Pruned right = Prune(node->inputs[1], Mask(middle, both.end()));
  const auto new_left_width = static_cast<int>(left.node->schema.size());
  std::vector<int> moved = left.moved;
  for (int column : right.moved) moved.push_back(column < 0 ? -1 : column + new_left_width);
  std::shared_ptr<LogicalNode> copy = CopyNode(*node);
  copy->inputs = {left.node, right.node};
  if (node->kind == LogicalKind::kJoin) {
    auto& join = static_cast<LogicalJoin&>(*copy);
    if (condition != nullptr) join.condition = RemapInputs(condition, moved);
  } else {
    auto& join = static_cast<LogicalTemporalJoin&>(*copy);
    if (condition != nullptr) join.condition = RemapInputs(condition, moved);
    join.time_column = moved[static_cast<size_t>(join.time_column)];
  }
  moved.resize(node->schema.size());  // semi and anti joins put out the left side only
  // The output's types (nullability by the join) stay those of the old schema.
  copy->schema = KeepFields(node->schema, moved);
  return {copy, std::move(moved)};
}

Pruned PruneUnnest(const LogicalNodePtr& node, const Mask& wanted) {
  const auto& unnest = As<LogicalUnnest>(*node);
  const size_t width = unnest.inputs[0]->schema.size();
  Mask below = InputPart(wanted, width);
  CollectInputs(*unnest.collection, &below);
  Pruned input = Prune(unnest.inputs[0], below);
  auto copy = std::make_shared<LogicalUnnest>(unnest);
  copy->inputs = {input.node};
  copy->collection = RemapInputs(unnest.collection, input.moved);
  copy->schema = input.node->schema;
  for (size_t i = width; i < unnest.schema.size(); ++i) {
    copy->schema.fields.push_back(unnest.schema.fields[i]);
  }
  return {copy, Extend(input.moved, input.node->schema.size(), unnest.schema.size() - width)};
}

Pruned PruneUnion(const LogicalNodePtr& node, const Mask& wanted) {
  // The inputs may shrink differently, so each gets a projection to exactly the wanted columns.
  std::shared_ptr<LogicalNode> copy = CopyNode(*node);
  std::vector<int> moved(wanted.size(), -1);
  int next = 0;
  for (size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i]) moved[i] = next++;
  }
  for (LogicalNodePtr& input : copy->inputs) {
    Pruned pruned = Prune(input, wanted);
    std::vector<int> columns;
    for (size_t i = 0; i < wanted.size(); ++i) {
      if (wanted[i]) columns.push_back(pruned.moved[i]);
    }
    const bool exact = columns == Identity(pruned.node->schema.size());
    input = exact ? pruned.node : ProjectColumns(pruned.node, columns);
  }
  copy->schema = KeepFields(node->schema, moved);
  return {copy, std::move(moved)};
}

Pruned PruneSort(const LogicalNodePtr& node, Mask wanted) {
  const auto& sort = As<LogicalSort>(*node);
  WantKeys(sort.order, &wanted);
  Pruned input = Prune(sort.inputs[0], wanted);
  auto copy = std::make_shared<LogicalSort>(sort);
  copy->inputs = {input.node};
  copy->schema = input.node->schema;
  MoveKeys(&copy->order, input.moved);
  return {copy, std::move(input.moved)};
}

// Nodes that need all their columns; their inputs may still drop what lies deeper.
Pruned KeepAll(const LogicalNodePtr& node) {
  std::vector<LogicalNodePtr> inputs;
  for (const LogicalNodePtr& input : node->inputs) {
    Pruned pruned = Prune(input, All(input));
    std::vector<int> columns = pruned.moved;
    const bool exact = columns == Identity(pruned.node->schema.size());
    inputs.push_back(exact ? pruned.node : ProjectColumns(pruned.node, columns));
  }
  return {WithInputs(node, std::move(inputs)), Identity(node->schema.size())};
}

Pruned Prune(const LogicalNodePtr& node, const Mask& wanted) {
  switch (node->kind) {
    case LogicalKind::kProject: return PruneProject(node, wanted);
    case LogicalKind::kFilter: return PruneFilter(node, wanted);
    case LogicalKind::kAggregate: return PruneAggregate(node, wanted);
    case LogicalKind::kWindowTvf: return PruneWindowTvf(node, wanted);
    case LogicalKind::kLegacyWindowAggregate: return PruneLegacyWindow(node);
    case LogicalKind::kOver: return PruneOver(node, wanted);
    case LogicalKind::kRank: return PruneRank(node, wanted);
    case LogicalKind::kJoin:
    case LogicalKind::kTemporalJoin: return PruneJoin(node, wanted);
    case LogicalKind::kUnnest: return PruneUnnest(node, wanted);
    case LogicalKind::kSort: return PruneSort(node, wanted);
    case LogicalKind::kSetOperation:
      return As<LogicalSetOperation>(*node).all ? PruneUnion(node, wanted) : KeepAll(node);
    case LogicalKind::kScan:
    case LogicalKind::kValues:
    case LogicalKind::kMatchRecognize:
    case LogicalKind::kSink: return KeepAll(node);
  }
  CHECK(false);
}

}  // namespace

LogicalNodePtr PruneColumns(const LogicalNodePtr& root) {
  return KeepAll(root).node;
}

}  // namespace rhei
