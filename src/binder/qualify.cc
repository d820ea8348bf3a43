#include "binder/qualify.h"

#include <algorithm>

namespace rhei {
namespace {

class Qualifier {
 public:
  explicit Qualifier(const Catalog& catalog) : catalog_(catalog) {}

  void Visit(ast::Query* query);

 private:
  void Visit(ast::QueryBody* body);
  void Visit(ast::Select* select);
  void Visit(ast::TableRef* ref);
  void Visit(ast::Expr* expr);
  void Visit(const ast::ExprPtr& expr) {
    if (expr != nullptr) Visit(expr.get());
  }
  void Visit(std::vector<ast::OrderItem>* items) {
    for (ast::OrderItem& item : *items) Visit(item.expr);
  }
  void Visit(ast::GroupItem* item);
  void Visit(ast::WindowSpec* spec);
  void Qualify(ast::NamePath* path);
  bool IsCommonTable(const ast::NamePath& path) const {
    return path.size() == 1 && std::find(common_tables_.begin(), common_tables_.end(),
                                         path[0].text) != common_tables_.end();
  }

  const Catalog& catalog_;
  std::vector<std::string> common_tables_;
};

void Qualifier::Qualify(ast::NamePath* path) {
  if (IsCommonTable(*path) || path->size() >= 3) return;
  std::vector<std::string> parts;
  for (const ast::Name& name : *path) parts.push_back(name.text);
  const ObjectPath object = catalog_.Resolve(parts);
  const SqlPosition position = path->front().position;
  *path = {{object.catalog, true, position},
           {object.database, true, position},
           {object.object, true, position}};
}

void Qualifier::Visit(ast::Query* query) {
  const size_t known = common_tables_.size();
  for (ast::CommonTable& table : query->with) {
    Visit(table.query.get());
    common_tables_.push_back(table.name.text);
  }
  Visit(query->body.get());
  Visit(&query->order_by);
  common_tables_.resize(known);
}

void Qualifier::Visit(ast::QueryBody* body) {
  switch (body->kind) {
    case ast::QueryBodyKind::kSelect: Visit(&ast::As<ast::Select>(*body)); return;
    case ast::QueryBodyKind::kValues:
      for (auto& row : ast::As<ast::Values>(*body).rows) {
        for (ast::ExprPtr& cell : row) Visit(cell);
      }
      return;
    case ast::QueryBodyKind::kTable: Qualify(&ast::As<ast::ExplicitTable>(*body).path); return;
    case ast::QueryBodyKind::kSetOperation: {
      auto& operation = ast::As<ast::SetOperation>(*body);
      Visit(operation.left.get());
      Visit(operation.right.get());
      return;
    }
    case ast::QueryBodyKind::kNested: Visit(ast::As<ast::NestedQuery>(*body).query.get()); return;
  }
}

void Qualifier::Visit(ast::Select* select) {
  for (ast::SelectItem& item : select->items) Visit(item.expr);
  if (select->from != nullptr) Visit(select->from.get());
  Visit(select->where);
  for (ast::GroupItem& item : select->group_by) Visit(&item);
  Visit(select->having);
  for (ast::NamedWindow& window : select->windows) Visit(&window.spec);
  Visit(select->qualify);
}

void Qualifier::Visit(ast::GroupItem* item) {
  Visit(item->expr);
  for (ast::GroupItem& child : item->children) Visit(&child);
}

void Qualifier::Visit(ast::WindowSpec* spec) {
  for (ast::ExprPtr& key : spec->partition_by) Visit(key);
  Visit(&spec->order_by);
}

void Qualifier::Visit(ast::TableRef* ref) {
  switch (ref->kind) {
    case ast::TableRefKind::kNamed: {
      auto& table = ast::As<ast::NamedTable>(*ref);
      if (!table.alias && !IsCommonTable(table.path)) table.alias = table.path.back();
      Qualify(&table.path);
      Visit(table.system_time);
      return;
    }
    case ast::TableRefKind::kDerived: Visit(ast::As<ast::DerivedTable>(*ref).query.get()); return;
    case ast::TableRefKind::kTableFunction: Visit(ast::As<ast::TableFunction>(*ref).call); return;
    case ast::TableRefKind::kUnnest:
      for (ast::ExprPtr& expr : ast::As<ast::Unnest>(*ref).exprs) Visit(expr);
      return;
    case ast::TableRefKind::kJoin: {
      auto& join = ast::As<ast::Join>(*ref);
      Visit(join.left.get());
      Visit(join.right.get());
      Visit(join.on);
      return;
    }
    case ast::TableRefKind::kMatchRecognize:
      Visit(ast::As<ast::MatchRecognize>(*ref).input.get());
      return;
  }
}

void Qualifier::Visit(ast::Expr* expr) {
  switch (expr->kind) {
    case ast::ExprKind::kCall: {
      auto& call = ast::As<ast::Call>(*expr);
      for (ast::ExprPtr& arg : call.args) Visit(arg);
      Visit(call.filter);
      Visit(&call.order_by);
      Visit(&call.within_group);
      if (call.over != nullptr) Visit(call.over.get());
      return;
    }
    case ast::ExprKind::kCase: {
      auto& choice = ast::As<ast::Case>(*expr);
      Visit(choice.operand);
      for (ast::CaseBranch& branch : choice.branches) {
        Visit(branch.when);
        Visit(branch.then);
      }
      Visit(choice.otherwise);
      return;
    }
    case ast::ExprKind::kCast: Visit(ast::As<ast::Cast>(*expr).operand); return;
    case ast::ExprKind::kFieldAccess: Visit(ast::As<ast::FieldAccess>(*expr).operand); return;
    case ast::ExprKind::kIntervalExpr: Visit(ast::As<ast::IntervalExpr>(*expr).operand); return;
    case ast::ExprKind::kSubquery: Visit(ast::As<ast::Subquery>(*expr).query.get()); return;
    case ast::ExprKind::kList:
      for (ast::ExprPtr& item : ast::As<ast::ExprList>(*expr).items) Visit(item);
      return;
    case ast::ExprKind::kTableArgument: {
      auto& table = ast::As<ast::TableArgument>(*expr);
      if (table.query != nullptr) {
        Visit(table.query.get());
      } else {
        Qualify(&table.table);
      }
      return;
    }
    case ast::ExprKind::kModelArgument: Qualify(&ast::As<ast::ModelArgument>(*expr).model); return;
    case ast::ExprKind::kLiteral:
    case ast::ExprKind::kIdentifier:
    case ast::ExprKind::kStar:
    case ast::ExprKind::kSymbol:
    case ast::ExprKind::kDefault:
    case ast::ExprKind::kDynamicParam: return;
  }
}

}  // namespace

void QualifyTables(ast::Query* query, const Catalog& catalog) {
  Qualifier(catalog).Visit(query);
}

}  // namespace rhei
