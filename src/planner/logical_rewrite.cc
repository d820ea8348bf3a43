#include "planner/logical_rewrite.h"

#include "base/check.h"
#include "functions/function.h"
#include "functions/registry.h"

namespace rhei {
namespace {

template <typename Node>
std::shared_ptr<LogicalNode> Copy(const LogicalNode& node) {
  return std::make_shared<Node>(static_cast<const Node&>(node));
}

}  // namespace

std::shared_ptr<LogicalNode> CopyNode(const LogicalNode& node) {
  switch (node.kind) {
    case LogicalKind::kScan: return Copy<LogicalScan>(node);
    case LogicalKind::kValues: return Copy<LogicalValues>(node);
    case LogicalKind::kProject: return Copy<LogicalProject>(node);
    case LogicalKind::kFilter: return Copy<LogicalFilter>(node);
    case LogicalKind::kAggregate: return Copy<LogicalAggregate>(node);
    case LogicalKind::kWindowTvf: return Copy<LogicalWindowTvf>(node);
    case LogicalKind::kLegacyWindowAggregate: return Copy<LogicalLegacyWindowAggregate>(node);
    case LogicalKind::kOver: return Copy<LogicalOver>(node);
    case LogicalKind::kRank: return Copy<LogicalRank>(node);
    case LogicalKind::kJoin: return Copy<LogicalJoin>(node);
    case LogicalKind::kTemporalJoin: return Copy<LogicalTemporalJoin>(node);
    case LogicalKind::kUnnest: return Copy<LogicalUnnest>(node);
    case LogicalKind::kSetOperation: return Copy<LogicalSetOperation>(node);
    case LogicalKind::kSort: return Copy<LogicalSort>(node);
    case LogicalKind::kMatchRecognize: return Copy<LogicalNode>(node);
    case LogicalKind::kSink: return Copy<LogicalSink>(node);
  }
  CHECK(false);
}

LogicalNodePtr WithInputs(const LogicalNodePtr& node, std::vector<LogicalNodePtr> inputs) {
  if (inputs == node->inputs) return node;
  std::shared_ptr<LogicalNode> copy = CopyNode(*node);
  copy->inputs = std::move(inputs);
  return copy;
}

LogicalNodePtr ProjectColumns(const LogicalNodePtr& input, const std::vector<int>& columns) {
  auto project = std::make_shared<LogicalProject>();
  project->inputs = {input};
  project->position = input->position;
  for (int column : columns) {
    const Field& field = input->schema.fields[static_cast<size_t>(column)];
    project->expressions.push_back(MakeInput(column, field.name, field.type));
    project->schema.fields.push_back(field);
  }
  return project;
}

BoundExprPtr MakeConjunction(const std::vector<BoundExprPtr>& terms) {
  if (terms.empty()) return nullptr;
  if (terms.size() == 1) return terms[0];
  bool nullable = false;
  for (const BoundExprPtr& term : terms) nullable |= term->type.nullable();
  return MakeCall(FindFunction("AND"), "AND", DataType::Boolean(nullable), terms);
}

LogicalNodePtr MakeFilter(const LogicalNodePtr& input, const std::vector<BoundExprPtr>& terms) {
  if (terms.empty()) return input;
  auto filter = std::make_shared<LogicalFilter>();
  filter->inputs = {input};
  filter->schema = input->schema;
  filter->position = input->position;
  filter->condition = MakeConjunction(terms);
  return filter;
}

std::vector<BoundExprPtr> InputRefs(const Schema& schema, int offset) {
  std::vector<BoundExprPtr> refs;
  for (size_t i = 0; i < schema.size(); ++i) {
    refs.push_back(MakeInput(static_cast<int>(i) + offset, schema.name(i), schema.type(i)));
  }
  return refs;
}

bool IsDeterministic(const BoundExpr& expr) {
  if (expr.kind == BoundExpr::Kind::kCall && expr.function != nullptr &&
      expr.function->determinism != Determinism::kAlways) {
    return false;
  }
  for (const BoundExprPtr& arg : expr.args) {
    if (!IsDeterministic(*arg)) return false;
  }
  return true;
}

bool IsInput(const BoundExpr& expr) {
  return expr.kind == BoundExpr::Kind::kInput;
}

}  // namespace rhei
