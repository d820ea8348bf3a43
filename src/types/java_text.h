#pragma once
// Values as Java prints them: java.time and java.math toString, Row.toString ("+I[1, null, 2.0,
// 2020-10-10T00:00:01]"). The form of the print connector and of Flink's test expectations; casts
// to STRING have a form of their own (functions/value_text.h).
#include <span>
#include <string>

#include "types/change_kind.h"
#include "types/data_type.h"
#include "types/value.h"

namespace rhei {

void AppendJavaText(const Value& value, const DataType& type, std::string* out);
std::string JavaRowText(ChangeKind kind, std::span<const Value> values, const Schema& schema);

}  // namespace rhei
