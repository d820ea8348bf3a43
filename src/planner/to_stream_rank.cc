// Ranks, deduplication, ORDER BY and LIMIT.
#include <algorithm>

#include "plan/physical/rank_spec.h"
#include "planner/logical_rewrite.h"
#include "planner/monotonicity.h"
#include "planner/to_stream.h"

namespace rhei {
namespace {

bool Contains(const std::vector<int>& set, int column) {
  return std::find(set.begin(), set.end(), column) != set.end();
}

}  // namespace

Result<StreamNodePtr> ToStream::ConvertRank(const LogicalRank& rank) {
  ASSIGN_OR_RETURN(StreamNodePtr input, Convert(rank.inputs[0]));
  const WindowColumns& window = input->window;
  if (window.known() && Contains(rank.partition, window.start) &&
      Contains(rank.partition, window.end) && rank.rank_end_column < 0) {
    auto spec = std::make_shared<WindowRankSpec>();
    spec->input = input->schema;
    spec->window_start_column = window.start;
    spec->window_end_column = window.end;
    spec->time_zone = window.time_zone;
    for (int column : rank.partition) {
      if (column != window.start && column != window.end) spec->partition.push_back(column);
    }
    spec->order = rank.order;
    spec->rank_start = rank.rank_start;
    spec->rank_end = rank.rank_end;
    spec->output_rank = rank.output_rank;
    StreamNodePtr node =
        MakeNode("WindowRank", spec, {KeyedInput(input, spec->partition)}, rank.schema);
    node->window = window;
    node->position = rank.position;
    return node;
  }
  const SortKey& first = rank.order[0];
  const DataType& order_type = input->schema.type(static_cast<size_t>(first.column));
  const bool by_time = order_type.time_attribute() != TimeAttribute::kNone;
  if (rank.rank_start == 1 && rank.rank_end == 1 && rank.rank_end_column < 0 &&
      rank.order.size() == 1 && by_time && !rank.output_rank && input->insert_only()) {
    auto spec = std::make_shared<DeduplicateSpec>();
    spec->input = input->schema;
    spec->partition = rank.partition;
    spec->time_column = first.column;
    spec->event_time = order_type.is_rowtime();
    spec->keep_first = !first.descending;
    spec->final_rows_only = settings_.batch_mode;
    spec->ttl_ms = settings_.state_ttl_ms;
    StreamNodePtr node =
        MakeNode("Deduplicate", spec, {KeyedInput(input, rank.partition)}, rank.schema);
    node->produces_updates = first.descending && !settings_.batch_mode;
    node->upsert_keys = {rank.partition};
    node->position = rank.position;
    return node;
  }
  if (rank.output_rank && rank.rank_start == rank.rank_end && rank.rank_end_column < 0) {
    // The number is known: as Flink, rank without it and write it down afterwards.
    auto unnumbered = std::make_shared<LogicalRank>(rank);
    unnumbered->output_rank = false;
    unnumbered->schema.fields.pop_back();
    ASSIGN_OR_RETURN(StreamNodePtr below, ConvertRank(*unnumbered));
    std::vector<BoundExprPtr> columns = InputRefs(unnumbered->schema);
    columns.push_back(MakeLiteral(Value::Int(rank.rank_start), rank.schema.fields.back().type));
    return MakeCalc(below, std::move(columns), {}, rank.schema);
  }
  auto spec = std::make_shared<RankSpec>();
  spec->input = input->schema;
  spec->partition = rank.partition;
  spec->order = rank.order;
  spec->rank_start = rank.rank_start;
  spec->rank_end = rank.rank_end;
  spec->rank_end_column = rank.rank_end_column;
  spec->output_rank = rank.output_rank;
  spec->final_rows_only = settings_.batch_mode;
  spec->ttl_ms = settings_.state_ttl_ms;
  if (const std::vector<int>* key = ImprovingKey(*input, rank.partition, rank.order);
      key != nullptr && rank.rank_end_column < 0) {
    spec->only_improves = true;
    spec->input_upsert_key = *key;
  } else if (!input->insert_only() && !input->upsert_keys.empty()) {
    spec->input_upsert_key = input->upsert_keys[0];
  }
  StreamNodePtr node = MakeNode("Rank", spec, {KeyedInput(input, rank.partition)}, rank.schema);
  node->position = rank.position;
  node->produces_updates = !settings_.batch_mode;
  node->produces_deletes = !settings_.batch_mode;
  if (rank.output_rank) {
    std::vector<int> key = rank.partition;
    key.push_back(static_cast<int>(input->schema.size()));
    node->upsert_keys.push_back(std::move(key));
  } else if (rank.rank_start == rank.rank_end && rank.rank_end_column < 0) {
    node->upsert_keys.push_back(rank.partition);
  }
  for (const std::vector<int>& key : input->upsert_keys) {
    // The shuffle by partition keeps the order of a key only when the key holds the partition.
    const bool holds = std::all_of(rank.partition.begin(), rank.partition.end(),
                                   [&](int column) { return Contains(key, column); });
    if (holds && !rank.output_rank) node->upsert_keys.push_back(key);
  }
  return node;
}

Result<StreamNodePtr> ToStream::ConvertSort(const LogicalSort& sort) {
  ASSIGN_OR_RETURN(StreamNodePtr input, Convert(sort.inputs[0]));
  const bool limited = sort.limit >= 0 || sort.offset > 0;
  const bool by_rowtime =
      !sort.order.empty() && !sort.order[0].descending &&
      input->schema.type(static_cast<size_t>(sort.order[0].column)).time_attribute() !=
          TimeAttribute::kNone;
  OperatorKind kind = OperatorKind::kLimit;
  std::string name = "Limit";
  if (!sort.order.empty() && limited) {
    kind = OperatorKind::kSortLimit;
    name = "SortLimit";
  } else if (!sort.order.empty() &&
             (settings_.batch_mode || (settings_.non_temporal_sort && !by_rowtime))) {
    kind = OperatorKind::kSort;
    name = "Sort";
  } else if (!sort.order.empty()) {
    if (!by_rowtime) {
      return InvalidSql("Sort on a non-time-attribute field is not supported.", sort.position);
    }
    if (!input->insert_only()) {
      return InvalidSql("Sort doesn't support consuming update and delete changes.", sort.position);
    }
    kind = OperatorKind::kTemporalSort;
    name = "TemporalSort";
  }
  auto spec = std::make_shared<SortSpec>(kind);
  spec->input = input->schema;
  spec->order = sort.order;
  spec->offset = sort.offset;
  spec->limit = sort.limit;
  spec->batch_mode = settings_.batch_mode;
  if (kind == OperatorKind::kTemporalSort) {
    spec->event_time = input->schema.type(static_cast<size_t>(sort.order[0].column)).is_rowtime();
  }
  if (kind == OperatorKind::kSortLimit && !settings_.batch_mode) {
    if (const std::vector<int>* key = ImprovingKey(*input, {}, sort.order); key != nullptr) {
      spec->only_improves = true;
      spec->input_upsert_key = *key;
    }
  }
  StreamNodePtr node = MakeNode(name, spec, {KeyedInput(input, {})}, sort.schema);
  node->position = sort.position;
  node->upsert_keys = input->upsert_keys;
  const bool changing =
      !settings_.batch_mode &&
      (kind == OperatorKind::kSortLimit || (kind == OperatorKind::kLimit && !input->insert_only()));
  node->produces_updates = changing;
  node->produces_deletes = changing;
  return node;
}

}  // namespace rhei
