#include "functions/builtin.h"

#include "functions/agg_tables.h"
#include "functions/families.h"

namespace rhei {

std::span<const std::span<const FunctionDef>> BuiltinFunctionTables() {
  static const std::span<const FunctionDef> tables[] = {
      // One line per family, in the order of the manual.
      ArithmeticFunctions(),    //
      CastFunctions(),          //
      ComparisonFunctions(),    //
      ConditionalFunctions(),   //
      ConversionFunctions(),    //
      DoubleFunctions(),        //
      HashFunctions(),          //
      JsonQueryFunctions(),     //
      LogicalFunctions(),       //
      RegexpFunctions(),        //
      MathFunctions(),          //
      StringCaseFunctions(),    //
      StringConcatFunctions(),  //
      StringEditFunctions(),    //
      StringEncodeFunctions(),  //
      StringSearchFunctions(),  //
  };
  return tables;
}

std::span<const std::span<const AggregateDef>> BuiltinAggregateTables() {
  return AllAggregateTables();
}

}  // namespace rhei
