#pragma once
// The depth of a syntax tree: what a node's deepest child reports, 0 without children. The parser
// keeps it below ast::kSqlDepthMax. Cost: looks at the direct children only, whose `depth` must be
// set. Thread-safety: pure.
#include "sql/ast_query.h"

namespace rhei {

int32_t ChildDepth(const ast::Expr& node);
int32_t ChildDepth(const ast::TableRef& node);
int32_t ChildDepth(const ast::QueryBody& node);
int32_t ChildDepth(const ast::Query& node);

}  // namespace rhei
