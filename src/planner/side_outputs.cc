#include "planner/side_outputs.h"

#include <map>
#include <set>

#include <fmt/format.h>

#include "plan/physical/side_spec.h"
#include "plan/physical/sink_spec.h"
#include "plan/physical/source_spec.h"
#include "types/side_tables.h"
#include "types/table_options.h"

namespace rhei {
namespace {

// As in runtime/operator.h, which the planner does not see.
constexpr int kLatePort = 1;
constexpr int kErrorPort = 2;

class SideOutputs {
 public:
  SideOutputs(const std::string& directory, PhysicalPlan* plan)
      : directory_(directory), plan_(plan) {}

  Status Run() {
    const int count = static_cast<int>(plan_->nodes.size());
    for (int node = 0; node < count; ++node) {
      const OperatorSpec& spec = *Node(node).spec;
      if (spec.kind == OperatorKind::kSource) {
        const auto& source = static_cast<const SourceSpec&>(spec);
        if (source.scan.on_error != ErrorPolicy::kReject) continue;
        RETURN_IF_ERROR(AddErrorLog(node, source.table, source.options));
      } else if (spec.kind == OperatorKind::kSink) {
        const auto& sink = static_cast<const SinkSpec&>(spec);
        if (sink.on_error != ErrorPolicy::kReject) continue;
        RETURN_IF_ERROR(AddErrorLog(node, sink.table, sink.options));
      }
    }
    if (directory_.empty()) return {};
    for (const int sink : plan_->sinks) {
      const auto& spec = static_cast<const SinkSpec&>(*Node(sink).spec);
      if (spec.table.empty()) continue;  // the rows of a SELECT have no table
      std::set<int> found;
      FindLate(sink, &found);
      for (const int node : found) AddLateLog(node, spec.table, spec.options);
    }
    return {};
  }

 private:
  const PhysicalNode& Node(int index) const { return plan_->nodes[static_cast<size_t>(index)]; }

  static bool MayFindLate(OperatorKind kind) {
    return kind == OperatorKind::kWindowAggregate || kind == OperatorKind::kWindowRank;
  }

  void FindLate(int node, std::set<int>* found) const {
    if (MayFindLate(Node(node).spec->kind)) found->insert(node);
    for (const PhysicalInput& input : Node(node).inputs) FindLate(input.node, found);
  }

  Status AddErrorLog(int node, const std::string& table, const Options& options) {
    if (directory_.empty()) {
      return InvalidArgument(
          fmt::format("table {}: 'rhei.on-error' = 'reject' needs a directory for the rejected "
                      "rows: HOME or XDG_STATE_HOME is not set, or the dialect is flink-2.3",
                      table));
    }
    AddLog(node, kErrorPort, table, SideTable::kErrors, options);
    return {};
  }

  void AddLateLog(int node, const std::string& table, const Options& options) {
    const std::string name = SideTableName(table, SideTable::kLate);
    auto spec = std::make_shared<LateRowsSpec>();
    spec->input = Node(Node(node).inputs[0].node).output;
    spec->producer = Node(node).operator_id;
    PhysicalNode rows;
    rows.operator_id = fmt::format("{}/LateRows-{}", name, numbers_[name] + 1);
    rows.name = "LateRows";
    rows.spec = spec;
    rows.inputs = {{node, kLatePort, Distribution::kForward, {}}};
    rows.output = LateTableSchema();
    rows.singleton = Node(node).singleton;
    plan_->nodes.push_back(std::move(rows));
    AddLog(static_cast<int>(plan_->nodes.size()) - 1, 0, table, SideTable::kLate, options);
  }

  void AddLog(int node, int port, const std::string& table, SideTable side,
              const Options& options) {
    const std::string name = SideTableName(table, side);
    const int number = ++numbers_[name];
    auto spec = std::make_shared<SinkSpec>();
    spec->table = name;
    spec->schema = SideTableSchema(side);
    spec->options = {{"connector", std::string(kSideLogConnector)},
                     {"path", SideTableDirectory(directory_, table, side)},
                     {"part", std::to_string(number)},
                     {"retain", std::string(CommonTableOption(options, "rhei.on-error.retain"))}};
    PhysicalNode log;
    log.operator_id = fmt::format("{}/SideLog-{}", name, number);
    log.name = "SideLog";
    log.spec = spec;
    log.inputs = {{node, port, Distribution::kForward, {}}};
    log.output = spec->schema;
    log.singleton = Node(node).singleton;
    plan_->nodes.push_back(std::move(log));
  }

  const std::string& directory_;
  PhysicalPlan* plan_;
  std::map<std::string, int> numbers_;  // logs of each side table in this job
};

}  // namespace

Status AddSideOutputs(const std::string& directory, PhysicalPlan* plan) {
  return SideOutputs(directory, plan).Run();
}

}  // namespace rhei
