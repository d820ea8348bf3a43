// Literals: their text to a value and the exact type that Flink gives them.
#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstdlib>

#include "binder/type_binder.h"
#include "types/temporal.h"

namespace rhei {
namespace {

using ast::TimeUnit;

// Reads up to `digits_max` digits; -1 when there is none.
int64_t TakeNumber(std::string_view* text, size_t digits_max, size_t* digits = nullptr) {
  int64_t number = 0;
  size_t n = 0;
  while (n < text->size() && n < digits_max && (*text)[n] >= '0' && (*text)[n] <= '9') {
    number = number * 10 + ((*text)[n] - '0');
    ++n;
  }
  if (digits != nullptr) *digits = n;
  text->remove_prefix(n);
  return n == 0 ? -1 : number;
}

bool TakeChar(std::string_view* text, char c) {
  if (text->empty() || text->front() != c) return false;
  text->remove_prefix(1);
  return true;
}

void TrimSpaces(std::string_view* text) {
  while (!text->empty() && text->front() == ' ') text->remove_prefix(1);
  while (!text->empty() && text->back() == ' ') text->remove_suffix(1);
}

std::optional<int64_t> TakeDate(std::string_view* text) {
  const int64_t year = TakeNumber(text, 4);
  if (year < 0 || !TakeChar(text, '-')) return std::nullopt;
  const int64_t month = TakeNumber(text, 2);
  if (month < 1 || month > 12 || !TakeChar(text, '-')) return std::nullopt;
  const int64_t day = TakeNumber(text, 2);
  if (day < 1 || day > DaysInMonth(year, static_cast<int32_t>(month))) return std::nullopt;
  return DaysFromCivil(year, static_cast<int32_t>(month), static_cast<int32_t>(day));
}

struct TimeOfDay {
  int64_t seconds = 0;
  int64_t nanos = 0;
  int fraction_digits = 0;
};

std::optional<TimeOfDay> TakeTime(std::string_view* text) {
  TimeOfDay time;
  std::array<int64_t, 3> parts{};
  for (size_t i = 0; i < 3; ++i) {
    if (i > 0 && !TakeChar(text, ':')) return std::nullopt;
    parts[i] = TakeNumber(text, 2);
    if (parts[i] < 0 || parts[i] > (i == 0 ? 23 : 59)) return std::nullopt;
  }
  time.seconds = parts[0] * 3600 + parts[1] * 60 + parts[2];
  if (TakeChar(text, '.')) {
    size_t digits = 0;
    int64_t fraction = TakeNumber(text, 9, &digits);
    if (fraction < 0) return std::nullopt;
    time.fraction_digits = static_cast<int>(digits);
    for (; digits < 9; ++digits) fraction *= 10;
    time.nanos = fraction;
  }
  return time;
}

Status BadTemporal(const ast::Literal& literal, std::string_view kind, std::string_view form) {
  return InvalidSql(
      fmt::format("Illegal {} literal '{}': not in format '{}'", kind, literal.text, form),
      literal.position);
}

Result<BoundExprPtr> BindTemporal(const ast::Literal& literal) {
  std::string_view text = literal.text;
  TrimSpaces(&text);
  switch (literal.literal) {
    case ast::LiteralKind::kDate: {
      const std::optional<int64_t> days = TakeDate(&text);
      if (!days || !text.empty()) return BadTemporal(literal, "DATE", "yyyy-MM-dd");
      return MakeLiteral(Value::Int(*days), DataType::Date(false));
    }
    case ast::LiteralKind::kTime: {
      const std::optional<TimeOfDay> time = TakeTime(&text);
      if (!time || !text.empty()) return BadTemporal(literal, "TIME", "HH:mm:ss");
      return MakeLiteral(Value::Int(time->seconds * 1000 + time->nanos / 1000000),
                         DataType::Time(time->fraction_digits, false));
    }
    default: break;
  }
  if (literal.literal == ast::LiteralKind::kTimestampLtz) {
    return Unsupported("TIMESTAMP WITH LOCAL TIME ZONE literals are not supported yet",
                       literal.position);
  }
  const std::optional<int64_t> days = TakeDate(&text);
  std::optional<TimeOfDay> time;
  if (days && TakeChar(&text, ' ')) time = TakeTime(&text);
  if (!time || !text.empty()) return BadTemporal(literal, "TIMESTAMP", "yyyy-MM-dd HH:mm:ss");
  const int64_t micros =
      *days * kMicrosPerDay + time->seconds * kMicrosPerSecond + time->nanos / 1000;
  const DataType type = DataType::Timestamp(time->fraction_digits, false);
  if (time->fraction_digits > 6) {
    return MakeLiteral(Value::Time9({micros, time->nanos % 1000}), type);
  }
  return MakeLiteral(Value::Int(micros), type);
}

std::string_view UnitName(TimeUnit unit) {
  static constexpr std::string_view kNames[] = {"YEAR",   "MONTH",  "DAY",     "HOUR",
                                                "MINUTE", "SECOND", "QUARTER", "WEEK"};
  return kNames[static_cast<size_t>(unit)];
}

// Months, or milliseconds.
int64_t UnitSize(TimeUnit unit) {
  switch (unit) {
    case TimeUnit::kYear: return 12;
    case TimeUnit::kQuarter: return 3;
    case TimeUnit::kMonth: return 1;
    case TimeUnit::kWeek: return 7 * kMillisPerDay;
    case TimeUnit::kDay: return kMillisPerDay;
    case TimeUnit::kHour: return 3600 * kMillisPerSecond;
    case TimeUnit::kMinute: return 60 * kMillisPerSecond;
    case TimeUnit::kSecond: return kMillisPerSecond;
  }
  return 1;
}

bool IsYearMonth(TimeUnit unit) {
  return unit == TimeUnit::kYear || unit == TimeUnit::kMonth || unit == TimeUnit::kQuarter;
}

std::string QualifierText(const ast::IntervalQualifier& qualifier) {
  std::string text(UnitName(qualifier.start));
  if (qualifier.end) text += " TO " + std::string(UnitName(*qualifier.end));
  return text;
}

// The fields after the first, each with the separator in front of it and its largest value.
struct IntervalField {
  TimeUnit unit;
  char separator;
  int64_t max;
};
constexpr IntervalField kFields[] = {{TimeUnit::kMonth, '-', 11},
                                     {TimeUnit::kHour, ' ', 23},
                                     {TimeUnit::kMinute, ':', 59},
                                     {TimeUnit::kSecond, ':', 59}};

std::optional<int64_t> TakeSecondFraction(std::string_view* text) {
  if (!TakeChar(text, '.')) return 0;
  size_t digits = 0;
  int64_t fraction = TakeNumber(text, 9, &digits);
  if (fraction < 0) return std::nullopt;
  for (; digits < 9; ++digits) fraction *= 10;
  return fraction / 1000000;
}

// The value of an interval's text; nothing when it does not have the qualifier's form.
std::optional<int64_t> IntervalValue(std::string_view text, const ast::IntervalQualifier& qualifier,
                                     int64_t* leading) {
  const bool minus = TakeChar(&text, '-');
  if (!minus) TakeChar(&text, '+');
  const int64_t first = TakeNumber(&text, 10);
  if (first < 0) return std::nullopt;
  *leading = first;
  int64_t value = first * UnitSize(qualifier.start);
  TimeUnit last = qualifier.start;
  if (qualifier.end) {
    for (const IntervalField& field : kFields) {
      const bool inside = static_cast<int>(field.unit) > static_cast<int>(qualifier.start) &&
                          static_cast<int>(field.unit) <= static_cast<int>(*qualifier.end);
      if (!inside) continue;
      if (!TakeChar(&text, field.separator)) return std::nullopt;
      const int64_t part = TakeNumber(&text, 2);
      if (part < 0 || part > field.max) return std::nullopt;
      value += part * UnitSize(field.unit);
      last = field.unit;
    }
  }
  if (last == TimeUnit::kSecond) {
    const std::optional<int64_t> millis = TakeSecondFraction(&text);
    if (!millis) return std::nullopt;
    value += *millis;
  }
  if (!text.empty()) return std::nullopt;
  return minus ? -value : value;
}

Result<BoundExprPtr> BindInterval(const ast::Literal& literal) {
  ASSIGN_OR_RETURN(DataType type, BindIntervalType(literal.interval));
  std::string_view text = literal.text;
  TrimSpaces(&text);
  int64_t leading = 0;
  const std::optional<int64_t> value = IntervalValue(text, literal.interval, &leading);
  const std::string qualifier = QualifierText(literal.interval);
  if (!value) {
    return InvalidSql(fmt::format("Illegal interval literal format '{}' for INTERVAL {}",
                                  literal.text, qualifier),
                      literal.position);
  }
  const int precision = literal.interval.start_precision.value_or(2);
  if (static_cast<int>(std::to_string(leading).size()) > precision) {
    return InvalidSql(fmt::format("Interval field value {} exceeds precision of {}({}) field",
                                  leading, UnitName(literal.interval.start), precision),
                      literal.position);
  }
  return MakeLiteral(Value::Int(literal.negative ? -*value : *value), type.WithNullable(false));
}

Result<BoundExprPtr> BindExactNumber(const ast::Literal& literal, bool negate) {
  // Digits and scale, as Java's BigDecimal keeps them.
  Int128 unscaled = 0;
  int precision = 0;
  int written = 0;  // Digits, leading zeros included.
  int scale = 0;
  bool point = false;
  for (const char c : literal.text) {
    if (c == '.') {
      point = true;
      continue;
    }
    ++written;
    if (precision > 38) break;
    unscaled = unscaled * 10 + (c - '0');
    if (unscaled != 0) ++precision;
    if (point) ++scale;
  }
  if (negate) unscaled = -unscaled;
  const auto out_of_range = [&] {
    return InvalidSql(
        fmt::format("Numeric literal '{}{}' out of range", negate ? "-" : "", literal.text),
        literal.position);
  };
  constexpr Int128 kBigMax = INT64_MAX;
  constexpr Int128 kBigMin = INT64_MIN;
  if (!point) {
    if (precision > 38 || unscaled > kBigMax || unscaled < kBigMin) return out_of_range();
    const int64_t value = static_cast<int64_t>(unscaled);
    const bool small = value >= INT32_MIN && value <= INT32_MAX;
    return MakeLiteral(Value::Int(value), small ? DataType::Int(false) : DataType::BigInt(false));
  }
  // Leading zeros count: 0.908 is DECIMAL(4, 3), .05 is DECIMAL(2, 2).
  precision = std::max({precision, scale, std::min(written, 38), 1});
  Int128 integral = unscaled;
  for (int i = 0; i < scale; ++i) integral /= 10;
  if (precision > 38 || integral > kBigMax || integral < kBigMin) return out_of_range();
  const DataType type = DataType::Decimal(precision, scale, false);
  if (precision <= 18) return MakeLiteral(Value::Int(static_cast<int64_t>(unscaled)), type);
  return MakeLiteral(Value::Big(unscaled), type);
}

int32_t CodePoints(std::string_view text) {
  int32_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return count;
}

std::string BytesOfHex(std::string_view digits) {
  std::string bytes;
  for (size_t i = 0; i + 1 < digits.size(); i += 2) {
    unsigned value = 0;
    std::from_chars(digits.data() + i, digits.data() + i + 2, value, 16);
    bytes += static_cast<char>(value);
  }
  return bytes;
}

Result<BoundExprPtr> BindPlainLiteral(const ast::Literal& literal, bool negate) {
  switch (literal.literal) {
    case ast::LiteralKind::kNull: return MakeLiteral(Value(), DataType::Null());
    case ast::LiteralKind::kUnknown: return MakeLiteral(Value(), DataType::Boolean());
    case ast::LiteralKind::kBoolean:
      return MakeLiteral(Value::Bool(literal.boolean), DataType::Boolean(false));
    case ast::LiteralKind::kExactNumber: return BindExactNumber(literal, negate);
    case ast::LiteralKind::kApproximateNumber: {
      const double value = std::strtod(literal.text.c_str(), nullptr);
      return MakeLiteral(Value::Double(negate ? -value : value), DataType::Double(false));
    }
    case ast::LiteralKind::kString:
      return MakeLiteral(Value::Text(literal.text),
                         DataType::Char(CodePoints(literal.text), false));
    case ast::LiteralKind::kBinary:
      return MakeLiteral(Value::Text(BytesOfHex(literal.text)),
                         DataType::Binary(static_cast<int32_t>(literal.text.size() / 2), false));
    case ast::LiteralKind::kDate:
    case ast::LiteralKind::kTime:
    case ast::LiteralKind::kTimestamp:
    case ast::LiteralKind::kTimestampLtz: return BindTemporal(literal);
    case ast::LiteralKind::kInterval: return BindInterval(literal);
  }
  return InvalidSql("Unknown literal", literal.position);
}

}  // namespace

Result<BoundExprPtr> BindLiteral(const ast::Literal& literal, bool negate) {
  ASSIGN_OR_RETURN(BoundExprPtr bound, BindPlainLiteral(literal, negate));
  auto placed = std::make_shared<BoundExpr>(*bound);
  placed->position = literal.position;
  return BoundExprPtr(std::move(placed));
}

Result<DataType> BindIntervalType(const ast::IntervalQualifier& qualifier) {
  // Flink keeps one type for each kind of interval, whatever was written.
  if (IsYearMonth(qualifier.start)) return DataType::IntervalYearMonth("MONTH", 2);
  return DataType::IntervalDayTime("SECOND", 2, 3);
}

Result<BoundExprPtr> IntervalUnit(const ast::IntervalQualifier& qualifier) {
  if (qualifier.end) {
    return Unsupported(
        "INTERVAL with an expression and " + QualifierText(qualifier) + " is not supported yet",
        qualifier.position);
  }
  ASSIGN_OR_RETURN(DataType type, BindIntervalType(qualifier));
  return MakeLiteral(Value::Int(UnitSize(qualifier.start)), type.WithNullable(false));
}

}  // namespace rhei
