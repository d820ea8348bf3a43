// Functions of numbers that yield a number of the argument's type: ABS, SIGN, FLOOR, CEIL, ROUND,
// TRUNCATE. Those of DOUBLE are in math_double.cc.
#include <charconv>
#include <cmath>
#include <type_traits>

#include "base/check.h"
#include "functions/families.h"
#include "functions/kernel.h"
#include "functions/temporal_round.h"
#include "functions/typing.h"
#include "types/decimal.h"

namespace rhei {
namespace {

enum class Op : uint8_t { kAbs, kSign, kFloor, kCeil };

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

template <Op kOp, typename T>
T Apply(T value) {
  if constexpr (kOp == Op::kAbs) {
    if constexpr (std::is_floating_point_v<T>) return std::fabs(value);
    // The least integer has no positive and stays.
    if constexpr (std::is_integral_v<T>) {
      using U = std::make_unsigned_t<T>;
      return value < 0 ? static_cast<T>(U{0} - static_cast<U>(value)) : value;
    }
    return value < 0 ? static_cast<T>(-value) : value;
  }
  if constexpr (kOp == Op::kSign) {
    if constexpr (std::is_floating_point_v<T>) {
      if (std::isnan(value) || value == 0) return value;
    }
    return static_cast<T>((value > 0) - (value < 0));
  }
  if constexpr (std::is_floating_point_v<T>) {
    return kOp == Op::kFloor ? std::floor(value) : std::ceil(value);
  } else {
    return value;
  }
}

template <Op kOp, typename T>
void NumberKernel(FunctionState*, EvalContext& context, std::span<const Column> args, Column* out) {
  MapUnary<T, T>(context, args[0], PhysicalOf<T>(), out, [](T a) { return Apply<kOp, T>(a); });
}

// The scales of a DECIMAL argument and of ROUND.
struct DecimalState : FunctionState {
  int scale = 0;
  DataType result;
};

Result<std::unique_ptr<FunctionState>> OpenDecimal(const OpenContext& context) {
  const DataType& type = context.call.arguments[0].type;
  std::unique_ptr<FunctionState> state;
  if (type.root() == TypeRoot::kDecimal) {
    auto decimal = std::make_unique<DecimalState>();
    decimal->scale = type.scale();
    decimal->result = *context.result_type;
    state = std::move(decimal);
  }
  return state;
}

template <Op kOp, typename R, typename A>
void DecimalKernel(FunctionState* base, EvalContext& context, std::span<const Column> args,
                   Column* out) {
  const int scale = static_cast<const DecimalState&>(*base).scale;
  MapUnary<R, A>(context, args[0], PhysicalOf<R>(), out, [scale](A a) {
    if constexpr (kOp == Op::kSign) {
      return static_cast<R>(((a > 0) - (a < 0)) * PowerOfTen(scale));
    } else if constexpr (kOp == Op::kFloor) {
      return static_cast<R>(FloorDecimal(a, scale));
    } else {
      return static_cast<R>(CeilDecimal(a, scale));
    }
  });
}

template <Op kOp>
EvalFn ChooseNumber(const CallInfo& call, const DataType&) {
  const DataType& type = call.arguments[0].type;
  if (type.root() == TypeRoot::kDecimal && kOp != Op::kAbs) {
    if constexpr (kOp != Op::kAbs) {
      // FLOOR keeps the precision, so argument and result are stored alike.
      return PhysicalTypeOf(type) == PhysicalType::kInt64 ? DecimalKernel<kOp, int64_t, int64_t>
                                                          : DecimalKernel<kOp, Int128, Int128>;
    }
  }
  switch (PhysicalTypeOf(type)) {
    case PhysicalType::kInt8: return NumberKernel<kOp, int8_t>;
    case PhysicalType::kInt16: return NumberKernel<kOp, int16_t>;
    case PhysicalType::kInt32: return NumberKernel<kOp, int32_t>;
    case PhysicalType::kInt64: return NumberKernel<kOp, int64_t>;
    case PhysicalType::kFloat32: return NumberKernel<kOp, float>;
    case PhysicalType::kFloat64: return NumberKernel<kOp, double>;
    default: return NumberKernel<kOp, Int128>;
  }
}

Result<CallTyping> InferSame(const CallInfo& call) {
  const DataType& type = call.arguments[0].type;
  if (type.root() == TypeRoot::kNull) {
    return CallTyping{DataType::Int(), {DataType::Int()}};
  }
  if (!IsNumeric(type.root())) return BadArguments(call, "ABS/SIGN", "(NUMERIC)");
  return CallTyping{type, {}};
}

// ---- FLOOR and CEIL, of numbers here and of times elsewhere ----

bool RoundsTime(const CallInfo& call) {
  return call.arguments.size() == 2;
}

template <bool kFloor>
Result<CallTyping> InferFloor(const CallInfo& call) {
  if (RoundsTime(call)) return InferTemporalRound(call, kFloor);
  const DataType& type = call.arguments[0].type;
  if (type.root() == TypeRoot::kNull) return CallTyping{DataType::Int(), {DataType::Int()}};
  if (!IsNumeric(type.root())) {
    return BadArguments(call, kFloor ? "FLOOR" : "CEIL", "(NUMERIC) or (TIME TO UNIT)");
  }
  if (type.root() == TypeRoot::kDecimal) {
    return CallTyping{DataType::Decimal(type.precision(), 0, type.nullable()), {}};
  }
  return CallTyping{type, {}};
}

template <bool kFloor>
Result<std::unique_ptr<FunctionState>> OpenFloor(const OpenContext& context) {
  if (RoundsTime(context.call)) return OpenTemporalRound(context, kFloor);
  return OpenDecimal(context);
}

template <bool kFloor>
EvalFn ChooseFloor(const CallInfo& call, const DataType& result) {
  if (RoundsTime(call)) return ChooseTemporalRound(call.arguments[0].type);
  return ChooseNumber < kFloor ? Op::kFloor : Op::kCeil > (call, result);
}

// ---- ROUND and TRUNCATE ----

// By the shortest decimal digits that print the value, as BigDecimal.valueOf sees it.
double RoundDouble(double value, int digits, bool half_up) {
  if (!std::isfinite(value) || digits > 340) return value;
  char text[400];
  const std::to_chars_result end =
      std::to_chars(text, text + sizeof(text), std::fabs(value), std::chars_format::fixed);
  std::string number = "0";  // Room for a carry.
  number.append(text, static_cast<size_t>(end.ptr - text));
  size_t point = number.find('.');
  if (point == std::string::npos) {
    point = number.size();
    number += '.';
  }
  // The first digit that is cut, as a place in the text.
  const int64_t keep = static_cast<int64_t>(point) + (digits >= 0 ? digits + 1 : digits);
  if (keep >= static_cast<int64_t>(number.size())) return value;
  if (keep < 1) return std::copysign(0.0, value);
  size_t at = static_cast<size_t>(keep);
  const bool up = half_up && number[at == point ? at + 1 : at] >= '5';
  for (size_t i = at; i < number.size(); ++i) {
    if (number[i] != '.') number[i] = '0';
  }
  while (up && at-- > 0) {
    if (number[at] == '.') continue;
    if (number[at] != '9') {
      ++number[at];
      break;
    }
    number[at] = '0';
  }
  double result = 0;
  std::from_chars(number.data(), number.data() + number.size(), result);
  return std::copysign(result, value);
}

// Toward zero at `digits`, for exact numbers.
Int128 TruncateAt(Int128 value, int scale, int digits) {
  const int cut = scale - digits;
  if (cut <= 0) return value;
  if (cut > 38) return 0;
  return value - value % PowerOfTen(cut);
}

Result<CallTyping> InferRound(const CallInfo& call) {
  const DataType& type = call.arguments[0].type;
  const bool two = call.arguments.size() == 2;
  const bool nullable = AnyNullable(call);
  const bool digits_fit = !two || IsInteger(call.arguments[1].type.root()) ||
                          call.arguments[1].type.root() == TypeRoot::kNull;
  if (!digits_fit || !(IsNumeric(type.root()) || type.root() == TypeRoot::kNull)) {
    return BadArguments(call, "ROUND/TRUNCATE", "(NUMERIC [, INT])");
  }
  const DataType operand = type.root() == TypeRoot::kNull ? DataType::Int() : type;
  std::vector<DataType> types = {operand};
  if (two) types.push_back(DataType::Int(call.arguments[1].type.nullable()));
  DataType result = operand.WithNullable(nullable);
  const Value* literal = two ? call.arguments[1].literal : nullptr;
  const bool known = !two || (literal != nullptr && literal->is_int());
  if (type.root() == TypeRoot::kDecimal && known) {
    const int64_t digits = two ? literal->int_value() : 0;
    const int p = type.precision();
    const int s = type.scale();
    if (digits < 0) {
      result = DataType::Decimal(std::min(38, 1 + p - s), 0, nullable);
    } else if (digits < s) {
      const int d = static_cast<int>(digits);
      result = DataType::Decimal(1 + p - s + d, d, nullable);
    }
  }
  return CallTyping{std::move(result), std::move(types)};
}

int32_t DigitsAt(std::span<const Column> args, int32_t row) {
  return args.size() < 2 ? 0 : Operand<int32_t>(args[1])[row];
}

template <bool kHalfUp, typename T>
void RoundFloating(FunctionState*, EvalContext& context, std::span<const Column> args,
                   Column* out) {
  T* result = StartFlat<T>(context, PhysicalOf<T>(), out);
  const Operand<T> values(args[0]);
  for (int32_t i = 0; i < context.row_count; ++i) {
    result[i] =
        static_cast<T>(RoundDouble(static_cast<double>(values[i]), DigitsAt(args, i), kHalfUp));
  }
}

template <bool kHalfUp, typename T>
void RoundInteger(FunctionState*, EvalContext& context, std::span<const Column> args, Column* out) {
  T* result = StartFlat<T>(context, PhysicalOf<T>(), out);
  const Operand<T> values(args[0]);
  for (int32_t i = 0; i < context.row_count; ++i) {
    const int32_t digits = DigitsAt(args, i);
    result[i] = static_cast<T>(kHalfUp ? RoundDecimal(values[i], 0, digits)
                                       : TruncateAt(values[i], 0, digits));
  }
}

template <bool kHalfUp, typename R, typename A>
void RoundDecimals(FunctionState* base, EvalContext& context, std::span<const Column> args,
                   Column* out) {
  const auto& state = static_cast<const DecimalState&>(*base);
  const DecimalShape to{state.result.precision(), state.result.scale()};
  R* result = StartFlat<R>(context, PhysicalOf<R>(), out);
  NullMarker nulls(context, out);
  const Operand<A> values(args[0]);
  for (int32_t i = 0; i < context.row_count; ++i) {
    const int32_t digits = DigitsAt(args, i);
    const Int128 rounded = kHalfUp ? RoundDecimal(values[i], state.scale, digits)
                                   : TruncateAt(values[i], state.scale, digits);
    const std::optional<Int128> fitted = RescaleDecimal(rounded, state.scale, to);
    result[i] = fitted.has_value() ? static_cast<R>(*fitted) : R{0};
    if (!fitted.has_value()) nulls.Set(i);
  }
}

template <bool kHalfUp>
EvalFn ChooseRound(const CallInfo& call, const DataType& result) {
  const DataType& type = call.arguments[0].type;
  if (type.root() == TypeRoot::kDecimal) {
    const bool wide = PhysicalTypeOf(result) == PhysicalType::kInt128;
    if (PhysicalTypeOf(type) == PhysicalType::kInt128) {
      return wide ? RoundDecimals<kHalfUp, Int128, Int128>
                  : RoundDecimals<kHalfUp, int64_t, Int128>;
    }
    return wide ? RoundDecimals<kHalfUp, Int128, int64_t>
                : RoundDecimals<kHalfUp, int64_t, int64_t>;
  }
  switch (PhysicalTypeOf(type)) {
    case PhysicalType::kInt8: return RoundInteger<kHalfUp, int8_t>;
    case PhysicalType::kInt16: return RoundInteger<kHalfUp, int16_t>;
    case PhysicalType::kInt32: return RoundInteger<kHalfUp, int32_t>;
    case PhysicalType::kInt64: return RoundInteger<kHalfUp, int64_t>;
    case PhysicalType::kFloat32: return RoundFloating<kHalfUp, float>;
    default: return RoundFloating<kHalfUp, double>;
  }
}

template <bool kFloor>
constexpr FunctionDef FloorDef(std::string_view name, std::string_view doc,
                               std::string_view example) {
  return {.name = name,
          .group = "arithmetic",
          .signature = "(NUMERIC) -> NUMERIC; (TIME TO UNIT) -> TIME",
          .doc = doc,
          .example = example,
          .min_arguments = 1,
          .max_arguments = 2,
          .infer = InferFloor<kFloor>,
          .open = OpenFloor<kFloor>,
          .choose = ChooseFloor<kFloor>};
}

constexpr FunctionDef kMath[] = {
    {.name = "ABS",
     .group = "arithmetic",
     .signature = "(NUMERIC) -> NUMERIC",
     .doc = "The number without its sign.",
     .example = "ABS(-5) = 5",
     .min_arguments = 1,
     .max_arguments = 1,
     .infer = InferSame,
     .choose = ChooseNumber<Op::kAbs>},
    {.name = "SIGN",
     .group = "arithmetic",
     .signature = "(NUMERIC) -> NUMERIC",
     .doc = "-1, 0 or 1, as the number is negative, zero or positive.",
     .example = "SIGN(-5) = -1",
     .min_arguments = 1,
     .max_arguments = 1,
     .infer = InferSame,
     .open = OpenDecimal,
     .choose = ChooseNumber<Op::kSign>},
    FloorDef<true>("FLOOR",
                   "The largest integer that is not above the number; the start of a unit "
                   "of time.",
                   "FLOOR(2.5) = 2"),
    FloorDef<false>("CEIL",
                    "The smallest integer that is not below the number; the next start of "
                    "a unit of time.",
                    "CEIL(2.5) = 3"),
    FloorDef<false>("CEILING", "As CEIL.", "CEILING(2.5) = 3"),
    {.name = "ROUND",
     .group = "arithmetic",
     .signature = "(NUMERIC [, INT]) -> NUMERIC",
     .doc = "Rounds to so many digits after the point, half away from zero.",
     .example = "ROUND(125.315, 1) = 125.3",
     .min_arguments = 1,
     .max_arguments = 2,
     .infer = InferRound,
     .open = OpenDecimal,
     .choose = ChooseRound<true>},
    {.name = "TRUNCATE",
     .group = "arithmetic",
     .signature = "(NUMERIC [, INT]) -> NUMERIC",
     .doc = "Cuts off after so many digits behind the point.",
     .example = "TRUNCATE(42.345, 2) = 42.34",
     .min_arguments = 1,
     .max_arguments = 2,
     .infer = InferRound,
     .open = OpenDecimal,
     .choose = ChooseRound<false>},
};

}  // namespace

std::span<const FunctionDef> MathFunctions() {
  return kMath;
}

}  // namespace rhei
