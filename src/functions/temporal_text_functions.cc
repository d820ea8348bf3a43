// Dates and times from text and to text by Java's patterns: DATE_FORMAT, TO_DATE, TO_TIMESTAMP,
// TO_TIMESTAMP_LTZ, UNIX_TIMESTAMP, FROM_UNIXTIME, CONVERT_TZ.
//
// Which of Java's two pattern languages a function speaks, and what it does with bad text, is
// Flink's choice, function by function.
#include <charconv>
#include <cmath>
#include <optional>

#include "base/check.h"
#include "base/time_zone.h"
#include "functions/families.h"
#include "functions/java_time_format.h"
#include "functions/kernel.h"
#include "functions/typing.h"
#include "types/decimal.h"
#include "types/temporal.h"
#include "types/temporal_text.h"

namespace rhei {
namespace {

constexpr std::string_view kDefaultPattern = "yyyy-MM-dd HH:mm:ss";
using Dialect = TimePattern::Dialect;

// Compiles a pattern when it differs from the last one: once for a literal.
class PatternCache {
 public:
  explicit PatternCache(Dialect dialect) : dialect_(dialect) {}
  // Null for a bad pattern; see error().
  const TimePattern* Get(std::string_view pattern) {
    if (!pattern_.has_value() || pattern != source_) {
      source_ = pattern;
      pattern_.emplace(TimePattern::Compile(pattern, dialect_));
    }
    return pattern_->ok() ? &**pattern_ : nullptr;
  }
  const std::string& error() const { return pattern_->status().message(); }

 private:
  Dialect dialect_;
  std::string source_;
  std::optional<Result<TimePattern>> pattern_;
};

// As PatternCache, for time zones.
class ZoneCache {
 public:
  // Null for an unknown zone.
  const TimeZone* Get(std::string_view id) {
    if (!zone_.has_value() || id != id_) {
      id_ = id;
      zone_.emplace(TimeZone::Find(id));
    }
    return zone_->ok() ? &**zone_ : nullptr;
  }

