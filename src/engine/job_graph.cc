#include "engine/job_graph.h"

#include <map>
#include <set>

#include <fmt/format.h>

#include "base/check.h"
#include "operators/builtin.h"
#include "plan/physical/aggregate_spec.h"

namespace rhei {
namespace {

Routing RoutingOf(Distribution distribution) {
  switch (distribution) {
    case Distribution::kForward: return Routing::kForward;
    case Distribution::kHash: return Routing::kHash;
    case Distribution::kSingleton: return Routing::kSingleton;
    case Distribution::kRebalance: return Routing::kRebalance;
    case Distribution::kBroadcast: return Routing::kBroadcast;
  }
  CHECK(false);
}

// Where the rows of a node come from.
struct Origin {
  std::set<int> sources;
  bool time_held = false;  // watermarks wait for the end of a bundle on the way
};

bool ComparesTimes(OperatorKind kind) {
  return kind == OperatorKind::kUnion || kind == OperatorKind::kWindowJoin;
}

bool HoldsTime(const OperatorSpec& spec) {
  return spec.kind == OperatorKind::kGroupAggregate &&
         static_cast<const GroupAggregateSpec&>(spec).bundled;
}

}  // namespace

Result<JobGraph> MakeJobGraph(const PhysicalPlan& plan, const ConnectorTable& connectors) {
  JobGraph graph;
  std::vector<Origin> origins;  // by node
  for (size_t i = 0; i < plan.nodes.size(); ++i) {
    const PhysicalNode& from = plan.nodes[i];
    JobGraph::Node node;
    node.operator_id = from.operator_id;
    node.name = fmt::format("{}[{}]", from.name, i);
    node.singleton = from.singleton;
    if (from.spec->kind == OperatorKind::kSource) {
      const auto& source = static_cast<const SourceSpec&>(*from.spec);
      ASSIGN_OR_RETURN(const ConnectorFactory* const factory, connectors.Get(source.options));
      node.singleton = node.singleton || factory->makes_rows();
    }
    node.singleton = node.singleton || from.spec->kind == OperatorKind::kValues;
    for (const PhysicalInput& input : from.inputs) {
      node.inputs.push_back(
          {input.node, input.port, RoutingOf(input.distribution), input.hash_columns});
      // One instance cannot feed several over a forward edge.
      const bool producer_is_single = graph.nodes[static_cast<size_t>(input.node)].singleton;
      if (input.distribution == Distribution::kForward && producer_is_single) node.singleton = true;
    }
    Origin all;
    all.time_held = HoldsTime(*from.spec);
    bool same = true;
    for (const PhysicalInput& input : from.inputs) {
      const Origin& its = origins[static_cast<size_t>(input.node)];
      same = same && its.sources == origins[static_cast<size_t>(from.inputs[0].node)].sources;
      all.sources.insert(its.sources.begin(), its.sources.end());
      all.time_held = all.time_held || its.time_held;
    }
    if (from.inputs.empty()) all.sources.insert(static_cast<int>(i));
    // Rows of the other inputs would wait, without bound, for time that is held. No row is the
    // worse for it: what comes out of such an aggregate has no time attribute.
    if (same && !all.time_held && from.inputs.size() > 1 && ComparesTimes(from.spec->kind)) {
      node.same_sources.assign(all.sources.begin(), all.sources.end());
    }
    origins.push_back(std::move(all));
    graph.nodes.push_back(std::move(node));
  }
  return graph;
}

void ForgetFinalTime(const PhysicalPlan& plan, std::vector<InstanceSnapshot>* instances) {
  std::set<std::string> running;
  for (const InstanceSnapshot& instance : *instances) {
    if (!instance.done) running.insert(instance.operator_id);
  }
  const auto forget = [](int64_t* watermark_ms) {
    if (*watermark_ms == kFinalWatermark) *watermark_ms = kNoWatermark;
  };
  std::map<std::string, const PhysicalNode*> nodes;
  for (const PhysicalNode& node : plan.nodes) nodes[node.operator_id] = &node;
  for (InstanceSnapshot& instance : *instances) {
    if (instance.done) continue;
    forget(&instance.output_watermark_ms);
    forget(&instance.combined_watermark_ms);
    const auto node = nodes.find(instance.operator_id);
    for (size_t i = 0; i < instance.input_watermarks_ms.size(); ++i) {
      // An input that has ended stays at its end: it says nothing any more.
      const bool known = node != nodes.end() && i < node->second->inputs.size();
      const bool ended =
          known && !running.contains(
                       plan.nodes[static_cast<size_t>(node->second->inputs[i].node)].operator_id);
      if (!ended) forget(&instance.input_watermarks_ms[i]);
    }
  }
}

PlanOperatorMaker::PlanOperatorMaker(std::shared_ptr<const PhysicalPlan> plan,
                                     const ConnectorTable* connectors,
                                     std::shared_ptr<CollectQueue> collect, std::string job_id)
    : plan_(std::move(plan)),
      connectors_(connectors),
      collect_(std::move(collect)),
      job_id_(std::move(job_id)),
      shared_(plan_->nodes.size()) {}

PlanOperatorMaker::~PlanOperatorMaker() = default;

Result<std::unique_ptr<Operator>> PlanOperatorMaker::Make(int node, OperatorContext& context) {
  const auto at = static_cast<size_t>(node);
  const OperatorSpec& spec = *plan_->nodes[at].spec;
  if (spec.kind != OperatorKind::kSource && spec.kind != OperatorKind::kSink) {
    return MakeOperator(spec);
  }
  ConnectorOperatorContext connector;
  connector.op = &context;
  connector.shared = &shared_[at];
  connector.job_id = job_id_;
  if (spec.kind == OperatorKind::kSource) {
    const auto& source = static_cast<const SourceSpec&>(spec);
    ASSIGN_OR_RETURN(connector.factory, connectors_->Get(source.options));
    return MakeSource(source, connector);
  }
  const auto& sink = static_cast<const SinkSpec&>(spec);
  if (!sink.table.empty()) {
    ASSIGN_OR_RETURN(connector.factory, connectors_->Get(sink.options));
  }
  return MakeSink(sink, connector, collect_);
}

Status PlanOperatorMaker::MakeCommitters(const Environment* env, const JobSettings* settings,
                                         MemoryPool* pool, IoService* io) {
  class NoWakeups final : public WakeupService {
   public:
    void WakeAtMicros(int64_t) override {}
    void WakeNow() override {}
  };
  NoWakeups wakeups;
  for (size_t i = 0; i < plan_->nodes.size(); ++i) {
    if (plan_->nodes[i].spec->kind != OperatorKind::kSink) continue;
    OperatorContext context;
    context.operator_id = plan_->nodes[i].operator_id;
    context.operator_name = plan_->nodes[i].name;
    context.env = env;
    context.settings = settings;
    context.pool = pool;
    context.wakeup = &wakeups;
    context.io = io;
    // The writer goes away again; what the instances share stays.
    RETURN_IF_ERROR(Make(static_cast<int>(i), context).status());
  }
  return {};
}

std::vector<PlanOperatorMaker::Committer> PlanOperatorMaker::committers() const {
  std::vector<Committer> committers;
  for (size_t i = 0; i < shared_.size(); ++i) {
    if (shared_[i] == nullptr || shared_[i]->committer() == nullptr) continue;
    committers.push_back({plan_->nodes[i].operator_id, shared_[i]->committer()});
  }
  return committers;
}

}  // namespace rhei
