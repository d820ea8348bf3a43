#pragma once
// The families of built-in functions. Each is one or more files with a constant table; builtin.cc
// lists them all. A new family: declare its table here, add one line to builtin.cc.
//
// Names of operators, as the binder looks them up (and EXPLAIN prints them): + - * / % (a unary
// minus is "-" with one argument), = <> < <= > >=, "IS NULL", "IS NOT NULL", "IS TRUE",
// "IS NOT TRUE", "IS FALSE", "IS NOT FALSE", "IS UNKNOWN", "IS NOT UNKNOWN", "IS DISTINCT FROM",
// "IS NOT DISTINCT FROM", AND and OR (two or more arguments), NOT, "CASE" (when, then, when, then,
// ..., else), OVERLAPS (start, end, start, end: the rows spread out), "CAST" and "TRY_CAST"
// (target_type set), "IN" (value, then literals).
#include <span>

#include "functions/aggregate.h"
#include "functions/function.h"

namespace rhei {

std::span<const FunctionDef> ArithmeticFunctions();
std::span<const FunctionDef> MathFunctions();
std::span<const FunctionDef> DoubleFunctions();
std::span<const FunctionDef> ComparisonFunctions();
std::span<const FunctionDef> LogicalFunctions();
std::span<const FunctionDef> ConditionalFunctions();
std::span<const FunctionDef> CastFunctions();
std::span<const FunctionDef> CurrentTimeFunctions();
std::span<const FunctionDef> TemporalFieldFunctions();
std::span<const FunctionDef> TemporalDifferenceFunctions();
std::span<const FunctionDef> TemporalTextFunctions();
std::span<const FunctionDef> ConversionFunctions();
std::span<const FunctionDef> StringCaseFunctions();
std::span<const FunctionDef> StringConcatFunctions();
std::span<const FunctionDef> StringEditFunctions();
std::span<const FunctionDef> StringEncodeFunctions();
std::span<const FunctionDef> StringSearchFunctions();
std::span<const FunctionDef> HashFunctions();
std::span<const FunctionDef> BitmapFunctions();
std::span<const FunctionDef> JsonBuildFunctions();
std::span<const FunctionDef> JsonNotationFunctions();
std::span<const FunctionDef> JsonQueryFunctions();
std::span<const FunctionDef> StringPrintfFunctions();
std::span<const FunctionDef> StringUrlFunctions();
std::span<const FunctionDef> RegexpFunctions();
std::span<const FunctionDef> ArrayFunctions();
std::span<const FunctionDef> MapFunctions();
std::span<const FunctionDef> ValueAccessFunctions();
std::span<const FunctionDef> ValueConstructionFunctions();

}  // namespace rhei
