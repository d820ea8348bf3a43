#pragma once
// Specs of side outputs (types/side_tables.h). The log itself is a Sink.
#include <string>

#include "plan/physical/operator_spec.h"
#include "types/data_type.h"

namespace rhei {

// Rows of the late port of another operator -> rows of LateTableSchema().
struct LateRowsSpec : OperatorSpec {
  LateRowsSpec() : OperatorSpec(OperatorKind::kLateRows) {}
  Schema input;
  std::string producer;  // id of the operator for which they were late
};

}  // namespace rhei
