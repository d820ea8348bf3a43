#include "functions/builtin.h"

#include "functions/agg_tables.h"
#include "functions/families.h"

namespace rhei {

std::span<const std::span<const FunctionDef>> BuiltinFunctionTables() {
  static const std::span<const FunctionDef> tables[] = {
      LogicalFunctions(),    StringCaseFunctions(),   StringConcatFunctions(),
      StringEditFunctions(), StringEncodeFunctions(), StringSearchFunctions(),
      HashFunctions(),
  };
  return tables;
}

std::span<const std::span<const AggregateDef>> BuiltinAggregateTables() {
  return AllAggregateTables();
}

}  // namespace rhei
