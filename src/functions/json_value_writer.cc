#include "functions/json_value_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "functions/base64.h"
#include "functions/json_text.h"
#include "types/decimal.h"
#include "types/number_text.h"
#include "types/temporal_text.h"

namespace rhei {
namespace {

template <typename T>
T ValueAt(const Column& column, int32_t row) {
  return ColumnReader<T>(column)[row];
}

void AppendDouble(double value, std::string* out) {
  const std::string text = DoubleToString(value);
  if (!std::isfinite(value)) {
    out->append("\"").append(text).append("\"");
  } else {
    AppendJavaNumber(text, out);
  }
}

void AppendDecimalNumber(const Column& column, int32_t row, const DataType& type,
                         std::string* out) {
  const Int128 unscaled = column.type == PhysicalType::kInt128
                              ? ValueAt<Int128>(column, row)
                              : Int128{ValueAt<int64_t>(column, row)};
  AppendJavaNumber(DecimalToString(unscaled, type.scale()), out);
}

void AppendTimestamp(const Column& column, int32_t row, const DataType& type, std::string* out) {
  const Timestamp9 timestamp = column.type == PhysicalType::kTimestamp9
                                   ? ValueAt<Timestamp9>(column, row)
                                   : Timestamp9{ValueAt<int64_t>(column, row), 0};
  char text[kTemporalTextMax];
  const size_t size = PrintIsoTimestampSeconds(timestamp, 'T', text);
  out->append("\"").append(text, size);
  out->append(type.root() == TypeRoot::kTimestampLtz ? "Z\"" : "\"");
}

// The flat form of a nested column's element range.
struct Range {
  int32_t begin;
  int32_t end;
};
Range ElementsOf(const Column& column, int32_t row) {
  const int32_t* offsets = column.data<int32_t>() + column.ValueIndex(row);
  return {offsets[0], offsets[1]};
}

void AppendArray(const Column& column, int32_t row, const DataType& type, std::string* out) {
  const Range range = ElementsOf(column, row);
  *out += '[';
  for (int32_t at = range.begin; at < range.end; ++at) {
    if (at > range.begin) *out += ',';
    AppendJsonValue(column.children[0], at, type.child(0), out);
  }
  *out += ']';
}

void AppendMap(const Column& column, int32_t row, const DataType& type, std::string* out) {
  const Range range = ElementsOf(column, row);
  JsonMembers members;
  const ColumnReader<StringView> keys(column.children[0]);
  for (int32_t at = range.begin; at < range.end; ++at) {
    std::string value;
    AppendJsonValue(column.children[1], at, type.child(1), &value);
    members.Put(keys.IsNull(at) ? std::string_view("null") : keys[at].view(), std::move(value));
  }
  members.Write(out);
}

void AppendRow(const Column& column, int32_t row, const DataType& type, std::string* out) {
  JsonMembers members;
  const int32_t at = column.ValueIndex(row);
  for (size_t i = 0; i < type.child_count(); ++i) {
    std::string value;
    AppendJsonValue(column.children[i], at, type.child(i), &value);
    members.Put(type.fields()[i].name, std::move(value));
  }
  members.Write(out);
}

}  // namespace

void JsonMembers::Put(std::string_view key, std::string value) {
  for (auto& member : members_) {
    if (member.first == key) {
      member.second = std::move(value);
      return;
    }
  }
  members_.emplace_back(std::string(key), std::move(value));
}

void JsonMembers::Write(std::string* out) {
  std::sort(members_.begin(), members_.end());
  *out += '{';
  bool first = true;
  for (const auto& [key, value] : members_) {
    if (!first) *out += ',';
    first = false;
    AppendJsonString(key, out);
    out->append(":").append(value);
  }
  *out += '}';
  members_.clear();
}

Status CheckJsonType(const DataType& type) {
  switch (type.root()) {
    case TypeRoot::kNull:
    case TypeRoot::kBoolean:
    case TypeRoot::kTinyInt:
    case TypeRoot::kSmallInt:
    case TypeRoot::kInt:
    case TypeRoot::kBigInt:
    case TypeRoot::kFloat:
    case TypeRoot::kDouble:
    case TypeRoot::kDecimal:
    case TypeRoot::kChar:
    case TypeRoot::kVarchar:
    case TypeRoot::kBinary:
    case TypeRoot::kVarbinary:
    case TypeRoot::kTimestamp:
    case TypeRoot::kTimestampLtz:
    case TypeRoot::kVariant: return {};
    case TypeRoot::kMap:
      if (!IsCharacter(type.child(0).root())) {
        return InvalidSql(
            fmt::format("Type '{}' is not supported for JSON conversion. The key "
                        "type must be a character string.",
                        type.child(0).ToString()));
      }
      return CheckJsonType(type.child(1));
    case TypeRoot::kArray: return CheckJsonType(type.child(0));
    case TypeRoot::kRow:
      for (size_t i = 0; i < type.child_count(); ++i) RETURN_IF_ERROR(CheckJsonType(type.child(i)));
      return {};
    default: break;
  }
  return InvalidSql(
      fmt::format("Type '{}' is not scalar or cannot be converted into JSON.", type.ToString()));
}

void AppendJsonValue(const Column& column, int32_t row, const DataType& type, std::string* out) {
  if (column.IsNull(row)) {
    *out += "null";
    return;
  }
  const auto append_int = [out](int64_t value) {
    char text[kNumberTextMax];
    out->append(text, PrintInt(value, text));
  };
  switch (type.root()) {
    case TypeRoot::kBoolean: *out += ValueAt<uint8_t>(column, row) != 0 ? "true" : "false"; return;
    case TypeRoot::kTinyInt: return append_int(ValueAt<int8_t>(column, row));
    case TypeRoot::kSmallInt: return append_int(ValueAt<int16_t>(column, row));
    case TypeRoot::kInt: return append_int(ValueAt<int32_t>(column, row));
    case TypeRoot::kBigInt: return append_int(ValueAt<int64_t>(column, row));
    case TypeRoot::kFloat:
      return AppendDouble(static_cast<double>(ValueAt<float>(column, row)), out);
    case TypeRoot::kDouble: return AppendDouble(ValueAt<double>(column, row), out);
    case TypeRoot::kDecimal: return AppendDecimalNumber(column, row, type, out);
    case TypeRoot::kChar:
    case TypeRoot::kVarchar:
      return AppendJsonString(ColumnReader<StringView>(column)[row].view(), out);
    case TypeRoot::kBinary:
    case TypeRoot::kVarbinary:
      *out += '"';
      AppendBase64(ColumnReader<StringView>(column)[row].view(), out);
      *out += '"';
      return;
    case TypeRoot::kTimestamp:
    case TypeRoot::kTimestampLtz: return AppendTimestamp(column, row, type, out);
    case TypeRoot::kVariant: *out += ColumnReader<StringView>(column)[row].view(); return;
    case TypeRoot::kArray: return AppendArray(column, row, type, out);
    case TypeRoot::kMap: return AppendMap(column, row, type, out);
    case TypeRoot::kRow: return AppendRow(column, row, type, out);
    default: *out += "null"; return;
  }
}

}  // namespace rhei
