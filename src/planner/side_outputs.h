#pragma once
// Wires the side outputs of a planned job to the logs of its side tables (types/side_tables.h):
// rejected records and rows, and late rows, which else leave by open ports and are only counted.
// The logs are no sinks of the plan: EXPLAIN does not show them.
#include <string>

#include "base/status.h"
#include "plan/physical/physical_plan.h"

namespace rhei {

// `directory`: where the logs lie; empty: late rows are only counted, and 'reject' is refused.
Status AddSideOutputs(const std::string& directory, PhysicalPlan* plan);

}  // namespace rhei
