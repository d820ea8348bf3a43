#pragma once
// What EXPLAIN prints of a physical plan, in the shape of Flink's.
#include <string>

#include "plan/physical/physical_plan.h"
#include "planner/stream_node.h"

namespace rhei {

// "groupBy=[name], select=[name, COUNT(*) AS EXPR$1]": the node's own part.
std::string DescribeNode(const StreamNode& node);
// The tree below every sink, inputs indented under their consumer; exchanges are lines of their
// own. `with_changelog` adds changelogMode=[I,UB,UA,D].
std::string PrintPlan(const PhysicalPlan& plan, bool with_changelog);

}  // namespace rhei
