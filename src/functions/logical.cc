#include "functions/families.h"
#include "functions/typing.h"

namespace rhei {
namespace {

Result<CallTyping> InferConnective(const CallInfo& call) {
  for (const ArgumentInfo& argument : call.arguments) {
    const TypeRoot root = argument.type.root();
    if (root != TypeRoot::kBoolean && root != TypeRoot::kNull) {
      return BadArguments(call, "AND/OR", "(BOOLEAN, BOOLEAN)");
    }
  }
  const DataType result = DataType::Boolean(AnyNullable(call));
  std::vector<DataType> types;
  for (const ArgumentInfo& argument : call.arguments) {
    types.push_back(DataType::Boolean(argument.type.nullable()));
  }
  return CallTyping{result, std::move(types)};
}

constexpr FunctionDef kLogical[] = {
    {.name = "AND",
     .group = "logical",
     .signature = "(BOOLEAN, BOOLEAN) -> BOOLEAN",
     .doc = "TRUE when both are TRUE; UNKNOWN when that depends on a NULL.",
     .example = "(TRUE AND NULL) IS NULL",
     .min_arguments = 2,
     .max_arguments = -1,
     .infer = InferConnective,
     .null_rule = NullRule::kCustom,
     .special = SpecialForm::kAnd},
    {.name = "OR",
     .group = "logical",
     .signature = "(BOOLEAN, BOOLEAN) -> BOOLEAN",
     .doc = "TRUE when one is TRUE; UNKNOWN when that depends on a NULL.",
     .example = "TRUE OR NULL",
     .min_arguments = 2,
     .max_arguments = -1,
     .infer = InferConnective,
     .null_rule = NullRule::kCustom,
     .special = SpecialForm::kOr},
};

}  // namespace

std::span<const FunctionDef> LogicalFunctions() {
  return kLogical;
}

}  // namespace rhei
