#pragma once
// Scope: the tables that a SELECT's names may refer to, and how a written name finds its column.
//
// Flink's rules: names are case-sensitive; a table is called by its alias or by the last parts of
// its name; an unqualified column must be in one table only; what follows a column are fields of
// its row. Columns are numbered as the plan's output.
#include <optional>
#include <string>
#include <vector>

#include "plan/expr.h"
#include "sql/ast.h"

namespace rhei {

struct ScopeColumn {
  std::string name;
  DataType type;
  int index = 0;
};

struct ScopeTable {
  std::vector<std::string> path;  // an alias, or catalog, database, object
  std::vector<ScopeColumn> columns;
};

// A column of JOIN ... USING: one for both sides.
struct MergedColumn {
  std::string name;
  BoundExprPtr expr;
  std::vector<int> members;
};

// What `*` stands for.
struct NamedExpr {
  std::string name;
  BoundExprPtr expr;
};

struct Scope {
  std::vector<ScopeTable> tables;
  std::vector<MergedColumn> merged;
  const Scope* outer = nullptr;  // of the enclosing query, for correlated references

  // A column or a field of one. References to the enclosing query come out as placeholders
  // (binder/placeholder.h).
  Result<BoundExprPtr> Resolve(const ast::NamePath& path, SqlPosition position) const;
  // The columns of `*`, or of `t.*` and `row_column.*`.
  Result<std::vector<NamedExpr>> Expand(const ast::NamePath& qualifier, SqlPosition position) const;
  // The column called `name` (a merged one included); null when there is none.
  Result<BoundExprPtr> FindColumn(const ast::Name& name) const;

  // Moves every column index up by `by`: the right side of a join.
  void Shift(int by);
};

// expr.field, with the row's nullability. `owner` is for the message.
Result<BoundExprPtr> AccessField(BoundExprPtr row, const ast::Name& field, SqlPosition position);

// A scope of one table that has the columns of `schema`.
Scope ScopeOf(std::vector<std::string> path, const Schema& schema);

}  // namespace rhei
