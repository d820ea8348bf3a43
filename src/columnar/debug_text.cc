#include "columnar/debug_text.h"

#include <fmt/format.h>

#include "types/decimal.h"
#include "types/number_text.h"
#include "types/temporal_text.h"

namespace rhei {
namespace {

std::string TimestampText(const Value& value, int precision) {
  const Timestamp9 time = value.is_int() ? Timestamp9{value.int_value(), 0} : value.time9_value();
  char text[kTemporalTextMax];
  return {text, PrintTimestamp(time, precision, text)};
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
  char text[kTemporalTextMax];
  switch (type.root()) {
    case TypeRoot::kBoolean: return value.bool_value() ? "TRUE" : "FALSE";
    case TypeRoot::kFloat: return FloatToString(static_cast<float>(value.double_value()));
    case TypeRoot::kDouble: return DoubleToString(value.double_value());
    case TypeRoot::kDecimal: {
      const Int128 unscaled = value.is_int() ? Int128{value.int_value()} : value.big_value();
      return DecimalToString(unscaled, type.scale());
    }
    case TypeRoot::kDate: return {text, PrintDate(value.int_value(), text)};
    case TypeRoot::kTime:
      return {text, PrintTime(static_cast<int32_t>(value.int_value()), type.precision(), text)};
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
