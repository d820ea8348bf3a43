#pragma once
// GROUP BY: keys, grouping sets and group windows of a SELECT. Thread-safety: pure functions.
#include "binder/expr_binder.h"
#include "binder/select_frame.h"
#include "sql/ast_query.h"

namespace rhei {

// The keys of `select`; without GROUP BY a frame without keys. `binder` sees the columns of FROM.
Result<AggregateFrame> BindGrouping(const ast::Select& select, ExprBinder& binder);

// A constant day-time interval in milliseconds, as windows take it. `what` is for the message.
Result<int64_t> WindowIntervalMillis(const BindContext& context, const BoundExprPtr& expr,
                                     std::string_view what);

}  // namespace rhei
