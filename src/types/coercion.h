#pragma once
// Which types meet in which: common types, the result types of decimal arithmetic, and which casts
// exist, as Flink derives them. Thread-safety: pure functions.
#include <optional>
#include <span>
#include <string>

#include "types/data_type.h"

namespace rhei {

// The least type that all `types` fit in (CASE, COALESCE, UNION, IN, ARRAY[...]), nullable when one
// of them is; nothing when there is none. REQUIRES: not empty. NULL types fit in every type.
std::optional<DataType> CommonType(std::span<const DataType> types);
std::optional<DataType> CommonType(const DataType& a, const DataType& b);

// The type both sides of a comparison are cast to, or nothing when they cannot be compared. Beyond
// CommonType text meets dates and times in their type. < and > compare text with numbers and
// BOOLEAN in their types; `equality` (= and <>) refuses numbers and takes BOOLEAN as text. DATE and
// TIMESTAMP cannot be compared.
std::optional<DataType> ComparisonType(const DataType& a, const DataType& b, bool equality);

// An integer type as the DECIMAL that holds it; a DECIMAL as it is. REQUIRES: exact numeric.
DataType AsDecimal(const DataType& type);

enum class DecimalOperator : uint8_t { kAdd, kMultiply, kDivide, kModulo };
// Result of a op b for exact numeric operands of which one is DECIMAL: never above precision 38,
// integer digits are kept first, then at least 6 digits of scale. Nullable when an operand is.
DataType DecimalResultType(DecimalOperator op, const DataType& a, const DataType& b);

// INSERT INTO and function arguments: the cast loses nothing but length, scale or precision and
// cannot fail on well-formed data. Nested types go by their parts. Nullability is not looked at.
bool ImplicitCastAllowed(const DataType& from, const DataType& to);
// CAST(from AS to) exists (it may fail on a value).
bool CastAllowed(const DataType& from, const DataType& to);
// The type in messages of the binder: the standard's long names ("INTEGER", "VARCHAR(2147483647)"),
// without nullability.
std::string LongTypeName(const DataType& type);
// Why CAST(from AS to) does not exist, as Flink puts it. REQUIRES: !CastAllowed(from, to).
std::string CastRefusal(const DataType& from, const DataType& to);

}  // namespace rhei
