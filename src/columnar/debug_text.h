#pragma once
// DebugText: a value as a person reads it in a test or an error message. Not the text of CAST AS
// STRING, which functions/ owns; the two agree for the usual types.
#include <string>

#include "types/data_type.h"
#include "types/value.h"

namespace rhei {

std::string DebugText(const Value& value, const DataType& type);

}  // namespace rhei
