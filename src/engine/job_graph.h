#pragma once
// From a PhysicalPlan to what the runtime runs: the graph of operators, and the maker that gives
// each spec its operator, connectors and queues included.
#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "operators/connector_operators.h"
#include "plan/physical/physical_plan.h"
#include "runtime/connector.h"
#include "runtime/job_graph.h"
#include "runtime/snapshot.h"

namespace rhei {

// A source of typed rows is a singleton, and so is what a singleton feeds over a forward edge: one
// sequence of rows stays one, and its watermarks wait for no other shard.
Result<JobGraph> MakeJobGraph(const PhysicalPlan& plan, const ConnectorTable& connectors);

// Of a checkpoint that is drained: the final watermarks of instances that have not ended become
// none, as rows may still come. What an operator keeps of it besides it forgets itself
// (OperatorContext::forgets_final_time).
void ForgetFinalTime(const PhysicalPlan& plan, std::vector<InstanceSnapshot>* instances);

// One per run. The plan must outlive the operators it makes.
class PlanOperatorMaker final : public OperatorMaker {
 public:
  PlanOperatorMaker(std::shared_ptr<const PhysicalPlan> plan, const ConnectorTable* connectors,
                    std::shared_ptr<CollectQueue> collect, std::string job_id);
  ~PlanOperatorMaker() override;

  Result<std::unique_ptr<Operator>> Make(int node, OperatorContext& context) override;
  // Makes the sinks' committers without a run: nothing is opened and no row is written.
  Status MakeCommitters(const Environment* env, const JobSettings* settings, MemoryPool* pool,
                        IoService* io);
  struct Committer {
    std::string operator_id;
    SinkCommitter* committer;
  };
  // After all operators are made.
  std::vector<Committer> committers() const;

 private:
  std::shared_ptr<const PhysicalPlan> plan_;
  const ConnectorTable* connectors_;
  std::shared_ptr<CollectQueue> collect_;
  std::string job_id_;
  std::vector<std::shared_ptr<NodeShared>> shared_;  // by node
};

}  // namespace rhei
