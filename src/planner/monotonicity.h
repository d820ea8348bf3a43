#pragma once
// Monotonicity: how a column of a changing input moves from update to update of one upsert key, by
// the rules of Flink's FlinkRelMdModifiedMonotonicity as its plans show them. A Top-N whose order
// columns only improve can read updates by key and keep N rows (UpdateFast); a MAX over what only
// grows, and a MIN over what only falls, take nothing back. Thread-safety: pure.
#include <optional>
#include <vector>

#include "plan/expr.h"
#include "planner/stream_node.h"

namespace rhei {

enum class Monotonicity : uint8_t { kUnknown, kConstant, kIncreasing, kDecreasing };

// By output column; no value: nothing is known of the node's rows (a changelog from outside).
using Monotonicities = std::optional<std::vector<Monotonicity>>;
Monotonicities MonotonicityOf(const StreamNode& node);
// Of a group aggregate's output columns, from its input's.
Monotonicities AggregateMonotonicity(const StreamNode& input, const std::vector<int>& keys,
                                     const std::vector<BoundAggregate>& aggregates);

// The upsert key of `input` under which a Top-N by `order` within `partition` only ever improves;
// null when there is none, or the input is insert-only.
const std::vector<int>* ImprovingKey(const StreamNode& input, const std::vector<int>& partition,
                                     const std::vector<SortKey>& order);

}  // namespace rhei
