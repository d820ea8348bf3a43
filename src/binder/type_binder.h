#pragma once
// Written types (sql/ast_type.h) to DataTypes, and literals to values.
#include <string_view>

#include "base/status.h"
#include "plan/expr.h"
#include "sql/ast.h"
#include "types/data_type.h"

namespace rhei {

// The type of `type`; nullable unless NOT NULL was written.
Result<DataType> BindType(const ast::TypeName& type);

// A literal with its exact type, e.g. CHAR(3) NOT NULL for 'abc'. `negate` for a number behind a
// minus sign, so that -2147483648 is an INT.
Result<BoundExprPtr> BindLiteral(const ast::Literal& literal, bool negate = false);

// The type of an interval with this qualifier. Value: months or milliseconds.
Result<DataType> BindIntervalType(const ast::IntervalQualifier& qualifier);
// INTERVAL '1' in the unit of the qualifier, to multiply with. REQUIRES: a single unit.
Result<BoundExprPtr> IntervalUnit(const ast::IntervalQualifier& qualifier);

}  // namespace rhei
