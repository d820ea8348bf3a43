#include "functions/temporal_round.h"

#include "base/check.h"
#include "base/time_zone.h"
#include "functions/kernel.h"
#include "functions/temporal_unit.h"
#include "functions/typing.h"
#include "types/temporal.h"

namespace rhei {
namespace {

struct RoundState : FunctionState {
  TimeUnit unit = TimeUnit::kDay;
  bool floor = true;
  bool local = false;  // TIMESTAMP_LTZ
  TimeZoneCursor zone;
};

// The first year of the decade, century or millennium of `year`. Centuries begin with year 1.
int64_t FirstYear(int64_t year, TimeUnit unit) {
  switch (unit) {
    case TimeUnit::kDecade: return FloorDiv(year, 10) * 10;
    case TimeUnit::kCentury: return FloorDiv(year - 1, 100) * 100 + 1;
    case TimeUnit::kMillennium: return FloorDiv(year - 1, 1000) * 1000 + 1;
    default: return year;
  }
}

int64_t YearsOf(TimeUnit unit) {
  switch (unit) {
    case TimeUnit::kDecade: return 10;
    case TimeUnit::kCentury: return 100;
    case TimeUnit::kMillennium: return 1000;
    default: return 1;
  }
}

int64_t RoundDays(int64_t days, TimeUnit unit, bool floor) {
  const CivilDate date = CivilFromDays(days);
  int64_t start = days;
  int64_t next = days;
  switch (unit) {
    case TimeUnit::kDay: next = days + 1; return floor ? start : next;
    case TimeUnit::kWeek:
      start = days - FloorMod(days + 4, 7);  // 1970-01-01 was a Thursday.
      next = start + 7;
      break;
    case TimeUnit::kMonth:
      start = DaysFromCivil(date.year, date.month, 1);
      next = AddMonths(start, 1);
      break;
    case TimeUnit::kQuarter:
      start = DaysFromCivil(date.year, (date.month - 1) / 3 * 3 + 1, 1);
      next = AddMonths(start, 3);
      break;
    case TimeUnit::kYear:
    case TimeUnit::kDecade:
    case TimeUnit::kCentury:
    case TimeUnit::kMillennium: {
      const int64_t year = FirstYear(date.year, unit);
      start = DaysFromCivil(year, 1, 1);
      next = DaysFromCivil(year + YearsOf(unit), 1, 1);
      break;
    }
    default: return days;  // Units below a day leave a date as it is.
  }
  return floor || start == days ? start : next;
}

// Rounds a local time in microseconds (rest below them in `nanos`, which is cut off).
int64_t RoundMicros(int64_t micros, TimeUnit unit, bool floor) {
  const int64_t size = MicrosOfUnit(unit);
  if (size > 0) {
    // Below the millisecond nothing is rounded.
    if (size < kMicrosPerMilli) return micros;
    const int64_t millis_only = micros - FloorMod(micros, kMicrosPerMilli);
    const int64_t start = FloorDiv(millis_only, size) * size;
    return floor || start == millis_only ? start : start + size;
  }
  // Toward zero, as Flink: the hours of a day before 1970 count as the next day.
  const int64_t days = FloorDiv(micros, kMicrosPerMilli) / (kMicrosPerDay / kMicrosPerMilli);
  return RoundDays(days, unit, floor) * kMicrosPerDay;
}

int64_t RoundInstant(RoundState& state, int64_t micros) {
  if (!state.local) return RoundMicros(micros, state.unit, state.floor);
  const int64_t seconds = FloorDiv(micros, kMicrosPerSecond);
  const int64_t rest = micros - seconds * kMicrosPerSecond;
  const int64_t local = state.zone.LocalFromInstant(seconds) * kMicrosPerSecond + rest;
  const int64_t rounded = RoundMicros(local, state.unit, state.floor);
  const int64_t rounded_seconds = FloorDiv(rounded, kMicrosPerSecond);
  return state.zone.InstantFromLocal(rounded_seconds) * kMicrosPerSecond + rounded -
         rounded_seconds * kMicrosPerSecond;
}

void RoundDate(FunctionState* base, EvalContext& context, std::span<const Column> args,
               Column* out) {
  const auto& state = static_cast<const RoundState&>(*base);
  MapUnary<int32_t, int32_t>(context, args[0], PhysicalType::kInt32, out,
                             [&](int32_t a) { return RoundDays(a, state.unit, state.floor); });
}

void RoundTime(FunctionState* base, EvalContext& context, std::span<const Column> args,
               Column* out) {
  const auto& state = static_cast<const RoundState&>(*base);
  const int64_t size = MicrosOfUnit(state.unit) / 1000;
  MapUnary<int32_t, int32_t>(context, args[0], PhysicalType::kInt32, out, [&](int32_t a) {
    if (size <= 1) return a;
    const auto start = static_cast<int32_t>(a / size * size);
    return state.floor || start == a ? start : static_cast<int32_t>(start + size);
  });
}

void RoundTimestamp(FunctionState* base, EvalContext& context, std::span<const Column> args,
                    Column* out) {
  auto& state = static_cast<RoundState&>(*base);
  MapUnary<int64_t, int64_t>(context, args[0], PhysicalType::kInt64, out,
                             [&](int64_t a) { return RoundInstant(state, a); });
}

void RoundTimestamp9(FunctionState* base, EvalContext& context, std::span<const Column> args,
                     Column* out) {
  auto& state = static_cast<RoundState&>(*base);
  const int64_t size = MicrosOfUnit(state.unit);
  const bool keeps = size > 0 && size < kMicrosPerMilli;
  MapUnary<Timestamp9, Timestamp9>(
      context, args[0], PhysicalType::kTimestamp9, out, [&](Timestamp9 a) {
        return keeps ? a : Timestamp9{RoundInstant(state, a.micros), 0};
      });
}

}  // namespace

Result<CallTyping> InferTemporalRound(const CallInfo& call, bool floor) {
  const DataType& type = call.arguments[0].type;
  const std::optional<TimeUnit> unit = TimeUnitOf(call.arguments[1].symbol);
  if (!unit.has_value() || !IsTemporal(type.root())) {
    return BadArguments(call, floor ? "FLOOR" : "CEIL", "(TIME TO UNIT)");
  }
  return CallTyping{type.WithTimeAttribute(TimeAttribute::kNone), {}};
}

Result<std::unique_ptr<FunctionState>> OpenTemporalRound(const OpenContext& context, bool floor) {
  auto state = std::make_unique<RoundState>();
  state->unit = *TimeUnitOf(context.call.arguments[1].symbol);
  state->floor = floor;
  state->local = context.call.arguments[0].type.root() == TypeRoot::kTimestampLtz;
  ASSIGN_OR_RETURN(TimeZone zone, TimeZone::Find(context.session->time_zone));
  state->zone = TimeZoneCursor(std::move(zone));
  return std::unique_ptr<FunctionState>(std::move(state));
}

EvalFn ChooseTemporalRound(const DataType& type) {
  if (type.root() == TypeRoot::kDate) return RoundDate;
  if (type.root() == TypeRoot::kTime) return RoundTime;
  return PhysicalTypeOf(type) == PhysicalType::kInt64 ? RoundTimestamp : RoundTimestamp9;
}

}  // namespace rhei
