#pragma once
// The filters of JSON paths, [?(...)]: comparisons (== != < <= > >=) of @-paths and literals, &&,
// ||, ! and parentheses; a path alone asks whether it leads somewhere.
// Thread-safety: const access.
#include <memory>
#include <string_view>

#include "functions/json_path.h"

namespace rhei {

// `text` includes the outer parentheses.
Result<std::shared_ptr<const JsonPath::Filter>> ParseJsonFilter(std::string_view text);
bool JsonFilterHolds(const JsonPath::Filter& filter, const JsonValue& value);

// Shared with json_path.cc: the steps after '$' or '@', and one of them on one value.
Status ParseJsonSteps(std::string_view text, std::vector<JsonPath::Step>* steps);
void ApplyJsonStep(const JsonPath::Step& step, const JsonValue& value, std::vector<JsonValue>* out);

}  // namespace rhei
