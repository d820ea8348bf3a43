#include "types/java_text.h"

#include <algorithm>

#include "base/check.h"
#include "types/bitmap.h"
#include "types/decimal.h"
#include "types/number_text.h"
#include "types/temporal_text.h"

namespace rhei {
namespace {

Timestamp9 TimestampOf(const Value& value) {
  if (value.is_int()) return {value.int_value(), 0};
  return value.time9_value();
}

void AppendBytes(const std::string& bytes, std::string* out) {
  *out += '[';
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (i > 0) *out += ", ";
    *out += std::to_string(static_cast<int>(static_cast<signed char>(bytes[i])));
  }
  *out += ']';
}

void AppendList(const Value::List& list, const DataType& element, std::string* out) {
  *out += '[';
  for (size_t i = 0; i < list.size(); ++i) {
    if (i > 0) *out += ", ";
    AppendJavaText(list[i], element, out);
  }
  *out += ']';
}

void AppendMap(const Value::List& list, const DataType& key, const DataType& value,
               std::string* out) {
  *out += '{';
  for (size_t i = 0; i + 1 < list.size(); i += 2) {
    if (i > 0) *out += ", ";
    AppendJavaText(list[i], key, out);
    *out += '=';
    AppendJavaText(list[i + 1], value, out);
  }
  *out += '}';
}

// Duration.toString of milliseconds: "PT1H2M3.5S", "PT0S"; days count as hours.
void AppendDuration(int64_t millis, std::string* out) {
  if (millis == 0) {
    *out += "PT0S";
    return;
  }
  const int64_t seconds = millis / 1000;
  const int64_t rest_millis = millis % 1000;
  const int64_t hours = seconds / 3600, minutes = seconds % 3600 / 60, rest = seconds % 60;
  *out += "PT";
  if (hours != 0) *out += std::to_string(hours) + "H";
  if (minutes != 0) *out += std::to_string(minutes) + "M";
  if (rest == 0 && rest_millis == 0) return;
  if (rest == 0 && rest_millis < 0) *out += '-';
  *out += std::to_string(rest);
  if (rest_millis != 0) {
    std::string fraction = std::to_string(1000 + (rest_millis < 0 ? -rest_millis : rest_millis));
    fraction[0] = '.';
    while (fraction.back() == '0') fraction.pop_back();
    *out += fraction;
  }
  *out += 'S';
}

// Period.toString of months: "P1Y2M", "P0D"; of INTERVAL MONTH a count of months: "P14M".
void AppendPeriod(int64_t months, const DataType& type, std::string* out) {
  if (months == 0) {
    *out += "P0D";
    return;
  }
  *out += 'P';
  if (type.detail() == "MONTH") {
    *out += std::to_string(months) + "M";
    return;
  }
  if (months / 12 != 0) *out += std::to_string(months / 12) + "Y";
  if (months % 12 != 0) *out += std::to_string(months % 12) + "M";
}

}  // namespace

void AppendJavaText(const Value& value, const DataType& type, std::string* out) {
  if (value.is_null()) {
    *out += "null";
    return;
  }
  char buffer[kTemporalTextMax];
  switch (type.root()) {
    case TypeRoot::kNull: *out += "null"; return;
    case TypeRoot::kBoolean: *out += value.bool_value() ? "true" : "false"; return;
    case TypeRoot::kTinyInt:
    case TypeRoot::kSmallInt:
    case TypeRoot::kInt:
    case TypeRoot::kBigInt: *out += std::to_string(value.int_value()); return;
    case TypeRoot::kFloat: *out += FloatToString(static_cast<float>(value.double_value())); return;
    case TypeRoot::kDouble: *out += DoubleToString(value.double_value()); return;
    case TypeRoot::kDecimal:
      AppendDecimal(value.is_int() ? Int128{value.int_value()} : value.big_value(), type.scale(),
                    out);
      return;
    case TypeRoot::kChar:
    case TypeRoot::kVarchar:
    case TypeRoot::kVariant:
    case TypeRoot::kSymbol: *out += value.text(); return;
    case TypeRoot::kBinary:
    case TypeRoot::kVarbinary:
    case TypeRoot::kRaw: AppendBytes(value.text(), out); return;
    case TypeRoot::kBitmap: {
      const Result<Bitmap> bitmap = Bitmap::Parse(value.text());
      *out += bitmap.ok() ? bitmap->ToString() : "{}";
      return;
    }
    case TypeRoot::kDate: out->append(buffer, PrintDate(value.int_value(), buffer)); return;
    case TypeRoot::kTime:
      out->append(buffer, PrintIsoTime(static_cast<int32_t>(value.int_value()), buffer));
      return;
    case TypeRoot::kTimestamp:
      out->append(buffer, PrintIsoTimestamp(TimestampOf(value), buffer));
      return;
    case TypeRoot::kTimestampLtz: {  // As LocalDateTime, but Instant.toString always has seconds.
      const size_t size = PrintIsoTimestamp(TimestampOf(value), buffer);
      out->append(buffer, size);
      if (std::count(buffer, buffer + size, ':') == 1) *out += ":00";
      *out += 'Z';
      return;
    }
    case TypeRoot::kIntervalYearMonth: AppendPeriod(value.int_value(), type, out); return;
    case TypeRoot::kIntervalDayTime: AppendDuration(value.int_value(), out); return;
    case TypeRoot::kArray: AppendList(value.nested(), type.child(0), out); return;
    case TypeRoot::kMultiset:
      AppendMap(value.nested(), type.child(0), DataType::Int(false), out);
      return;
    case TypeRoot::kMap: AppendMap(value.nested(), type.child(0), type.child(1), out); return;
    case TypeRoot::kRow:
      *out += JavaRowText(ChangeKind::kInsert, value.nested(), Schema{type.fields()});
      return;
  }
  CHECK(false);
}

std::string JavaRowText(ChangeKind kind, std::span<const Value> values, const Schema& schema) {
  std::string text(ChangeKindSymbol(kind));
  text += '[';
  for (size_t i = 0; i < values.size(); ++i) {
    if (i > 0) text += ", ";
    AppendJavaText(values[i], schema.type(i), &text);
  }
  return text + "]";
}

}  // namespace rhei
