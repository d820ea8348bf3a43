#pragma once
// Values as text, for results and messages: what CAST(value AS STRING) prints, except that bytes
// come as x'..' the way clients show them. Slow; not for the row path.
#include <string>

#include "base/time_zone.h"
#include "columnar/column.h"
#include "types/value.h"

namespace rhei {

// "NULL" for NULL. `zone` is the session's, for TIMESTAMP_LTZ.
std::string ValueToString(const Value& value, const DataType& type, const TimeZone& zone);
// The same for a value of a column, without making a Value.
void AppendColumnText(const Column& column, int32_t row, const DataType& type, TimeZoneCursor& zone,
                      std::string* out);

}  // namespace rhei