 private:
  std::string id_;
  std::optional<Result<TimeZone>> zone_;
};

struct TextState : FunctionState {
  PatternCache modern{Dialect::kDateTimeFormatter};
  PatternCache simple{Dialect::kSimpleDateFormat};
  PatternCache simple_default{Dialect::kSimpleDateFormat};
  TimeZone session_zone;
  TimeZoneCursor session_cursor;
  ZoneCache zones[2];
  TypeRoot root = TypeRoot::kNull;  // of the first argument
  int scale = 0;
  int precision = 3;  // of the result
};

Result<std::unique_ptr<FunctionState>> OpenText(const OpenContext& context) {
  auto state = std::make_unique<TextState>();
  ASSIGN_OR_RETURN(state->session_zone, TimeZone::Find(context.session->time_zone));
  state->session_cursor = TimeZoneCursor(state->session_zone);
  if (!context.call.arguments.empty()) {
    const DataType& type = context.call.arguments[0].type;
    state->root = type.root();
    if (type.root() == TypeRoot::kDecimal) state->scale = type.scale();
  }
  if (IsTimestamp(context.result_type->root())) state->precision = context.result_type->precision();
  return std::unique_ptr<FunctionState>(std::move(state));
}

LocalTime LocalTimeOf(int64_t local_micros, int64_t nanos) {
  const int64_t days = FloorDiv(local_micros, kMicrosPerDay);
  const int64_t micro = local_micros - days * kMicrosPerDay;
  return {days, static_cast<int32_t>(micro / kMicrosPerSecond),
          static_cast<int32_t>(micro % kMicrosPerSecond * 1000 + nanos)};
}

int64_t SecondsOf(const LocalTime& time) {
  return time.days * 86400 + time.second_of_day;
}

Timestamp9 Timestamp9Of(const LocalTime& time) {
  return {SecondsOf(time) * kMicrosPerSecond + time.nano / 1000, time.nano % 1000};
}

// The instant of what a pattern read: by its own offset, else in `zone`.
int64_t InstantOf(const ParsedTime& parsed, const TimeZone& zone) {
  const int64_t local = SecondsOf(parsed.local);
  return parsed.has_offset ? local - parsed.offset_seconds : zone.InstantFromLocal(local);
}

// "2024-1-5" and "2024-1-5 1:2:3.4", where a day or hour that is too large carries over: what
// Java's Date.valueOf and Timestamp.valueOf read. DateTimeFormatter's functions fall back to it.
bool ParseLenient(std::string_view text, LocalTime* time) {
  while (!text.empty() && text.front() <= ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() <= ' ') text.remove_suffix(1);
  const size_t space = text.find(' ');
  const auto number = [](std::string_view digits, size_t most, int64_t* value) {
    if (digits.empty() || digits.size() > most) return false;
    const std::from_chars_result end =
        std::from_chars(digits.data(), digits.data() + digits.size(), *value);
    return end.ec == std::errc() && end.ptr == digits.data() + digits.size() && *value >= 0;
  };
  const std::string_view date = text.substr(0, space);
  const size_t first = date.find('-');
  const size_t second = first == std::string_view::npos ? first : date.find('-', first + 1);
  int64_t year, month, day;
  if (second == std::string_view::npos || first != 4 || !number(date.substr(0, 4), 4, &year) ||
      !number(date.substr(first + 1, second - first - 1), 2, &month) ||
      !number(date.substr(second + 1), 2, &day)) {
    return false;
  }
  if (month < 1 || month > 12 || day < 1 || day > 31) return false;
  int64_t seconds = 0;
  int64_t nano = 0;
  if (space != std::string_view::npos) {
    std::string_view clock = text.substr(space + 1);
    while (!clock.empty() && clock.front() == ' ') clock.remove_prefix(1);
    const size_t dot = clock.find('.');
    std::string_view fraction = dot == std::string_view::npos ? "" : clock.substr(dot + 1);
    clock = clock.substr(0, dot);
    const size_t c1 = clock.find(':');
    const size_t c2 = c1 == std::string_view::npos ? c1 : clock.find(':', c1 + 1);
    int64_t hour, minute, sec;
    if (c2 == std::string_view::npos || !number(clock.substr(0, c1), 5, &hour) ||
        !number(clock.substr(c1 + 1, c2 - c1 - 1), 5, &minute) ||
        !number(clock.substr(c2 + 1), 5, &sec)) {
      return false;
    }
    if (dot != std::string_view::npos) {
      if (!number(fraction, 9, &nano)) return false;
      for (size_t i = fraction.size(); i < 9; ++i) nano *= 10;
    }
    seconds = hour * 3600 + minute * 60 + sec;
  }
  const int64_t days =
      DaysFromCivil(year, static_cast<int32_t>(month), 1) + day - 1 + FloorDiv(seconds, 86400);
  *time = {days, static_cast<int32_t>(FloorMod(seconds, 86400)), static_cast<int32_t>(nano)};
  return true;
}

// Text by a DateTimeFormatter pattern, or leniently.
bool ParseWithFallback(TextState& state, std::string_view text, std::string_view pattern,
                       ParsedTime* parsed) {
  const TimePattern* compiled = state.modern.Get(pattern);
  if (compiled == nullptr) return false;
  if (compiled->Parse(text, parsed)) return true;
  parsed->has_offset = false;
  return ParseLenient(text, &parsed->local);
}

bool IsText(const DataType& type) {
  return IsCharacter(type.root()) || type.root() == TypeRoot::kNull;
}

// Every argument from `first` on is text.
bool TextFrom(const CallInfo& call, size_t first) {
  for (size_t i = first; i < call.arguments.size(); ++i) {
    if (!IsText(call.arguments[i].type)) return false;
  }
  return true;
}

// The casts of arguments: `first` for the first one, STRING for the rest.
std::vector<DataType> TextArguments(const CallInfo& call, const DataType& first) {
  std::vector<DataType> types;
  for (const ArgumentInfo& argument : call.arguments) {
    const DataType& type = types.empty() ? first : DataType::String();
    types.push_back(type.WithNullable(argument.type.nullable()));
  }
  return types;
}

// ---- DATE_FORMAT ----

Result<CallTyping> InferDateFormat(const CallInfo& call) {
  const DataType& type = call.arguments[0].type;
  if ((!IsTimestamp(type.root()) && !IsText(type)) || !TextFrom(call, 1)) {
    return BadArguments(call, "DATE_FORMAT", "(TIMESTAMP, STRING)");
  }
  return CallTyping{DataType::String(),
                    TextArguments(call, IsText(type) ? DataType::String() : type)};
}

void EvalDateFormat(FunctionState* base, EvalContext& context, std::span<const Column> args,
                    Column* out) {
  auto& state = static_cast<TextState&>(*base);
  StringWriter writer(context, out);
  const TextOperand patterns(args[1]);
  const bool wide = args[0].type == PhysicalType::kTimestamp9;
  std::string text;
  // Rows follow each other in time: the day's text is made once.
  const bool one_pattern = args[1].is_constant();
  bool has_text = false;
  int64_t text_days = 0;
  for (int32_t i = 0; i < context.row_count; ++i) {
    if (args[0].IsNull(i) || args[1].IsNull(i)) continue;
    const TimePattern* pattern = state.modern.Get(patterns[i]);
    if (pattern == nullptr) {
      context.Fail(i, state.modern.error());
      continue;
    }
    Timestamp9 time =
        wide ? Operand<Timestamp9>(args[0])[i] : Timestamp9{Operand<int64_t>(args[0])[i], 0};
    if (state.root == TypeRoot::kTimestampLtz) {
      const int64_t seconds = FloorDiv(time.micros, kMicrosPerSecond);
      time.micros += (state.session_cursor.LocalFromInstant(seconds) - seconds) * kMicrosPerSecond;
    }
    const LocalTime local = LocalTimeOf(time.micros, time.nanos);
    if (has_text && local.days == text_days) {
      writer.Set(i, text);
      continue;
    }
    text.clear();
    if (pattern->Format(local, {}, &text)) {
      writer.Set(i, text);
      has_text = one_pattern && pattern->date_only();
      text_days = local.days;
    } else {
      context.Fail(i, text);
      has_text = false;
    }
  }
}

void EvalDateFormatOfText(FunctionState* base, EvalContext& context, std::span<const Column> args,
                          Column* out) {
  auto& state = static_cast<TextState&>(*base);
  StringWriter writer(context, out);
  NullMarker nulls(context, out);
  const TextOperand texts(args[0]);
  const TextOperand patterns(args[1]);
  const TimePattern* reader = state.simple_default.Get(kDefaultPattern);
  std::string text;
  for (int32_t i = 0; i < context.row_count; ++i) {
    if (args[0].IsNull(i) || args[1].IsNull(i)) continue;
    const TimePattern* pattern = state.simple.Get(patterns[i]);
    ParsedTime parsed;
    if (pattern == nullptr) {
      context.Fail(i, state.simple.error());
    } else if (reader->Parse(texts[i], &parsed)) {
      text.clear();
      pattern->Format(parsed.local, {&state.session_zone, InstantOf(parsed, state.session_zone)},
                      &text);
      writer.Set(i, text);
    } else {
      nulls.Set(i);
    }
  }
}

EvalFn ChooseDateFormat(const CallInfo& call, const DataType&) {
  return IsTimestamp(call.arguments[0].type.root()) ? EvalDateFormat : EvalDateFormatOfText;
}

// ---- TO_DATE, TO_TIMESTAMP ----

template <TypeRoot kResult>
Result<CallTyping> InferFromText(const CallInfo& call) {
  const bool date = kResult == TypeRoot::kDate;
  if (!TextFrom(call, 0)) {
    return BadArguments(call, date ? "TO_DATE" : "TO_TIMESTAMP", "(STRING [, STRING])");
  }
  return CallTyping{date ? DataType::Date() : DataType::Timestamp(3),
                    TextArguments(call, DataType::String())};
}

void EvalToDate(FunctionState* base, EvalContext& context, std::span<const Column> args,
                Column* out) {
  auto& state = static_cast<TextState&>(*base);
  int32_t* result = StartFlat<int32_t>(context, PhysicalType::kInt32, out);
  NullMarker nulls(context, out);
  const TextOperand texts(args[0]);
  for (int32_t i = 0; i < context.row_count; ++i) {
    result[i] = 0;
    if (args.size() == 1) {
      if (!ParseDate(texts[i], &result[i])) nulls.Set(i);
      continue;
    }
    if (args[0].IsNull(i) || args[1].IsNull(i)) continue;
    const TimePattern* pattern = state.simple.Get(TextOperand(args[1])[i]);
    ParsedTime parsed;
    if (pattern == nullptr) {
      context.Fail(i, state.simple.error());
    } else if (pattern->Parse(texts[i], &parsed)) {
      result[i] = static_cast<int32_t>(parsed.local.days);
    } else {
      nulls.Set(i);
    }
  }
}

void EvalToTimestamp(FunctionState* base, EvalContext& context, std::span<const Column> args,
                     Column* out) {
  auto& state = static_cast<TextState&>(*base);
  int64_t* result = StartFlat<int64_t>(context, PhysicalType::kInt64, out);
  NullMarker nulls(context, out);
  const TextOperand texts(args[0]);
  for (int32_t i = 0; i < context.row_count; ++i) {
    Timestamp9 time;
    ParsedTime parsed;
    bool ok = false;
    if (args.size() == 1) {
      ok = ParseTimestamp(texts[i], &time);
    } else {
      ok = ParseWithFallback(state, texts[i], TextOperand(args[1])[i], &parsed);
      time = Timestamp9Of(parsed.local);
    }
    result[i] = ok ? TruncateMicros(time.micros, 3) : 0;
    if (!ok) nulls.Set(i);
  }
}

// ---- TO_TIMESTAMP_LTZ ----

// Digits of fraction in a literal pattern: they set the precision of the result.
int FractionOf(const Value* pattern) {
  if (pattern == nullptr || !pattern->is_text()) return 0;
  const Result<TimePattern> compiled =
      TimePattern::Compile(pattern->text(), Dialect::kDateTimeFormatter);
  return compiled.ok() ? compiled->fraction_digits() : 0;
}

Result<CallTyping> InferToLtz(const CallInfo& call) {
  const DataType& type = call.arguments[0].type;
  const size_t count = call.arguments.size();
  const bool precision_given =
      count == 2 && (IsInteger(call.arguments[1].type.root()) ||
                     (IsNumeric(type.root()) && call.arguments[1].type.root() == TypeRoot::kNull));
  int precision = 3;
  if (IsNumeric(type.root()) || precision_given) {
    if (count > 2 || (count == 2 && !precision_given)) {
      return BadArguments(call, "TO_TIMESTAMP_LTZ", "(NUMERIC [, INT])");
    }
    if (count == 2 && call.arguments[1].literal != nullptr && call.arguments[1].literal->is_int()) {
      const int64_t given = call.arguments[1].literal->int_value();
      if (given < 0 || given > 9) {
        return InvalidSql("The precision of TO_TIMESTAMP_LTZ must be between 0 and 9");
      }
      precision = std::max(3, static_cast<int>(given));
    }
    DataType operand = type;
    if (IsInteger(type.root()) || type.root() == TypeRoot::kNull) operand = DataType::BigInt();
    if (type.root() == TypeRoot::kFloat) operand = DataType::Double();
    std::vector<DataType> types = {operand.WithNullable(type.nullable())};
    if (count == 2) types.push_back(DataType::Int(call.arguments[1].type.nullable()));
    return CallTyping{DataType::TimestampLtz(precision), std::move(types)};
  }
  if (!TextFrom(call, 0)) {
    return BadArguments(call, "TO_TIMESTAMP_LTZ",
                        "(NUMERIC [, INT]) or (STRING [, STRING [, STRING]])");
  }
  if (count >= 2) precision = std::max(3, FractionOf(call.arguments[1].literal));
  return CallTyping{DataType::TimestampLtz(precision), TextArguments(call, DataType::String())};
}

// Instants from year 0 to 9999 exist.
constexpr int64_t kFirstMillis = -62167219200000;
constexpr int64_t kLastMillis = 253402300799999;

void StoreInstant(Timestamp9 time, int precision, const Column& out, int32_t row) {
  time = TruncateTimestamp(time, precision);
  if (out.type == PhysicalType::kTimestamp9) {
    out.values->as<Timestamp9>()[row] = time;
  } else {
    out.values->as<int64_t>()[row] = time.micros;
  }
}

void StartInstants(const TextState& state, EvalContext& context, Column* out) {
  if (state.precision > 6) {
    StartFlat<Timestamp9>(context, PhysicalType::kTimestamp9, out);
  } else {
    StartFlat<int64_t>(context, PhysicalType::kInt64, out);
  }
}

// `count` units of 10^-digits seconds.
bool InstantOfCount(Int128 count, int digits, Timestamp9* time) {
  // 9999 in nanoseconds has 21 digits; larger counts are out of range in any unit.
  if (count > PowerOfTen(22) || count < -PowerOfTen(22)) return false;
  const Int128 nanos = count * PowerOfTen(9 - digits);
  Int128 micros = nanos / 1000;
  Int128 rest = nanos % 1000;
  if (rest < 0) {
    rest += 1000;
    --micros;
  }
  if (micros < Int128{kFirstMillis} * 1000 || micros > Int128{kLastMillis} * 1000 + 999) {
    return false;
  }
  *time = {static_cast<int64_t>(micros), static_cast<int64_t>(rest)};
  return true;
}

void EvalNumberToLtz(FunctionState* base, EvalContext& context, std::span<const Column> args,
                     Column* out) {
  const auto& state = static_cast<const TextState&>(*base);
  StartInstants(state, context, out);
  NullMarker nulls(context, out);
  for (int32_t i = 0; i < context.row_count; ++i) {
    int digits = args.size() == 2 ? Operand<int32_t>(args[1])[i] : 3;
    Timestamp9 time;
    bool ok = digits >= 0 && digits <= 9;
    if (ok && args[0].type == PhysicalType::kFloat64) {
      double count = Operand<double>(args[0])[i];
      // Seconds keep their milliseconds; finer units lose their fraction.
      const int kept = std::max(digits, 3);
      count = std::trunc(count * std::pow(10.0, kept - digits));
      ok = std::fabs(count) < 1e22 && InstantOfCount(static_cast<Int128>(count), kept, &time);
    } else if (ok) {
      const Int128 count = args[0].type == PhysicalType::kInt128
                               ? Operand<Int128>(args[0])[i]
                               : Int128{Operand<int64_t>(args[0])[i]};
      ok = InstantOfCount(TruncateDecimal(count, state.scale), digits, &time);
    }
    if (!ok) {
      nulls.Set(i);
      time = {};
    }
    StoreInstant(time, state.precision, *out, i);
  }
}

void EvalTextToLtz(FunctionState* base, EvalContext& context, std::span<const Column> args,
                   Column* out) {
  auto& state = static_cast<TextState&>(*base);
  StartInstants(state, context, out);
  NullMarker nulls(context, out);
  const TextOperand texts(args[0]);
  for (int32_t i = 0; i < context.row_count; ++i) {
    StoreInstant({}, state.precision, *out, i);
    bool null = false;
    for (const Column& argument : args) null = null || argument.IsNull(i);
    if (null) continue;
    Timestamp9 local;
    ParsedTime parsed;
    if (args.size() == 1) {
      if (!ParseTimestamp(texts[i], &local)) {
        context.Fail(i, "Text '" + std::string(texts[i]) + "' could not be parsed");
        continue;
      }
      parsed.local = LocalTimeOf(local.micros, local.nanos);
    } else if (!ParseWithFallback(state, texts[i], TextOperand(args[1])[i], &parsed)) {
      nulls.Set(i);
      continue;
    }
    static const TimeZone kUtc;
    const TimeZone* zone = args.size() < 3 ? &kUtc : state.zones[0].Get(TextOperand(args[2])[i]);
    if (zone == nullptr) {
      nulls.Set(i);
      continue;
    }
    Timestamp9 time = Timestamp9Of(parsed.local);
    time.micros += (zone->InstantFromLocal(SecondsOf(parsed.local)) - SecondsOf(parsed.local)) *
                   kMicrosPerSecond;
    StoreInstant(time, state.precision, *out, i);
  }
}

EvalFn ChooseToLtz(const CallInfo& call, const DataType&) {
  return IsNumeric(call.arguments[0].type.root()) ? EvalNumberToLtz : EvalTextToLtz;
}

// ---- UNIX_TIMESTAMP, FROM_UNIXTIME, CONVERT_TZ ----

Result<CallTyping> InferUnixTimestamp(const CallInfo& call) {
  if (!TextFrom(call, 0)) return BadArguments(call, "UNIX_TIMESTAMP", "([STRING [, STRING]])");
  return CallTyping{DataType::BigInt(AnyNullable(call)), TextArguments(call, DataType::String())};
}

void EvalUnixTimestamp(FunctionState* base, EvalContext& context, std::span<const Column> args,
                       Column* out) {
  auto& state = static_cast<TextState&>(*base);
  int64_t* result = StartFlat<int64_t>(context, PhysicalType::kInt64, out);
  if (args.empty()) {
    const int64_t now = FloorDiv(context.now_micros, kMicrosPerSecond);
    for (int32_t i = 0; i < context.row_count; ++i) result[i] = now;
    return;
  }
  const TextOperand texts(args[0]);
  for (int32_t i = 0; i < context.row_count; ++i) {
    result[i] = 0;
    if (args[0].IsNull(i) || args.back().IsNull(i)) continue;
    const std::string_view source = args.size() == 1 ? kDefaultPattern : TextOperand(args[1])[i];
    const TimePattern* pattern = state.simple.Get(source);
    ParsedTime parsed;
    if (pattern == nullptr) {
      context.Fail(i, state.simple.error());
    } else {
      result[i] =
          pattern->Parse(texts[i], &parsed) ? InstantOf(parsed, state.session_zone) : INT64_MIN;
    }
  }
}

Result<CallTyping> InferFromUnixtime(const CallInfo& call) {
  const DataType& type = call.arguments[0].type;
  if (!(IsInteger(type.root()) || type.root() == TypeRoot::kNull) || !TextFrom(call, 1)) {
    return BadArguments(call, "FROM_UNIXTIME", "(BIGINT [, STRING])");
  }
  return CallTyping{DataType::String(), TextArguments(call, DataType::BigInt())};
}

void EvalFromUnixtime(FunctionState* base, EvalContext& context, std::span<const Column> args,
                      Column* out) {
  auto& state = static_cast<TextState&>(*base);
  StringWriter writer(context, out);
  const Operand<int64_t> values(args[0]);
  std::string text;
  for (int32_t i = 0; i < context.row_count; ++i) {
    if (args[0].IsNull(i) || args.back().IsNull(i)) continue;
    const std::string_view source = args.size() == 1 ? kDefaultPattern : TextOperand(args[1])[i];
    const TimePattern* pattern = state.simple.Get(source);
    if (pattern == nullptr) {
      context.Fail(i, state.simple.error());
      continue;
    }
    const int64_t local = state.session_cursor.LocalFromInstant(values[i]);
    text.clear();
    pattern->Format({FloorDiv(local, 86400), static_cast<int32_t>(FloorMod(local, 86400)), 0},
                    {&state.session_zone, values[i]}, &text);
    writer.Set(i, text);
  }
}

Result<CallTyping> InferConvertTz(const CallInfo& call) {
  if (!TextFrom(call, 0)) return BadArguments(call, "CONVERT_TZ", "(STRING, STRING, STRING)");
  return CallTyping{DataType::String(), TextArguments(call, DataType::String())};
}

void EvalConvertTz(FunctionState* base, EvalContext& context, std::span<const Column> args,
                   Column* out) {
  auto& state = static_cast<TextState&>(*base);
  StringWriter writer(context, out);
  NullMarker nulls(context, out);
  const TextOperand texts(args[0]);
  const TimePattern* pattern = state.simple_default.Get(kDefaultPattern);
  static const TimeZone kGmt;  // Java takes an unknown zone for GMT.
  std::string text;
  for (int32_t i = 0; i < context.row_count; ++i) {
    const TimeZone* from = state.zones[0].Get(TextOperand(args[1])[i]);
    const TimeZone* to = state.zones[1].Get(TextOperand(args[2])[i]);
    if (from == nullptr) from = &kGmt;
    if (to == nullptr) to = &kGmt;
    ParsedTime parsed;
    if (!pattern->Parse(texts[i], &parsed)) {
      nulls.Set(i);
      continue;
    }
    const int64_t local = to->LocalFromInstant(InstantOf(parsed, *from));
    text.clear();
    pattern->Format({FloorDiv(local, 86400), static_cast<int32_t>(FloorMod(local, 86400)), 0}, {},
                    &text);
    writer.Set(i, text);
  }
}

constexpr FunctionDef kTexts[] = {
    {.name = "DATE_FORMAT",
     .group = "temporal",
     .signature = "(TIMESTAMP or STRING, STRING) -> STRING",
     .doc = "A timestamp as text, by a pattern of Java's DateTimeFormatter.",
     .example = "DATE_FORMAT(TIMESTAMP '2020-01-02 03:04:05', 'yyyy/MM/dd') = '2020/01/02'",
     .min_arguments = 2,
     .max_arguments = 2,
     .infer = InferDateFormat,
     .open = OpenText,
     .choose = ChooseDateFormat},
    {.name = "TO_DATE",
     .group = "temporal",
     .signature = "(STRING [, STRING]) -> DATE",
     .doc = "The date that a text stands for, NULL when it is none.",
     .example = "TO_DATE('2020-01-02') = DATE '2020-01-02'",
     .min_arguments = 1,
     .max_arguments = 2,
     .infer = InferFromText<TypeRoot::kDate>,
     .open = OpenText,
     .eval = EvalToDate},
    {.name = "TO_TIMESTAMP",
     .group = "temporal",
     .signature = "(STRING [, STRING]) -> TIMESTAMP(3)",
     .doc = "The timestamp that a text stands for, NULL when it is none.",
     .example = "TO_TIMESTAMP('2020-01-02', 'yyyy-MM-dd') = TIMESTAMP '2020-01-02 00:00:00'",
     .min_arguments = 1,
     .max_arguments = 2,
     .infer = InferFromText<TypeRoot::kTimestamp>,
     .open = OpenText,
     .eval = EvalToTimestamp},
    {.name = "TO_TIMESTAMP_LTZ",
     .group = "temporal",
     .signature = "(NUMERIC [, INT]) or (STRING [, STRING [, STRING]]) -> TIMESTAMP_LTZ",
     .doc = "The instant of a count of units since 1970, or of a text (in UTC or a named zone).",
     .example = "TO_TIMESTAMP_LTZ(1000, 3) = TO_TIMESTAMP_LTZ(1, 0)",
     .min_arguments = 1,
     .max_arguments = 3,
     .infer = InferToLtz,
     .open = OpenText,
     .choose = ChooseToLtz},
    {.name = "UNIX_TIMESTAMP",
     .group = "temporal",
     .signature = "([STRING [, STRING]]) -> BIGINT",
     .doc = "Seconds since 1970, now or of a text in the session's zone.",
     .example = "UNIX_TIMESTAMP() > 0",
     .min_arguments = 0,
     .max_arguments = 2,
     .infer = InferUnixTimestamp,
     .open = OpenText,
     .eval = EvalUnixTimestamp,
     .determinism = Determinism::kPerQuery},
    {.name = "FROM_UNIXTIME",
     .group = "temporal",
     .signature = "(BIGINT [, STRING]) -> STRING",
     .doc = "Seconds since 1970 as text in the session's zone, by a SimpleDateFormat pattern.",
     .example = "FROM_UNIXTIME(44, 'ss') = '44'",
     .min_arguments = 1,
     .max_arguments = 2,
     .infer = InferFromUnixtime,
     .open = OpenText,
     .eval = EvalFromUnixtime},
    {.name = "CONVERT_TZ",
     .group = "temporal",
     .signature = "(STRING, STRING, STRING) -> STRING",
     .doc = "A timestamp text of one time zone in another.",
     .example = "CONVERT_TZ('1970-01-01 00:00:00', 'UTC', 'America/Los_Angeles') = '1969-12-31 "
                "16:00:00'",
     .min_arguments = 3,
     .max_arguments = 3,
     .infer = InferConvertTz,
     .open = OpenText,
     .eval = EvalConvertTz},
};

}  // namespace

std::span<const FunctionDef> TemporalTextFunctions() {
  return kTexts;
}

}  // namespace rhei
