#include "sql/syntax_depth.h"

#include <algorithm>

namespace rhei {
namespace {

// The greatest depth among what it is shown.
class Deepest {
 public:
  template <typename T>
  Deepest& operator()(const std::unique_ptr<T>& node) {
    if (node != nullptr) depth_ = std::max(depth_, node->depth);
    return *this;
  }
  template <typename T>
  Deepest& operator()(const std::vector<std::unique_ptr<T>>& nodes) {
    for (const auto& node : nodes) (*this)(node);
    return *this;
  }
  Deepest& operator()(const std::vector<ast::OrderItem>& items) {
    for (const ast::OrderItem& item : items) (*this)(item.expr);
    return *this;
  }
  Deepest& operator()(const ast::WindowSpec& window) {
    (*this)(window.partition_by)(window.order_by);
    if (window.frame_start) (*this)(window.frame_start->value);
    if (window.frame_end) (*this)(window.frame_end->value);
    return *this;
  }
  Deepest& operator()(const std::vector<ast::GroupItem>& items) {
    for (const ast::GroupItem& item : items) (*this)(item.expr)(item.children);
    return *this;
  }
  int32_t depth() const { return depth_; }

 private:
  int32_t depth_ = 0;
};

int32_t CallDepth(const ast::Call& call) {
  Deepest deepest;
  deepest(call.args)(call.order_by)(call.within_group)(call.within_distinct)(call.filter);
  if (call.over != nullptr) deepest(*call.over);
  return deepest.depth();
}

int32_t SelectDepth(const ast::Select& select) {
  Deepest deepest;
  for (const ast::SelectItem& item : select.items) deepest(item.expr);
  deepest(select.from)(select.where)(select.group_by)(select.having)(select.qualify);
  for (const ast::NamedWindow& window : select.windows) deepest(window.spec);
  return deepest.depth();
}

int32_t MatchDepth(const ast::MatchRecognize& match) {
  Deepest deepest;
  deepest(match.input)(match.partition_by)(match.order_by)(match.within);
  for (const auto& measure : match.measures) deepest(measure.expr);
  for (const auto& definition : match.definitions) deepest(definition.condition);
  return deepest.depth();
}

}  // namespace

int32_t ChildDepth(const ast::Expr& node) {
  using ast::ExprKind;
  Deepest deepest;
  switch (node.kind) {
    case ExprKind::kLiteral:
    case ExprKind::kIdentifier:
    case ExprKind::kStar:
    case ExprKind::kSymbol:
    case ExprKind::kModelArgument:
    case ExprKind::kDefault:
    case ExprKind::kDynamicParam: return 0;
    case ExprKind::kCall: return CallDepth(ast::As<ast::Call>(node));
    case ExprKind::kCase: {
      const auto& c = ast::As<ast::Case>(node);
      for (const ast::CaseBranch& branch : c.branches) deepest(branch.when)(branch.then);
      return deepest(c.operand)(c.otherwise).depth();
    }
    case ExprKind::kCast: return deepest(ast::As<ast::Cast>(node).operand).depth();
    case ExprKind::kFieldAccess: return deepest(ast::As<ast::FieldAccess>(node).operand).depth();
    case ExprKind::kSubquery: return deepest(ast::As<ast::Subquery>(node).query).depth();
    case ExprKind::kList: return deepest(ast::As<ast::ExprList>(node).items).depth();
    case ExprKind::kIntervalExpr: return deepest(ast::As<ast::IntervalExpr>(node).operand).depth();
    case ExprKind::kTableArgument: {
      const auto& table = ast::As<ast::TableArgument>(node);
      return deepest(table.query)(table.partition_by)(table.order_by).depth();
    }
  }
  CHECK(false);
}

int32_t ChildDepth(const ast::TableRef& node) {
  using ast::TableRefKind;
  Deepest deepest;
  switch (node.kind) {
    case TableRefKind::kNamed: {
      const auto& table = ast::As<ast::NamedTable>(node);
      deepest(table.system_time);
      if (table.sample) deepest(table.sample->percentage)(table.sample->repeatable);
      return deepest.depth();
    }
    case TableRefKind::kDerived: return deepest(ast::As<ast::DerivedTable>(node).query).depth();
    case TableRefKind::kTableFunction: {
      const auto& function = ast::As<ast::TableFunction>(node);
      return deepest(function.call)(function.system_time).depth();
    }
    case TableRefKind::kUnnest: return deepest(ast::As<ast::Unnest>(node).exprs).depth();
    case TableRefKind::kJoin: {
      const auto& join = ast::As<ast::Join>(node);
      return deepest(join.left)(join.right)(join.on).depth();
    }
    case TableRefKind::kMatchRecognize: return MatchDepth(ast::As<ast::MatchRecognize>(node));
  }
  CHECK(false);
}

int32_t ChildDepth(const ast::QueryBody& node) {
  using ast::QueryBodyKind;
  Deepest deepest;
  switch (node.kind) {
    case QueryBodyKind::kSelect: return SelectDepth(ast::As<ast::Select>(node));
    case QueryBodyKind::kValues:
      for (const auto& row : ast::As<ast::Values>(node).rows) deepest(row);
      return deepest.depth();
    case QueryBodyKind::kTable: return 0;
    case QueryBodyKind::kSetOperation: {
      const auto& set = ast::As<ast::SetOperation>(node);
      return deepest(set.left)(set.right).depth();
    }
    case QueryBodyKind::kNested: return deepest(ast::As<ast::NestedQuery>(node).query).depth();
  }
  CHECK(false);
}

int32_t ChildDepth(const ast::Query& node) {
  Deepest deepest;
  for (const ast::CommonTable& table : node.with) deepest(table.query);
  return deepest(node.body)(node.order_by)(node.offset)(node.limit).depth();
}

}  // namespace rhei
