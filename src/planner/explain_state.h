#pragma once
// EXPLAIN's part about state: what each operator of a plan keeps, for how long, and how that grows:
// "bounded" (by the size of windows or of the result), "by key" (a row per key that ever came) or
// "for ever" (a row per row that ever came). A TTL bounds both by what came within it.
#include <string>

#include "plan/physical/physical_plan.h"

namespace rhei {

// One line per operator that keeps something, in the order of the plan; "" when none does.
std::string PrintState(const PhysicalPlan& plan);

}  // namespace rhei
