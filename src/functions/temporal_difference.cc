// TIMESTAMPADD, TIMESTAMPDIFF and OVERLAPS.
#include "base/check.h"
#include "functions/families.h"
#include "functions/kernel.h"
#include "functions/temporal_unit.h"
#include "functions/typing.h"
#include "types/coercion.h"
#include "types/temporal.h"

namespace rhei {
namespace {

// Months in a unit of a month or more; 0 for shorter ones.
int64_t MonthsOfUnit(TimeUnit unit) {
  switch (unit) {
    case TimeUnit::kMonth: return 1;
    case TimeUnit::kQuarter: return 3;
    case TimeUnit::kYear: return 12;
    case TimeUnit::kDecade: return 120;
    case TimeUnit::kCentury: return 1200;
    case TimeUnit::kMillennium: return 12000;
    default: return 0;
  }
}

// Microseconds in a unit up to a week; REQUIRES: MonthsOfUnit(unit) == 0 and not an EXTRACT unit.
int64_t FixedMicros(TimeUnit unit) {
  return unit == TimeUnit::kWeek ? 7 * kMicrosPerDay : MicrosOfUnit(unit);
}

bool IsStep(TimeUnit unit) {
  return unit >= TimeUnit::kMicrosecond && unit <= TimeUnit::kMillennium;
}

struct StepState : FunctionState {
  TimeUnit unit = TimeUnit::kDay;
};

Result<std::unique_ptr<FunctionState>> OpenStep(const OpenContext& context) {
  auto state = std::make_unique<StepState>();
  state->unit = *TimeUnitOf(context.call.arguments[0].symbol);
  return std::unique_ptr<FunctionState>(std::move(state));
}

Result<CallTyping> InferAdd(const CallInfo& call) {
  const std::optional<TimeUnit> unit = TimeUnitOf(call.arguments[0].symbol);
  const DataType& count = call.arguments[1].type;
  DataType time = call.arguments[2].type.WithTimeAttribute(TimeAttribute::kNone);
  const bool fits = unit.has_value() && IsStep(*unit) && FitsRoot(count, TypeRoot::kBigInt) &&
                    IsTemporal(time.root());
  if (!fits) return BadArguments(call, "TIMESTAMPADD", "(UNIT, BIGINT, DATETIME)");
  if (time.root() == TypeRoot::kDate && *unit < TimeUnit::kDay) {
    time = DataType::Timestamp(6, time.nullable());
  }
  std::vector<DataType> types = {DataType::Symbol(), DataType::BigInt(count.nullable()), time};
  return CallTyping{time.WithNullable(AnyNullable(call)), std::move(types)};
}

int64_t WrappingProduct(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
}
int64_t WrappingSum(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
}

int64_t AddToMicros(TimeUnit unit, int64_t count, int64_t micros) {
  const int64_t months = MonthsOfUnit(unit);
  if (months == 0) return WrappingSum(micros, WrappingProduct(count, FixedMicros(unit)));
  const int64_t days = FloorDiv(micros, kMicrosPerDay);
  // More months than the calendar of Flink has cannot give a date.
  const int64_t step = std::clamp<int64_t>(count, -1200000, 1200000) * months;
  return AddMonths(days, step) * kMicrosPerDay + (micros - days * kMicrosPerDay);
}

void AddToDate(FunctionState* base, EvalContext& context, std::span<const Column> args,
               Column* out) {
  const TimeUnit unit = static_cast<const StepState&>(*base).unit;
  MapBinary<int32_t, int64_t, int32_t>(
      context, args[1], args[2], PhysicalType::kInt32, out, [unit](int64_t count, int32_t days) {
        return static_cast<int32_t>(
            FloorDiv(AddToMicros(unit, count, days * kMicrosPerDay), kMicrosPerDay));
      });
}

void AddToTime(FunctionState* base, EvalContext& context, std::span<const Column> args,
               Column* out) {
  const TimeUnit unit = static_cast<const StepState&>(*base).unit;
  MapBinary<int32_t, int64_t, int32_t>(
      context, args[1], args[2], PhysicalType::kInt32, out, [unit](int64_t count, int32_t millis) {
        if (MonthsOfUnit(unit) != 0) return millis;
        const int64_t micros =
            WrappingSum(int64_t{millis} * 1000, WrappingProduct(count, FixedMicros(unit)));
        return static_cast<int32_t>(FloorMod(micros, kMicrosPerDay) / 1000);
      });
}

void AddToTimestamp(FunctionState* base, EvalContext& context, std::span<const Column> args,
                    Column* out) {
  const TimeUnit unit = static_cast<const StepState&>(*base).unit;
  MapBinary<int64_t, int64_t, int64_t>(
      context, args[1], args[2], PhysicalType::kInt64, out,
      [unit](int64_t count, int64_t micros) { return AddToMicros(unit, count, micros); });
}

void AddToTimestamp9(FunctionState* base, EvalContext& context, std::span<const Column> args,
                     Column* out) {
  const TimeUnit unit = static_cast<const StepState&>(*base).unit;
  MapBinary<Timestamp9, int64_t, Timestamp9>(
      context, args[1], args[2], PhysicalType::kTimestamp9, out,
      [unit](int64_t count, Timestamp9 t) {
        return Timestamp9{AddToMicros(unit, count, t.micros), t.nanos};
      });
}

EvalFn ChooseAdd(const CallInfo& call, const DataType&) {
  const DataType& time = call.arguments[2].type;
  if (time.root() == TypeRoot::kDate) return AddToDate;
  if (time.root() == TypeRoot::kTime) return AddToTime;
  return PhysicalTypeOf(time) == PhysicalType::kInt64 ? AddToTimestamp : AddToTimestamp9;
}

// ---- TIMESTAMPDIFF ----

// Dates, times and timestamps meet in microseconds; what is finer does not count.
DataType MicrosType(const DataType& type, bool local) {
  return local ? DataType::TimestampLtz(6, type.nullable())
               : DataType::Timestamp(6, type.nullable());
}

Result<CallTyping> InferDifference(const CallInfo& call) {
  const std::optional<TimeUnit> unit = TimeUnitOf(call.arguments[0].symbol);
  const DataType& a = call.arguments[1].type;
  const DataType& b = call.arguments[2].type;
  const auto is_time = [](const DataType& type) {
    return IsTemporal(type.root()) || type.root() == TypeRoot::kNull;
  };
  if (!unit.has_value() || !IsStep(*unit) || !is_time(a) || !is_time(b)) {
    return BadArguments(call, "TIMESTAMPDIFF", "(UNIT, DATETIME, DATETIME)");
  }
  const bool local = a.root() == TypeRoot::kTimestampLtz || b.root() == TypeRoot::kTimestampLtz;
  if (local && a.root() != b.root() && a.root() != TypeRoot::kNull && b.root() != TypeRoot::kNull) {
    return InvalidSql("TIMESTAMP_LTZ only supports diff between the same type.");
  }
  return CallTyping{DataType::Int(AnyNullable(call)),
                    {DataType::Symbol(), MicrosType(a, local), MicrosType(b, local)}};
}

// Whole months; where the later day is the one reached, the times of day decide (only downwards, as
// in Flink).
int64_t MonthsBetweenMillis(int64_t since, int64_t until) {
  const int64_t since_day = FloorDiv(since, kMillisPerDay);
  const int64_t until_day = FloorDiv(until, kMillisPerDay);
  const int64_t months = MonthsBetween(since_day, until_day);
  const bool short_of = AddMonths(since_day, months) == until_day &&
                        FloorMod(until, kMillisPerDay) < FloorMod(since, kMillisPerDay);
  return short_of ? months - 1 : months;
}

int64_t Difference(TimeUnit unit, int64_t since_micros, int64_t until_micros) {
  const int64_t since = MillisOfMicros(since_micros);
  const int64_t until = MillisOfMicros(until_micros);
  if (const int64_t months = MonthsOfUnit(unit); months != 0) {
    return MonthsBetweenMillis(since, until) / months;
  }
  const int64_t millis = until - since;
  // Fractions of a second are whole seconds in smaller coins: so counts Flink.
  if (unit == TimeUnit::kMillisecond) return millis / 1000 * 1000;
  if (unit == TimeUnit::kMicrosecond) return millis / 1000 * 1000000;
  return millis / (FixedMicros(unit) / 1000);
}

void EvalDifference(FunctionState* base, EvalContext& context, std::span<const Column> args,
                    Column* out) {
  const TimeUnit unit = static_cast<const StepState&>(*base).unit;
  MapBinary<int32_t, int64_t, int64_t>(
      context, args[1], args[2], PhysicalType::kInt32, out,
      [unit](int64_t since, int64_t until) { return Difference(unit, since, until); });
}

// ---- OVERLAPS: (start, end or length, start, end or length) ----

Result<CallTyping> InferOverlaps(const CallInfo& call) {
  bool local = false;
  for (const ArgumentInfo& argument : call.arguments) {
    local = local || argument.type.root() == TypeRoot::kTimestampLtz;
  }
  std::vector<DataType> types;
  for (size_t i = 0; i < 4; ++i) {
    const DataType& type = call.arguments[i].type;
    const bool length = i % 2 == 1 && IsInterval(type.root());
    if (!length && !IsTemporal(type.root())) {
      return BadArguments(call, "OVERLAPS", "(START, END, START, END)");
    }
    types.push_back(length ? type : MicrosType(type, local));
  }
  return CallTyping{DataType::Boolean(AnyNullable(call)), std::move(types)};
}

struct OverlapsState : FunctionState {
  TypeRoot ends[2];  // A timestamp or an interval.
};

Result<std::unique_ptr<FunctionState>> OpenOverlaps(const OpenContext& context) {
  auto state = std::make_unique<OverlapsState>();
  state->ends[0] = context.call.arguments[1].type.root();
  state->ends[1] = context.call.arguments[3].type.root();
  return std::unique_ptr<FunctionState>(std::move(state));
}

int64_t EndOf(TypeRoot root, int64_t start, const Column& end, int32_t row) {
  switch (root) {
    case TypeRoot::kIntervalYearMonth:
      return AddToMicros(TimeUnit::kMonth, Operand<int32_t>(end)[row], start);
    case TypeRoot::kIntervalDayTime:
      return WrappingSum(start, WrappingProduct(Operand<int64_t>(end)[row], kMicrosPerMilli));
    default: return Operand<int64_t>(end)[row];
  }
}

void EvalOverlaps(FunctionState* base, EvalContext& context, std::span<const Column> args,
                  Column* out) {
  const auto& state = static_cast<const OverlapsState&>(*base);
  uint8_t* result = StartFlat<uint8_t>(context, PhysicalType::kBool, out);
  for (int32_t i = 0; i < context.row_count; ++i) {
    int64_t from[2], until[2];
    for (size_t k = 0; k < 2; ++k) {
      from[k] = Operand<int64_t>(args[2 * k])[i];
      until[k] = EndOf(state.ends[k], from[k], args[2 * k + 1], i);
      if (until[k] < from[k]) std::swap(from[k], until[k]);
    }
    result[i] = until[0] >= from[1] && until[1] >= from[0] ? 1 : 0;
  }
}

constexpr FunctionDef kDifferences[] = {
    {.name = "TIMESTAMPADD",
     .group = "temporal",
     .signature = "(UNIT, BIGINT, DATETIME) -> DATETIME",
     .doc = "Adds so many units to a date or time.",
     .example = "TIMESTAMPADD(WEEK, 1, DATE '2003-01-02') = DATE '2003-01-09'",
     .min_arguments = 3,
     .max_arguments = 3,
     .infer = InferAdd,
     .open = OpenStep,
     .choose = ChooseAdd},
    {.name = "TIMESTAMPDIFF",
     .group = "temporal",
     .signature = "(UNIT, DATETIME, DATETIME) -> INT",
     .doc = "How many whole units the second time is after the first.",
     .example = "TIMESTAMPDIFF(DAY, DATE '2003-01-02', DATE '2003-01-09') = 7",
     .min_arguments = 3,
     .max_arguments = 3,
     .infer = InferDifference,
     .open = OpenStep,
     .eval = EvalDifference},
    {.name = "OVERLAPS",
     .group = "temporal",
     .signature = "(START, END or INTERVAL, START, END or INTERVAL) -> BOOLEAN",
     .doc = "TRUE when two periods share a point of time.",
     .example = "(TIME '02:55:00', INTERVAL '1' HOUR) OVERLAPS (TIME '03:30:00', TIME '04:00:00')",
     .min_arguments = 4,
     .max_arguments = 4,
     .infer = InferOverlaps,
     .open = OpenOverlaps,
     .eval = EvalOverlaps},
};

}  // namespace

std::span<const FunctionDef> TemporalDifferenceFunctions() {
  return kDifferences;
}

}  // namespace rhei
