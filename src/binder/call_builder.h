#pragma once
// Calls of functions and operators: finds the FunctionDef, types the call, inserts the casts.
// Thread-safety: pure functions over a BindContext.
#include <string_view>
#include <vector>

#include "binder/bind_context.h"
#include "plan/expr.h"

namespace rhei {

// `target_type`: CAST and RETURNING, else null. Time attributes among the arguments become plain
// timestamps first, but for functions about time attributes (CURRENT_WATERMARK).
Result<BoundExprPtr> BuildCall(const BindContext& context, std::string_view name,
                               std::vector<BoundExprPtr> args, SqlPosition position,
                               const DataType* target_type = nullptr);

// `expr` as `type`: itself where only the nullability differs, a typed NULL, or a CAST.
Result<BoundExprPtr> CastTo(const BindContext& context, BoundExprPtr expr, const DataType& type);

// All of `terms`, or null when there are none.
Result<BoundExprPtr> Conjunction(const BindContext& context, std::vector<BoundExprPtr> terms);

// A time attribute as an ordinary value.
BoundExprPtr WithoutTimeAttribute(BoundExprPtr expr);

// The value of an expression that is a literal or folds to one; nothing when it does not.
std::optional<Value> ConstantValue(const BindContext& context, const BoundExprPtr& expr);

}  // namespace rhei
