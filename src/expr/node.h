#pragma once
// ExprNode: one distinct expression of a compiled program. Nodes are numbered so that arguments
// come before their users. For program.cc and compile.cc only.
#include <memory>
#include <span>
#include <vector>

#include "columnar/column.h"
#include "functions/function.h"
#include "plan/expr.h"

namespace rhei {

struct ExprNode {
  enum class Kind : uint8_t { kInput, kConstant, kField, kKernel, kSpecial };
  Kind kind = Kind::kConstant;
  DataType type;
  PhysicalType physical = PhysicalType::kBool;
  BoundExprPtr expr;  // keeps literals and types alive that function states may point to
  std::vector<int32_t> arguments;
  Column constant;  // kConstant, of one row
  const FunctionDef* function = nullptr;
  EvalFn eval = nullptr;
  std::unique_ptr<FunctionState> state;
  // A failing row becomes NULL: TRY_CAST.
  bool failures_to_null = false;
};

struct CompiledNodes {
  std::vector<std::unique_ptr<ExprNode>> nodes;
  std::vector<int32_t> roots;  // one per expression
  bool needs_watermarks = false;
};

Result<CompiledNodes> CompileNodes(std::span<const BoundExprPtr> expressions,
                                   const SessionSettings& session, uint64_t random_seed);

}  // namespace rhei
