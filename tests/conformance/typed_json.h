#pragma once
// Values as the cases write them: plain JSON where JSON has the type, else {"t": Java's class, "v":
// text}; a row is {"k": kind, "f": [fields]}, a map a list of pairs. Thread-safety: pure.
#include <nlohmann/json.hpp>

#include "base/status.h"
#include "types/data_type.h"
#include "types/value.h"

namespace rhei {

nlohmann::json TypedJson(const Value& value, const DataType& type);
// The value of `json` as `type`; a type that is not read yet gives kUnsupported.
Result<Value> ValueOfTypedJson(const nlohmann::json& json, const DataType& type);

// With the pairs of every map in one order, so that equal values have equal texts.
nlohmann::json WithSortedMaps(nlohmann::json json);

}  // namespace rhei
