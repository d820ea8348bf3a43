#pragma once
// Where Flink refuses an untyped NULL. Its older functions type their arguments by themselves and
// refuse one; comparisons, CASE, COALESCE, IFNULL and the newer functions find a type for it. The
// table was asked of the oracle (2.3), argument by argument. Thread-safety: pure functions.
#include <string_view>
#include <vector>

#include "base/status.h"
#include "plan/expr.h"

namespace rhei {

bool IsUntypedNull(const BoundExpr& expr);

// kInvalidSql "Illegal use of 'NULL'" when an argument of the call is an untyped NULL that the
// function (scalar, aggregate or operator, in upper case) does not take.
Status CheckNullArguments(std::string_view function, const std::vector<BoundExprPtr>& args);

}  // namespace rhei
