#pragma once
// Building blocks of rewrites: logical nodes are immutable and shared, so a change copies the node.
#include <memory>
#include <vector>

#include "plan/logical/logical_node.h"

namespace rhei {

template <typename Node>
const Node& As(const LogicalNode& node) {
  return static_cast<const Node&>(node);
}

// A copy of `node` (of its own kind) reading `inputs`; the node itself when they are the same.
LogicalNodePtr WithInputs(const LogicalNodePtr& node, std::vector<LogicalNodePtr> inputs);
// A mutable copy of `node`, of its own kind.
std::shared_ptr<LogicalNode> CopyNode(const LogicalNode& node);

// A projection to the columns at `columns` of `input`.
LogicalNodePtr ProjectColumns(const LogicalNodePtr& input, const std::vector<int>& columns);
LogicalNodePtr MakeFilter(const LogicalNodePtr& input, const std::vector<BoundExprPtr>& terms);
// All terms joined by AND; null when there are none.
BoundExprPtr MakeConjunction(const std::vector<BoundExprPtr>& terms);
// Input references to every column of `schema`, shifted by `offset`.
std::vector<BoundExprPtr> InputRefs(const Schema& schema, int offset = 0);
// False when the expression calls something that differs from call to call (RAND, UUID, NOW).
bool IsDeterministic(const BoundExpr& expr);
bool IsInput(const BoundExpr& expr);

}  // namespace rhei
