#include "functions/value_text.h"

#include "functions/cast.h"

namespace rhei {

std::string ValueToString(const Value& value, const DataType& type, const TimeZone& zone) {
  if (value.is_null()) return "NULL";
  TimeZoneCursor cursor(zone);
  std::string text;
  AppendColumnText(MakeConstant(value, type, 1), 0, type, cursor, &text);
  return text;
}

void AppendColumnText(const Column& column, int32_t row, const DataType& type, TimeZoneCursor& zone,
                      std::string* out) {
  if (!IsBinaryString(type.root()) || column.IsNull(row)) {
    AppendCastText(column, row, type, zone, out);
    return;
  }
  static constexpr char kHex[] = "0123456789abcdef";
  std::string bytes;
  AppendCastText(column, row, type, zone, &bytes);
  *out += "x'";
  for (char c : bytes) {
    *out += kHex[static_cast<unsigned char>(c) >> 4];
    *out += kHex[static_cast<unsigned char>(c) & 15];
  }
  *out += '\'';
}

}  // namespace rhei
