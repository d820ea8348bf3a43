#include "functions/comparison.h"

#include <algorithm>
#include <unordered_set>

#include "base/check.h"
#include "functions/cast.h"
#include "functions/families.h"
#include "functions/kernel.h"
#include "functions/typing.h"
#include "types/coercion.h"
#include "types/decimal.h"
#include "types/temporal.h"

namespace rhei {
namespace {

// Only four loops per type: a > b is b < a.
enum class Loop : uint8_t { kEqual, kNotEqual, kLess, kLessOrEqual };

template <Loop kLoop, typename A, typename B>
bool Holds(const A& a, const B& b) {
  if constexpr (kLoop == Loop::kEqual) return a == b;
  if constexpr (kLoop == Loop::kNotEqual) return a != b;
  if constexpr (kLoop == Loop::kLess) return a < b;
  if constexpr (kLoop == Loop::kLessOrEqual) return a <= b;
}

template <Loop kLoop, typename T, bool kSwap>
void SimpleKernel(FunctionState*, EvalContext& context, std::span<const Column> args, Column* out) {
  MapBinary<uint8_t, T, T>(
      context, args[kSwap ? 1 : 0], args[kSwap ? 0 : 1], PhysicalType::kBool, out,
      [](const T& a, const T& b) { return static_cast<uint8_t>(Holds<kLoop>(a, b)); });
}

// ---- DECIMAL (and BIGINT beside it): operands keep their scales. ----

struct DecimalComparison : FunctionState {
  int a_scale = 0;
  int b_scale = 0;
  Int128 a_factor = 1;
  Int128 b_factor = 1;
  bool fits = true;  // Both operands times their factor stay below 10^38.
};

int ScaleOf(const DataType& type) {
  return type.root() == TypeRoot::kDecimal ? type.scale() : 0;
}

template <Loop kLoop, typename A, typename B, bool kSwap>
void DecimalKernel(FunctionState* base, EvalContext& context, std::span<const Column> args,
                   Column* out) {
  const auto& state = static_cast<const DecimalComparison&>(*base);
  const auto map = [&](auto compare) {
    MapBinary<uint8_t, A, B>(context, args[0], args[1], PhysicalType::kBool, out, compare);
  };
  if (state.a_scale == state.b_scale) {
    map([](A a, B b) -> uint8_t {
      const Int128 x = a;
      const Int128 y = b;
      return kSwap ? Holds<kLoop>(y, x) : Holds<kLoop>(x, y);
    });
  } else if (state.fits) {
    const Int128 fa = state.a_factor;
    const Int128 fb = state.b_factor;
    map([fa, fb](A a, B b) -> uint8_t {
      const Int128 x = a * fa;
      const Int128 y = b * fb;
      return kSwap ? Holds<kLoop>(y, x) : Holds<kLoop>(x, y);
    });
  } else {
    map([&state](A a, B b) -> uint8_t {
      const int order = CompareDecimals(a, state.a_scale, b, state.b_scale);
      return kSwap ? Holds<kLoop>(0, order) : Holds<kLoop>(order, 0);
    });
  }
}

template <Loop kLoop, bool kSwap>
EvalFn ChooseDecimal(bool a_wide, bool b_wide) {
  if (a_wide) {
    return b_wide ? DecimalKernel<kLoop, Int128, Int128, kSwap>
                  : DecimalKernel<kLoop, Int128, int64_t, kSwap>;
  }
  return b_wide ? DecimalKernel<kLoop, int64_t, Int128, kSwap>
                : DecimalKernel<kLoop, int64_t, int64_t, kSwap>;
}

// ---- Nested types: equality only. ----

template <bool kEqual>
void NestedKernel(FunctionState*, EvalContext& context, std::span<const Column> args, Column* out) {
  uint8_t* result = StartFlat<uint8_t>(context, PhysicalType::kBool, out);
  for (int32_t i = 0; i < context.row_count; ++i) {
    const int32_t a = args[0].is_constant() ? 0 : i;
    const int32_t b = args[1].is_constant() ? 0 : i;
    result[i] = SameValue(args[0], a, args[1], b) == kEqual ? 1 : 0;
  }
}

// Rows compare as the conjunction of their fields: different fields decide, otherwise a NULL field
// leaves it open.
template <bool kEqual>
void RowKernel(FunctionState*, EvalContext& context, std::span<const Column> args, Column* out) {
  uint8_t* result = StartFlat<uint8_t>(context, PhysicalType::kBool, out);
  NullMarker nulls(context, out);
  for (int32_t i = 0; i < context.row_count; ++i) {
    const int32_t a = args[0].is_constant() ? 0 : i;
    const int32_t b = args[1].is_constant() ? 0 : i;
    bool different = false;
    bool open = false;
    for (size_t field = 0; field < args[0].children.size(); ++field) {
      const Column& x = args[0].children[field];
      const Column& y = args[1].children[field];
      if (x.IsNull(a) || y.IsNull(b)) {
        open = true;
      } else if (!SameValue(x, a, y, b)) {
        different = true;
      }
    }
    result[i] = different != kEqual ? 1 : 0;
    if (open && !different) {
      result[i] = 0;
      nulls.Set(i);
    }
  }
}

bool IsNested(PhysicalType type) {
  return type == PhysicalType::kArray || type == PhysicalType::kMap || type == PhysicalType::kRow;
}

template <Loop kLoop, bool kSwap>
EvalFn ChooseLoop(const DataType& a, const DataType& b) {
  if (a.root() == TypeRoot::kDecimal || b.root() == TypeRoot::kDecimal) {
    return ChooseDecimal<kLoop, kSwap>(PhysicalTypeOf(a) == PhysicalType::kInt128,
                                       PhysicalTypeOf(b) == PhysicalType::kInt128);
  }
  switch (PhysicalTypeOf(a)) {
    case PhysicalType::kBool: return SimpleKernel<kLoop, uint8_t, kSwap>;
    case PhysicalType::kInt8: return SimpleKernel<kLoop, int8_t, kSwap>;
    case PhysicalType::kInt16: return SimpleKernel<kLoop, int16_t, kSwap>;
    case PhysicalType::kInt32: return SimpleKernel<kLoop, int32_t, kSwap>;
    case PhysicalType::kInt64: return SimpleKernel<kLoop, int64_t, kSwap>;
    case PhysicalType::kFloat32: return SimpleKernel<kLoop, float, kSwap>;
    case PhysicalType::kFloat64: return SimpleKernel<kLoop, double, kSwap>;
    case PhysicalType::kInt128: return SimpleKernel<kLoop, Int128, kSwap>;
    case PhysicalType::kTimestamp9: return SimpleKernel<kLoop, Timestamp9, kSwap>;
    case PhysicalType::kString: return SimpleKernel<kLoop, StringView, kSwap>;
    case PhysicalType::kRow: return kLoop == Loop::kEqual ? RowKernel<true> : RowKernel<false>;
    case PhysicalType::kArray:
    case PhysicalType::kMap:
      return kLoop == Loop::kEqual ? NestedKernel<true> : NestedKernel<false>;
  }
  CHECK(false);
}

std::string_view SymbolOf(CompareOp op) {
  static constexpr std::string_view kSymbols[] = {"=", "<>", "<", "<=", ">", ">="};
  return kSymbols[static_cast<size_t>(op)];
}

bool IsEquality(CompareOp op) {
  return op == CompareOp::kEqual || op == CompareOp::kNotEqual;
}

// "VARCHAR", "INTEGER": the type's name without its arguments.
std::string BareName(const DataType& type) {
  const std::string name = LongTypeName(type);
  return name.substr(0, name.find('('));
}

Status CannotCompare(std::string_view symbol, bool equality, const DataType& a, const DataType& b) {
  const PhysicalType physical = PhysicalTypeOf(a);
  if (!equality && IsNested(physical)) {
    return InvalidSql("Comparable type expected, but was '" + a.ToString() + "'.");
  }
  const bool text_and_number = (IsCharacter(a.root()) && IsNumeric(b.root())) ||
                               (IsNumeric(a.root()) && IsCharacter(b.root()));
  if (equality && text_and_number) {
    return InvalidSql("implicit type conversion between " + BareName(a) + " and " + BareName(b) +
                      " is not supported now");
  }
  std::string text = "Cannot apply '" + std::string(symbol) + "' to arguments of type '<";
  text += LongTypeName(a) + "> " + std::string(symbol) + " <" + LongTypeName(b);
  text += ">'. Supported form(s): '<COMPARABLE_TYPE> " + std::string(symbol);
  return InvalidSql(text + " <COMPARABLE_TYPE>'");
}

// ---- Text = time: text that is no such time compares to NULL, it does not fail. ----

bool IsTextAgainstTime(const DataType& a, const DataType& b) {
  return (IsCharacter(a.root()) && IsTemporal(b.root())) ||
         (IsTemporal(a.root()) && IsCharacter(b.root()));
}

// A literal is cast when planning, where a bad one is an error.
bool ComparesTextWithTime(const CallInfo& call) {
  const ArgumentInfo& a = call.arguments[0];
  const ArgumentInfo& b = call.arguments[1];
  if (!IsTextAgainstTime(a.type, b.type)) return false;
  return (IsCharacter(a.type.root()) ? a : b).literal == nullptr;
}

struct TextTimeState : FunctionState {
  size_t text = 0;  // Which operand is the text.
  std::unique_ptr<CastState> cast;
  EvalFn compare = nullptr;
};

void EvalTextTime(FunctionState* base, EvalContext& context, std::span<const Column> args,
                  Column* out) {
  auto& state = static_cast<TextTimeState&>(*base);
  Column operands[] = {args[0], args[1]};
  EvalContext inner;
  inner.row_count = context.row_count;
  inner.pool = context.pool;
  inner.session = context.session;
  RunCast(*state.cast, inner, args[state.text], &operands[state.text]);
  state.compare(nullptr, context, std::span<const Column>(operands, 2), out);
  NullMarker nulls(context, out);
  for (const EvalContext::Failure& failure : inner.failures()) nulls.Set(failure.row);
}

Result<std::unique_ptr<FunctionState>> OpenTextTime(const OpenContext& context, CompareOp op) {
  const DataType& a = context.call.arguments[0].type;
  const DataType& b = context.call.arguments[1].type;
  auto state = std::make_unique<TextTimeState>();
  state->text = IsCharacter(a.root()) ? 0 : 1;
  const DataType& time = state->text == 0 ? b : a;
  ASSIGN_OR_RETURN(state->cast, MakeCast(state->text == 0 ? a : b, time, *context.session));
  state->compare = ChooseComparison(op, time, time);
  return std::unique_ptr<FunctionState>(std::move(state));
}

template <CompareOp kOp>
Result<CallTyping> InferComparison(const CallInfo& call) {
  const DataType& a = call.arguments[0].type;
  const DataType& b = call.arguments[1].type;
  if (IsEquality(kOp) && ComparesTextWithTime(call)) {
    return CallTyping{DataType::Boolean(true), {}};
  }
  std::optional<std::vector<DataType>> operands = ComparisonOperands(a, b, IsEquality(kOp));
  if (!operands.has_value()) return CannotCompare(SymbolOf(kOp), IsEquality(kOp), a, b);
  // A ROW with fields that may be NULL may compare to NULL.
  bool nullable = AnyNullable(call);
  if (a.root() == TypeRoot::kRow) {
    for (const DataType* row : {&a, &b}) {
      for (const Field& field : row->fields()) nullable = nullable || field.type.nullable();
    }
  }
  return CallTyping{DataType::Boolean(nullable), *std::move(operands)};
}

template <CompareOp kOp>
Result<std::unique_ptr<FunctionState>> OpenComparison(const OpenContext& context) {
  if (IsTextAgainstTime(context.call.arguments[0].type, context.call.arguments[1].type)) {
    return OpenTextTime(context, kOp);
  }
  return MakeComparisonState(context.call.arguments[0].type, context.call.arguments[1].type);
}

template <CompareOp kOp>
EvalFn ChooseComparisonOf(const CallInfo& call, const DataType&) {
  if (IsTextAgainstTime(call.arguments[0].type, call.arguments[1].type)) return EvalTextTime;
  return ChooseComparison(kOp, call.arguments[0].type, call.arguments[1].type);
}

// ---- IS [NOT] DISTINCT FROM ----

template <bool kDistinct>
Result<CallTyping> InferDistinct(const CallInfo& call) {
  const DataType& a = call.arguments[0].type;
  const DataType& b = call.arguments[1].type;
  std::optional<std::vector<DataType>> operands = ComparisonOperands(a, b, true);
  if (!operands.has_value()) {
    return CannotCompare(kDistinct ? "IS DISTINCT FROM" : "IS NOT DISTINCT FROM", true, a, b);
  }
  return CallTyping{DataType::Boolean(false), *std::move(operands)};
}

struct DistinctState : FunctionState {
  EvalFn equal = nullptr;
  std::unique_ptr<FunctionState> equal_state;
};

Result<std::unique_ptr<FunctionState>> OpenDistinct(const OpenContext& context) {
  const DataType& a = context.call.arguments[0].type;
  const DataType& b = context.call.arguments[1].type;
  auto state = std::make_unique<DistinctState>();
  state->equal = ChooseComparison(CompareOp::kEqual, a, b);
  // Not RowKernel: a NULL field equals a NULL field here.
  if (a.root() == TypeRoot::kRow) state->equal = NestedKernel<true>;
  state->equal_state = MakeComparisonState(a, b);
  return std::unique_ptr<FunctionState>(std::move(state));
}

template <bool kDistinct>
void EvalDistinct(FunctionState* base, EvalContext& context, std::span<const Column> args,
                  Column* out) {
  auto& state = static_cast<DistinctState&>(*base);
  state.equal(state.equal_state.get(), context, args, out);
  out->validity = nullptr;
  uint8_t* result = out->values->as<uint8_t>();
  const int32_t rows = context.row_count;
  if (kDistinct) {
    for (int32_t i = 0; i < rows; ++i) result[i] ^= 1;
  }
  if (!args[0].may_have_nulls() && !args[1].may_have_nulls()) return;
  for (int32_t i = 0; i < rows; ++i) {
    const bool a = args[0].IsNull(i);
    const bool b = args[1].IsNull(i);
    if (a || b) result[i] = (a != b) == kDistinct ? 1 : 0;
  }
}

// ---- IN ----

Result<CallTyping> InferIn(const CallInfo& call) {
  // The value and all members meet in one type where there is one; else each member is compared by
  // itself with the value's type.
  const DataType& value = call.arguments[0].type;
  const std::optional<DataType> common = CommonType(ArgumentTypes(call));
  const DataType result = DataType::Boolean(AnyNullable(call));
  const bool decimals = common.has_value() && common->root() == TypeRoot::kDecimal;
  std::vector<DataType> types;
  for (const ArgumentInfo& argument : call.arguments) {
    const bool nullable = argument.type.nullable();
    if (common.has_value() && !decimals) {
      types.push_back(common->WithNullable(nullable));
      continue;
    }
    if (decimals) {
      types.push_back(argument.type.root() == TypeRoot::kDecimal ? argument.type
                      : IsInteger(argument.type.root())          ? DataType::BigInt(nullable)
                                                                 : common->WithNullable(nullable));
      continue;
    }
    const std::optional<DataType> met = ComparisonType(value, argument.type, false);
    if (!met.has_value()) return CannotCompare("IN", false, value, argument.type);
    types.push_back(met->WithNullable(nullable));
  }
  if (!common.has_value()) {
    // Text against numbers: all are compared as the members' common type.
    const std::vector<DataType> members(types.begin() + 1, types.end());
    const std::optional<DataType> met = CommonType(members);
    if (!met.has_value()) return CannotCompare("IN", false, value, call.arguments[1].type);
    for (DataType& type : types) type = met->WithNullable(type.nullable());
  }
  return CallTyping{result, std::move(types)};
}

// How the members are looked up.
enum class Lookup : uint8_t { kOneByOne, kIntegers, kTexts };

struct InState : FunctionState {
  Lookup lookup = Lookup::kOneByOne;
  bool has_null = false;
  std::unordered_set<int64_t> integers;
  std::vector<std::string> text_storage;
  std::unordered_set<std::string_view> texts;
  std::vector<EvalFn> equal;  // kOneByOne: one kernel a member
  std::vector<std::unique_ptr<FunctionState>> equal_states;
};

bool IsIntegerLike(PhysicalType type) {
  return type == PhysicalType::kInt8 || type == PhysicalType::kInt16 ||
         type == PhysicalType::kInt32 || type == PhysicalType::kInt64;
}

Result<std::unique_ptr<FunctionState>> OpenIn(const OpenContext& context) {
  const auto arguments = context.call.arguments;
  const DataType& value = arguments[0].type;
  auto state = std::make_unique<InState>();
  const PhysicalType physical = PhysicalTypeOf(value);
  bool literals = IsIntegerLike(physical) || physical == PhysicalType::kString;
  for (const ArgumentInfo& member : arguments.subspan(1)) {
    const bool fits =
        member.literal != nullptr &&
        (member.literal->is_null() || physical == PhysicalType::kString ? true
                                                                        : member.literal->is_int());
    const bool same_scale =
        member.type.root() != TypeRoot::kDecimal && value.root() != TypeRoot::kDecimal;
    literals = literals && fits && same_scale && PhysicalTypeOf(member.type) == physical;
  }
  if (literals) {
    state->lookup = physical == PhysicalType::kString ? Lookup::kTexts : Lookup::kIntegers;
    for (const ArgumentInfo& member : arguments.subspan(1)) {
      if (member.literal->is_null()) {
        state->has_null = true;
      } else if (state->lookup == Lookup::kTexts) {
        state->text_storage.push_back(member.literal->text());
      } else {
        state->integers.insert(member.literal->int_value());
      }
    }
    for (const std::string& text : state->text_storage) state->texts.insert(text);
  } else {
    for (const ArgumentInfo& member : arguments.subspan(1)) {
      state->equal.push_back(ChooseComparison(CompareOp::kEqual, value, member.type));
      state->equal_states.push_back(MakeComparisonState(value, member.type));
    }
  }
  return std::unique_ptr<FunctionState>(std::move(state));
}

template <typename T>
void LookUpIntegers(const InState& state, EvalContext& context, const Column& value, Column* out) {
  constexpr size_t kFew = 8;
  if (state.integers.size() <= kFew) {
    // A handful of comparisons per row beats hashing, and vectorises. Members beyond T's range
    // cannot be met.
    int64_t few[kFew];
    size_t count = 0;
    for (int64_t member : state.integers) few[count++] = member;
    MapUnary<uint8_t, T>(context, value, PhysicalType::kBool, out, [&](T x) {
      uint8_t found = 0;
      for (size_t k = 0; k < count; ++k) found |= static_cast<uint8_t>(int64_t{x} == few[k]);
      return found;
    });
    return;
  }
  MapUnary<uint8_t, T>(context, value, PhysicalType::kBool, out,
                       [&](T x) { return state.integers.count(x) != 0 ? 1 : 0; });
}

void OneByOne(InState& state, EvalContext& context, std::span<const Column> args, Column* out) {
  uint8_t* result = StartFlat<uint8_t>(context, PhysicalType::kBool, out);
  std::memset(result, 0, static_cast<size_t>(context.row_count));
  std::vector<uint8_t> open(static_cast<size_t>(context.row_count), 0);
  for (size_t k = 1; k < args.size(); ++k) {
    const Column pair[] = {args[0], args[k]};
    Column equal;
    state.equal[k - 1](state.equal_states[k - 1].get(), context, std::span<const Column>(pair, 2),
                       &equal);
    const uint8_t* values = equal.data<uint8_t>();
    for (int32_t i = 0; i < context.row_count; ++i) {
      const bool null = args[0].IsNull(i) || args[k].IsNull(i) || equal.IsNull(i);
      if (null) {
        open[static_cast<size_t>(i)] = 1;
      } else {
        result[i] |= values[i];
      }
    }
  }
  NullMarker nulls(context, out);
  for (int32_t i = 0; i < context.row_count; ++i) {
    if (open[static_cast<size_t>(i)] != 0 && result[i] == 0) nulls.Set(i);
  }
}

void EvalIn(FunctionState* base, EvalContext& context, std::span<const Column> args, Column* out) {
  auto& state = static_cast<InState&>(*base);
  const Column& value = args[0];
  if (state.lookup == Lookup::kOneByOne) {
    OneByOne(state, context, args, out);
    return;
  }
  if (state.lookup == Lookup::kTexts) {
    MapUnary<uint8_t, StringView>(
        context, value, PhysicalType::kBool, out,
        [&](const StringView& x) { return state.texts.count(x.view()) != 0 ? 1 : 0; });
  } else {
    switch (value.type) {
      case PhysicalType::kInt8: LookUpIntegers<int8_t>(state, context, value, out); break;
      case PhysicalType::kInt16: LookUpIntegers<int16_t>(state, context, value, out); break;
      case PhysicalType::kInt32: LookUpIntegers<int32_t>(state, context, value, out); break;
      default: LookUpIntegers<int64_t>(state, context, value, out); break;
    }
  }
  out->validity = FlatValidity(value, context.pool);
  if (!state.has_null) return;
  // Not found among members of which one is NULL: unknown.
  NullMarker nulls(context, out);
  const uint8_t* found = out->data<uint8_t>();
  for (int32_t i = 0; i < context.row_count; ++i) {
    if (found[i] == 0) nulls.Set(i);
  }
}

#define RHEI_COMPARISON(Symbol, Op, Doc, Example)                                            \
  {                                                                                          \
    .name = Symbol, .group = "comparison", .signature = "(ANY, ANY) -> BOOLEAN", .doc = Doc, \
    .example = Example, .min_arguments = 2, .max_arguments = 2,                              \
    .infer = InferComparison<CompareOp::Op>, .open = OpenComparison<CompareOp::Op>,          \
    .choose = ChooseComparisonOf<CompareOp::Op>                                              \
  }

constexpr FunctionDef kComparison[] = {
    RHEI_COMPARISON("=", kEqual, "TRUE when both are equal.", "1 = 1"),
    RHEI_COMPARISON("<>", kNotEqual, "TRUE when both differ.", "1 <> 2"),
    RHEI_COMPARISON("<", kLess, "TRUE when the first is less.", "1 < 2"),
    RHEI_COMPARISON("<=", kLessOrEqual, "TRUE when the first is less or equal.", "1 <= 1"),
    RHEI_COMPARISON(">", kGreater, "TRUE when the first is greater.", "2 > 1"),
    RHEI_COMPARISON(">=", kGreaterOrEqual, "TRUE when the first is greater or equal.", "1 >= 1"),
    {.name = "IS DISTINCT FROM",
     .group = "comparison",
     .signature = "(ANY, ANY) -> BOOLEAN",
     .doc = "TRUE when both differ; NULL is like NULL and unlike all else.",
     .example = "1 IS DISTINCT FROM NULL",
     .min_arguments = 2,
     .max_arguments = 2,
     .infer = InferDistinct<true>,
     .open = OpenDistinct,
     .eval = EvalDistinct<true>,
     .null_rule = NullRule::kCustom},
    {.name = "IS NOT DISTINCT FROM",
     .group = "comparison",
     .signature = "(ANY, ANY) -> BOOLEAN",
     .doc = "TRUE when both are equal or both NULL.",
     .example = "1 IS NOT DISTINCT FROM 1",
     .min_arguments = 2,
     .max_arguments = 2,
     .infer = InferDistinct<false>,
     .open = OpenDistinct,
     .eval = EvalDistinct<false>,
     .null_rule = NullRule::kCustom},
    {.name = "IN",
     .group = "comparison",
     .signature = "(ANY, ANY...) -> BOOLEAN",
     .doc = "TRUE when the value equals a member; UNKNOWN when only a NULL may.",
     .example = "2 IN (1, 2, 3)",
     .min_arguments = 2,
     .max_arguments = -1,
     .infer = InferIn,
     .open = OpenIn,
     .eval = EvalIn,
     .null_rule = NullRule::kCustom},
};
#undef RHEI_COMPARISON

}  // namespace

std::optional<std::vector<DataType>> ComparisonOperands(const DataType& a, const DataType& b,
                                                        bool equality) {
  if (IsExactNumeric(a.root()) && IsExactNumeric(b.root()) &&
      (a.root() == TypeRoot::kDecimal || b.root() == TypeRoot::kDecimal)) {
    const auto operand = [](const DataType& type) {
      return type.root() == TypeRoot::kDecimal ? type : DataType::BigInt(type.nullable());
    };
    return std::vector<DataType>{operand(a), operand(b)};
  }
  const std::optional<DataType> common = ComparisonType(a, b, equality);
  if (!common.has_value()) return std::nullopt;
  const PhysicalType physical = PhysicalTypeOf(*common);
  if (IsNested(physical) && !equality) return std::nullopt;
  // Types that differ in length or precision only are stored alike and need no cast.
  const bool alike = a.root() != TypeRoot::kNull && b.root() != TypeRoot::kNull &&
                     PhysicalTypeOf(a) == physical && PhysicalTypeOf(b) == physical &&
                     !IsNested(physical) &&
                     (a.root() == b.root() || (IsCharacter(a.root()) && IsCharacter(b.root())) ||
                      (IsBinaryString(a.root()) && IsBinaryString(b.root())));
  if (alike) return std::vector<DataType>{};
  return std::vector<DataType>{common->WithNullable(a.nullable()),
                               common->WithNullable(b.nullable())};
}

EvalFn ChooseComparison(CompareOp op, const DataType& a, const DataType& b) {
  switch (op) {
    case CompareOp::kEqual: return ChooseLoop<Loop::kEqual, false>(a, b);
    case CompareOp::kNotEqual: return ChooseLoop<Loop::kNotEqual, false>(a, b);
    case CompareOp::kLess: return ChooseLoop<Loop::kLess, false>(a, b);
    case CompareOp::kLessOrEqual: return ChooseLoop<Loop::kLessOrEqual, false>(a, b);
    case CompareOp::kGreater: return ChooseLoop<Loop::kLess, true>(a, b);
    case CompareOp::kGreaterOrEqual: return ChooseLoop<Loop::kLessOrEqual, true>(a, b);
  }
  CHECK(false);
}

std::unique_ptr<FunctionState> MakeComparisonState(const DataType& a, const DataType& b) {
  if (a.root() != TypeRoot::kDecimal && b.root() != TypeRoot::kDecimal) return nullptr;
  auto state = std::make_unique<DecimalComparison>();
  state->a_scale = ScaleOf(a);
  state->b_scale = ScaleOf(b);
  const int scale = std::max(state->a_scale, state->b_scale);
  state->a_factor = PowerOfTen(scale - state->a_scale);
  state->b_factor = PowerOfTen(scale - state->b_scale);
  const auto digits = [&](const DataType& type) {
    const DataType decimal = AsDecimal(type);
    return decimal.precision() - decimal.scale() + scale;
  };
  state->fits = digits(a) <= 38 && digits(b) <= 38;
  return state;
}

std::span<const FunctionDef> ComparisonFunctions() {
  return kComparison;
}

}  // namespace rhei
