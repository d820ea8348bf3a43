// The clock: CURRENT_TIMESTAMP and its relatives, PROCTIME and CURRENT_WATERMARK.
//
// In streaming mode the time is that of the batch being computed, in batch mode that of the query.
#include "base/time_zone.h"
#include "columnar/batch.h"
#include "functions/families.h"
#include "functions/kernel.h"
#include "functions/typing.h"
#include "types/temporal.h"

namespace rhei {
namespace {

enum class Reading : uint8_t { kInstant, kLocal, kDate, kTime, kSeconds };

template <Reading kReading>
DataType TypeOf() {
  switch (kReading) {
    case Reading::kInstant: return DataType::TimestampLtz(3, false);
    case Reading::kLocal: return DataType::Timestamp(3, false);
    case Reading::kDate: return DataType::Date(false);
    case Reading::kTime: return DataType::Time(0, false);
    case Reading::kSeconds: return DataType::BigInt(false);
  }
  return {};
}

template <Reading kReading>
Result<CallTyping> InferNow(const CallInfo&) {
  return CallTyping{TypeOf<kReading>(), {}};
}

struct ClockState : FunctionState {
  TimeZone zone;
};

Result<std::unique_ptr<FunctionState>> OpenClock(const OpenContext& context) {
  auto state = std::make_unique<ClockState>();
  ASSIGN_OR_RETURN(state->zone, TimeZone::Find(context.session->time_zone));
  return std::unique_ptr<FunctionState>(std::move(state));
}

// `kEveryRow`: also in batch mode the time of the row, not of the query.
template <Reading kReading, bool kEveryRow>
void EvalNow(FunctionState* base, EvalContext& context, std::span<const Column>, Column* out) {
  const auto& state = static_cast<const ClockState&>(*base);
  const bool query_time = !kEveryRow && context.session->batch_mode;
  const int64_t micros = query_time ? context.session->query_start_micros : context.now_micros;
  const int64_t seconds = FloorDiv(micros, kMicrosPerSecond);
  const int64_t local_seconds = state.zone.LocalFromInstant(seconds);
  const int64_t millis = FloorMod(micros, kMicrosPerSecond) / 1000 * 1000;
  Value value;
  switch (kReading) {
    case Reading::kInstant: value = Value::Int(seconds * kMicrosPerSecond + millis); break;
    case Reading::kLocal: value = Value::Int(local_seconds * kMicrosPerSecond + millis); break;
    case Reading::kDate: value = Value::Int(FloorDiv(local_seconds, 86400)); break;
    case Reading::kTime: value = Value::Int(FloorMod(local_seconds, 86400) * 1000); break;
    case Reading::kSeconds: value = Value::Int(seconds); break;
  }
  *out = MakeConstant(value, TypeOf<kReading>(), context.row_count);
}

Result<CallTyping> InferProctime(const CallInfo&) {
  return CallTyping{DataType::TimestampLtz(3, false).WithTimeAttribute(TimeAttribute::kProctime),
                    {}};
}

Result<CallTyping> InferWatermark(const CallInfo& call) {
  const DataType& type = call.arguments[0].type;
  if (!type.is_rowtime()) {
    return InvalidSql(
        "CURRENT_WATERMARK() must be called with a single rowtime attribute argument, but '" +
        type.ToString() + "' cannot be a time attribute.");
  }
  return CallTyping{type.WithNullable(true).WithTimeAttribute(TimeAttribute::kNone), {}};
}

void EvalWatermark(FunctionState*, EvalContext& context, std::span<const Column>, Column* out) {
  int64_t* result = StartFlat<int64_t>(context, PhysicalType::kInt64, out);
  NullMarker nulls(context, out);
  for (int32_t i = 0; i < context.row_count; ++i) {
    const int64_t watermark =
        context.row_watermarks == nullptr ? kNoWatermark : context.row_watermarks[i];
    result[i] = 0;
    if (watermark == kNoWatermark) {
      nulls.Set(i);
    } else {
      // The final watermark is the largest number of milliseconds; keep it the largest.
      constexpr int64_t kLargest = INT64_MAX / kMicrosPerMilli;
      result[i] = watermark > kLargest ? kLargest * kMicrosPerMilli : watermark * kMicrosPerMilli;
    }
  }
}

template <Reading kReading, bool kEveryRow = false>
constexpr FunctionDef Now(std::string_view name, std::string_view signature, std::string_view doc,
                          std::string_view example) {
  return {.name = name,
          .group = "temporal",
          .signature = signature,
          .doc = doc,
          .example = example,
          .infer = InferNow<kReading>,
          .open = OpenClock,
          .eval = EvalNow<kReading, kEveryRow>,
          .determinism = kEveryRow ? Determinism::kPerRow : Determinism::kPerQuery};
}

constexpr FunctionDef kClock[] = {
    Now<Reading::kDate>("CURRENT_DATE", " -> DATE", "Today in the session's time zone.",
                        "CURRENT_DATE > DATE '2020-01-01'"),
    Now<Reading::kTime>("CURRENT_TIME", " -> TIME(0)", "The time of day in the session's zone.",
                        "CURRENT_TIME >= TIME '00:00:00'"),
    Now<Reading::kTime>("LOCALTIME", " -> TIME(0)", "As CURRENT_TIME.",
                        "LOCALTIME >= TIME '00:00:00'"),
    Now<Reading::kInstant>("CURRENT_TIMESTAMP", " -> TIMESTAMP_LTZ(3)", "The time now.",
                           "CURRENT_TIMESTAMP > TO_TIMESTAMP_LTZ(0, 3)"),
    Now<Reading::kInstant>("NOW", "() -> TIMESTAMP_LTZ(3)", "As CURRENT_TIMESTAMP.",
                           "NOW() > TO_TIMESTAMP_LTZ(0, 3)"),
    Now<Reading::kLocal>("LOCALTIMESTAMP", " -> TIMESTAMP(3)",
                         "The date and time of day in the session's zone.",
                         "LOCALTIMESTAMP > TIMESTAMP '2020-01-01 00:00:00'"),
    Now<Reading::kInstant, true>("CURRENT_ROW_TIMESTAMP", "() -> TIMESTAMP_LTZ(3)",
                                 "The time now, for every row also in batch mode.",
                                 "CURRENT_ROW_TIMESTAMP() > TO_TIMESTAMP_LTZ(0, 3)"),
    {.name = "PROCTIME",
     .group = "temporal",
     .signature = "() -> TIMESTAMP_LTZ(3)",
     .doc = "The processing time attribute.",
     .example = "PROCTIME() > TO_TIMESTAMP_LTZ(0, 3)",
     .infer = InferProctime,
     .open = OpenClock,
     .eval = EvalNow<Reading::kInstant, true>,
     .determinism = Determinism::kPerRow},
    {.name = "CURRENT_WATERMARK",
     .group = "temporal",
     .signature = "(ROWTIME) -> TIMESTAMP or TIMESTAMP_LTZ",
     .doc = "The watermark that the row meets; NULL before the first.",
     .example = "",
     .min_arguments = 1,
     .max_arguments = 1,
     .infer = InferWatermark,
     .eval = EvalWatermark,
     .null_rule = NullRule::kCustom,
     .determinism = Determinism::kPerRow},
};

}  // namespace

std::span<const FunctionDef> CurrentTimeFunctions() {
  return kClock;
}

}  // namespace rhei
