#pragma once
// Change-kind inference, second pass: how updates must come (dialect "Changelog semantics"). Which
// nodes can produce updates and deletes is known; this decides, from the sinks down, whether they
// come as +U alone or as -U and +U, drops -U where only one consumer wants none, and writes the
// outcome into the specs.
#include <vector>

#include "planner/stream_node.h"

namespace rhei {

void InferUpdateKinds(const std::vector<StreamNodePtr>& sinks);

}  // namespace rhei
