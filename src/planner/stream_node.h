#pragma once
// StreamNode: the plan while it is being made physical: an operator spec that later steps still
// fill in, and the properties that they reason about. Nodes are shared where two consumers read one
// input. Lives only inside the planner.
#include <memory>
#include <string>
#include <vector>

#include "plan/physical/aggregate_spec.h"
#include "plan/physical/physical_plan.h"

namespace rhei {

struct StreamNode;
using StreamNodePtr = std::shared_ptr<StreamNode>;

// How updates must come: not at all, as +U alone (read by key), or as -U and +U.
enum class UpdateKind : uint8_t { kNone, kOnlyAfter, kBeforeAndAfter };

// Where a window's bounds are among a node's columns; -1: not there.
struct WindowColumns {
  int start = -1;
  int end = -1;
  int time = -1;
  bool event_time = true;
  std::string time_zone;
  // Windows of SESSION: how many PARTITION BY columns; -1: windows of another kind. An aggregate by
  // other keys than these is no window aggregate.
  int session_keys = -1;
  bool known() const { return start >= 0 && end >= 0; }
};

struct StreamInput {
  StreamNodePtr node;
  Distribution distribution = Distribution::kForward;
  std::vector<int> hash_columns;
};

struct StreamNode {
  std::string name;
  std::string description;
  std::shared_ptr<OperatorSpec> spec;
  std::vector<StreamInput> inputs;
  Schema schema;
  bool singleton = false;
  // Each set of output columns identifies a row (an empty set: there is one row at most).
  std::vector<std::vector<int>> upsert_keys;
  WindowColumns window;
  bool produces_updates = false;
  bool produces_deletes = false;
  UpdateKind required = UpdateKind::kNone;  // by its consumers together
  SqlPosition position;

  bool insert_only() const { return !produces_updates && !produces_deletes; }
  // The kinds that travel once `required` is settled.
  ChangelogMode changelog() const {
    return {.update_before = produces_updates && required == UpdateKind::kBeforeAndAfter,
            .update_after = produces_updates,
            .deletes = produces_deletes};
  }
};

template <typename Spec>
Spec& SpecOf(StreamNode& node) {
  return static_cast<Spec&>(*node.spec);
}

// Inputs hashed by `columns`, or everything to one place when there are none.
StreamInput KeyedInput(StreamNodePtr node, std::vector<int> columns);
StreamInput ForwardInput(StreamNodePtr node);
// A node over `inputs`; singleton when its inputs are.
StreamNodePtr MakeNode(std::string name, std::shared_ptr<OperatorSpec> spec,
                       std::vector<StreamInput> inputs, Schema schema);

// Every node below `sinks`, inputs before consumers, each once.
std::vector<StreamNodePtr> TopologicalOrder(const std::vector<StreamNodePtr>& sinks);

}  // namespace rhei
