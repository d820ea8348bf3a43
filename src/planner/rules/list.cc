#include "planner/rules/list.h"

namespace rhei {

Result<LogicalNodePtr> ApplyRules(const LogicalNodePtr& root, const PlannerSettings& settings) {
  // Folding first: later rules look for literals (rank limits, window sizes).
  LogicalNodePtr tree = FoldConstants(root, settings.session);
  // While the filter still stands right below its aggregate.
  tree = AggregateOfNothing(tree);
  ASSIGN_OR_RETURN(tree, ExpandSetOperations(tree));
  // Ranks before filters move: the filter on the row number must still stand above its OVER.
  tree = RankFromOver(tree);
  tree = PushFilters(tree);
  // Pruning last: it sees what the others left.
  return PruneColumns(tree);
}

}  // namespace rhei
