// CASE, COALESCE, IF and their relatives. The first three are built by the expression compiler,
// which computes a branch only for the rows that reach it; here they are typed.
#include <unicode/uchar.h>

#include "base/check.h"
#include "functions/cast.h"
#include "functions/comparison.h"
#include "functions/families.h"
#include "functions/kernel.h"
#include "functions/text.h"
#include "functions/typing.h"
#include "types/coercion.h"
#include "types/number_text.h"

namespace rhei {
namespace {

Status IllegalMix() {
  return InvalidSql("Illegal mixing of types in CASE or COALESCE statement");
}

// The common type of some of the arguments, at least one.
Result<DataType> CommonOf(const std::vector<DataType>& types) {
  std::optional<DataType> common = CommonType(types);
  if (!common.has_value()) return IllegalMix();
  if (common->root() == TypeRoot::kNull) {
    return InvalidSql("ELSE clause or at least one THEN clause must be non-NULL");
  }
  return *std::move(common);
}

Result<CallTyping> InferCase(const CallInfo& call) {
  const size_t count = call.arguments.size();
  std::vector<DataType> branches;
  for (size_t i = 0; i < count; ++i) {
    const DataType& type = call.arguments[i].type;
    if (i % 2 == 1 || i + 1 == count) {
      branches.push_back(type);
    } else if (type.root() != TypeRoot::kBoolean && type.root() != TypeRoot::kNull) {
      return InvalidSql("Expected a boolean type");
    }
  }
  ASSIGN_OR_RETURN(DataType result, CommonOf(branches));
  std::vector<DataType> types;
  for (size_t i = 0; i < count; ++i) {
    const bool nullable = call.arguments[i].type.nullable();
    const bool branch = i % 2 == 1 || i + 1 == count;
    types.push_back(branch ? result.WithNullable(nullable) : DataType::Boolean(nullable));
  }
  return CallTyping{std::move(result), std::move(types)};
}

// COALESCE, GREATEST and LEAST take DOUBLE for wider than FLOAT, unlike operators and CASE.
DataType PreferDouble(DataType common, const CallInfo& call) {
  if (common.root() != TypeRoot::kFloat) return common;
  for (const ArgumentInfo& argument : call.arguments) {
    if (argument.type.root() == TypeRoot::kDouble) return DataType::Double(common.nullable());
  }
  return common;
}

Result<CallTyping> InferCoalesce(const CallInfo& call) {
  ASSIGN_OR_RETURN(DataType common, CommonOf(ArgumentTypes(call)));
  common = PreferDouble(std::move(common), call);
  bool nullable = true;
  std::vector<DataType> types;
  for (const ArgumentInfo& argument : call.arguments) {
    nullable = nullable && argument.type.nullable();
    types.push_back(common.WithNullable(argument.type.nullable()));
  }
  return CallTyping{common.WithNullable(nullable), std::move(types)};
}

Result<CallTyping> InferIf(const CallInfo& call) {
  const DataType& condition = call.arguments[0].type;
  if (condition.root() != TypeRoot::kBoolean && condition.root() != TypeRoot::kNull) {
    return BadArguments(call, "IF", "(BOOLEAN, ANY, ANY)");
  }
  const DataType& yes = call.arguments[1].type;
  const DataType& no = call.arguments[2].type;
  ASSIGN_OR_RETURN(DataType result, CommonOf({yes, no}));
  std::vector<DataType> types = {DataType::Boolean(condition.nullable()),
                                 result.WithNullable(yes.nullable()),
                                 result.WithNullable(no.nullable())};
  return CallTyping{result.WithNullable(AnyNullable(call)), std::move(types)};
}

// ---- NULLIF ----

Result<CallTyping> InferNullIf(const CallInfo& call) {
  const DataType& a = call.arguments[0].type;
  const DataType& b = call.arguments[1].type;
  if (!ComparisonOperands(a, b, true).has_value()) {
    return InvalidSql("Cannot apply 'NULLIF' to arguments of type 'NULLIF(<" + LongTypeName(a) +
                      ">, <" + LongTypeName(b) + ">)'");
  }
  return CallTyping{a.WithNullable(true), {}};
}

// The comparison casts its operands, but the result is the first argument as it came.
struct NullIfState : FunctionState {
  std::unique_ptr<CastState> casts[2];
  EvalFn equal = nullptr;
  std::unique_ptr<FunctionState> equal_state;
};

Result<std::unique_ptr<FunctionState>> OpenNullIf(const OpenContext& context) {
  auto state = std::make_unique<NullIfState>();
  DataType types[] = {context.call.arguments[0].type, context.call.arguments[1].type};
  const std::vector<DataType> operands = *ComparisonOperands(types[0], types[1], true);
  for (size_t i = 0; i < operands.size(); ++i) {
    if (operands[i] == types[i]) continue;
    ASSIGN_OR_RETURN(state->casts[i], MakeCast(types[i], operands[i], *context.session));
    types[i] = operands[i];
  }
  state->equal = ChooseComparison(CompareOp::kEqual, types[0], types[1]);
  state->equal_state = MakeComparisonState(types[0], types[1]);
  return std::unique_ptr<FunctionState>(std::move(state));
}

void EvalNullIf(FunctionState* base, EvalContext& context, std::span<const Column> args,
                Column* out) {
  auto& state = static_cast<NullIfState&>(*base);
  Column operands[] = {args[0], args[1]};
  for (size_t i = 0; i < 2; ++i) {
    if (state.casts[i] != nullptr) RunCast(*state.casts[i], context, args[i], &operands[i]);
  }
  Column equal;
  state.equal(state.equal_state.get(), context, std::span<const Column>(operands, 2), &equal);
  *out = Flatten(args[0], context.pool);
  NullMarker nulls(context, out);
  const uint8_t* same = equal.data<uint8_t>();
  for (int32_t i = 0; i < context.row_count; ++i) {
    if (same[i] != 0 && !equal.IsNull(i) && !args[1].IsNull(i)) nulls.Set(i);
  }
}

// ---- GREATEST and LEAST ----

Result<CallTyping> InferExtreme(const CallInfo& call) {
  std::optional<DataType> common = CommonType(ArgumentTypes(call));
  if (common.has_value()) common = PreferDouble(*std::move(common), call);
  if (!common.has_value() || common->root() == TypeRoot::kNull ||
      !ComparisonOperands(*common, *common, false).has_value()) {
    return BadArguments(call, "GREATEST/LEAST", "(COMPARABLE...)");
  }
  std::vector<DataType> types;
  for (const ArgumentInfo& argument : call.arguments) {
    types.push_back(common->WithNullable(argument.type.nullable()));
  }
  return CallTyping{*common, std::move(types)};
}

template <typename T>
void TakeWhere(const uint8_t* mask, int32_t rows, const void* from, void* to) {
  const T* in = static_cast<const T*>(from);
  T* out = static_cast<T*>(to);
  for (int32_t i = 0; i < rows; ++i) out[i] = mask[i] != 0 ? in[i] : out[i];
}

struct Slot16 {
  uint64_t low, high;
};

void TakeRows(const uint8_t* mask, int32_t rows, const Column& from, Column* to) {
  const void* in = from.values->data();
  void* out = to->values->data();
  switch (PhysicalWidth(to->type)) {
    case 1: TakeWhere<uint8_t>(mask, rows, in, out); break;
    case 2: TakeWhere<uint16_t>(mask, rows, in, out); break;
    case 4: TakeWhere<uint32_t>(mask, rows, in, out); break;
    case 8: TakeWhere<uint64_t>(mask, rows, in, out); break;
    default: TakeWhere<Slot16>(mask, rows, in, out); break;
  }
  to->heaps.insert(to->heaps.end(), from.heaps.begin(), from.heaps.end());
}

template <CompareOp kBetter>
struct ExtremeState : FunctionState {
  EvalFn better = nullptr;
  std::unique_ptr<FunctionState> better_state;
};

template <CompareOp kBetter>
Result<std::unique_ptr<FunctionState>> OpenExtreme(const OpenContext& context) {
  const DataType& type = context.call.arguments[0].type;
  auto state = std::make_unique<ExtremeState<kBetter>>();
  state->better = ChooseComparison(kBetter, type, type);
  state->better_state = MakeComparisonState(type, type);
  return std::unique_ptr<FunctionState>(std::move(state));
}

template <CompareOp kBetter>
void EvalExtreme(FunctionState* base, EvalContext& context, std::span<const Column> args,
                 Column* out) {
  auto& state = static_cast<ExtremeState<kBetter>&>(*base);
  Column best = Flatten(args[0], context.pool);
  if (best.values == args[0].values) {
    // The argument's own buffer: it is not ours to write.
    best.values = Buffer::CopyOf({best.values->chars(), best.values->size()}, context.pool);
  }
  best.validity = nullptr;  // NULLs are the framework's.
  for (const Column& argument : args.subspan(1)) {
    const Column candidate = Flatten(argument, context.pool);
    const Column pair[] = {candidate, best};
    Column better;
    state.better(state.better_state.get(), context, std::span<const Column>(pair, 2), &better);
    TakeRows(better.data<uint8_t>(), context.row_count, candidate, &best);
  }
  *out = std::move(best);
}

// ---- IS_ALPHA, IS_DIGIT, IS_DECIMAL ----

// NULL is no letter and no digit either: the answer is never NULL.
Result<CallTyping> InferTextTest(const CallInfo&) {
  return CallTyping{DataType::Boolean(false), {}};
}

template <bool (*kTest)(std::string_view)>
void EvalTextTest(FunctionState*, EvalContext& context, std::span<const Column> args, Column* out) {
  MapUnary<uint8_t, StringView>(
      context, args[0], PhysicalType::kBool, out,
      [](const StringView& text) { return static_cast<uint8_t>(kTest(text.view())); });
}

template <bool kAnswer>
void EvalAnswer(FunctionState*, EvalContext& context, std::span<const Column> args, Column* out) {
  uint8_t* result = StartFlat<uint8_t>(context, PhysicalType::kBool, out);
  for (int32_t i = 0; i < context.row_count; ++i) {
    result[i] = kAnswer && !args[0].IsNull(i) ? 1 : 0;
  }
}

template <typename Test>
bool EveryCodePoint(std::string_view text, Test test) {
  if (text.empty()) return false;
  for (size_t i = 0; i < text.size();) {
    if (!test(static_cast<UChar32>(NextCodePoint(text, &i)))) return false;
  }
  return true;
}

bool IsAlpha(std::string_view text) {
  return EveryCodePoint(text, [](UChar32 c) { return u_isalpha(c) != 0; });
}

bool IsDigit(std::string_view text) {
  return EveryCodePoint(text, [](UChar32 c) { return u_isdigit(c) != 0; });
}

bool IsDecimalText(std::string_view text) {
  double value;
  return ParseDouble(text, &value) == NumberParse::kOk;
}

// Numbers answer by their type: only integers are digits, and a DECIMAL counts as neither.
template <bool (*kTest)(std::string_view)>
EvalFn ChooseTextTest(const CallInfo& call, const DataType&) {
  const TypeRoot root = call.arguments[0].type.root();
  if (IsCharacter(root)) return EvalTextTest<kTest>;
  const bool yes = (kTest == IsDigit && IsInteger(root)) ||
                   (kTest == IsDecimalText && (IsInteger(root) || IsApproximateNumeric(root)));
  return yes ? EvalAnswer<true> : EvalAnswer<false>;
}

template <bool (*kTest)(std::string_view)>
constexpr FunctionDef TextTest(std::string_view name, std::string_view doc,
                               std::string_view example) {
  return {.name = name,
          .group = "conditional",
          .signature = "(STRING) -> BOOLEAN",
          .doc = doc,
          .example = example,
          .min_arguments = 1,
          .max_arguments = 1,
          .infer = InferTextTest,
          .choose = ChooseTextTest<kTest>,
          .null_rule = NullRule::kCustom};
}

constexpr FunctionDef kConditional[] = {
    {.name = "CASE",
     .group = "conditional",
     .signature = "WHEN BOOLEAN THEN ANY ... ELSE ANY END",
     .doc = "The value after the first condition that is TRUE.",
     .example = "CASE WHEN 1 > 2 THEN 'a' ELSE 'b' END = 'b'",
     .min_arguments = 1,
     .max_arguments = -1,
     .infer = InferCase,
     .null_rule = NullRule::kCustom,
     .special = SpecialForm::kCase},
    {.name = "COALESCE",
     .group = "conditional",
     .signature = "(ANY...) -> ANY",
     .doc = "The first argument that is not NULL.",
     .example = "COALESCE(CAST(NULL AS INT), 5) = 5",
     .min_arguments = 1,
     .max_arguments = -1,
     .infer = InferCoalesce,
     .null_rule = NullRule::kCustom,
     .special = SpecialForm::kCoalesce},
    {.name = "IF",
     .group = "conditional",
     .signature = "(BOOLEAN, ANY, ANY) -> ANY",
     .doc = "The second argument when the first is TRUE, else the third.",
     .example = "IF(1 > 2, 'a', 'b') = 'b'",
     .min_arguments = 3,
     .max_arguments = 3,
     .infer = InferIf,
     .null_rule = NullRule::kCustom,
     .special = SpecialForm::kIf},
    {.name = "IFNULL",
     .group = "conditional",
     .signature = "(ANY, ANY) -> ANY",
     .doc = "The first argument, or the second when the first is NULL.",
     .example = "IFNULL(CAST(NULL AS INT), 5) = 5",
     .min_arguments = 2,
     .max_arguments = 2,
     .infer = InferCoalesce,
     .null_rule = NullRule::kCustom,
     .special = SpecialForm::kCoalesce},
    {.name = "NULLIF",
     .group = "conditional",
     .signature = "(ANY, ANY) -> ANY",
     .doc = "NULL when both are equal, else the first.",
     .example = "NULLIF(5, 5) IS NULL",
     .min_arguments = 2,
     .max_arguments = 2,
     .infer = InferNullIf,
     .open = OpenNullIf,
     .eval = EvalNullIf,
     .null_rule = NullRule::kCustom},
    {.name = "GREATEST",
     .group = "conditional",
     .signature = "(COMPARABLE...) -> COMPARABLE",
     .doc = "The largest argument; NULL when one is NULL.",
     .example = "GREATEST(1, 3, 2) = 3",
     .min_arguments = 1,
     .max_arguments = -1,
     .infer = InferExtreme,
     .open = OpenExtreme<CompareOp::kGreater>,
     .eval = EvalExtreme<CompareOp::kGreater>},
    {.name = "LEAST",
     .group = "conditional",
     .signature = "(COMPARABLE...) -> COMPARABLE",
     .doc = "The smallest argument; NULL when one is NULL.",
     .example = "LEAST(2, 1, 3) = 1",
     .min_arguments = 1,
     .max_arguments = -1,
     .infer = InferExtreme,
     .open = OpenExtreme<CompareOp::kLess>,
     .eval = EvalExtreme<CompareOp::kLess>},
    TextTest<IsAlpha>("IS_ALPHA", "TRUE when every character is a letter.", "IS_ALPHA('abc')"),
    TextTest<IsDigit>("IS_DIGIT", "TRUE when every character is a digit.", "IS_DIGIT('123')"),
    TextTest<IsDecimalText>("IS_DECIMAL", "TRUE when the text is a number.", "IS_DECIMAL('1.5')"),
};

}  // namespace

std::span<const FunctionDef> ConditionalFunctions() {
  return kConditional;
}

}  // namespace rhei
