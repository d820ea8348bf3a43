// Casts among DATE, TIME, TIMESTAMP, TIMESTAMP_LTZ and intervals. Precision is cut off, never
// rounded; TIMESTAMP_LTZ meets the others in the session's zone.
#include "base/check.h"
#include "functions/cast.h"
#include "functions/kernel.h"
#include "types/temporal.h"
#include "types/temporal_text.h"

namespace rhei {
namespace {

Timestamp9 Load(int64_t micros) {
  return {micros, 0};
}
Timestamp9 Load(Timestamp9 value) {
  return value;
}
void Store(Timestamp9 value, int64_t* out) {
  *out = value.micros;
}
void Store(Timestamp9 value, Timestamp9* out) {
  *out = value;
}

// Between the wall clock of the zone and the instant.
Timestamp9 ToInstant(TimeZoneCursor& zone, Timestamp9 local) {
  const int64_t seconds = FloorDiv(local.micros, kMicrosPerSecond);
  const int64_t rest = local.micros - seconds * kMicrosPerSecond;
  return {zone.InstantFromLocal(seconds) * kMicrosPerSecond + rest, local.nanos};
}
Timestamp9 ToLocal(TimeZoneCursor& zone, Timestamp9 instant) {
  const int64_t seconds = FloorDiv(instant.micros, kMicrosPerSecond);
  const int64_t rest = instant.micros - seconds * kMicrosPerSecond;
  return {zone.LocalFromInstant(seconds) * kMicrosPerSecond + rest, instant.nanos};
}

template <typename R, typename A>
void TimestampToTimestamp(CastState& state, EvalContext& context, const Column& in, Column* out) {
  out->validity = in.validity;
  R* result = StartFlat<R>(context, PhysicalTypeOf(state.to), out);
  const A* values = in.data<A>();
  const int precision = state.to.precision();
  const bool from_ltz = state.from.root() == TypeRoot::kTimestampLtz;
  const bool to_ltz = state.to.root() == TypeRoot::kTimestampLtz;
  for (int32_t i = 0; i < context.row_count; ++i) {
    Timestamp9 value = Load(values[i]);
    if (from_ltz && !to_ltz) value = ToLocal(state.zone, value);
    if (!from_ltz && to_ltz) value = ToInstant(state.zone, value);
    Store(TruncateTimestamp(value, precision), &result[i]);
  }
}

template <typename A>
void TimestampToDate(CastState& state, EvalContext& context, const Column& in, Column* out) {
  out->validity = in.validity;
  const bool ltz = state.from.root() == TypeRoot::kTimestampLtz;
  MapUnary<int32_t, A>(context, in, PhysicalType::kInt32, out, [&](A a) {
    const Timestamp9 value = Load(a);
    if (ltz) return FloorDiv(ToLocal(state.zone, value).micros, kMicrosPerDay);
    // Toward zero before 1970, as Flink does it.
    return value.micros / kMicrosPerDay;
  });
}

template <typename A>
void TimestampToTime(CastState& state, EvalContext& context, const Column& in, Column* out) {
  out->validity = in.validity;
  const bool ltz = state.from.root() == TypeRoot::kTimestampLtz;
  const int precision = state.to.precision();
  MapUnary<int32_t, A>(context, in, PhysicalType::kInt32, out, [&](A a) {
    Timestamp9 value = Load(a);
    if (ltz) {
      value = ToLocal(state.zone, value);
      const auto millis = static_cast<int32_t>(FloorMod(value.micros, kMicrosPerDay) / 1000);
      return TruncateTime(millis, precision);
    }
    // Toward zero: before 1970 Flink's TIME is negative, prints as the time of day and reads as it
    // stands (EXTRACT(HOUR ...) gives -22).
    const int64_t millis = FloorDiv(value.micros, kMicrosPerMilli) % (kMicrosPerDay / 1000);
    return TruncateTime(static_cast<int32_t>(millis), precision);
  });
}

// DATE or TIME (on the first day of 1970) to a timestamp.
template <typename R>
void DayToTimestamp(CastState& state, EvalContext& context, const Column& in, Column* out) {
  out->validity = in.validity;
  R* result = StartFlat<R>(context, PhysicalTypeOf(state.to), out);
  const int32_t* values = in.data<int32_t>();
  const int64_t unit = state.from.root() == TypeRoot::kDate ? kMicrosPerDay : kMicrosPerMilli;
  const bool ltz = state.to.root() == TypeRoot::kTimestampLtz;
  const int precision = state.to.precision();
  for (int32_t i = 0; i < context.row_count; ++i) {
    Timestamp9 value{values[i] * unit, 0};
    if (ltz) value = ToInstant(state.zone, value);
    Store(TruncateTimestamp(value, precision), &result[i]);
  }
}

void TimeToTime(CastState& state, EvalContext& context, const Column& in, Column* out) {
  out->validity = in.validity;
  const int precision = state.to.precision();
  MapUnary<int32_t, int32_t>(context, in, PhysicalType::kInt32, out,
                             [precision](int32_t a) { return TruncateTime(a, precision); });
}

// The number counts what the interval is stored in, months or milliseconds, whatever unit the type
// names: so Flink casts a column.
template <typename R, typename A>
void IntegerToInterval(CastState& state, EvalContext& context, const Column& in, Column* out) {
  out->validity = in.validity;
  MapUnary<R, A>(context, in, PhysicalTypeOf(state.to), out, [](A a) { return static_cast<R>(a); });
}

template <typename R>
CastFn ChooseToInterval(TypeRoot from) {
  switch (from) {
    case TypeRoot::kTinyInt: return IntegerToInterval<R, int8_t>;
    case TypeRoot::kSmallInt: return IntegerToInterval<R, int16_t>;
    case TypeRoot::kInt: return IntegerToInterval<R, int32_t>;
    case TypeRoot::kBigInt: return IntegerToInterval<R, int64_t>;
    default: return nullptr;
  }
}

template <typename A>
CastFn ChooseFromTimestamp(const DataType& from, const DataType& to) {
  if (to.root() == TypeRoot::kDate) return TimestampToDate<A>;
  if (to.root() == TypeRoot::kTime) return TimestampToTime<A>;
  const bool wide = PhysicalTypeOf(to) == PhysicalType::kTimestamp9;
  if (from.root() == to.root() && to.precision() >= from.precision() &&
      PhysicalTypeOf(from) == PhysicalTypeOf(to)) {
    return CastToSame;
  }
  return wide ? TimestampToTimestamp<Timestamp9, A> : TimestampToTimestamp<int64_t, A>;
}

}  // namespace

CastFn ChooseTemporalCast(const DataType& from, const DataType& to) {
  const TypeRoot f = from.root();
  const TypeRoot t = to.root();
  if (IsInterval(t)) {
    if (f == t) return CastToSame;
    return t == TypeRoot::kIntervalYearMonth ? ChooseToInterval<int32_t>(f)
                                             : ChooseToInterval<int64_t>(f);
  }
  if (!IsTemporal(f) || !IsTemporal(t)) return nullptr;
  if (IsTimestamp(f)) {
    return PhysicalTypeOf(from) == PhysicalType::kTimestamp9
               ? ChooseFromTimestamp<Timestamp9>(from, to)
               : ChooseFromTimestamp<int64_t>(from, to);
  }
  if (f == t) {
    return f == TypeRoot::kTime && to.precision() < from.precision() ? TimeToTime : CastToSame;
  }
  if (!IsTimestamp(t)) return nullptr;
  return PhysicalTypeOf(to) == PhysicalType::kTimestamp9 ? DayToTimestamp<Timestamp9>
                                                         : DayToTimestamp<int64_t>;
}

}  // namespace rhei
