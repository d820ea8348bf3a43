#pragma once
// The operators: one file each, one line each in the table of builtin.cc. Sources, sinks and the
// watermark assigner stand there too.
#include <memory>
#include <vector>

#include "base/status.h"
#include "plan/physical/operator_spec.h"
#include "runtime/operator.h"

namespace rhei {

// The operator for a spec. It keeps a copy of what it needs. Unsupported when there is none.
Result<std::unique_ptr<Operator>> MakeOperator(const OperatorSpec& spec);
// What MakeOperator makes.
std::vector<OperatorKind> BuiltinOperatorKinds();

}  // namespace rhei
