#include "functions/builtin.h"

#include "functions/families.h"

namespace rhei {

std::span<const std::span<const FunctionDef>> BuiltinFunctionTables() {
  static const std::span<const FunctionDef> tables[] = {
      LogicalFunctions(),
  };
  return tables;
}

std::span<const std::span<const AggregateDef>> BuiltinAggregateTables() {
  static const std::vector<std::span<const AggregateDef>> tables = {
      // One line per family of aggregates.
  };
  return tables;
}

}  // namespace rhei
