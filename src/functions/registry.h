#pragma once
// The built-in functions. functions/builtin.cc lists the family tables; there is no registration by
// static objects. Names are matched without regard to case. Thread-safety: const after first use.
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "functions/aggregate.h"
#include "functions/function.h"

namespace rhei {

// Null when there is none. Aliases (SUBSTR, CEILING, ...) are rows of their own.
const FunctionDef* FindFunction(std::string_view name);
const AggregateDef* FindAggregate(std::string_view name);
std::vector<const FunctionDef*> AllFunctions();
std::vector<const AggregateDef*> AllAggregates();
// The known function name nearest to `name`, or "" when none is near.
std::string NearestFunction(std::string_view name);

}  // namespace rhei
