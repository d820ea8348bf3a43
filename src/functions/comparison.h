#pragma once
// Comparing values, for the comparison operators and for functions that compare (NULLIF, GREATEST,
// array functions). Thread-safety: pure functions.
#include <memory>
#include <optional>

#include "functions/function.h"

namespace rhei {

enum class CompareOp : uint8_t {
  kEqual,
  kNotEqual,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual
};

// What both arguments of a comparison are cast to; nothing when they cannot be compared. DECIMAL
// and BIGINT are compared as they are. `equality`: for = and <>, which also compare nested types.
std::optional<std::vector<DataType>> ComparisonOperands(const DataType& a, const DataType& b,
                                                        bool equality);

// The kernel (under NullRule::kPropagate) that compares operands of these types (each one of
// ComparisonOperands'). A ROW's result is NULL where its fields leave it open.
EvalFn ChooseComparison(CompareOp op, const DataType& a, const DataType& b);
// The state that the kernel needs, null for most types.
std::unique_ptr<FunctionState> MakeComparisonState(const DataType& a, const DataType& b);

// Are the two values the same, NULL being equal to NULL? Flat, constant and dictionary columns of
// one type; nested values by their parts, maps whatever their order.
bool SameValue(const Column& a, int32_t row_a, const Column& b, int32_t row_b);

}  // namespace rhei
