#pragma once
// The planner: logical plans of one job -> its physical plan.
//
// Steps, in order: rules rewrite each logical tree (planner/rules/list.cc), scans of one table are
// shared and projected to the union of their columns, trees become stream nodes
// (planner/to_stream.h), change kinds are inferred over the whole plan (planner/changelog.h), and
// the result is written down as plain specs. No step looks at data or at the runtime.
#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"
#include "functions/function.h"
#include "plan/logical/logical_node.h"
#include "plan/physical/physical_plan.h"
#include "plan/physical/sink_spec.h"

namespace rhei {

enum class UpsertMaterialize : uint8_t { kNone, kAuto, kForce };

struct PlannerSettings {
  SessionSettings session;  // for constant folding
  bool batch_mode = false;
  int64_t state_ttl_ms = 0;
  bool mini_batch = false;
  // What the settings of bundles lack, else empty: an error where an aggregate would be bundled,
  // since its bundles would never end.
  std::string mini_batch_fault;
  NotNullEnforcer not_null = NotNullEnforcer::kError;
  LengthEnforcer length = LengthEnforcer::kIgnore;
  UpsertMaterialize upsert_materialize = UpsertMaterialize::kAuto;
  bool nested_enforcers = false;      // table.exec.sink.nested-constraint-enforcer
  bool non_temporal_sort = false;     // __table.exec.sort.non-temporal.enabled__
  bool require_on_conflict = false;   // table.exec.sink.require-on-conflict
  bool cdc_events_duplicate = false;  // table.exec.source.cdc-events-duplicate
  int64_t source_idle_timeout_ms = 0;
  bool watermark_on_event = false;
  // Where rejected and late rows are logged (planner/side_outputs.h); empty: nowhere.
  std::string side_directory;
};

// One job of all `sinks` (each a LogicalSink; one for a plain INSERT or SELECT).
Result<PhysicalPlan> PlanJob(const std::vector<LogicalNodePtr>& sinks,
                             const PlannerSettings& settings);

// The tree after the rules, for EXPLAIN.
Result<LogicalNodePtr> OptimizeLogical(const LogicalNodePtr& sink, const PlannerSettings& settings);

}  // namespace rhei
