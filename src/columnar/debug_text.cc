#include "columnar/debug_text.h"

#include <fmt/format.h>

#include "base/check.h"
#include "types/temporal.h"

namespace rhei {
namespace {

std::string DecimalText(const Value& value, int scale) {
  Int128 unscaled = value.is_int() ? Int128{value.int_value()} : value.big_value();
  const bool negative = unscaled < 0;
  auto magnitude = negative ? ~static_cast<UInt128>(unscaled) + 1 : static_cast<UInt128>(unscaled);
  std::string digits;
  for (int at = 0; magnitude != 0 || at <= scale; ++at) {
    if (at == scale && scale > 0) digits += '.';
    digits += static_cast<char>('0' + static_cast<int>(magnitude % 10));
    magnitude /= 10;
  }
  if (negative) digits += '-';
  return {digits.rbegin(), digits.rend()};
}

std::string DateText(int64_t days) {
  const CivilDate date = CivilFromDays(days);
  return fmt::format("{:04}-{:02}-{:02}", date.year, date.month, date.day);
}

std::string ClockText(int64_t seconds) {
  return fmt::format("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

std::string Fraction(int64_t nanos, int precision) {
  if (precision == 0) return "";
  return "." + fmt::format("{:09}", nanos).substr(0, static_cast<size_t>(precision));
}

std::string TimestampText(const Value& value, int precision) {
  const Timestamp9 time = value.is_int() ? Timestamp9{value.int_value(), 0} : value.time9_value();
  const int64_t in_day = FloorMod(time.micros, kMicrosPerDay);
  const int64_t nanos = in_day % kMicrosPerSecond * 1000 + time.nanos;
  return fmt::format("{} {}{}", DateText(FloorDiv(time.micros, kMicrosPerDay)),
                     ClockText(in_day / kMicrosPerSecond), Fraction(nanos, precision));
}

std::string NestedText(const Value& value, const DataType& type) {
  const bool pairs = type.root() == TypeRoot::kMap || type.root() == TypeRoot::kMultiset;
  const bool row = type.root() == TypeRoot::kRow;
  std::string text = row ? "(" : pairs ? "{" : "[";
  for (size_t i = 0; i < value.nested().size(); ++i) {
    if (i > 0) text += pairs && i % 2 == 1 ? "=" : ", ";
    const size_t child = row ? i : pairs ? i % 2 : 0;
    const DataType& element = child < type.child_count() ? type.child(child) : DataType::Int();
    text += DebugText(value.nested()[i], element);
  }
  return text + (row ? ")" : pairs ? "}" : "]");
}

std::string BytesText(const std::string& bytes) {
  std::string text = "x'";
  for (const char byte : bytes) text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return text + "'";
}

}  // namespace

std::string DebugText(const Value& value, const DataType& type) {
  if (value.is_null()) return "NULL";
  switch (type.root()) {
    case TypeRoot::kBoolean: return value.bool_value() ? "TRUE" : "FALSE";
    case TypeRoot::kFloat: return fmt::format("{}", static_cast<float>(value.double_value()));
    case TypeRoot::kDouble: return fmt::format("{}", value.double_value());
    case TypeRoot::kDecimal: return DecimalText(value, type.scale());
    case TypeRoot::kDate: return DateText(value.int_value());
    case TypeRoot::kTime:
      return ClockText(value.int_value() / 1000) +
             Fraction(value.int_value() % 1000 * 1000000, type.precision());
    case TypeRoot::kTimestamp:
    case TypeRoot::kTimestampLtz: return TimestampText(value, type.precision());
    case TypeRoot::kBinary:
    case TypeRoot::kVarbinary:
    case TypeRoot::kRaw:
    case TypeRoot::kBitmap: return BytesText(value.text());
    case TypeRoot::kArray:
    case TypeRoot::kMultiset:
    case TypeRoot::kMap:
    case TypeRoot::kRow: return NestedText(value, type);
    default: return value.is_text() ? value.text() : fmt::format("{}", value.int_value());
  }
}

}  // namespace rhei
