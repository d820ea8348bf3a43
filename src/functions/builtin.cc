#include "functions/builtin.h"

#include "functions/agg_tables.h"
#include "functions/families.h"

namespace rhei {

std::span<const std::span<const FunctionDef>> BuiltinFunctionTables() {
  static const std::span<const FunctionDef> tables[] = {
      // One line per family.
      // clang-format off
      ArithmeticFunctions(),
      ArrayFunctions(),
      BitmapFunctions(),
      CastFunctions(),
      ComparisonFunctions(),
      ConditionalFunctions(),
      ConversionFunctions(),
      CurrentTimeFunctions(),
      DoubleFunctions(),
      HashFunctions(),
      JsonBuildFunctions(),
      JsonNotationFunctions(),
      JsonQueryFunctions(),
      LogicalFunctions(),
      MapFunctions(),
      MathFunctions(),
      RegexpFunctions(),
      StringCaseFunctions(),
      StringConcatFunctions(),
      StringEditFunctions(),
      StringEncodeFunctions(),
      StringPrintfFunctions(),
      StringSearchFunctions(),
      StringUrlFunctions(),
      TemporalDifferenceFunctions(),
      TemporalFieldFunctions(),
      TemporalTextFunctions(),
      ValueAccessFunctions(),
      ValueConstructionFunctions(),
      // clang-format on
  };
  return tables;
}

std::span<const std::span<const AggregateDef>> BuiltinAggregateTables() {
  return AllAggregateTables();
}

}  // namespace rhei
