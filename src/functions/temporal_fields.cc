// EXTRACT and the functions YEAR ... SECOND, for dates, times, timestamps and intervals.
//
// A timestamp before 1970 is taken apart toward zero, as Flink does: 1969-12-31 23:00 has day 1 of
// January 1970 and hour -1.
#include "base/check.h"
#include "base/time_zone.h"
#include "functions/families.h"
#include "functions/java_time_fields.h"
#include "functions/kernel.h"
#include "functions/temporal_unit.h"
#include "functions/typing.h"
#include "types/temporal.h"

namespace rhei {
namespace {

// A point of time taken apart; the parts an argument does not have are zero.
struct Point {
  int64_t days = 0;
  int64_t micro_of_day = 0;
  int64_t nanos = 0;  // below the microsecond
  int64_t epoch_seconds = 0;
};

int64_t FieldOf(TimeUnit unit, const Point& p) {
  const auto year = [&] { return CivilFromDays(p.days).year; };
  switch (unit) {
    case TimeUnit::kNanosecond: return p.micro_of_day % kMicrosPerSecond * 1000 + p.nanos;
    case TimeUnit::kMicrosecond: return p.micro_of_day % kMicrosPerSecond;
    case TimeUnit::kMillisecond: return p.micro_of_day % kMicrosPerSecond / 1000;
    case TimeUnit::kSecond: return p.micro_of_day / kMicrosPerSecond % 60;
    case TimeUnit::kMinute: return p.micro_of_day / (60 * kMicrosPerSecond) % 60;
    case TimeUnit::kHour: return p.micro_of_day / (3600 * kMicrosPerSecond);
    case TimeUnit::kDay: return CivilFromDays(p.days).day;
    case TimeUnit::kWeek: return IsoWeek(p.days).week;
    case TimeUnit::kMonth: return CivilFromDays(p.days).month;
    case TimeUnit::kQuarter: return (CivilFromDays(p.days).month - 1) / 3 + 1;
    case TimeUnit::kYear: return year();
    case TimeUnit::kDecade: return FloorDiv(year(), 10);
    case TimeUnit::kCentury: return FloorDiv(year() - 1, 100) + 1;
    case TimeUnit::kMillennium: return FloorDiv(year() - 1, 1000) + 1;
    case TimeUnit::kDayOfWeek: return UsDayOfWeek(p.days);
    case TimeUnit::kIsoDayOfWeek: return IsoDayOfWeek(p.days);
    case TimeUnit::kDayOfYear: return DayOfYear(p.days, year());
    case TimeUnit::kIsoYear: return IsoWeek(p.days).year;
    case TimeUnit::kEpoch: return p.epoch_seconds;
  }
  CHECK(false);
}

int64_t FieldOfMonths(TimeUnit unit, int64_t months) {
  switch (unit) {
    case TimeUnit::kYear: return months / 12;
    case TimeUnit::kQuarter: return months % 12 / 3 + 1;
    case TimeUnit::kDecade: return months / 120;
    case TimeUnit::kCentury: return months / 1200;
    case TimeUnit::kMillennium: return months / 12000;
    default: return months % 12;
  }
}

int64_t FieldOfMillis(TimeUnit unit, int64_t millis) {
  switch (unit) {
    case TimeUnit::kDay: return millis / kMillisPerDay;
    case TimeUnit::kHour: return millis / 3600000 % 24;
    case TimeUnit::kMinute: return millis / 60000 % 60;
    case TimeUnit::kSecond: return millis / 1000 % 60;
    case TimeUnit::kEpoch: return millis / 1000;
    case TimeUnit::kMicrosecond: return millis % 1000 * 1000;
    case TimeUnit::kNanosecond: return millis % 1000 * 1000000;
    default: return millis % 1000;
  }
}

struct FieldState : FunctionState {
  TimeUnit unit = TimeUnit::kDay;
  TypeRoot root = TypeRoot::kDate;
  size_t argument = 0;
  TimeZoneCursor zone;
};

Point PointOf(FieldState& state, int64_t micros, int64_t nanos) {
  Point point;
  point.epoch_seconds = micros / kMicrosPerSecond;
  int64_t local = micros;
  if (state.root == TypeRoot::kTimestampLtz) {
    const int64_t seconds = FloorDiv(micros, kMicrosPerSecond);
    local += (state.zone.LocalFromInstant(seconds) - seconds) * kMicrosPerSecond;
  }
  point.days = local / kMicrosPerDay;
  point.micro_of_day = local - point.days * kMicrosPerDay;
  point.nanos = nanos;
  return point;
}

template <typename T, typename F>
void MapField(FieldState& state, EvalContext& context, std::span<const Column> args, Column* out,
              F f) {
  MapUnary<int64_t, T>(context, args[state.argument], PhysicalType::kInt64, out, f);
}

void EvalField(FunctionState* base, EvalContext& context, std::span<const Column> args,
               Column* out) {
  auto& state = static_cast<FieldState&>(*base);
  const TimeUnit unit = state.unit;
  switch (state.root) {
    case TypeRoot::kDate:
      MapField<int32_t>(state, context, args, out, [unit](int32_t days) {
        return FieldOf(unit, {days, 0, 0, int64_t{days} * 86400});
      });
      return;
    case TypeRoot::kTime:
      MapField<int32_t>(state, context, args, out, [unit](int32_t millis) {
        return FieldOf(unit, {0, int64_t{millis} * 1000, 0, millis / 1000});
      });
      return;
    case TypeRoot::kIntervalYearMonth:
      MapField<int32_t>(state, context, args, out,
                        [unit](int32_t months) { return FieldOfMonths(unit, months); });
      return;
    case TypeRoot::kIntervalDayTime:
      MapField<int64_t>(state, context, args, out,
                        [unit](int64_t millis) { return FieldOfMillis(unit, millis); });
      return;
    default: break;
  }
  if (args[state.argument].type == PhysicalType::kTimestamp9) {
    MapField<Timestamp9>(state, context, args, out, [&](Timestamp9 t) {
      return FieldOf(unit, PointOf(state, t.micros, t.nanos));
    });
  } else {
    MapField<int64_t>(state, context, args, out,
                      [&](int64_t micros) { return FieldOf(unit, PointOf(state, micros, 0)); });
  }
}

bool UnitFits(TimeUnit unit, TypeRoot root) {
  const bool clock = unit <= TimeUnit::kHour;
  if (root == TypeRoot::kTime) return clock && unit >= TimeUnit::kMillisecond;
  if (root == TypeRoot::kIntervalDayTime) {
    return clock || unit == TimeUnit::kDay || unit == TimeUnit::kEpoch;
  }
  if (root == TypeRoot::kIntervalYearMonth) {
    return unit >= TimeUnit::kMonth && unit <= TimeUnit::kMillennium;
  }
  return IsTemporal(root);
}

Result<CallTyping> InferField(const CallInfo& call, TimeUnit unit, std::string_view word) {
  DataType type = call.arguments.back().type;
  if (type.root() == TypeRoot::kNull) type = DataType::Date();
  if (!UnitFits(unit, type.root())) {
    if (type.root() == TypeRoot::kTime) {
      return InvalidSql("unit " + std::string(word) + " can not be applied to time variable");
    }
    return BadArguments(call, "EXTRACT", "(UNIT FROM DATETIME or INTERVAL)");
  }
  CallTyping typing{DataType::BigInt(type.nullable()), {}};
  if (call.arguments.back().type.root() == TypeRoot::kNull) {
    for (const ArgumentInfo& argument : call.arguments) {
      typing.argument_types.push_back(argument.type.root() == TypeRoot::kNull ? type
                                                                              : argument.type);
    }
  }
  return typing;
}

Result<CallTyping> InferExtract(const CallInfo& call) {
  const std::string_view word = call.arguments[0].symbol;
  const std::optional<TimeUnit> unit = TimeUnitOf(word);
  if (!unit.has_value()) {
    return InvalidSql("'" + std::string(word) + "' is not a valid time frame");
  }
  return InferField(call, *unit, word);
}

Result<std::unique_ptr<FunctionState>> OpenField(const OpenContext& context, TimeUnit unit) {
  auto state = std::make_unique<FieldState>();
  state->unit = unit;
  state->argument = context.call.arguments.size() - 1;
  state->root = context.call.arguments[state->argument].type.root();
  ASSIGN_OR_RETURN(TimeZone zone, TimeZone::Find(context.session->time_zone));
  state->zone = TimeZoneCursor(std::move(zone));
  return std::unique_ptr<FunctionState>(std::move(state));
}

Result<std::unique_ptr<FunctionState>> OpenExtract(const OpenContext& context) {
  return OpenField(context, *TimeUnitOf(context.call.arguments[0].symbol));
}

template <TimeUnit kUnit>
Result<CallTyping> InferFixed(const CallInfo& call) {
  return InferField(call, kUnit, "of the function");
}

template <TimeUnit kUnit>
Result<std::unique_ptr<FunctionState>> OpenFixed(const OpenContext& context) {
  return OpenField(context, kUnit);
}

template <TimeUnit kUnit>
constexpr FunctionDef Field(std::string_view name, std::string_view doc, std::string_view example) {
  return {.name = name,
          .group = "temporal",
          .signature = "(DATE or TIMESTAMP) -> BIGINT",
          .doc = doc,
          .example = example,
          .min_arguments = 1,
          .max_arguments = 1,
          .infer = InferFixed<kUnit>,
          .open = OpenFixed<kUnit>,
          .eval = EvalField};
}

constexpr FunctionDef kFields[] = {
    {.name = "EXTRACT",
     .group = "temporal",
     .signature = "(UNIT FROM DATETIME or INTERVAL) -> BIGINT",
     .doc = "One field of a date, time or interval.",
     .example = "EXTRACT(DAY FROM DATE '2006-06-05') = 5",
     .min_arguments = 2,
     .max_arguments = 2,
     .infer = InferExtract,
     .open = OpenExtract,
     .eval = EvalField},
    Field<TimeUnit::kYear>("YEAR", "The year.", "YEAR(DATE '1994-09-27') = 1994"),
    Field<TimeUnit::kQuarter>("QUARTER", "The quarter, 1 to 4.", "QUARTER(DATE '1994-09-27') = 3"),
    Field<TimeUnit::kMonth>("MONTH", "The month, 1 to 12.", "MONTH(DATE '1994-09-27') = 9"),
    Field<TimeUnit::kWeek>("WEEK", "The ISO week of the year, 1 to 53.",
                           "WEEK(DATE '1994-09-27') = 39"),
    Field<TimeUnit::kDayOfYear>("DAYOFYEAR", "The day of the year, 1 to 366.",
                                "DAYOFYEAR(DATE '1994-09-27') = 270"),
    Field<TimeUnit::kDay>("DAYOFMONTH", "The day of the month, 1 to 31.",
                          "DAYOFMONTH(DATE '1994-09-27') = 27"),
    Field<TimeUnit::kDayOfWeek>("DAYOFWEEK", "The day of the week; 1 is Sunday.",
                                "DAYOFWEEK(DATE '1994-09-27') = 3"),
    Field<TimeUnit::kHour>("HOUR", "The hour, 0 to 23.",
                           "HOUR(TIMESTAMP '1994-09-27 13:14:15') = 13"),
    Field<TimeUnit::kMinute>("MINUTE", "The minute, 0 to 59.",
                             "MINUTE(TIMESTAMP '1994-09-27 13:14:15') = 14"),
    Field<TimeUnit::kSecond>("SECOND", "The second, 0 to 59.",
                             "SECOND(TIMESTAMP '1994-09-27 13:14:15') = 15"),
};

}  // namespace

std::span<const FunctionDef> TemporalFieldFunctions() {
  return kFields;
}

}  // namespace rhei
