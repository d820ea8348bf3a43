#include "planner/planner.h"

#include <map>
#include <unordered_map>

#include <fmt/format.h>

#include "planner/changelog.h"
#include "planner/describe.h"
#include "planner/rules/list.h"
#include "planner/side_outputs.h"
#include "planner/stream_node.h"
#include "planner/to_stream.h"

namespace rhei {
namespace {

// Gives every node an id that survives edits elsewhere in the file: the sink it works for, its
// kind, and its number among that kind below the sink, counted from the sources. A node that
// several sinks share belongs to the first.
std::unordered_map<const StreamNode*, std::string> NameOperators(
    const std::vector<StreamNodePtr>& sinks) {
  std::unordered_map<const StreamNode*, std::string> ids;
  std::map<std::string, int> repeated;
  for (const StreamNodePtr& sink : sinks) {
    const auto& spec = static_cast<const SinkSpec&>(*sink->spec);
    std::string prefix = spec.table.empty() ? "select" : spec.table;
    if (const int times = repeated[prefix]++; times > 0) prefix += fmt::format("~{}", times + 1);
    std::map<std::string, int> of_kind;
    for (const StreamNodePtr& node : TopologicalOrder({sink})) {
      if (ids.contains(node.get())) continue;
      ids[node.get()] = fmt::format("{}/{}-{}", prefix, node->name, ++of_kind[node->name]);
    }
  }
  return ids;
}

PhysicalPlan WritePlan(const std::vector<StreamNodePtr>& sinks) {
  const auto ids = NameOperators(sinks);
  PhysicalPlan plan;
  std::unordered_map<const StreamNode*, int> index;
  for (const StreamNodePtr& node : TopologicalOrder(sinks)) {
    PhysicalNode physical;
    physical.operator_id = ids.at(node.get());
    physical.name = node->name;
    physical.description = DescribeNode(*node);
    physical.spec = node->spec;
    physical.output = node->schema;
    physical.changelog = node->changelog();
    physical.singleton = node->singleton;
    physical.upsert_keys = node->upsert_keys;
    for (const StreamInput& input : node->inputs) {
      physical.inputs.push_back(
          {index.at(input.node.get()), 0, input.distribution, input.hash_columns});
    }
    index[node.get()] = static_cast<int>(plan.nodes.size());
    plan.nodes.push_back(std::move(physical));
  }
  for (const StreamNodePtr& sink : sinks) plan.sinks.push_back(index.at(sink.get()));
  return plan;
}

}  // namespace

Result<LogicalNodePtr> OptimizeLogical(const LogicalNodePtr& sink,
                                       const PlannerSettings& settings) {
  return ApplyRules(sink, settings);
}

Result<PhysicalPlan> PlanJob(const std::vector<LogicalNodePtr>& sinks,
                             const PlannerSettings& settings) {
  std::vector<LogicalNodePtr> optimized;
  for (const LogicalNodePtr& sink : sinks) {
    ASSIGN_OR_RETURN(LogicalNodePtr tree, ApplyRules(sink, settings));
    optimized.push_back(std::move(tree));
  }
  ToStream to_stream(settings);
  ASSIGN_OR_RETURN(std::vector<StreamNodePtr> nodes, to_stream.Run(optimized));
  InferUpdateKinds(nodes);
  PhysicalPlan plan = WritePlan(nodes);
  RETURN_IF_ERROR(AddSideOutputs(settings.side_directory, &plan));
  return plan;
}

}  // namespace rhei
