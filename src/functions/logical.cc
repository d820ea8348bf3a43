#include "functions/families.h"
#include "functions/kernel.h"
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

Result<CallTyping> InferNot(const CallInfo& call) {
  const TypeRoot root = call.arguments[0].type.root();
  if (root != TypeRoot::kBoolean && root != TypeRoot::kNull) {
    return BadArguments(call, "NOT", "(BOOLEAN)");
  }
  const DataType result = DataType::Boolean(call.arguments[0].type.nullable());
  return CallTyping{result, {result}};
}

void EvalNot(FunctionState*, EvalContext& context, std::span<const Column> args, Column* out) {
  MapUnary<uint8_t, uint8_t>(context, args[0], PhysicalType::kBool, out,
                             [](uint8_t a) { return a ^ 1; });
}

Result<CallTyping> InferTruthTest(const CallInfo& call) {
  const TypeRoot root = call.arguments[0].type.root();
  if (root != TypeRoot::kBoolean && root != TypeRoot::kNull) {
    return BadArguments(call, "IS TRUE", "(BOOLEAN)");
  }
  return CallTyping{DataType::Boolean(false),
                    {DataType::Boolean(call.arguments[0].type.nullable())}};
}

Result<CallTyping> InferNullTest(const CallInfo&) {
  return CallTyping{DataType::Boolean(false), {}};
}

// result = (NULL ? kNull : value == kValue) for IS TRUE, IS FALSE and their negations.
template <bool kTrue, bool kNegated>
void EvalTruthTest(FunctionState*, EvalContext& context, std::span<const Column> args,
                   Column* out) {
  MapUnary<uint8_t, uint8_t>(context, args[0], PhysicalType::kBool, out, [](uint8_t a) {
    return static_cast<uint8_t>(((a != 0) == kTrue) != kNegated);
  });
  if (!args[0].may_have_nulls()) return;
  uint8_t* result = out->values->as<uint8_t>();
  for (int32_t i = 0; i < context.row_count; ++i) {
    if (args[0].IsNull(i)) result[i] = kNegated ? 1 : 0;
  }
}

template <bool kWanted>
void EvalNullTest(FunctionState*, EvalContext& context, std::span<const Column> args, Column* out) {
  uint8_t* result = StartFlat<uint8_t>(context, PhysicalType::kBool, out);
  if (!args[0].may_have_nulls()) {
    std::memset(result, kWanted ? 0 : 1, static_cast<size_t>(context.row_count));
    return;
  }
  for (int32_t i = 0; i < context.row_count; ++i) {
    result[i] = args[0].IsNull(i) == kWanted ? 1 : 0;
  }
}

constexpr FunctionDef Test(std::string_view name, std::string_view doc, std::string_view example,
                           InferFn infer, EvalFn eval) {
  return {.name = name,
          .group = "logical",
          .signature = "(ANY) -> BOOLEAN",
          .doc = doc,
          .example = example,
          .min_arguments = 1,
          .max_arguments = 1,
          .infer = infer,
          .eval = eval,
          .null_rule = NullRule::kCustom};
}

constexpr FunctionDef kLogical[] = {
    {.name = "AND",
     .group = "logical",
     .signature = "(BOOLEAN, BOOLEAN) -> BOOLEAN",
     .doc = "TRUE when both are TRUE; UNKNOWN when that depends on a NULL.",
     .example = "(TRUE AND CAST(NULL AS BOOLEAN)) IS NULL",
     .min_arguments = 2,
     .max_arguments = -1,
     .infer = InferConnective,
     .null_rule = NullRule::kCustom,
     .special = SpecialForm::kAnd},
    {.name = "OR",
     .group = "logical",
     .signature = "(BOOLEAN, BOOLEAN) -> BOOLEAN",
     .doc = "TRUE when one is TRUE; UNKNOWN when that depends on a NULL.",
     .example = "TRUE OR CAST(NULL AS BOOLEAN)",
     .min_arguments = 2,
     .max_arguments = -1,
     .infer = InferConnective,
     .null_rule = NullRule::kCustom,
     .special = SpecialForm::kOr},
    {.name = "NOT",
     .group = "logical",
     .signature = "(BOOLEAN) -> BOOLEAN",
     .doc = "TRUE for FALSE, FALSE for TRUE.",
     .example = "NOT FALSE",
     .min_arguments = 1,
     .max_arguments = 1,
     .infer = InferNot,
     .eval = EvalNot},
    Test("IS NULL", "TRUE for NULL.", "CAST(NULL AS INT) IS NULL", InferNullTest,
         EvalNullTest<true>),
    Test("IS NOT NULL", "TRUE for all but NULL.", "1 IS NOT NULL", InferNullTest,
         EvalNullTest<false>),
    Test("IS TRUE", "TRUE for TRUE only.", "(1 = 1) IS TRUE", InferTruthTest,
         EvalTruthTest<true, false>),
    Test("IS NOT TRUE", "TRUE for FALSE and UNKNOWN.", "(1 = 2) IS NOT TRUE", InferTruthTest,
         EvalTruthTest<true, true>),
    Test("IS FALSE", "TRUE for FALSE only.", "(1 = 2) IS FALSE", InferTruthTest,
         EvalTruthTest<false, false>),
    Test("IS NOT FALSE", "TRUE for TRUE and UNKNOWN.", "(1 = 1) IS NOT FALSE", InferTruthTest,
         EvalTruthTest<false, true>),
    Test("IS UNKNOWN", "TRUE for UNKNOWN, the NULL of BOOLEAN.", "(1 = NULL) IS UNKNOWN",
         InferTruthTest, EvalNullTest<true>),
    Test("IS NOT UNKNOWN", "TRUE for TRUE and FALSE.", "(1 = 1) IS NOT UNKNOWN", InferTruthTest,
         EvalNullTest<false>),
};

}  // namespace

std::span<const FunctionDef> LogicalFunctions() {
  return kLogical;
}

}  // namespace rhei
