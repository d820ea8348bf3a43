// Casts among numbers and BOOLEAN: integers wrap, floating point saturates as in Java, DECIMAL
// overflow is NULL.
#include <cmath>
#include <limits>
#include <type_traits>

#include "base/check.h"
#include "functions/cast.h"
#include "functions/kernel.h"
#include "types/decimal.h"

namespace rhei {
namespace {

// Java's (int) and (long) of a floating-point number.
template <typename I, typename F>
I Saturate(F value) {
  if (std::isnan(value)) return 0;
  if (value <= static_cast<F>(std::numeric_limits<I>::min())) return std::numeric_limits<I>::min();
  if (value >= static_cast<F>(std::numeric_limits<I>::max())) return std::numeric_limits<I>::max();
  return static_cast<I>(value);
}

template <typename R, typename A>
R ConvertNumber(A value) {
  if constexpr (std::is_floating_point_v<A> && std::is_integral_v<R>) {
    if constexpr (sizeof(R) == 8) {
      return Saturate<int64_t>(value);
    } else {
      return static_cast<R>(Saturate<int32_t>(value));
    }
  } else {
    return static_cast<R>(value);
  }
}

template <typename R, typename A>
void NumberToNumber(CastState& state, EvalContext& context, const Column& in, Column* out) {
  out->validity = in.validity;
  MapUnary<R, A>(context, in, PhysicalTypeOf(state.to), out,
                 [](A a) { return ConvertNumber<R, A>(a); });
}

template <typename A>
void NumberToBoolean(CastState&, EvalContext& context, const Column& in, Column* out) {
  out->validity = in.validity;
  MapUnary<uint8_t, A>(context, in, PhysicalType::kBool, out,
                       [](A a) { return static_cast<uint8_t>(a != 0); });
}

template <typename R>
void BooleanToNumber(CastState& state, EvalContext& context, const Column& in, Column* out) {
  out->validity = in.validity;
  MapUnary<R, uint8_t>(context, in, PhysicalTypeOf(state.to), out,
                       [](uint8_t a) { return static_cast<R>(a); });
}

// Any exact number (BOOLEAN too) or floating-point number to DECIMAL. A: its C++ type.
template <typename R, typename A>
void ToDecimal(CastState& state, EvalContext& context, const Column& in, Column* out) {
  out->validity = in.validity;
  R* result = StartFlat<R>(context, PhysicalTypeOf(state.to), out);
  NullMarker nulls(context, out);
  const A* values = in.data<A>();
  const DecimalShape to{state.to.precision(), state.to.scale()};
  const int scale = state.from.root() == TypeRoot::kDecimal ? state.from.scale() : 0;
  for (int32_t i = 0; i < context.row_count; ++i) {
    std::optional<Int128> value;
    if constexpr (std::is_floating_point_v<A>) {
      if (!std::isfinite(values[i])) {
        result[i] = 0;
        context.Fail(i, "NaN and infinity cannot be cast to DECIMAL");
        continue;
      }
      value = DecimalFromDouble(values[i], to);
    } else {
      value = RescaleDecimal(values[i], scale, to);
    }
    result[i] = value.has_value() ? static_cast<R>(*value) : R{0};
    if (!value.has_value()) nulls.Set(i);
  }
}

// To a wider DECIMAL of the same or a larger scale: every value fits.
template <typename R, typename A>
void ToWiderDecimal(CastState& state, EvalContext& context, const Column& in, Column* out) {
  out->validity = in.validity;
  const int scale = state.from.root() == TypeRoot::kDecimal ? state.from.scale() : 0;
  const R factor = static_cast<R>(PowerOfTen(state.to.scale() - scale));
  MapUnary<R, A>(context, in, PhysicalTypeOf(state.to), out,
                 [factor](A a) { return static_cast<R>(static_cast<R>(a) * factor); });
}

template <typename R, typename A>
void DecimalToNumber(CastState& state, EvalContext& context, const Column& in, Column* out) {
  out->validity = in.validity;
  const int scale = state.from.scale();
  MapUnary<R, A>(context, in, PhysicalTypeOf(state.to), out, [scale](A a) {
    if constexpr (std::is_floating_point_v<R>) {
      return static_cast<R>(DecimalToDouble(a, scale));
    } else {
      // Int128 to 64 bits wraps, as BigDecimal.longValue does.
      return static_cast<R>(static_cast<int64_t>(TruncateDecimal(a, scale)));
    }
  });
}

template <typename A>
CastFn ChooseFrom(TypeRoot to) {
  switch (to) {
    case TypeRoot::kBoolean: return NumberToBoolean<A>;
    case TypeRoot::kTinyInt: return NumberToNumber<int8_t, A>;
    case TypeRoot::kSmallInt: return NumberToNumber<int16_t, A>;
    case TypeRoot::kInt: return NumberToNumber<int32_t, A>;
    case TypeRoot::kBigInt: return NumberToNumber<int64_t, A>;
    case TypeRoot::kFloat: return NumberToNumber<float, A>;
    case TypeRoot::kDouble: return NumberToNumber<double, A>;
    default: return nullptr;
  }
}

template <typename A>
CastFn ChooseFromDecimal(TypeRoot to) {
  switch (to) {
    case TypeRoot::kBoolean: return NumberToBoolean<A>;
    case TypeRoot::kTinyInt: return DecimalToNumber<int8_t, A>;
    case TypeRoot::kSmallInt: return DecimalToNumber<int16_t, A>;
    case TypeRoot::kInt: return DecimalToNumber<int32_t, A>;
    case TypeRoot::kBigInt: return DecimalToNumber<int64_t, A>;
    case TypeRoot::kFloat: return DecimalToNumber<float, A>;
    case TypeRoot::kDouble: return DecimalToNumber<double, A>;
    default: return nullptr;
  }
}

CastFn ChooseFromBoolean(TypeRoot to) {
  switch (to) {
    case TypeRoot::kTinyInt: return BooleanToNumber<int8_t>;
    case TypeRoot::kSmallInt: return BooleanToNumber<int16_t>;
    case TypeRoot::kInt: return BooleanToNumber<int32_t>;
    case TypeRoot::kBigInt: return BooleanToNumber<int64_t>;
    case TypeRoot::kFloat: return BooleanToNumber<float>;
    case TypeRoot::kDouble: return BooleanToNumber<double>;
    default: return nullptr;
  }
}

template <typename R>
CastFn ChooseToDecimal(const DataType& from, bool widens) {
  switch (PhysicalTypeOf(from)) {
    case PhysicalType::kBool: return ToDecimal<R, uint8_t>;
    case PhysicalType::kInt8: return widens ? ToWiderDecimal<R, int8_t> : ToDecimal<R, int8_t>;
    case PhysicalType::kInt16: return widens ? ToWiderDecimal<R, int16_t> : ToDecimal<R, int16_t>;
    case PhysicalType::kInt32: return widens ? ToWiderDecimal<R, int32_t> : ToDecimal<R, int32_t>;
    case PhysicalType::kInt64: return widens ? ToWiderDecimal<R, int64_t> : ToDecimal<R, int64_t>;
    case PhysicalType::kInt128: return ToDecimal<R, Int128>;
    case PhysicalType::kFloat32: return ToDecimal<R, float>;
    case PhysicalType::kFloat64: return ToDecimal<R, double>;
    default: return nullptr;
  }
}

int DecimalDigits(const DataType& type) {
  switch (type.root()) {
    case TypeRoot::kTinyInt: return 3;
    case TypeRoot::kSmallInt: return 5;
    case TypeRoot::kInt: return 10;
    case TypeRoot::kBigInt: return 19;
    default: return type.precision() - type.scale();
  }
}

}  // namespace

CastFn ChooseNumberCast(const DataType& from, const DataType& to) {
  const bool numeric = IsNumeric(from.root()) || from.root() == TypeRoot::kBoolean;
  if (!numeric || !(IsNumeric(to.root()) || to.root() == TypeRoot::kBoolean)) return nullptr;
  if (from.root() == to.root() && from.root() != TypeRoot::kDecimal) return CastToSame;
  if (to.root() == TypeRoot::kDecimal) {
    const int scale = from.root() == TypeRoot::kDecimal ? from.scale() : 0;
    const bool widens = IsExactNumeric(from.root()) && to.scale() >= scale &&
                        DecimalDigits(from) <= to.precision() - to.scale();
    return PhysicalTypeOf(to) == PhysicalType::kInt64 ? ChooseToDecimal<int64_t>(from, widens)
                                                      : ChooseToDecimal<Int128>(from, widens);
  }
  switch (PhysicalTypeOf(from)) {
    case PhysicalType::kBool: return ChooseFromBoolean(to.root());
    case PhysicalType::kInt8: return ChooseFrom<int8_t>(to.root());
    case PhysicalType::kInt16: return ChooseFrom<int16_t>(to.root());
    case PhysicalType::kInt32: return ChooseFrom<int32_t>(to.root());
    case PhysicalType::kInt64:
      return from.root() == TypeRoot::kDecimal ? ChooseFromDecimal<int64_t>(to.root())
                                               : ChooseFrom<int64_t>(to.root());
    case PhysicalType::kInt128: return ChooseFromDecimal<Int128>(to.root());
    case PhysicalType::kFloat32: return ChooseFrom<float>(to.root());
    case PhysicalType::kFloat64: return ChooseFrom<double>(to.root());
    default: return nullptr;
  }
}

}  // namespace rhei
