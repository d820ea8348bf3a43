#pragma once
// A logical plan as text: the tree of EXPLAIN's `== Abstract Syntax Tree ==`, in Flink's form.
// Thread-safety: pure function.
#include <string>

#include "plan/logical/logical_node.h"

namespace rhei {

// One line a node, inputs indented below it, with a final newline. A subtree that is shared prints
// at each of its places.
std::string PrintLogical(const LogicalNode& node);

}  // namespace rhei
