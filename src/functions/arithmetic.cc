// + - * / % and MOD. Integers wrap as in Java; DECIMAL is exact and NULL on overflow; FLOAT and
// DOUBLE are IEEE. Dates and intervals are in temporal_arithmetic.cc.
#include <type_traits>

#include "base/check.h"
#include "functions/families.h"
#include "functions/kernel.h"
#include "functions/temporal_arithmetic.h"
#include "functions/typing.h"
#include "types/coercion.h"
#include "types/decimal.h"

namespace rhei {
namespace {

enum class Op : uint8_t { kAdd, kSubtract, kMultiply, kDivide, kModulo };

constexpr char SymbolOf(Op op) {
  return "+-*/%"[static_cast<size_t>(op)];
}

// Integers are computed unsigned, where wrapping is defined.
template <Op kOp, typename T>
T Compute(T a, T b) {
  if constexpr (std::is_floating_point_v<T>) {
    if constexpr (kOp == Op::kAdd) return a + b;
    if constexpr (kOp == Op::kSubtract) return a - b;
    if constexpr (kOp == Op::kMultiply) return a * b;
    if constexpr (kOp == Op::kDivide) return a / b;
  } else {
    using U = std::conditional_t<sizeof(T) < 4, uint32_t, std::make_unsigned_t<T>>;
    const U x = static_cast<U>(a);
    const U y = static_cast<U>(b);
    if constexpr (kOp == Op::kAdd) return static_cast<T>(x + y);
    if constexpr (kOp == Op::kSubtract) return static_cast<T>(x - y);
    if constexpr (kOp == Op::kMultiply) return static_cast<T>(x * y);
    // The one quotient that does not fit, MIN / -1, wraps to MIN; its remainder is 0.
    if constexpr (kOp == Op::kDivide)
      return b == -1 ? static_cast<T>(U{0} - x) : static_cast<T>(a / b);
    if constexpr (kOp == Op::kModulo) return b == -1 ? T{0} : static_cast<T>(a % b);
  }
}

template <typename T>
constexpr PhysicalType PhysicalOf() {
  if constexpr (std::is_same_v<T, int8_t>) return PhysicalType::kInt8;
  if constexpr (std::is_same_v<T, int16_t>) return PhysicalType::kInt16;
  if constexpr (std::is_same_v<T, int32_t>) return PhysicalType::kInt32;
  if constexpr (std::is_same_v<T, int64_t>) return PhysicalType::kInt64;
  if constexpr (std::is_same_v<T, float>) return PhysicalType::kFloat32;
  if constexpr (std::is_same_v<T, double>) return PhysicalType::kFloat64;
  return PhysicalType::kInt128;
}

// R is narrower than T for a modulus only: BIGINT % INT is an INT.
template <Op kOp, typename T, typename R = T>
void NumberKernel(FunctionState*, EvalContext& context, std::span<const Column> args, Column* out) {
  constexpr bool kByZero =
      !std::is_floating_point_v<T> && (kOp == Op::kDivide || kOp == Op::kModulo);
  if constexpr (kByZero) {
    const Operand<T> divisor(args[1]);
    for (int32_t i = 0; i < context.row_count; ++i) {
      if (divisor[i] == 0 && !args[1].IsNull(i)) {
        context.Fail(i, "/ by zero");
      }
    }
    MapBinary<R, T, T>(context, args[0], args[1], PhysicalOf<R>(), out,
                       [](T a, T b) { return b == 0 ? T{0} : Compute<kOp, T>(a, b); });
  } else {
    MapBinary<R, T, T>(context, args[0], args[1], PhysicalOf<R>(), out,
                       [](T a, T b) { return Compute<kOp, T>(a, b); });
  }
}

template <Op kOp>
EvalFn ChooseNumber(PhysicalType type) {
  switch (type) {
    case PhysicalType::kInt8: return NumberKernel<kOp, int8_t>;
    case PhysicalType::kInt16: return NumberKernel<kOp, int16_t>;
    case PhysicalType::kInt32: return NumberKernel<kOp, int32_t>;
    case PhysicalType::kInt64: return NumberKernel<kOp, int64_t>;
    default: break;
  }
  if constexpr (kOp != Op::kModulo) {
    if (type == PhysicalType::kFloat32) return NumberKernel<kOp, float>;
    if (type == PhysicalType::kFloat64) return NumberKernel<kOp, double>;
  }
  CHECK(false);
}

template <typename T>
EvalFn ChooseModulo(PhysicalType result) {
  switch (result) {
    case PhysicalType::kInt8: return NumberKernel<Op::kModulo, T, int8_t>;
    case PhysicalType::kInt16: return NumberKernel<Op::kModulo, T, int16_t>;
    case PhysicalType::kInt32: return NumberKernel<Op::kModulo, T, int32_t>;
    default: return NumberKernel<Op::kModulo, T, int64_t>;
  }
}

// ---- DECIMAL. An operand is DECIMAL or, as it is, BIGINT (scale 0). ----

struct DecimalState : FunctionState {
  int a_scale = 0;
  int b_scale = 0;
  DecimalShape to;
  // What + and - multiply the operands by to meet in one scale.
  Int128 a_factor = 1;
  Int128 b_factor = 1;
};

int ScaleOf(const DataType& type) {
  return type.root() == TypeRoot::kDecimal ? type.scale() : 0;
}

DecimalState MakeDecimalState(const CallInfo& call, const DataType& result) {
  DecimalState state;
  state.a_scale = ScaleOf(call.arguments[0].type);
  state.b_scale = ScaleOf(call.arguments[1].type);
  const DataType shape = AsDecimal(result);
  state.to = {shape.precision(), shape.scale()};
  const int scale = std::max(state.a_scale, state.b_scale);
  state.a_factor = PowerOfTen(scale - state.a_scale);
  state.b_factor = PowerOfTen(scale - state.b_scale);
  return state;
}

Result<std::unique_ptr<FunctionState>> OpenArithmetic(const OpenContext& context) {
  std::unique_ptr<FunctionState> state;
  const auto& arguments = context.call.arguments;
  if (arguments.size() == 2 && !IsTemporalArithmetic(context.call) &&
      (arguments[0].type.root() == TypeRoot::kDecimal ||
       arguments[1].type.root() == TypeRoot::kDecimal)) {
    state = std::make_unique<DecimalState>(MakeDecimalState(context.call, *context.result_type));
  }
  return state;
}

// A result type with room for every result needs no check: the digits were counted when typing.
template <Op kOp, typename R, typename A, typename B>
void RoomyDecimalKernel(FunctionState* base, EvalContext& context, std::span<const Column> args,
                        Column* out) {
  const auto& state = static_cast<const DecimalState&>(*base);
  const R fa = static_cast<R>(state.a_factor);
  const R fb = static_cast<R>(state.b_factor);
  MapBinary<R, A, B>(context, args[0], args[1], PhysicalOf<R>(), out, [fa, fb](A a, B b) {
    // Unsigned, because under a NULL of one side the other may be anything.
    using U = std::conditional_t<std::is_same_v<R, int64_t>, uint64_t, UInt128>;
    const U x = static_cast<U>(static_cast<R>(a));
    const U y = static_cast<U>(static_cast<R>(b));
    if constexpr (kOp == Op::kMultiply) {
      return static_cast<R>(x * y);
    } else if constexpr (kOp == Op::kAdd) {
      return static_cast<R>(x * static_cast<U>(fa) + y * static_cast<U>(fb));
    } else {
      return static_cast<R>(x * static_cast<U>(fa) - y * static_cast<U>(fb));
    }
  });
}

std::optional<Int128> ComputeDecimal(Op op, const DecimalState& s, Int128 a, Int128 b) {
  switch (op) {
    case Op::kAdd: return AddDecimals(a, s.a_scale, b, s.b_scale, s.to);
    case Op::kSubtract: return SubtractDecimals(a, s.a_scale, b, s.b_scale, s.to);
    case Op::kMultiply: return MultiplyDecimals(a, s.a_scale, b, s.b_scale, s.to);
    case Op::kDivide: return DivideDecimals(a, s.a_scale, b, s.b_scale, s.to);
    case Op::kModulo: return RemainderOfDecimals(a, s.a_scale, b, s.b_scale, s.to);
  }
  CHECK(false);
}

template <Op kOp, typename R, typename A, typename B>
void DecimalKernel(FunctionState* base, EvalContext& context, std::span<const Column> args,
                   Column* out) {
  const auto& state = static_cast<const DecimalState&>(*base);
  R* result = StartFlat<R>(context, PhysicalOf<R>(), out);
  NullMarker nulls(context, out);
  const Operand<A> a(args[0]);
  const Operand<B> b(args[1]);
  for (int32_t i = 0; i < context.row_count; ++i) {
    result[i] = 0;
    if constexpr (kOp == Op::kDivide || kOp == Op::kModulo) {
      if (b[i] == 0) {
        if (!args[1].IsNull(i)) context.Fail(i, "Division by zero");
        continue;
      }
    }
    const std::optional<Int128> value = ComputeDecimal(kOp, state, a[i], b[i]);
    if (value.has_value()) {
      result[i] = static_cast<R>(*value);
    } else {
      nulls.Set(i);
    }
  }
}

template <Op kOp, typename R, typename A, typename B>
EvalFn ChooseRoomy(bool roomy) {
  if constexpr (kOp == Op::kAdd || kOp == Op::kSubtract || kOp == Op::kMultiply) {
    if (roomy) return RoomyDecimalKernel<kOp, R, A, B>;
  }
  return DecimalKernel<kOp, R, A, B>;
}

template <Op kOp, typename R>
EvalFn ChooseDecimalOperands(bool a_wide, bool b_wide, bool roomy) {
  if (a_wide) {
    return b_wide ? ChooseRoomy<kOp, R, Int128, Int128>(roomy)
                  : ChooseRoomy<kOp, R, Int128, int64_t>(roomy);
  }
  return b_wide ? ChooseRoomy<kOp, R, int64_t, Int128>(roomy)
                : ChooseRoomy<kOp, R, int64_t, int64_t>(roomy);
}

// The precision that typing wanted before it was cut to 38.
bool HasRoom(Op op, const DataType& a, const DataType& b) {
  const DataType x = AsDecimal(a);
  const DataType y = AsDecimal(b);
  if (op == Op::kMultiply) return x.precision() + y.precision() + 1 <= 38;
  const int scale = std::max(x.scale(), y.scale());
  return std::max(x.precision() - x.scale(), y.precision() - y.scale()) + scale + 1 <= 38;
}

template <Op kOp>
EvalFn ChooseDecimal(const CallInfo& call, const DataType& result) {
  const DataType& a = call.arguments[0].type;
  const DataType& b = call.arguments[1].type;
  const bool a_wide = PhysicalTypeOf(a) == PhysicalType::kInt128;
  const bool b_wide = PhysicalTypeOf(b) == PhysicalType::kInt128;
  const bool roomy = HasRoom(kOp, a, b);
  switch (PhysicalTypeOf(result)) {
    case PhysicalType::kInt128: return ChooseDecimalOperands<kOp, Int128>(a_wide, b_wide, roomy);
    case PhysicalType::kInt64: return ChooseDecimalOperands<kOp, int64_t>(a_wide, b_wide, roomy);
    default: break;
  }
  // DECIMAL(p, 0) % INT is an INT.
  if constexpr (kOp == Op::kModulo) {
    switch (PhysicalTypeOf(result)) {
      case PhysicalType::kInt8: return ChooseDecimalOperands<kOp, int8_t>(a_wide, b_wide, false);
      case PhysicalType::kInt16: return ChooseDecimalOperands<kOp, int16_t>(a_wide, b_wide, false);
      default: return ChooseDecimalOperands<kOp, int32_t>(a_wide, b_wide, false);
    }
  }
  CHECK(false);
}

// ---- Typing ----

constexpr DecimalOperator DecimalOperatorOf(Op op) {
  switch (op) {
    case Op::kAdd:
    case Op::kSubtract: return DecimalOperator::kAdd;
    case Op::kMultiply: return DecimalOperator::kMultiply;
    case Op::kDivide: return DecimalOperator::kDivide;
    case Op::kModulo: return DecimalOperator::kModulo;
  }
  return DecimalOperator::kAdd;
}

Status CannotApply(char symbol, const CallInfo& call) {
  std::string text = "Cannot apply '";
  text += symbol;
  text += "' to arguments of type '";
  for (size_t i = 0; i < call.arguments.size(); ++i) {
    if (i > 0 || call.arguments.size() == 1)
      text += i > 0 ? std::string(" ") + symbol + " " : std::string(1, symbol);
    text += "<" + LongTypeName(call.arguments[i].type) + ">";
  }
  text += symbol == '%' ? "'. Supported form(s): '<EXACT_NUMERIC> % <EXACT_NUMERIC>'"
                        : std::string("'. Supported form(s): '<NUMERIC> ") + symbol + " <NUMERIC>'";
  return InvalidSql(text);
}

// The operand of a DECIMAL operation: BIGINT holds every integer without a conversion per row.
DataType DecimalOperand(const DataType& type) {
  return type.root() == TypeRoot::kDecimal ? type : DataType::BigInt(type.nullable());
}

template <Op kOp>
Result<CallTyping> InferArithmetic(const CallInfo& call) {
  constexpr char kSymbol = SymbolOf(kOp);
  if (IsTemporalArithmetic(call)) {
    std::optional<CallTyping> typing = InferTemporalArithmetic(kSymbol, call);
    if (typing.has_value()) return *std::move(typing);
    return CannotApply(kSymbol, call);
  }
  DataType a = call.arguments[0].type;
  if (call.arguments.size() == 1) {
    if (!IsNumeric(a.root())) return CannotApply(kSymbol, call);
    return CallTyping{a, {}};
  }
  DataType b = call.arguments[1].type;
  // NULL takes the other side's type.
  if (a.root() == TypeRoot::kNull) a = b.WithNullable(true);
  if (b.root() == TypeRoot::kNull) b = a.WithNullable(true);
  if (!IsNumeric(a.root()) || !IsNumeric(b.root())) return CannotApply(kSymbol, call);
  const bool exact = IsExactNumeric(a.root()) && IsExactNumeric(b.root());
  if (kOp == Op::kModulo && !exact) return CannotApply(kSymbol, call);
  const bool decimal = a.root() == TypeRoot::kDecimal || b.root() == TypeRoot::kDecimal;
  if (exact && decimal) {
    return CallTyping{DecimalResultType(DecimalOperatorOf(kOp), a, b),
                      {DecimalOperand(a), DecimalOperand(b)}};
  }
  // An integer modulus has the divisor's type.
  const DataType common = *CommonType(a, b);
  const DataType result = kOp == Op::kModulo ? b.WithNullable(common.nullable()) : common;
  return CallTyping{result, {common.WithNullable(a.nullable()), common.WithNullable(b.nullable())}};
}

template <typename T>
void NegateKernel(FunctionState*, EvalContext& context, std::span<const Column> args, Column* out) {
  MapUnary<T, T>(context, args[0], PhysicalOf<T>(), out, [](T a) {
    if constexpr (std::is_floating_point_v<T>) {
      return -a;
    } else if constexpr (std::is_same_v<T, Int128>) {
      return static_cast<T>(-a);
    } else {
      return Compute<Op::kSubtract, T>(T{0}, a);
    }
  });
}

EvalFn ChooseNegate(PhysicalType type) {
  switch (type) {
    case PhysicalType::kInt8: return NegateKernel<int8_t>;
    case PhysicalType::kInt16: return NegateKernel<int16_t>;
    case PhysicalType::kInt32: return NegateKernel<int32_t>;
    case PhysicalType::kInt64: return NegateKernel<int64_t>;
    case PhysicalType::kFloat32: return NegateKernel<float>;
    case PhysicalType::kFloat64: return NegateKernel<double>;
    default: return NegateKernel<Int128>;
  }
}

template <Op kOp>
EvalFn ChooseArithmetic(const CallInfo& call, const DataType& result) {
  if (IsTemporalArithmetic(call)) return ChooseTemporalArithmetic(SymbolOf(kOp), call);
  const DataType& a = call.arguments[0].type;
  if (call.arguments.size() == 1) return ChooseNegate(PhysicalTypeOf(a));
  if (a.root() == TypeRoot::kDecimal || call.arguments[1].type.root() == TypeRoot::kDecimal) {
    return ChooseDecimal<kOp>(call, result);
  }
  if (kOp == Op::kModulo) {
    // Computed as INT or BIGINT, whatever the result is.
    return PhysicalTypeOf(a) == PhysicalType::kInt64
               ? ChooseModulo<int64_t>(PhysicalTypeOf(result))
               : ChooseModulo<int32_t>(PhysicalTypeOf(result));
  }
  return ChooseNumber<kOp>(PhysicalTypeOf(a));
}

constexpr FunctionDef kArithmetic[] = {
    {.name = "+",
     .group = "arithmetic",
     .signature = "(NUMERIC, NUMERIC) -> NUMERIC; (TIME, INTERVAL) -> TIME",
     .doc = "Sum; adds an interval to a date, time or timestamp.",
     .example = "1 + 2 = 3",
     .min_arguments = 2,
     .max_arguments = 2,
     .infer = InferArithmetic<Op::kAdd>,
     .open = OpenArithmetic,
     .choose = ChooseArithmetic<Op::kAdd>},
    {.name = "-",
     .group = "arithmetic",
     .signature = "(NUMERIC [, NUMERIC]) -> NUMERIC; (TIME, INTERVAL) -> TIME",
     .doc = "Difference, or with one operand its negative.",
     .example = "5 - 2 = 3",
     .min_arguments = 1,
     .max_arguments = 2,
     .infer = InferArithmetic<Op::kSubtract>,
     .open = OpenArithmetic,
     .choose = ChooseArithmetic<Op::kSubtract>},
    {.name = "*",
     .group = "arithmetic",
     .signature = "(NUMERIC, NUMERIC) -> NUMERIC; (INTERVAL, INT) -> INTERVAL",
     .doc = "Product.",
     .example = "2 * 3 = 6",
     .min_arguments = 2,
     .max_arguments = 2,
     .infer = InferArithmetic<Op::kMultiply>,
     .open = OpenArithmetic,
     .choose = ChooseArithmetic<Op::kMultiply>},
    {.name = "/",
     .group = "arithmetic",
     .signature = "(NUMERIC, NUMERIC) -> NUMERIC",
     .doc = "Quotient; of integers without its fraction.",
     .example = "7 / 2 = 3",
     .min_arguments = 2,
     .max_arguments = 2,
     .infer = InferArithmetic<Op::kDivide>,
     .open = OpenArithmetic,
     .choose = ChooseArithmetic<Op::kDivide>},
    {.name = "%",
     .group = "arithmetic",
     .signature = "(EXACT NUMERIC, EXACT NUMERIC) -> EXACT NUMERIC",
     .doc = "Remainder of the division; its sign is the dividend's.",
     .example = "-7 % 3 = -1",
     .min_arguments = 2,
     .max_arguments = 2,
     .infer = InferArithmetic<Op::kModulo>,
     .open = OpenArithmetic,
     .choose = ChooseArithmetic<Op::kModulo>},
    {.name = "MOD",
     .group = "arithmetic",
     .signature = "(EXACT NUMERIC, EXACT NUMERIC) -> EXACT NUMERIC",
     .doc = "Remainder of the division; its sign is the dividend's.",
     .example = "MOD(7, 3) = 1",
     .min_arguments = 2,
     .max_arguments = 2,
     .infer = InferArithmetic<Op::kModulo>,
     .open = OpenArithmetic,
     .choose = ChooseArithmetic<Op::kModulo>},
};

}  // namespace

std::span<const FunctionDef> ArithmeticFunctions() {
  return kArithmetic;
}

}  // namespace rhei
