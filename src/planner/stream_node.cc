#include "planner/stream_node.h"

#include <unordered_set>

namespace rhei {

StreamInput KeyedInput(StreamNodePtr node, std::vector<int> columns) {
  if (columns.empty()) return {std::move(node), Distribution::kSingleton, {}};
  return {std::move(node), Distribution::kHash, std::move(columns)};
}

StreamInput ForwardInput(StreamNodePtr node) {
  return {std::move(node), Distribution::kForward, {}};
}

StreamNodePtr MakeNode(std::string name, std::shared_ptr<OperatorSpec> spec,
                       std::vector<StreamInput> inputs, Schema schema) {
  auto node = std::make_shared<StreamNode>();
  node->name = std::move(name);
  node->spec = std::move(spec);
  node->schema = std::move(schema);
  bool all_forward_singletons = !inputs.empty();
  for (const StreamInput& input : inputs) {
    if (input.distribution == Distribution::kSingleton) node->singleton = true;
    all_forward_singletons &= input.distribution == Distribution::kForward && input.node->singleton;
  }
  if (all_forward_singletons) node->singleton = true;
  node->inputs = std::move(inputs);
  // Of several inputs some may be singletons: theirs are dealt out, or all go to one place.
  for (StreamInput& input : node->inputs) {
    if (input.distribution != Distribution::kForward) continue;
    if (node->singleton && !input.node->singleton) input.distribution = Distribution::kSingleton;
    if (!node->singleton && input.node->singleton) input.distribution = Distribution::kRebalance;
  }
  return node;
}

namespace {

void Visit(const StreamNodePtr& node, std::unordered_set<const StreamNode*>* seen,
           std::vector<StreamNodePtr>* order) {
  if (!seen->insert(node.get()).second) return;
  for (const StreamInput& input : node->inputs) Visit(input.node, seen, order);
  order->push_back(node);
}

}  // namespace

std::vector<StreamNodePtr> TopologicalOrder(const std::vector<StreamNodePtr>& sinks) {
  std::unordered_set<const StreamNode*> seen;
  std::vector<StreamNodePtr> order;
  for (const StreamNodePtr& sink : sinks) Visit(sink, &seen, &order);
  return order;
}

}  // namespace rhei
