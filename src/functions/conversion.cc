// Functions about types and the session.
#include "functions/families.h"
#include "functions/kernel.h"
#include "functions/typing.h"

namespace rhei {
namespace {

Result<CallTyping> InferTypeOf(const CallInfo& call) {
  if (call.arguments.size() == 2 && call.arguments[1].type.root() != TypeRoot::kBoolean) {
    return BadArguments(call, "TYPEOF", "(ANY [, BOOLEAN])");
  }
  return CallTyping{DataType::String(), {}};
}

struct TypeOfState : FunctionState {
  Column text;
};

Result<std::unique_ptr<FunctionState>> OpenTypeOf(const OpenContext& context) {
  auto state = std::make_unique<TypeOfState>();
  state->text =
      MakeConstant(Value::Text(context.call.arguments[0].type.ToString()), DataType::String(), 1);
  return std::unique_ptr<FunctionState>(std::move(state));
}

void EvalTypeOf(FunctionState* base, EvalContext& context, std::span<const Column>, Column* out) {
  *out = static_cast<TypeOfState&>(*base).text;
  out->row_count = context.row_count;
}

Result<CallTyping> InferCurrentDatabase(const CallInfo&) {
  return CallTyping{DataType::String(false), {}};
}

void EvalCurrentDatabase(FunctionState*, EvalContext& context, std::span<const Column>,
                         Column* out) {
  *out = MakeConstant(Value::Text(context.session->current_database), DataType::String(false),
                      context.row_count);
}

constexpr FunctionDef kConversion[] = {
    {.name = "CURRENT_DATABASE",
     .group = "catalog",
     .signature = "() -> STRING",
     .doc = "The session's current database.",
     .example = "CURRENT_DATABASE() = 'default_database'",
     .infer = InferCurrentDatabase,
     .eval = EvalCurrentDatabase},
    {.name = "TYPEOF",
     .group = "conversion",
     .signature = "(ANY [, BOOLEAN]) -> STRING",
     .doc = "The argument's type as text.",
     .example = "TYPEOF(CAST(1 AS BIGINT)) = 'BIGINT NOT NULL'",
     .min_arguments = 1,
     .max_arguments = 2,
     .infer = InferTypeOf,
     .open = OpenTypeOf,
     .eval = EvalTypeOf,
     .null_rule = NullRule::kCustom},
};

}  // namespace

std::span<const FunctionDef> ConversionFunctions() {
  return kConversion;
}

}  // namespace rhei
