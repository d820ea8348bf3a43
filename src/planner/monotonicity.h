#pragma once
// Monotonicity: how a column of a changing input moves from update to update of one upsert key. A
// Top-N whose order columns only improve can read updates by key and keep N rows (Flink's
// UpdateFast strategy). Thread-safety: pure.
#include <vector>

#include "plan/expr.h"
#include "planner/stream_node.h"

namespace rhei {

enum class Monotonicity : uint8_t { kUnknown, kConstant, kIncreasing, kDecreasing };

Monotonicity MonotonicityOf(const StreamNode& node, int column);

// The upsert key of `input` under which a Top-N by `order` within `partition` only ever improves;
// null when there is none, or the input is insert-only.
const std::vector<int>* ImprovingKey(const StreamNode& input, const std::vector<int>& partition,
                                     const std::vector<SortKey>& order);

}  // namespace rhei
