#pragma once
// QueryBinder: syntax trees of queries to logical plans (plan/logical/logical_node.h).
//
// One binder serves one statement: it knows the common tables and views it is inside of. Plans of
// subqueries may hold kOuterBase references until they are joined to the query around them.
// Thread-safety: one thread.
#include <optional>
#include <string>
#include <vector>

#include "binder/bind_context.h"
#include "binder/decorrelate.h"
#include "binder/expr_binder.h"
#include "binder/scope.h"
#include "plan/logical/logical_node.h"
#include "sql/ast_query.h"

namespace rhei {

// FROM, or a part of it: a plan and the names of its columns.
struct Relation {
  LogicalNodePtr plan;
  Scope scope;
};

class QueryBinder {
 public:
  explicit QueryBinder(const BindContext& context) : context_(context) {}

  // `outer`: the enclosing query's names, or null. `root`: names are made unique, ORDER BY without
  // LIMIT is kept.
  Result<LogicalNodePtr> BindQuery(const ast::Query& query, const Scope* outer, bool root);

  // A table of the catalog as a relation: scan, computed columns, watermark; or the view's query.
  Result<LogicalNodePtr> BindTable(const Table& table, const std::vector<ast::Hint>& hints,
                                   SqlPosition position);

  // For ExprBinder: subqueries as values. They add to binder.subqueries.
  Result<BoundExprPtr> BindScalarSubquery(const ast::Subquery& subquery, ExprBinder& binder);
  Result<BoundExprPtr> BindExistsValue(const ast::Subquery& subquery, ExprBinder& binder);
  Result<BoundExprPtr> BindInValue(const ast::Call& call, bool negated, ExprBinder& binder);

 private:
  friend class SelectBinder;
  struct CommonTable {
    std::string name;
    LogicalNodePtr plan;
  };
  // A query body whose columns after `visible` are there to be sorted by only.
  struct Body {
    LogicalNodePtr plan;
    size_t visible = 0;
    std::vector<SortKey> order;
  };

  Result<Body> BindBody(const ast::QueryBody& body, const std::vector<ast::OrderItem>& order_by,
                        const Scope* outer);
  Result<Body> BindSelect(const ast::Select& select, const std::vector<ast::OrderItem>& order_by,
                          const Scope* outer);
  Result<LogicalNodePtr> BindValues(const ast::Values& values, const Scope* outer);
  Result<LogicalNodePtr> BindSetOperation(const ast::SetOperation& operation, const Scope* outer);
  Result<Body> SortBody(LogicalNodePtr plan, const std::vector<ast::OrderItem>& order_by);
  Status BindCommonTables(const ast::Query& query, const Scope* outer);

  // FROM (from.cc, join.cc, window_tvf.cc).
  Result<Relation> BindTableRef(const ast::TableRef& ref, const Scope* outer);
  Result<Relation> BindNamed(const ast::NamedTable& ref);
  Result<LogicalNodePtr> BindTableName(const ast::NamePath& path,
                                       const std::vector<ast::Hint>& hints, SqlPosition position,
                                       std::vector<std::string>* scope_path);
  Result<LogicalNodePtr> BindView(const Table& view, SqlPosition position);
  Result<Relation> BindTableFunction(const ast::TableFunction& ref, const Scope* outer);
  Result<Relation> BindWindowTvf(const ast::TableFunction& ref, const std::string& name,
                                 const Scope* outer);
  Result<Relation> BindJoin(const ast::Join& join, const Scope* outer);
  Result<Relation> BindLateral(const ast::Join& join, Relation left, const Scope* outer);
  Result<Relation> BindUnnest(const ast::Unnest& ref, Relation left, bool left_join);
  Result<Relation> BindTemporalJoin(const ast::Join& join, Relation left, const Scope* outer);
  Result<BoundExprPtr> JoinCondition(const ast::Join& join, const Relation& left,
                                     const Relation& right, Scope* scope, const Scope* outer);
  Status MergeUsing(const ast::Join& join, const Relation& left, const Relation& right,
                    Scope* scope, std::vector<BoundExprPtr>* terms);

  // Splits a condition at AND into filters and semi joins (subquery.cc).
  Result<PendingPredicate> BindPredicate(const ast::Expr& condition, ExprBinder& binder);
  Result<BoundExprPtr> BindThreeValuedIn(const BoundExprPtr& value, Decorrelated d, bool negated,
                                         SqlPosition at, ExprBinder& binder);
  Result<bool> TakeSemiJoin(const ast::Expr& term, bool negated, ExprBinder& binder,
                            PendingPredicate* predicate);

  const BindContext& context_;
  std::vector<CommonTable> common_tables_;
  std::vector<ObjectPath> views_;                         // being expanded, outermost first
  const std::vector<ast::Hint>* select_hints_ = nullptr;  // of the SELECT being bound
  int depth_ = 0;
};

// Gives the columns the aliases of `t(a, b)`. Fails when the number differs.
Status ApplyAlias(const std::optional<ast::Name>& alias, const std::vector<ast::Name>& columns,
                  SqlPosition position, Relation* relation);

}  // namespace rhei
