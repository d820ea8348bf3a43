#pragma once
// Expressions in an operator: compiled once for the session that its context tells of, and
// evaluated as of now. Thread-safety: pure, but for the clock.
#include <memory>
#include <span>

#include "expr/program.h"
#include "runtime/operator.h"

namespace rhei {

SessionSettings SessionOf(const OperatorContext& context);

Result<std::unique_ptr<ExprProgram>> CompileFor(const OperatorContext& context,
                                                std::span<const BoundExprPtr> expressions);

ExprProgram::RunContext RunNow(const OperatorContext& context);

}  // namespace rhei
