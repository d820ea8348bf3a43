// ExpandSetOperations: UNION is UNION ALL and a DISTINCT. INTERSECT and EXCEPT are semi and anti
// joins over distinct rows, NULL equal to NULL.
#include "functions/registry.h"
#include "planner/logical_rewrite.h"
#include "planner/rules/list.h"

namespace rhei {
namespace {

LogicalNodePtr Distinct(const LogicalNodePtr& input) {
  auto aggregate = std::make_shared<LogicalAggregate>();
  aggregate->inputs = {input};
  aggregate->schema = input->schema;
  aggregate->position = input->position;
  for (size_t i = 0; i < input->schema.size(); ++i) aggregate->keys.push_back(static_cast<int>(i));
  return aggregate;
}

LogicalNodePtr MatchRows(const LogicalNodePtr& left, const LogicalNodePtr& right, JoinType type) {
  auto join = std::make_shared<LogicalJoin>();
  join->inputs = {left, right};
  join->schema = left->schema;
  join->position = left->position;
  join->type = type;
  const FunctionDef* same = FindFunction("IS NOT DISTINCT FROM");
  const auto width = static_cast<int>(left->schema.size());
  std::vector<BoundExprPtr> left_refs = InputRefs(left->schema);
  std::vector<BoundExprPtr> right_refs = InputRefs(right->schema, width);
  std::vector<BoundExprPtr> terms;
  for (size_t i = 0; i < left_refs.size(); ++i) {
    terms.push_back(MakeCall(same, "IS NOT DISTINCT FROM", DataType::Boolean(false),
                             {left_refs[i], right_refs[i]}));
  }
  join->condition = MakeConjunction(terms);
  return join;
}

}  // namespace

Result<LogicalNodePtr> ExpandSetOperations(const LogicalNodePtr& root) {
  std::vector<LogicalNodePtr> inputs;
  for (const LogicalNodePtr& input : root->inputs) {
    ASSIGN_OR_RETURN(LogicalNodePtr expanded, ExpandSetOperations(input));
    inputs.push_back(std::move(expanded));
  }
  LogicalNodePtr node = WithInputs(root, std::move(inputs));
  if (node->kind != LogicalKind::kSetOperation) return node;
  const auto& operation = As<LogicalSetOperation>(*node);
  using Op = LogicalSetOperation::Op;
  if (operation.op == Op::kUnion) {
    if (operation.all) return node;
    auto all = std::static_pointer_cast<LogicalSetOperation>(CopyNode(*node));
    all->all = true;
    return Distinct(all);
  }
  if (operation.all) {
    return Unsupported(operation.op == Op::kIntersect ? "INTERSECT ALL is not supported yet"
                                                      : "EXCEPT ALL is not supported yet",
                       node->position);
  }
  const JoinType type = operation.op == Op::kIntersect ? JoinType::kSemi : JoinType::kAnti;
  LogicalNodePtr result = node->inputs[0];
  for (size_t i = 1; i < node->inputs.size(); ++i) {
    result = Distinct(MatchRows(result, node->inputs[i], type));
  }
  return result;
}

}  // namespace rhei
