#pragma once
// The list of all function tables, for registry.cc. Thread-safety: const.
#include <span>

#include "functions/aggregate.h"
#include "functions/function.h"

namespace rhei {

std::span<const std::span<const FunctionDef>> BuiltinFunctionTables();
std::span<const std::span<const AggregateDef>> BuiltinAggregateTables();

}  // namespace rhei
